#include <hexpage/transaction.hpp>

#include <hexpage/storage.hpp>
#include <utility>

#include "held_here.hpp"
#include "open_transaction.hpp"
#include "session.hpp"

namespace hexpage {

Transaction Storage::begin(const std::vector<std::string>& names, std::optional<Millis> timeout) {
  return Transaction(OpenTransaction::begin(sharedSession(), names, timeout));
}

Transaction Storage::begin() {
  return Transaction(OpenTransaction::begin(sharedSession(), std::nullopt));
}

Transaction& Transaction::operator=(Transaction&& other) noexcept {
  if (this == &other) return *this;
  rollback();
  Hashes::operator=(std::move(other));
  return *this;
}

Transaction::~Transaction() { rollback(); }

void Transaction::commit() { session().transaction->commit(); }

void Transaction::rollback() noexcept {
  if (isOpen()) session().transaction->rollback();
}

Hold Transaction::inside() {
  return Hold([session = sharedSession(), here = session().transaction->inside()] {});
}

// One that an error has ended says so: it is not to pass for committed.
void Transaction::finish() {
  if (!session().transaction->isEndedByCaller()) commit();
}

bool Transaction::isOpen() const noexcept {
  return sharedSession() && session().transaction->isOpen();
}

}  // namespace hexpage
