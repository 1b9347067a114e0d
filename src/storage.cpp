#include <hexpage/doctor.hpp>
#include <hexpage/storage.hpp>

#include <cstdlib>
#include <fstream>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <hexpage/version.hpp>
#include <sstream>

#include "database_plan.hpp"
#include "database_saver.hpp"
#include "document.hpp"
#include "events.hpp"
#include "publishing_backend.hpp"
#include "registry.hpp"
#include "session.hpp"
#include "support/options.hpp"
#include "support/read_only_backend.hpp"
#include "sweeper.hpp"

namespace hexpage {
namespace {

// What the config says for every backend, and which backend it names.
struct Settings {
  std::string backend;
  Json section;  // of that backend
  CommonSettings common;
  std::size_t pageSize;
  std::size_t maxBatchBytes;
  Millis sweepInterval;
  Json hashes;  // options by path, of those to make
  std::vector<DatabasePlan> databases;
};

Settings readSettings(const Json& config) {
  Options options(config, "");
  Settings settings;
  settings.backend = options.text("backend", "filesystem");
  settings.pageSize = options.number("hash_page_size", kDefaultPageSize, 1, kMaxPageSize);
  settings.common.lowerCaseKeys = options.flag("lower_case_keys", true);
  settings.maxBatchBytes =
      options.number("max_batch_bytes", kDefaultMaxBatchBytes, 1024, std::uint64_t{1} << 40);
  settings.common.durability = options.oneOf("durability", "crash", {"crash", "power"});
  settings.common.lockTimeout = Millis(options.number("lock_timeout", 30'000, 0, 86'400'000));
  settings.common.readOnly = options.flag("read_only", false);
  settings.common.syncInterval = Millis(options.number("sync_interval", 1000, 0, 3'600'000));
  settings.sweepInterval = Millis(options.number("sweep_interval", 0, 0, 86'400'000));
  settings.hashes = options.section("hashes");
  Options hashes(settings.hashes, "hashes");
  for (const auto& [path, ignored] : settings.hashes.items()) hashes.section(path);
  settings.databases = databasePlans(options.section("databases"));
  for (const std::string& name : backendNames()) {
    const Json section = options.section(name);
    if (name == settings.backend) settings.section = section;
  }
  options.finish();
  return settings;
}

std::shared_ptr<Session> sessionOver(std::unique_ptr<Backend> backend, const Settings& settings,
                                     WallClock clock) {
  auto session = std::make_shared<Session>();
  if (settings.common.readOnly)
    backend = makeReadOnly(std::move(backend), "the store was opened with read_only");
  session->events = std::make_unique<Events>();
  session->backend = std::make_unique<LivingItems>(
      std::make_unique<PublishingBackend>(std::move(backend), *session->events), std::move(clock));
  session->pageSize = settings.pageSize;
  session->lowerCasePaths = settings.common.lowerCaseKeys;
  session->lockTimeout = settings.common.lockTimeout;
  session->maxBatchBytes = settings.maxBatchBytes;
  return session;
}

std::string configFileNamed(const std::string& named) {
  if (!named.empty()) return named;
  const char* const fromEnvironment = std::getenv("HEXPAGE_CONFIG");
  if (fromEnvironment && *fromEnvironment) return fromEnvironment;
  throw Error(Code::InvalidArgument, "no config file: name one, or set HEXPAGE_CONFIG to its name");
}

bool isLoaded(Hashes& hashes, const DatabasePlan& plan) {
  if (plan.load != DatabasePlan::Load::Empty) return plan.load == DatabasePlan::Load::Always;
  return hashes.hashCount(plan.hash, {}) == 0;
}

}  // namespace

Session& sessionOf(Storage& storage) { return storage.session(); }

Storage Storage::open(const Json& config, WallClock clock) {
  const Settings settings = readSettings(config);
  Storage storage(sessionOver(makeBackend(settings.backend, settings.section, settings.common),
                              settings, std::move(clock)));
  if (settings.common.readOnly) return storage;
  for (const auto& [path, options] : settings.hashes.items()) storage.hashCreate(path, options);
  std::vector<DatabasePlan> saved;
  for (const DatabasePlan& plan : settings.databases) {
    if (isLoaded(storage, plan)) storage.hashLoad(plan.hash, plan.table);
    if (plan.isSaved) saved.push_back(plan);
  }
  if (!saved.empty())
    storage.session().saver = std::make_unique<DatabaseSaver>(storage.session(), std::move(saved));
  if (settings.sweepInterval.count() > 0)
    storage.session().sweeper =
        std::make_unique<Sweeper>(storage.session(), settings.sweepInterval);
  return storage;
}

std::string Storage::saveProblem() const {
  return session().saver ? session().saver->problem() : std::string();
}

std::string Storage::sweepProblem() const {
  return session().sweeper ? session().sweeper->problem() : std::string();
}

Storage& Storage::operator=(Storage&& other) noexcept {
  if (this == &other) return *this;
  close();
  Hashes::operator=(std::move(other));
  return *this;
}

void Storage::close() noexcept {
  if (!sharedSession()) return;
  session().sweeper.reset();
  session().events->finish();
}

// --- events ---

Subscription Storage::onExpired(
    std::string_view named,
    std::function<void(const std::string& key, const Json& value)> handler) {
  return session().events->subscribe(
      [path = session().path(named)](std::string_view other) { return other == path; },
      [call = std::move(handler)](const ChangeEvent& event) {
        if (event.kind == ChangeKind::Expire)
          call(event.key, stored(event.path, event.key, event.text));
      });
}

Subscription Storage::onChange(std::string_view named,
                               std::function<void(const ChangeEvent& event)> handler) {
  return session().events->subscribe(
      [prefix = session().prefix(named)](std::string_view path) {
        return path.starts_with(prefix);
      },
      std::move(handler));
}

std::string Storage::eventProblem() const { return session().events->problem(); }

Storage Storage::openFile(const std::string& configFile) {
  const std::string file = configFileNamed(configFile);
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) throw Error(Code::Io, "can not read the config file " + file);
  Json config;
  try {
    validateDocument(text.str());
    config = parseJson(text.str());
  } catch (const Error& e) {
    throw Error(e.code(), "config file " + file + ": " + e.what());
  }
  return open(config);
}

void Storage::checkConfig(const Json& config) {
  const Settings settings = readSettings(config);
  checkBackend(settings.backend, settings.section, settings.common);
}

std::vector<Guarantee> examine(const Json& config) {
  const Settings settings = readSettings(config);
  checkBackend(settings.backend, settings.section, settings.common);
  return examineBackend(settings.backend, settings.section, settings.common);
}

Storage Storage::over(std::unique_ptr<Backend> backend, const Json& config, WallClock clock) {
  return Storage(sessionOver(std::move(backend), readSettings(config), std::move(clock)));
}

void Storage::sync() { session().backend->sync(); }

std::vector<LockEntry> Storage::locks() { return session().backend->locks().list(); }

Report Storage::verify() {
  Report report;
  session().backend->check(report);
  return report;
}

Report Storage::accept(const std::vector<std::string>& files) {
  Report report;
  session().backend->accept(files, report);
  return report;
}

Report Storage::repair(bool dryRun) {
  Report report;
  session().backend->repair(report, dryRun);
  return report;
}

std::vector<LayoutNode> Storage::layout(std::string_view named) {
  const std::string path = session().path(named);
  auto nodes = session().backend->layout(path);
  if (nodes.empty()) throw Error(Code::NoSuchKey, "no such hash: " + path);
  return nodes;
}

std::vector<Figure> Storage::figures() { return session().backend->figures(); }

std::uint64_t Storage::compact(
    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress) {
  return session().backend->compact(progress);
}

std::vector<std::string> Storage::files() { return session().backend->files(); }

void Storage::adopt(std::string_view path) { session().backend->adopt(session().path(path)); }

const char* version() noexcept {
#define HEXPAGE_TEXT_OF(x) #x
#define HEXPAGE_TEXT(x) HEXPAGE_TEXT_OF(x)
  return HEXPAGE_TEXT(HEXPAGE_VERSION_MAJOR) "." HEXPAGE_TEXT(
      HEXPAGE_VERSION_MINOR) "." HEXPAGE_TEXT(HEXPAGE_VERSION_PATCH);
#undef HEXPAGE_TEXT
#undef HEXPAGE_TEXT_OF
}

}  // namespace hexpage
