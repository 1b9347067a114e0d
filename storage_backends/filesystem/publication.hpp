// Files changing places: the part of a commit that readers of the directory can see.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "filesystem/spares.hpp"

namespace hexpage {

// Each step can be taken back until finish() is called; the destructor takes back those of an
// unfinished one. Names are relative to the directory.
class Publication {
 public:
  Publication(int directory, Spares& spares) : directory_(directory), spares_(spares) {}
  ~Publication();

  // Both put a file in the place of `target`, whether there is one or not: a spare, which becomes
  // what the target was, or a record's file, which is gone then.
  void place(const std::string& spare, const std::string& target, std::size_t size);
  void move(const std::string& file, const std::string& target);
  // Puts a file away. Nothing happens when there is none.
  void remove(const std::string& file);

  // Makes the names durable. Throws Io.
  void syncFolders();
  // Gives up what was replaced and removed, and the folders that are empty now.
  void finish();

 private:
  // How a step is taken back.
  struct Step {
    std::string from;  // where the file is now
    std::string to;    // where it was
    bool exchanged;    // the two changed places
  };

  bool exchange(const std::string& source, const std::string& target);
  void moveIn(const std::string& source, const std::string& target);
  void removeEmptyFolders(const std::string& file);

  const int directory_;
  Spares& spares_;
  std::vector<Step> steps_;
  struct Replaced {
    std::string file;
    std::optional<std::size_t> size;  // about; of one that is worth keeping as a spare
  };
  std::vector<Replaced> replaced_;
  std::set<std::string> left_;     // files whose folder may be empty now
  std::set<std::string> folders_;  // that have other names in them now
};

}  // namespace hexpage
