// The roll-back logs of pixl-server-storage: with `transactions` Node writes down what the records
// were before it changes them, in `_transactions/logs/<pid>-<id>.log`, and deletes the log when
// they are all on disk. One that is there after Node has ended tells of a commit that may be half
// done.
//
//   log    =  header "\n" { record "\n" }
//   header =  {"id":"2","path":"h","log":"...","date":1795226120.344,"pid":6271}
//   record =  {"key":"h/data","value":{...}}; the value 0 where there was no record
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "paged/inspect.hpp"
#include "paged/record_store.hpp"

namespace hexpage {

constexpr std::string_view kNodeLogs = "_transactions/logs/";

struct NodeLog {
  std::string file;
  double date = 0;  // seconds since the epoch; 0 when the header tells none
  std::vector<RecordWrite> undo;
  std::size_t unreadable = 0;  // lines, as the last one of a log that was not finished
};

// Passes over lines that can not be read, as Node does.
NodeLog parseNodeLog(const std::string& file, std::string_view text);

bool isNodeLog(std::string_view file);
// The files of the logs that are there.
std::vector<std::string> nodeLogs(RecordStore& store);

// Reports each log, and if it is to be mended gives the records what they had, those of the log
// that was begun last first, and moves the log into quarantine.
void rollBackNode(RecordStore& store, Report& report, Mending mending);

}  // namespace hexpage
