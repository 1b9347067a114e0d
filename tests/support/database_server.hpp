// Real database servers in a directory of their own, on the loopback, for as long as the object
// lives.
#pragma once

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <hexpage/error.hpp>
#include <hexpage/testing/contract/temp_dir.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "src/database/database.hpp"

namespace hexpage::testing {

// The program, "" when it is not installed.
inline std::string programAt(const std::vector<std::string>& candidates) {
  for (const std::string& path : candidates)
    if (::access(path.c_str(), X_OK) == 0) return path;
  return "";
}

inline int freePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool isBound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!isBound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

class DatabaseServer {
 public:
  ~DatabaseServer() {
    if (process_ <= 0) return;
    ::kill(process_, stopSignal_);
    ::waitpid(process_, nullptr, 0);
  }
  DatabaseServer(const DatabaseServer&) = delete;
  DatabaseServer& operator=(const DatabaseServer&) = delete;

  // nullptr when it is not installed.
  static std::unique_ptr<DatabaseServer> postgresql() {
    const std::string bin = "/usr/lib/postgresql/15/bin/";
    if (programAt({bin + "initdb"}).empty()) return nullptr;
    // SIGQUIT stops its children, too.
    auto server = std::unique_ptr<DatabaseServer>(new DatabaseServer(SIGQUIT));
    const std::string dir = server->dir_.path().string(), data = dir + "/data";
    // The server refuses to run as root.
    const std::string asUser =
        ::geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --clear-groups " : "";
    if (::geteuid() == 0) run("chown postgres " + dir);
    run("cd / && " + asUser + bin + "initdb -D " + data +
        " -U tester -A trust -E UTF8 --locale=C --no-sync --no-instructions");
    server->start(asUser + bin + "postgres -D " + data +
                  " -c fsync=off -c listen_addresses=127.0.0.1 -p " +
                  std::to_string(server->port_) + " -k " + dir);
    server->awaitReady("postgresql://tester:pass@127.0.0.1", "postgres");
    return server;
  }

  static std::unique_ptr<DatabaseServer> mariadb() {
    const std::string program = programAt({"/usr/sbin/mariadbd"});
    if (program.empty()) return nullptr;
    auto server = std::unique_ptr<DatabaseServer>(new DatabaseServer(SIGKILL));
    const std::string dir = server->dir_.path().string();
    // An empty directory will do where nobody asks for users and their rights.
    std::filesystem::create_directory(dir + "/data");
    server->start(program + " --no-defaults --datadir=" + dir + "/data --socket=" + dir +
                  "/socket --bind-address=127.0.0.1 --skip-networking=0 --skip-name-resolve"
                  " --skip-grant-tables --innodb-flush-log-at-trx-commit=0 --port=" +
                  std::to_string(server->port_) + (::geteuid() == 0 ? " --user=root" : ""));
    const std::string host = "mysql://root:pass@127.0.0.1";
    server->awaitReady(host, "information_schema");
    Database::open(server->url(), Database::Access::Write)->execute("CREATE DATABASE tests");
    server->awaitReady(host, "tests");
    return server;
  }

  const std::string& url() const { return url_; }

 private:
  explicit DatabaseServer(int stopSignal) : stopSignal_(stopSignal), port_(freePort()) {}

  static void run(const std::string& command) {
    if (std::system((command + " >/dev/null 2>&1").c_str()) != 0)
      throw std::runtime_error("failed: " + command);
  }

  void start(const std::string& command) {
    process_ = ::fork();
    if (process_ != 0) return;
    const std::string line = "cd / && exec " + command + " >/dev/null 2>&1";
    ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
    ::_exit(127);
  }

  // Until a connection succeeds; a minute at most.
  void awaitReady(const std::string& host, const std::string& name) {
    url_ = host + ":" + std::to_string(port_) + "/" + name;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    for (;;) {
      try {
        Database::open(url_, Database::Access::Read);
        return;
      } catch (const Error&) {
        if (std::chrono::steady_clock::now() > deadline) throw;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  TempDir dir_;
  int stopSignal_;
  int port_;
  pid_t process_ = -1;
  std::string url_;
};

}  // namespace hexpage::testing
