#include "binary/index_images.hpp"

#include <hexpage/error.hpp>

#include "support/byte_order.hpp"

namespace hexpage::kv {
namespace {

constexpr std::size_t kPageHeader = 8, kDirectoryHeader = 24, kNodeHeader = 8, kNodeEntry = 16;
constexpr unsigned kMaxDirectoryDepth = 40;

[[noreturn]] void throwOdd(const char* what) {
  throw Error(Code::Corrupt, std::string("index: a ") + what + " that can not be");
}

}  // namespace

// depth u8, tagBase u8, groups u16, count u32, then the slots
std::string encode(const Page& page) {
  std::string out;
  const std::vector<Slot> slots = page.all();
  out.reserve(kPageHeader + slots.size() * sizeof(Slot));
  put(out, page.depth);
  put(out, page.tagBase);
  put(out, page.groups);
  put(out, static_cast<std::uint32_t>(slots.size()));
  for (const Slot slot : slots) put(out, slot);
  return out;
}

// tree u64, records u64, depth u64, then 2^depth offsets
std::string encode(const Directory& directory, std::span<const std::uint64_t> offsets) {
  std::string out;
  out.reserve(kDirectoryHeader + offsets.size() * 8);
  put(out, directory.tree);
  put(out, directory.records.load());
  put(out, std::uint64_t{directory.depth});
  for (const std::uint64_t offset : offsets) put(out, offset);
  return out;
}

// level u64, then number and offset of each child
std::string encode(const TreeNode& node, std::span<const std::uint64_t> offsets) {
  std::string out;
  put(out, std::uint64_t{node.level});
  for (std::size_t i = 0; i < offsets.size(); ++i)
    if (offsets[i] != 0) {
      put(out, std::uint64_t{i});
      put(out, offsets[i]);
    }
  return out;
}

std::string IndexFiles::read(std::uint64_t location, IndexFile::Kind kind) const {
  std::shared_ptr<IndexFile> file;
  {
    const std::scoped_lock lock(mutex_);
    file = files_[fileOf(location) % kMaxFiles];
  }
  if (!file) throwOdd("place");
  return file->read(offsetOf(location), kind);
}

Page* decodePage(std::string_view bytes) {
  if (bytes.size() < kPageHeader) throwOdd("page");
  const unsigned depth = static_cast<unsigned char>(bytes[0]);
  const unsigned tagBase = static_cast<unsigned char>(bytes[1]);
  const unsigned groups = load<std::uint16_t>(bytes.data() + 2);
  const std::size_t count = load<std::uint32_t>(bytes.data() + 4);
  if (bytes.size() != kPageHeader + count * sizeof(Slot) || groups == 0 ||
      groups > Page::kMaxGroups || count > groups * Page::kGroupSlots || depth < tagBase ||
      depth > kMaxDirectoryDepth)
    throwOdd("page");
  Page* const page = Page::make(groups, depth, tagBase, 0);
  for (std::size_t i = 0; i < count; ++i)
    page->insert(load<Slot>(bytes.data() + kPageHeader + i * sizeof(Slot)));
  return page;
}

Page* IndexFiles::page(std::uint64_t location) const {
  Page* const page = decodePage(read(location, IndexFile::Kind::Page));
  page->location = location;
  return page;
}

Directory* IndexFiles::directory(std::uint64_t location) const {
  const std::string bytes = read(location, IndexFile::Kind::Directory);
  if (bytes.size() < kDirectoryHeader) throwOdd("directory");
  const auto depth = load<std::uint64_t>(bytes.data() + 16);
  if (depth > kMaxDirectoryDepth || bytes.size() != kDirectoryHeader + (std::size_t{8} << depth))
    throwOdd("directory");
  auto directory = std::make_unique<Directory>(load<std::uint64_t>(bytes.data()),
                                               static_cast<unsigned>(depth), 0);
  directory->records = load<std::uint64_t>(bytes.data() + 8);
  for (std::size_t i = 0; i < directory->size(); ++i)
    directory->set(
        i, onDisk(locationOf(fileOf(location),
                             load<std::uint64_t>(bytes.data() + kDirectoryHeader + i * 8))));
  directory->location = location;
  return directory.release();
}

TreeNode* IndexFiles::node(std::uint64_t location) const {
  const std::string bytes = read(location, IndexFile::Kind::Node);
  if (bytes.size() < kNodeHeader || (bytes.size() - kNodeHeader) % kNodeEntry != 0)
    throwOdd("node");
  const auto level = load<std::uint64_t>(bytes.data());
  if (level > 8) throwOdd("node");
  auto node = std::make_unique<TreeNode>(static_cast<unsigned>(level), 0);
  for (std::size_t at = kNodeHeader; at < bytes.size(); at += kNodeEntry) {
    const auto i = load<std::uint64_t>(bytes.data() + at);
    if (i >= TreeNode::kWidth) throwOdd("node");
    node->set(i, onDisk(locationOf(fileOf(location), load<std::uint64_t>(bytes.data() + at + 8))));
  }
  node->location = location;
  return node.release();
}

std::optional<std::uint64_t> IndexFiles::add(std::shared_ptr<IndexFile> file) {
  const std::scoped_lock lock(mutex_);
  for (std::uint64_t number = 0; number < kMaxFiles; ++number)
    if (!files_[number]) {
      files_[number] = std::move(file);
      return number;
    }
  return std::nullopt;
}

void IndexFiles::remove(std::uint64_t number) {
  const std::scoped_lock lock(mutex_);
  files_[number].reset();
}

}  // namespace hexpage::kv
