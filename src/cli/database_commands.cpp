// load, reload, store: between a hash and a table of an SQL database.
#include <hexpage/database.hpp>
#include <hexpage/error.hpp>

#include "src/cli/command.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/figures.hpp"
#include "src/cli/stored_path.hpp"

namespace hexpage::cli {
namespace {

DatabaseLayout layoutOf(const std::string& word) {
  if (word == "documents") return DatabaseLayout::Documents;
  if (word == "kamailio") return DatabaseLayout::Kamailio;
  if (word == "columns") return DatabaseLayout::Columns;
  throw Error(Code::InvalidArgument, "no layout \"" + word + "\"; known: documents, kamailio, columns");
}

std::vector<std::string> partsOf(const std::string& list) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t comma; (comma = list.find(',', begin)) != list.npos; begin = comma + 1)
    parts.push_back(list.substr(begin, comma - begin));
  parts.push_back(list.substr(begin));
  return parts;
}

// The words that name a table and say how it is laid out.
class TableWords {
 public:
  explicit TableWords(Command& command)
      : hash(command.argument("HASH", "path of the hash")),
        url_(command.argument("URL", "sqlite:///file, postgresql://user@host/name or mysql://...")),
        table_(command.option("--table", "NAME", "the hash's path, with _ for /, unless given")),
        layout_(command.option("--layout", "WORD", "documents (default), kamailio or columns")),
        columns_(command.option("--columns", "A,B,...", "of layout columns; A has the key")),
        delimiter_(command.option("--delimiter", "TEXT", "the columns make a string, not an object")),
        null_(command.option("--null", "TEXT", "a NULL in such a string (default *)")),
        isStrict_(command.flag("--strict", "stop at a row that makes no item")) {}

  DatabaseTable table() const {
    DatabaseTable table;
    table.url = url_;
    table.table = table_.value_or("");
    table.layout = layoutOf(layout_.value_or(columns_ ? "columns" : "documents"));
    if (columns_) table.columns = partsOf(*columns_);
    table.delimiter = delimiter_.value_or("");
    table.nullText = null_.value_or("*");
    table.isStrict = isStrict_;
    return table;
  }

  const std::string& hash;

 private:
  const std::string& url_;
  const std::optional<std::string>& table_;
  const std::optional<std::string>& layout_;
  const std::optional<std::string>& columns_;
  const std::optional<std::string>& delimiter_;
  const std::optional<std::string>& null_;
  const bool& isStrict_;
};

void tell(const Program& program, const std::string& what, const DatabaseTransfer& transfer) {
  program.say(what + " " + counted(transfer.items, "item"));
  if (transfer.expired > 0)
    program.say("passed over " + counted(transfer.expired, "row") + " whose time had come");
  if (transfer.skipped > 0)
    program.say("skipped " + counted(transfer.skipped, "row") + "; the first: " + transfer.problem);
}

using Load = DatabaseTransfer (Hashes::*)(std::string_view, const DatabaseTable&);

void addLoad(Commands& commands, const std::string& name, const std::string& summary, Load load) {
  Command command(commands, name, kTransferGroup, summary);
  const TableWords words(command);
  command.examples("  hexpage " + name +
                   " users sqlite:///users.db\n"
                   "  hexpage " +
                   name +
                   " ipban mysql://kamailio@127.0.0.1/kamailio --table htable --layout kamailio\n"
                   "  hexpage " +
                   name + " prices postgresql://app@db/shop --columns sku,price,currency");
  command.runs([words, load](Program& program) {
    Storage storage = program.openToWrite();
    tell(program, "loaded", (storage.*load)(words.hash, words.table()));
    noteStoredPath(program, storage, words.hash);
    return kDone;
  });
}

void addStore(Commands& commands) {
  Command command(commands, "store", kTransferGroup, "Make a table of a database hold a hash");
  const TableWords words(command);
  command.examples(
      "  hexpage store users sqlite:///users.db     # makes the table if need be\n"
      "  hexpage store ipban mysql://kamailio@127.0.0.1/kamailio --table htable --layout kamailio\n"
      "  hexpage store prices postgresql://app@db/shop --columns sku,price,currency");
  command.runs([words](Program& program) {
    Storage storage = program.openToRead();
    tell(program, "stored", storage.hashStore(words.hash, words.table()));
    return kDone;
  });
}

}  // namespace

void addDatabaseCommands(Commands& commands) {
  addLoad(commands, "load", "Put the rows of a database's table into a hash", &Hashes::hashLoad);
  addLoad(commands, "reload", "The same; what the table lacks goes from the hash",
          &Hashes::hashReload);
  addStore(commands);
}

}  // namespace hexpage::cli
