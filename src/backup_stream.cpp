#include "backup_stream.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <hexpage/version.hpp>
#include <utility>

#include "support/bytes.hpp"
#include "support/checksum.hpp"

namespace hexpage {
namespace {

constexpr std::string_view kMagic = "hexpage backup 1\n";
constexpr std::size_t kItemsBytes = std::size_t{256} << 10;  // in a frame, about
constexpr std::size_t kHeadBytes = 5;                        // of a frame: type, length
constexpr std::size_t kSumBytes = 8;
// What follows the frame of a hash.
constexpr std::uint64_t kAllItems = 0;
constexpr std::uint64_t kSomeBuckets = 1;
constexpr std::uint64_t kSomeKeys = 2;
constexpr std::uint32_t kMaxPayload = std::uint32_t{1} << 30;
constexpr std::size_t kReadBytes = std::size_t{1} << 20;

std::string frameHead(FrameType type, std::uint64_t length) {
  std::string head(1, static_cast<char>(type));
  putU32(head, static_cast<std::uint32_t>(length));
  return head;
}

}  // namespace

// --- writing ---

BackupWriter::BackupWriter(const BackupSink& sink) : sink_(sink) { sink_(kMagic); }

void BackupWriter::frame(FrameType type, std::string_view payload) {
  if (payload.size() > kMaxPayload)
    throw Error(Code::InvalidArgument, "a document or key is too large for a backup");
  const std::string head = frameHead(type, payload.size());
  checksum_ = checksum(std::array{std::string_view(head), payload}, checksum_);
  std::string end;
  putU64(end, checksum_);
  sink_(head);
  sink_(payload);
  sink_(end);
}

void BackupWriter::head(const BackupHead& head) {
  const Json json = {{"id", head.id},
                     {"since", head.since.empty() ? Json() : Json(head.since)},
                     {"moment", head.moment},
                     {"program", std::string("hexpage ") + version()}};
  frame(FrameType::Head, toText(json));
}

void BackupWriter::hash(const BackupHash& hash) {
  std::string payload;
  putText(payload, hash.path);
  putText(payload, hash.header);
  putVarint(payload, hash.buckets ? kSomeBuckets : hash.keys ? kSomeKeys : kAllItems);
  if (hash.buckets) {
    putVarint(payload, hash.buckets->size());
    for (const std::uint64_t bucket : *hash.buckets) putVarint(payload, bucket);
  } else if (hash.keys) {
    putVarint(payload, hash.keys->size());
    for (const std::string& key : *hash.keys) putText(payload, key);
  }
  frame(FrameType::Hash, payload);
}

void BackupWriter::item(const Item& item) {
  putText(items_, item.key);
  putText(items_, item.text);
  putVarint(items_, static_cast<std::uint64_t>(item.expires));
  if (items_.size() >= kItemsBytes) flushItems();
}

void BackupWriter::flushItems() {
  if (!items_.empty()) frame(FrameType::Items, items_);
  items_.clear();
}

void BackupWriter::hashEnd(const BackupHashEnd& end) {
  flushItems();
  std::string payload;
  putVarint(payload, end.digest.items);
  putU64(payload, end.digest.low);
  putU64(payload, end.digest.high);
  putVarint(payload, end.table.sums().size());
  for (const std::uint64_t sum : end.table.sums()) putU64(payload, sum);
  frame(FrameType::HashEnd, payload);
}

void BackupWriter::end(const BackupContents& contents) {
  std::string payload;
  putVarint(payload, contents.hashes);
  putVarint(payload, contents.records);
  putVarint(payload, contents.items);
  putVarint(payload, contents.written);
  frame(FrameType::End, payload);
}

// --- reading ---

namespace {

class Reader {
 public:
  Reader(const BackupSource& source, BackupVisitor& visitor) : source_(source), visitor_(visitor) {}

  BackupContents read() {
    readMagic();
    BackupContents contents;
    do {
      readFrame();
      take(contents);
    } while (type_ != FrameType::End);
    if (fill(1) > 0) refuse("something follows its end");
    return contents;
  }

 private:
  [[noreturn]] void refuse(const std::string& reason) const {
    throw Error(Code::Corrupt, "backup " + source_.name + ": " + reason);
  }
  [[noreturn]] void refuseCut() const {
    refuse("cut short after " + std::to_string(passed_) + " bytes");
  }

  void readMagic() {
    const std::size_t got = fill(kMagic.size());
    const std::string_view begin = std::string_view(buffer_).substr(0, got);
    if (begin == kMagic) return;
    if (begin.starts_with("hexpage backup "))
      refuse("of a version that this program does not read");
    refuse("no backup of hexpage");
  }

  // Reads up to `size` bytes into buffer_, which grows only as they come.
  std::size_t fill(std::size_t size) {
    std::size_t got = 0;
    while (got < size) {
      buffer_.resize(std::min(size, got + kReadBytes));
      const std::size_t some = source_.read(buffer_.data() + got, buffer_.size() - got);
      if (some == 0) break;
      got += some;
    }
    buffer_.resize(got);
    passed_ += got;
    return got;
  }

  void readFrame() {
    if (fill(kHeadBytes) < kHeadBytes) refuseCut();
    const std::string head = buffer_;
    ByteReader reader(head, "frame");
    type_ = static_cast<FrameType>(reader.byte());
    const std::uint32_t length = reader.u32();
    if (length > kMaxPayload) refuseDamaged();
    if (fill(length + kSumBytes) < length + kSumBytes) refuseCut();
    const std::string_view all = buffer_;
    payload_ = all.substr(0, length);
    checksum_ = checksum(std::array{std::string_view(head), payload_}, checksum_);
    if (ByteReader(all.substr(length), "checksum").u64() != checksum_) refuseDamaged();
  }

  [[noreturn]] void refuseDamaged() const {
    refuse("damaged before byte " + std::to_string(passed_));
  }

  void take(BackupContents& contents) {
    ByteReader reader(payload_, "backup " + source_.name);
    const bool isFirst = std::exchange(isFirst_, false);
    if (isFirst != (type_ == FrameType::Head)) refuse("its frames are in no order");
    const bool needsHash = type_ == FrameType::Items || type_ == FrameType::HashEnd;
    if (!isFirst && needsHash != isInHash_) refuse("its frames are in no order");
    switch (type_) {
      case FrameType::Head:
        return takeHead(contents);
      case FrameType::Hash:
        isInHash_ = true;
        return takeHash(reader);
      case FrameType::Items:
        return takeItems(reader);
      case FrameType::HashEnd:
        isInHash_ = false;
        return takeHashEnd(reader);
      case FrameType::End:
        return takeEnd(reader, contents);
    }
    refuse("a frame of an unknown type");
  }

  void takeHead(BackupContents& contents) {
    BackupHead head;
    try {
      const Json json = parseJson(payload_);
      head.id = json.at("id");
      if (!json.at("since").is_null()) head.since = json.at("since");
      head.moment = json.value("moment", "");
    } catch (const Json::exception&) {
      refuse("its head is not one");
    }
    contents.id = head.id;
    visitor_.head(head);
  }

  void takeHash(ByteReader& reader) {
    BackupHash hash;
    hash.path = reader.text();
    hash.header = reader.text();
    const std::uint64_t follows = reader.varint();
    if (follows > kSomeKeys) reader.refuse("a hash of an unknown kind");
    if (follows == kSomeBuckets) {
      hash.buckets.emplace();
      for (std::uint64_t left = reader.varint(); left > 0; --left)
        hash.buckets->push_back(reader.varint());
    } else if (follows == kSomeKeys) {
      hash.keys.emplace();
      for (std::uint64_t left = reader.varint(); left > 0; --left)
        hash.keys->emplace_back(reader.text());
    }
    reader.end();
    visitor_.hash(std::move(hash));
  }

  void takeItems(ByteReader& reader) {
    while (reader.left() > 0) {
      Item item;
      item.key = reader.text();
      item.text = reader.text();
      item.expires = static_cast<Expires>(reader.varint());
      ++written_;
      visitor_.item(std::move(item));
    }
  }

  void takeHashEnd(ByteReader& reader) {
    BackupHashEnd end;
    end.digest.items = reader.varint();
    end.digest.low = reader.u64();
    end.digest.high = reader.u64();
    const std::uint64_t buckets = reader.varint();
    if (!std::has_single_bit(buckets) || buckets > reader.left() / sizeof(std::uint64_t))
      reader.refuse("a table of " + std::to_string(buckets) + " buckets");
    std::vector<std::uint64_t> sums(buckets);
    for (std::uint64_t& sum : sums) sum = reader.u64();
    reader.end();
    end.table = BucketTable(std::move(sums));
    visitor_.hashEnd(std::move(end));
  }

  void takeEnd(ByteReader& reader, BackupContents& contents) {
    contents.hashes = reader.varint();
    contents.records = reader.varint();
    contents.items = reader.varint();
    contents.written = reader.varint();
    reader.end();
    if (contents.written != written_) refuse("its count of items is wrong");
  }

  const BackupSource& source_;
  BackupVisitor& visitor_;
  std::string buffer_;
  FrameType type_{};
  std::string_view payload_;  // in buffer_
  std::uint64_t checksum_ = 0;
  std::uint64_t passed_ = 0;   // bytes read
  std::uint64_t written_ = 0;  // items read
  bool isFirst_ = true;
  bool isInHash_ = false;
};

}  // namespace

BackupContents readBackup(const BackupSource& source, BackupVisitor& visitor) {
  return Reader(source, visitor).read();
}

}  // namespace hexpage
