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

// One change, as views into the bytes.
struct RawChange {
  Kind kind;
  bool isIdle;
  std::string_view path;
  std::string_view first, second;  // its texts
  Expires expires;
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : reader_(bytes, "batch") {
    if (const int version = reader_.byte(); version != kVersion)
      reader_.refuse("version " + std::to_string(version) + "; this hexpage knows " +
                     std::to_string(kVersion));
    count_ = reader_.varint();
    // A change takes a byte or more: a count that is a lie reserves nothing.
    if (count_ > reader_.left())
      reader_.refuse(std::to_string(count_) + " changes in too few bytes");
  }

  std::uint64_t count() const { return count_; }

  template <class Visit>
  void each(Visit visit) {
    for (std::uint64_t i = 0; i < count_; ++i) visit(next());
    reader_.end();
  }

 private:
  RawChange next() {
    const std::uint8_t first = reader_.byte();
    RawChange change{static_cast<Kind>(first & ~(kSamePath | kIdle)),
                     (first & kIdle) != 0,
                     pathOf(first),
                     {},
                     {},
                     0};
    switch (change.kind) {
      case Kind::Create:
      case Kind::Remove:
      case Kind::Expire:
      case Kind::Rename:
      case Kind::PutRecord:
        change.first = reader_.text();
        return change;
      case Kind::Put:
      case Kind::PutExpiring:
        change.first = reader_.text();
        change.second = reader_.text();
        if (change.kind == Kind::PutExpiring) change.expires = expires();
        return change;
      case Kind::Clear:
      case Kind::Drop:
      case Kind::EraseRecord:
        return change;
    }
    reader_.refuse("a change of the unknown kind " + std::to_string(first & ~(kSamePath | kIdle)));
  }

  std::string_view pathOf(std::uint8_t first) {
    if (first & kSamePath) {
      if (!hasPrevious_) reader_.refuse("the first change has no path");
    } else {
      previous_ = reader_.text();
      hasPrevious_ = true;
    }
    return previous_;
  }

  Expires expires() {
    const std::uint64_t time = reader_.varint();
    if (time == 0 || time > std::uint64_t{std::numeric_limits<Expires>::max()})
      reader_.refuse(std::to_string(time) + " is no time at which an item expires");
    return static_cast<Expires>(time);
  }

  ByteReader reader_;
  std::uint64_t count_ = 0;
  std::string_view previous_;
  bool hasPrevious_ = false;
};

Change changeOf(const RawChange& raw) {
  std::string path(raw.path);
  const auto text = [](std::string_view view) { return std::string(view); };
  switch (raw.kind) {
    case Kind::Create:
      return Create{std::move(path), text(raw.first)};
    case Kind::Put:
    case Kind::PutExpiring:
      return Put{std::move(path), text(raw.first), text(raw.second), raw.expires};
    case Kind::Remove:
      return Remove{std::move(path), text(raw.first)};
    case Kind::Expire:
      return Remove{std::move(path), text(raw.first), true};
    case Kind::Clear:
      return Clear{std::move(path)};
    case Kind::Drop:
      return Drop{std::move(path)};
    case Kind::Rename:
      return Rename{std::move(path), text(raw.first)};
    case Kind::PutRecord:
      return PutRecord{std::move(path), text(raw.first)};
    case Kind::EraseRecord:
      break;
  }
  return EraseRecord{std::move(path)};
}

bool isOfItems(Kind kind) {
  return kind == Kind::Put || kind == Kind::PutExpiring || kind == Kind::Remove ||
         kind == Kind::Expire || kind == Kind::Clear;
}

Batch decode(std::string_view bytes, Idle idle) {
  Decoder decoder(bytes);
  Batch batch;
  batch.changes.reserve(decoder.count());
  decoder.each([&](const RawChange& raw) {
    if (!raw.isIdle || idle == Idle::Taken) batch.changes.push_back(changeOf(raw));
  });
  return batch;
}

}  // namespace

std::string encode(const Batch& batch, const std::vector<bool>& idle) {
  return Encoder(batch, idle).take();
}

Batch decodeBatch(std::string_view bytes) { return decode(bytes, Idle::Taken); }

Batch decodeChanges(std::string_view bytes) { return decode(bytes, Idle::LeftOut); }

void eachTouchedPath(std::string_view bytes, const std::function<void(const TouchedPath&)>& visit) {
  Decoder(bytes).each([&](const RawChange& raw) {
    const bool isItems = raw.isIdle || isOfItems(raw.kind);
    visit({raw.path, isItems});
    if (raw.kind == Kind::Rename) visit({raw.first, isItems});
  });
}

}  // namespace hexpage
