#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "figures.hpp"

namespace hexpage::bench {
namespace {

// When each piece of work began, by its name, in seconds; of all processes.
using Marks = std::map<std::string, std::vector<double>>;

struct Output {
  Marks marks;
  std::map<std::string, double> values;
  int done = 0;
};

// "... MARK put 1795882444.422004", "... VALUE shm_used 22150000", "... DONE"
void takeLine(const std::string& line, Output& output) {
  char name[64];
  double number = 0;
  const std::size_t mark = line.find("MARK "), value = line.find("VALUE ");
  if (mark != line.npos && std::sscanf(line.c_str() + mark, "MARK %63s %lf", name, &number) == 2)
    output.marks[name].push_back(number);
  if (value != line.npos && std::sscanf(line.c_str() + value, "VALUE %63s %lf", name, &number) == 2)
    output.values[name] = number;
  if (line.find("DONE") != line.npos) ++output.done;
}

// Kamailio, running in a directory of its own; what it says can be read. The destructor ends it.
class Server {
 public:
  Server(const std::string& configFile, bool isTwo) {
    std::string directory = (std::filesystem::temp_directory_path() / "bench-XXXXXX").string();
    int ends[2];
    if (!::mkdtemp(directory.data()) || ::pipe(ends) != 0)
      throw std::runtime_error("no directory or pipe for kamailio");
    directory_ = directory;
    process_ = ::fork();
    if (process_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::dup2(ends[1], STDERR_FILENO);
      ::close(ends[0]);
      ::execlp("kamailio", "kamailio", "-f", configFile.c_str(), "-DD", "-E", "-m", "512", "-M",
               "1024", "-w", directory_.c_str(), "-Y", directory_.c_str(), isTwo ? "-A" : nullptr,
               "PAIR", nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    output_ = ::fdopen(ends[0], "r");
    std::setvbuf(output_, nullptr, _IONBF, 0);  // so that poll() sees all that is to come
  }
  ~Server() {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
    std::fclose(output_);
    std::error_code ignored;  // what is left lies in the system's temporary directory
    std::filesystem::remove_all(directory_, ignored);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // False at the end, or when it says nothing for too long.
  bool readLine(std::string& line) {
    constexpr int kSilenceMs = 120'000;
    pollfd readable{::fileno(output_), POLLIN, 0};
    char text[4096];
    if (::poll(&readable, 1, kSilenceMs) != 1 || !std::fgets(text, sizeof text, output_))
      return false;
    line = text;
    return true;
  }

 private:
  std::string directory_;
  pid_t process_ = -1;
  std::FILE* output_ = nullptr;
};

Output run(const std::string& configFile, int processes) {
  Server server(configFile, processes == 2);
  Output output;
  std::string said;
  for (std::string line; output.done < processes && server.readLine(line);) {
    takeLine(line, output);
    if (said.size() < 2000) said += line;
  }
  if (output.done < processes)
    throw std::runtime_error("kamailio did not come to its end: " + said);
  return output;
}

// From the first that began the one to the last that began the other.
double seconds(const Output& output, const std::string& from, const std::string& to) {
  const auto first = output.marks.find(from), last = output.marks.find(to);
  if (first == output.marks.end() || last == output.marks.end())
    throw std::runtime_error("kamailio said nothing of " + from);
  return *std::max_element(last->second.begin(), last->second.end()) -
         *std::min_element(first->second.begin(), first->second.end());
}

}  // namespace

Figures measureKamailio(int processes, const std::string& configFile) {
  const Output output = run(configFile, processes);
  Figures figures;
  const double empty = seconds(output, "empty", "put") * 1e9 / kHotOperations;
  const auto operation = [&](const std::string& name, const std::string& next, int loops) {
    const double all = seconds(output, name, next) * 1e9 / loops;
    figures[name] = std::max(all - empty, 0.0) / processes;
  };
  operation("put", "get", kHotOperations);
  operation("get", "increment", kHotOperations);
  operation("increment", "end", kHotOperations);
  operation("insert", "put_many", kItems);
  operation("put_many", "get_many", kItems);
  operation("get_many", "end_many", kItems);
  if (processes > 1) return figures;
  const auto whole = [&](const std::string& name, const std::string& next) {
    figures[name] = seconds(output, name, next) * 1e3;
  };
  whole("count_regex", "count_prefix");
  whole("count_prefix", "iterate");
  whole("iterate", "dump");
  whole("dump", "end_whole");
  whole("sweep", "end_sweep");
  figures["bytes"] = (output.values.at("shm_used") - output.values.at("shm_before")) / kItems;
  return figures;
}

}  // namespace hexpage::bench
