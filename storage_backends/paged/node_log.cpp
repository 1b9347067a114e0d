#include "paged/node_log.hpp"

#include <algorithm>
#include <hexpage/types.hpp>
#include <set>

#include "paged/page.hpp"
#include "support/json_scanner.hpp"
#include "support/members.hpp"

namespace hexpage {
namespace {

// One that Node would have made, and that stays in the store.
bool isPath(std::string_view path) {
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (begin == end || path[begin] == '.') return false;
    begin = end + 1;
  }
  return true;
}

double dateOf(std::string_view header) {
  const Json parsed = Json::parse(header, nullptr, false);
  if (!parsed.is_object() || !parsed.contains("date") || !parsed["date"].is_number()) return 0;
  return parsed["date"].get<double>();
}

// Throws JsonError for what is no record's line.
RecordWrite undoOf(std::string_view line) {
  std::vector<Member> members = membersOf(line);
  const Member* const key = findMember(members, "key");
  const Member* const value = findMember(members, "value");
  if (!key || !value) throw JsonError("no key and value", 0);
  const Json path = Json::parse(key->text, nullptr, false);
  if (!path.is_string() || !isPath(path.get_ref<const std::string&>()))
    throw JsonError("no path", 0);
  if (value->text == "0") return {.path = path, .content = {}};
  return {path, RecordWrite::Kind::Text, value->text, !isNodeText(value->text)};
}

}  // namespace

NodeLog parseNodeLog(const std::string& file, std::string_view text) {
  NodeLog log{file, dateOf(text.substr(0, text.find('\n'))), {}, 0};
  std::set<std::string> seen;
  std::size_t begin = std::min(text.find('\n'), text.size() - 1) + 1;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    try {
      RecordWrite undo = undoOf(text.substr(begin, end - begin));
      if (seen.insert(undo.path).second) log.undo.push_back(std::move(undo));
    } catch (const JsonError&) {
      ++log.unreadable;
    }
    begin = end + 1;
  }
  return log;
}

bool isNodeLog(std::string_view file) {
  return file.starts_with(kNodeLogs) && file.ends_with(".log");
}

std::vector<std::string> nodeLogs(RecordStore& store) {
  std::vector<std::string> logs = store.files(kNodeLogs);
  std::erase_if(logs, [](const std::string& file) { return !isNodeLog(file); });
  return logs;
}

namespace {

std::vector<NodeLog> readLogs(RecordStore& store) {
  std::vector<NodeLog> logs;
  for (const std::string& file : nodeLogs(store))
    logs.push_back(parseNodeLog(file, store.readFile(file)));
  std::sort(logs.begin(), logs.end(), [](const NodeLog& a, const NodeLog& b) {
    return a.date != b.date ? a.date > b.date : a.file > b.file;
  });
  return logs;
}

Finding findingOf(const NodeLog& log, Mending mending) {
  std::string reason = "Node ended in the middle of a commit of " +
                       std::to_string(log.undo.size()) + " record" +
                       (log.undo.size() == 1 ? "" : "s") +
                       ", which may be half done; `hexpage repair` takes it back";
  if (log.unreadable != 0)
    reason += "; " + std::to_string(log.unreadable) + " of its lines can not be read";
  return {Severity::Error, log.file, reason,
          mending == Mending::None ? "" : "taken back, and the log moved into quarantine"};
}

}  // namespace

void rollBackNode(RecordStore& store, Report& report, Mending mending) {
  for (NodeLog& log : readLogs(store)) {
    report.findings.push_back(findingOf(log, mending));
    if (mending != Mending::Do) continue;
    if (!log.undo.empty()) store.commit(std::move(log.undo), {});
    store.quarantine(log.file, RecordStore::Aside::Move);
  }
}

}  // namespace hexpage
