#include "filesystem/seal.hpp"

#include <fcntl.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <hexpage/error.hpp>

#include "filesystem/posix.hpp"
#include "support/beneath.hpp"
#include "support/bytes.hpp"
#include "support/checksum.hpp"

namespace hexpage {
namespace {

constexpr const char* kName = "user.hexpage";
constexpr char kVersion = 1;
constexpr std::size_t kStore = 4;                   // behind version, hasChildren and children
constexpr std::size_t kHead = kStore + 4;           // content is behind it
constexpr std::size_t kContentEnd = kHead + 8;      // of what identity covers
constexpr std::size_t kSealSize = kContentEnd + 8;  // of all

bool set(int fd, const std::string& seal, const std::string& file) {
  if (::fsetxattr(fd, kName, seal.data(), seal.size(), 0) == 0) return true;
  if (errno == ENOTSUP) return false;
  throwSystem("seal", file);
}

// What the file has; nullopt for none, and for one of a later version, which is not for us to
// judge.
std::optional<std::string> sealOf(int fd, const std::string& file) {
  std::array<char, 64> bytes;
  const ssize_t size = ::fgetxattr(fd, kName, bytes.data(), bytes.size());
  if (size >= 0) {
    const std::string seal(bytes.data(), static_cast<std::size_t>(size));
    return seal.starts_with(kVersion) || seal.empty() ? std::optional(seal) : std::nullopt;
  }
  if (errno == ERANGE || errno == ENODATA || errno == ENOTSUP) return std::nullopt;
  throwSystem("read the seal of", file);
}

}  // namespace

// A seal that is cut off before it tells is for us to judge.
bool Seals::isOfStore(std::string_view seal) const {
  if (seal.size() < kHead) return true;
  return ByteReader(seal.substr(kStore), "seal").u32() == static_cast<std::uint32_t>(store_);
}

std::string Seals::identityOf(std::string_view head, std::string_view path) const {
  const std::array<std::string_view, 2> parts{head, path};
  std::string identity;
  putU64(identity, checksum(parts, store_));
  return identity;
}

bool Seals::write(int fd, std::string_view path, std::string_view text, Children children,
                  const std::string& file) const {
  const std::uint16_t bits = children.value_or(0);
  std::string seal{kVersion, static_cast<char>(children ? 1 : 0), static_cast<char>(bits),
                   static_cast<char>(bits >> 8)};
  putU32(seal, static_cast<std::uint32_t>(store_));
  putU64(seal, checksum(text));
  seal += identityOf(seal, path);
  return set(fd, seal, file);
}

Seal Seals::check(int fd, std::string_view path, std::string_view text,
                  const std::string& file) const {
  const auto found = sealOf(fd, file);
  if (!found || !isOfStore(*found)) return {};
  const std::string_view seal(*found);
  const bool isOurs = seal.size() == kSealSize &&
                      seal.substr(kContentEnd) == identityOf(seal.substr(0, kContentEnd), path) &&
                      ByteReader(seal.substr(kHead), "seal").u64() == checksum(text);
  if (!isOurs) return {SealState::Damaged, std::nullopt};
  if (seal[1] == 0) return {SealState::Ok, std::nullopt};
  const auto low = static_cast<unsigned char>(seal[2]);
  const auto high = static_cast<unsigned char>(seal[3]);
  return {SealState::Ok, static_cast<std::uint16_t>(low | high << 8)};
}

void Seals::move(int fd, int target, std::string_view from, std::string_view to,
                 const std::string& file) const {
  const auto found = sealOf(fd, file);
  if (!found) return remove(target, file);
  const std::string head = found->substr(0, kContentEnd);
  const bool isOfPath =
      found->size() == kSealSize && found->substr(kContentEnd) == identityOf(head, from);
  if (isOfPath || fd != target) set(target, isOfPath ? head + identityOf(head, to) : *found, file);
}

void Seals::remove(int fd, const std::string& file) {
  if (::fremovexattr(fd, kName) == 0 || errno == ENODATA || errno == ENOTSUP) return;
  throwSystem("accept", file);
}

std::optional<SealedContent> readSealed(int directory, const std::string& file,
                                        std::string_view path, const Seals& seals) {
  const auto open = openRegular(directory, file);
  if (!open) return std::nullopt;
  SealedContent content{textOf(*open, file), open->status, {}};
  content.seal = seals.check(open->fd.get(), path, content.text, file);
  return content;
}

void refuseDamaged(const std::string& file) {
  throw Error(Code::Corrupt, file + ": " + std::string(kDoesNotMatch) + file);
}

bool canSeal(int directory, const std::string& folder) {
  const Fd fd = openBeneath(directory, folder, O_RDONLY | O_DIRECTORY);
  if (!fd) throwSystem("open", folder);
  return ::fgetxattr(fd.get(), kName, nullptr, 0) >= 0 || errno == ENODATA;
}

}  // namespace hexpage
