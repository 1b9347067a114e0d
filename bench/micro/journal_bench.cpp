// What an acknowledged put pays for its journal frame.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "filesystem/journal.hpp"
#include "support/batch_codec.hpp"

namespace hexpage::bench {
namespace {

// A new directory where temporary files are (TMPDIR chooses the disk), removed at the end.
class Directory {
 public:
  Directory() : path_((std::filesystem::temp_directory_path() / "hexpage.XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("can not make " + path_);
    fd_ = Fd(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  ~Directory() { std::filesystem::remove_all(path_); }

  int get() const { return fd_.get(); }

 private:
  std::string path_;
  Fd fd_;
};

struct OpenJournal {
  OpenJournal() {
    journal.scan([](const Journal::Frame&) {});
  }

  Directory directory;
  Journal journal{directory.get(), "journal", 1};
};

Batch somePut() {
  Batch batch;
  batch.add(Put{"bench/users", "user4711", std::string(120, 'x')});
  return batch;
}

void batchEncode(benchmark::State& state) {
  const Batch batch = somePut();
  for (auto _ : state) benchmark::DoNotOptimize(encode(batch));
}
BENCHMARK(batchEncode);

void batchDecode(benchmark::State& state) {
  const std::string bytes = encode(somePut());
  for (auto _ : state) benchmark::DoNotOptimize(decodeBatch(bytes));
}
BENCHMARK(batchDecode);

void journalAppend(benchmark::State& state) {
  OpenJournal open;
  const std::string body = encode(somePut());
  for (auto _ : state) {
    open.journal.append(Journal::Kind::Batch, body);
    if (open.journal.size() < (8 << 20)) continue;
    state.PauseTiming();
    open.journal.restart();
    state.ResumeTiming();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(journalAppend);

void journalAppendAndSync(benchmark::State& state) {
  OpenJournal open;
  const std::string body = encode(somePut());
  for (auto _ : state) open.journal.sync(open.journal.append(Journal::Kind::Batch, body));
}
BENCHMARK(journalAppendAndSync)->UseRealTime();

}  // namespace
}  // namespace hexpage::bench
