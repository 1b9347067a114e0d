#include "open_transaction.hpp"

#include <hexpage/error.hpp>
#include <new>
#include <utility>

#include "held_here.hpp"
#include "overlay.hpp"
#include "session.hpp"

namespace hexpage {
namespace {

std::string joined(const std::set<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) text += (text.empty() ? "" : ", ") + path;
  return text;
}

}  // namespace

std::shared_ptr<Session> OpenTransaction::begin(
    std::shared_ptr<Session> base, const std::optional<std::vector<std::string>>& names,
    std::optional<Millis> timeout) {
  auto overlay = std::make_unique<Overlay>(base->backend->stored(), base->maxBatchBytes);
  auto session = std::make_shared<Session>();
  session->pageSize = base->pageSize;
  session->lowerCasePaths = base->lowerCasePaths;
  session->lockTimeout = base->lockTimeout;
  session->maxBatchBytes = base->maxBatchBytes;
  const WallClock& clock = base->backend->clock();
  Overlay& changes = *overlay;
  session->backend = std::make_unique<LivingItems>(std::move(overlay), clock);
  session->transaction = std::make_unique<OpenTransaction>(std::move(base), changes);
  if (names) session->transaction->lockNamed(*names, timeout);
  return session;
}

OpenTransaction::OpenTransaction(std::shared_ptr<Session> base, Overlay& overlay)
    : base_(std::move(base)), overlay_(overlay) {}

OpenTransaction::~OpenTransaction() { rollback(); }

void OpenTransaction::lockNamed(const std::vector<std::string>& names,
                                std::optional<Millis> timeout) {
  if (names.empty())
    throw Error(Code::InvalidArgument,
                "a transaction needs the names of its hashes; begin() without an argument locks "
                "them as they are used");
  isNamed_ = true;
  for (const std::string& name : names) paths_.insert(base_->path(name));
  for (const std::string& path : paths_) HeldHere::refuse(*base_, path);
  const std::vector<std::string_view> views(paths_.begin(), paths_.end());
  holds_ = base_->backend->locks().acquireAll(views, LockMode::Exclusive,
                                              timeout.value_or(base_->lockTimeout), owner_);
}

void OpenTransaction::enter(const std::string& path) {
  requireOpen();
  if (paths_.contains(path)) return;
  if (isNamed_)
    throw Error(Code::InvalidArgument,
                path + " was not named when the transaction began; it has " + joined(paths_));
  HeldHere::refuse(*base_, path);
  lock(path);
}

std::shared_ptr<HeldHere> OpenTransaction::inside() {
  return std::make_shared<HeldHere>(*base_, paths_);
}

void OpenTransaction::lock(const std::string& path) {
  const auto entered = paths_.insert(path).first;
  try {
    holds_.push_back(base_->backend->locks().acquire(LockSpace::Writer, path, LockMode::Exclusive,
                                                     base_->lockTimeout, owner_));
  } catch (const std::bad_alloc&) {
    paths_.erase(entered);
    throw;
  } catch (...) {
    overlay_.rollback();
    end("was rolled back when a lock could not be had");
    throw;
  }
}

void OpenTransaction::commit() {
  requireOpen();
  try {
    overlay_.commit();
  } catch (...) {
    end("was rolled back when its commit failed");
    throw;
  }
  end("has been committed");
  isEndedByCaller_ = true;
}

void OpenTransaction::rollback() noexcept {
  if (!isOpen()) return;
  overlay_.rollback();
  end("has been rolled back");
  isEndedByCaller_ = true;
}

void OpenTransaction::requireOpen() const {
  if (!isOpen()) throw Error(Code::InvalidArgument, std::string("this transaction ") + end_);
}

void OpenTransaction::end(const char* how) noexcept {
  end_ = how;
  paths_.clear();
  holds_.clear();
  base_.reset();
}

}  // namespace hexpage
