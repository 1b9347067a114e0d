#include "filesystem/examination.hpp"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "filesystem/place_examination.hpp"
#include "filesystem/seal.hpp"
#include "support/beneath.hpp"

namespace hexpage {
namespace {

class Examination {
 public:
  Examination(const std::string& directory, const DirectoryRules& rules)
      : place_(directory, rules) {}

  std::vector<Guarantee> run() {
    place_.permissions();
    place_.filesystem();
    exchange();
    noReplace();
    place_.locks();
    leases();
    links();
    checksums();
    confinement();
    place_.sync();
    place_.room("a store needs a file for each page");
    return place_.take();
  }

 private:
  void exchange() {
    folder_.make("a"), folder_.make("b");
    const bool works = ::renameat2(folder_.fd(), "a", folder_.fd(), "b", RENAME_EXCHANGE) == 0;
    place_.tell(
        "exchange", works, "two files change places in one step, so writing is fast",
        "no RENAME_EXCHANGE: files are replaced by renames, which is as safe and much slower");
  }

  void noReplace() {
    folder_.make("a"), folder_.make("b");
    const bool works = ::renameat2(folder_.fd(), "a", folder_.fd(), "c", RENAME_NOREPLACE) == 0 &&
                       ::renameat2(folder_.fd(), "b", folder_.fd(), "c", RENAME_NOREPLACE) != 0;
    place_.tell("no-replace", works, "a new journal takes the place of no other file",
                "no RENAME_NOREPLACE: a store can not be opened here");
  }

  void leases() {
    const Fd file = folder_.make("lease");
    ::fcntl(file.get(), F_SETSIG, SIGURG);
    const bool works = ::fcntl(file.get(), F_SETLEASE, F_WRLCK) == 0 &&
                       ::fcntl(file.get(), F_SETLEASE, F_UNLCK) == 0;
    place_.tell(
        "leases", works, "a file that somebody reads is told from one that may be written again",
        "no leases (F_SETLEASE): every text goes into a new file, which is as safe and slower");
  }

  void links() {
    folder_.make("linked");
    place_.tell("links", ::linkat(folder_.fd(), "linked", folder_.fd(), "link", 0) == 0,
                "a backup of a running store takes a moment, by hard links",
                "no hard links: writers wait while a backup of the store is made");
  }

  void checksums() {
    place_.tell("checksums", canSeal(folder_.fd(), "."),
                "each file can have its checksum beside it, in an extended attribute",
                "no extended attributes: damage that still is JSON is not noticed");
  }

  void confinement() {
    place_.tell("openat2", hasOpenat2(), "the kernel keeps every path inside the store in one call",
                "no openat2 (Linux 5.6): paths are kept inside the store folder by folder, slower");
  }

  PlaceExamination place_;
  const TrialFolder& folder_{place_.folder()};
};

}  // namespace

std::vector<Guarantee> examineDirectory(const std::string& directory, const DirectoryRules& rules) {
  return Examination(directory, rules).run();
}

}  // namespace hexpage
