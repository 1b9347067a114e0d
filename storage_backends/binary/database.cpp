#include <unistd.h>

#include <hexpage/error.hpp>

#include "binary/store.hpp"

namespace hexpage::kv {

std::uint64_t percentOfMemory(unsigned percent) {
  return static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 100 * percent;
}

Database::Database(std::shared_ptr<Store> store) : store_(std::move(store)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&& other) noexcept {
  if (store_) store_->close();
  store_ = std::move(other.store_);
  return *this;
}
Database::~Database() {
  if (store_) store_->close();
}

Database Database::open(const std::string& directory, const Options& options) {
  return Database(Store::open(directory, options));
}

std::optional<std::string> Database::get(std::string_view key, TreeId tree) const {
  return store_->get(tree, key);
}
bool Database::contains(std::string_view key, TreeId tree) const {
  return store_->contains(tree, key);
}
bool Database::read(std::string_view key, const Reader& reader, TreeId tree) const {
  return store_->read(tree, key, reader);
}
std::vector<std::optional<std::string>> Database::getMany(std::span<const std::string_view> keys,
                                                          TreeId tree) const {
  return store_->getMany(tree, keys);
}
void Database::look(const std::function<void(const View&)>& work) const { store_->look(work); }
void Database::set(std::string_view key, std::string_view value, TreeId tree,
                   const std::function<void()>& visible) {
  set(key, Pieces{value, {}}, tree, visible);
}
void Database::set(std::string_view key, const Pieces& value, TreeId tree,
                   const std::function<void()>& visible) {
  store_->set(tree, key, value, visible);
}
bool Database::erase(std::string_view key, TreeId tree) { return store_->erase(tree, key); }
std::uint64_t Database::count(TreeId tree) const { return store_->count(tree); }
Cursor Database::cursor(TreeId tree) const { return snapshot().cursor(tree); }
bool Database::makeRoom(Purpose purpose) {
  return store_->makeRoom(purpose == Purpose::Remove ? Use::Removal : Use::Growth);
}
void Database::sync() { store_->sync(); }
void Database::checkpoint() { store_->checkpoint(); }
void Database::compact(const Progress& progress) { store_->compact(progress); }
void Database::verify(Report& report) const { store_->verify(report); }
Stats Database::stats() const { return store_->stats(); }
std::vector<SegmentInfo> Database::segments() const { return store_->segments(); }
void Database::close() { store_->close(); }

}  // namespace hexpage::kv
