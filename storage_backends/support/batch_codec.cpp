#include "support/batch_codec.hpp"

#include <limits>

#include "support/bytes.hpp"

namespace hexpage {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kSamePath = 0x80;
constexpr std::uint8_t kIdle = 0x40;

enum class Kind : std::uint8_t {
  Create = 1,
  Put = 2,
  Remove = 3,
  Clear = 4,
  Drop = 5,
  Rename = 6,
  PutRecord = 7,
  EraseRecord = 8,
  PutExpiring = 9,
  Expire = 10,
};

class Encoder {
 public:
  Encoder(const Batch& batch, const std::vector<bool>& idle) {
    out_.reserve(roughSize(batch));
    out_ += static_cast<char>(kVersion);
    putVarint(out_, batch.changes.size());
    for (std::size_t i = 0; i < batch.changes.size(); ++i) {
      isIdle_ = i < idle.size() && idle[i];
      std::visit(*this, batch.changes[i]);
    }
  }

  void operator()(const Create& c) { put(Kind::Create, c.path), putText(out_, c.options); }
  void operator()(const Put& c) {
    put(c.expires ? Kind::PutExpiring : Kind::Put, c.path);
    putText(out_, c.key), putText(out_, c.text);
    if (c.expires) putVarint(out_, static_cast<std::uint64_t>(c.expires));
  }
  void operator()(const Remove& c) {
    put(c.isExpiry ? Kind::Expire : Kind::Remove, c.path), putText(out_, c.key);
  }
  void operator()(const Clear& c) { put(Kind::Clear, c.path); }
  void operator()(const Drop& c) { put(Kind::Drop, c.path); }
  void operator()(const Rename& c) { put(Kind::Rename, c.from), putText(out_, c.to); }
  void operator()(const PutRecord& c) { put(Kind::PutRecord, c.path), putText(out_, c.text); }
  void operator()(const EraseRecord& c) { put(Kind::EraseRecord, c.path); }

  std::string take() { return std::move(out_); }

 private:
  // Enough for the usual batch to be written without a second allocation.
  static std::size_t roughSize(const Batch& batch) {
    std::size_t size = 16;
    for (const Change& change : batch.changes) {
      size += 16;
      if (const auto* one = std::get_if<Put>(&change))
        size += one->path.size() + one->key.size() + one->text.size();
    }
    return size;
  }

  void put(Kind kind, const std::string& path) {
    const bool isSame = previous_ != nullptr && *previous_ == path;
    out_ += static_cast<char>(static_cast<std::uint8_t>(kind) | (isSame ? kSamePath : 0) |
                              (isIdle_ ? kIdle : 0));
    if (!isSame) putText(out_, path);
    previous_ = &path;
  }

  std::string out_;
  const std::string* previous_ = nullptr;
  bool isIdle_ = false;
};

enum class Idle { Taken, LeftOut };

class Decoder {
 public:
  Decoder(std::string_view bytes, Idle idle) : reader_(bytes, "batch"), idle_(idle) {}

  Batch decode() {
    if (const int version = reader_.byte(); version != kVersion)
      reader_.refuse("version " + std::to_string(version) + "; this hexpage knows " +
                     std::to_string(kVersion));
    const std::uint64_t count = reader_.varint();
    // A change takes a byte or more: a count that is a lie reserves nothing.
    if (count > reader_.left()) reader_.refuse(std::to_string(count) + " changes in too few bytes");
    Batch batch;
    batch.changes.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint8_t first = reader_.byte();
      Change next = change(first);
      if ((first & kIdle) == 0 || idle_ == Idle::Taken) batch.changes.push_back(std::move(next));
    }
    reader_.end();
    return batch;
  }

 private:
  Change change(std::uint8_t first) {
    std::string path = pathOf(first);
    switch (static_cast<Kind>(first & ~(kSamePath | kIdle))) {
      case Kind::Create:
        return Create{std::move(path), text()};
      case Kind::Put: {
        std::string key = text();
        return Put{std::move(path), std::move(key), text()};
      }
      case Kind::PutExpiring: {
        std::string key = text();
        std::string value = text();
        return Put{std::move(path), std::move(key), std::move(value), expires()};
      }
      case Kind::Remove:
        return Remove{std::move(path), text()};
      case Kind::Expire:
        return Remove{std::move(path), text(), true};
      case Kind::Clear:
        return Clear{std::move(path)};
      case Kind::Drop:
        return Drop{std::move(path)};
      case Kind::Rename:
        return Rename{std::move(path), text()};
      case Kind::PutRecord:
        return PutRecord{std::move(path), text()};
      case Kind::EraseRecord:
        return EraseRecord{std::move(path)};
    }
    reader_.refuse("a change of the unknown kind " + std::to_string(first & ~(kSamePath | kIdle)));
  }

  std::string pathOf(std::uint8_t first) {
    if (first & kSamePath) {
      if (!hasPrevious_) reader_.refuse("the first change has no path");
    } else {
      previous_ = reader_.text();
      hasPrevious_ = true;
    }
    return std::string(previous_);
  }

  std::string text() { return std::string(reader_.text()); }

  Expires expires() {
    const std::uint64_t time = reader_.varint();
    if (time == 0 || time > std::uint64_t{std::numeric_limits<Expires>::max()})
      reader_.refuse(std::to_string(time) + " is no time at which an item expires");
    return static_cast<Expires>(time);
  }

  ByteReader reader_;
  const Idle idle_;
  std::string_view previous_;
  bool hasPrevious_ = false;
};

}  // namespace

std::string encode(const Batch& batch, const std::vector<bool>& idle) {
  return Encoder(batch, idle).take();
}

Batch decodeBatch(std::string_view bytes) { return Decoder(bytes, Idle::Taken).decode(); }

Batch decodeChanges(std::string_view bytes) { return Decoder(bytes, Idle::LeftOut).decode(); }

}  // namespace hexpage
