#include "support/fork_watch.hpp"

#include <pthread.h>

#include <hexpage/error.hpp>
#include <mutex>
#include <set>

namespace hexpage {

// All of the process. The forking thread keeps the mutex over the fork, so that the set is whole in
// the child.
struct ForkWatches {
  std::mutex mutex;
  std::set<ForkWatch*> all;

  // Never destroyed: objects of static storage may be destroyed after it.
  static ForkWatches& ofProcess() {
    static ForkWatches* const watches = new ForkWatches;
    return *watches;
  }

  ForkWatches() {
    const int error = ::pthread_atfork([] { ofProcess().mutex.lock(); },
                                       [] { ofProcess().mutex.unlock(); }, enterChild);
    if (error != 0) throw Error(Code::Io, "pthread_atfork: no memory", error);
  }

  static void enterChild() {
    for (ForkWatch* const watch : ofProcess().all) {
      watch->isChild_ = true;
      watch->inChild_();
    }
    ofProcess().mutex.unlock();
  }
};

ForkWatch::ForkWatch(std::function<void()> inChild) : inChild_(std::move(inChild)) {
  ForkWatches& watches = ForkWatches::ofProcess();
  const std::lock_guard guard(watches.mutex);
  watches.all.insert(this);
}

ForkWatch::~ForkWatch() {
  ForkWatches& watches = ForkWatches::ofProcess();
  const std::lock_guard guard(watches.mutex);
  watches.all.erase(this);
}

}  // namespace hexpage
