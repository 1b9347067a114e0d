// import: many documents from a file or a pipe, in constant memory.
#include <sys/stat.h>

#include <hexpage/error.hpp>

#include "src/cli/command.hpp"
#include "src/cli/descriptor.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/figures.hpp"
#include "src/cli/item_source.hpp"
#include "src/cli/progress.hpp"
#include "src/cli/stop.hpp"
#include "src/cli/stored_path.hpp"

namespace hexpage::cli {
namespace {

constexpr std::size_t kBatchItems = 1000;
constexpr std::size_t kBatchBytes = 4 << 20;

// Collects items into batches and stores each as one change.
class Importer {
 public:
  Importer(Storage& storage, std::string hash, PutOptions options)
      : storage_(storage), hash_(std::move(hash)), options_(std::move(options)) {}

  void add(Item item) {
    const std::size_t bytes = item.key.size() + item.text.size();
    if (batch_.size() == kBatchItems || (!batch_.empty() && bytes_ + bytes > kBatchBytes)) flush();
    bytes_ += bytes;
    batch_.push_back(std::move(item));
  }

  void flush() {
    added_ += storage_.hashPutTexts(hash_, batch_, options_);
    stored_ += batch_.size();
    batch_.clear();
    bytes_ = 0;
  }

  // What was added before an end that came early. No items make no hash then.
  void flushRest() {
    if (!batch_.empty()) flush();
  }

  std::uint64_t stored() const { return stored_; }
  std::uint64_t added() const { return added_; }

 private:
  Storage& storage_;
  std::string hash_;
  PutOptions options_;
  std::vector<Item> batch_;
  std::size_t bytes_ = 0;
  std::uint64_t stored_ = 0;
  std::uint64_t added_ = 0;
};

// The size of a regular file, 0 for a pipe or a device.
std::uint64_t sizeOf(int descriptor) {
  struct stat status {};
  const bool isFile = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  return isFile ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::string summary(const Importer& importer, const std::string& hash, const Progress& progress) {
  return "imported " + counted(importer.stored(), "item") + " into " + hash + " (" +
         grouped(importer.added()) + " new) in " + durationText(progress.elapsed()) + ", " +
         rateText(importer.stored(), progress.elapsed());
}

void importAll(ItemSource& items, const ByteSource& source, Importer& importer,
               Progress& progress) {
  std::uint64_t read = 0;
  while (auto item = items.next()) {
    throwIfStopped();
    importer.add(std::move(*item));
    progress.show(source.taken(), ++read);
  }
  importer.flush();
}

// Whatever ends an import early, the items before it are stored and it says how many they are.
int runImport(Program& program, const std::string& hash, ItemSource& items,
              const ByteSource& source, Progress& progress, const PutOptions& options) {
  Storage storage = program.openToWrite();
  Importer importer(storage, hash, options);
  try {
    importAll(items, source, importer, progress);
  } catch (const BadInput& error) {
    importer.flushRest();
    throw Error(Code::InvalidArgument, std::string(error.what()) + "; imported " +
                                           counted(importer.stored(), "item") + " before it");
  } catch (const Stopped&) {
    importer.flushRest();
    progress.clear();
    program.say("stopped; " + summary(importer, hash, progress));
    throw;
  } catch (const Error& error) {
    throw Error(error.code(),
                std::string(error.what()) + "; imported " + counted(importer.stored(), "item"));
  }
  progress.clear();
  program.say(summary(importer, hash, progress));
  noteStoredPath(program, storage, hash);
  return kDone;
}

std::unique_ptr<ItemSource> itemsOf(ByteSource& source, const std::optional<std::string>& field,
                                    bool isObject) {
  if (field && isObject)
    throw Error(Code::InvalidArgument, "--key and --object exclude each other");
  if (field && field->empty())
    throw Error(Code::InvalidArgument, "--key needs the name of a member");
  if (field) return documentLines(source, *field);
  return isObject ? objectMembers(source) : detectedItems(source);
}

}  // namespace

void addImportCommand(Commands& commands) {
  Command command(commands, "import", kTransferGroup, "Store many documents from a file");
  const auto& hash = command.argument("HASH", "path of the hash; made if need be");
  const auto& file = command.argument("FILE", "file to read, - for standard input");
  const auto& field =
      command.option("--key", "FIELD", "each line is a document; its key is in FIELD");
  const auto& isObject = command.flag("--object", "the file is one object of documents by key");
  const auto& pageSize =
      command.number("--page-size", "items in a page, should this make the hash");
  command.examples(
      "  hexpage import users users.jsonl           # lines {\"key\":...,\"value\":...}\n"
      "  hexpage import users people.jsonl --key id # lines of documents; a.b is a nested member\n"
      "  hexpage import users users.json --object   # {\"ann\":{...},\"bob\":{...}}\n"
      "Without --key and --object: lines when the first line is an object with a member \"key\",\n"
      "else one object. Lines without \"key\" need --key.");
  command.runs([&](Program& program) {
    stopAtSafePoints();
    const Descriptor input = openInput(file);
    ByteSource source(input.get(), file == "-" ? "standard input" : file);
    const auto items = itemsOf(source, field, isObject);
    PutOptions options;
    if (pageSize) options.create["page_size"] = *pageSize;
    Progress progress(program.errTerminal, sizeOf(input.get()));
    return runImport(program, hash, *items, source, progress, options);
  });
}

}  // namespace hexpage::cli
