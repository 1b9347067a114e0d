#include "support/digest.hpp"

#include <openssl/evp.h>

#include <hexpage/error.hpp>
#include <memory>

namespace hexpage {
namespace {

// Fetched once, since fetching costs more than digesting a key. "-fips" lets MD5 be had where the
// FIPS provider is the default.
const EVP_MD* md5() {
  static const EVP_MD* const md = EVP_MD_fetch(nullptr, "MD5", "-fips");
  if (!md) throw Error(Code::Io, "OpenSSL offers no MD5 here, and hash pages are placed by it");
  return md;
}

EVP_MD_CTX* context() {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  return context.get();
}

}  // namespace

Digest Digest::of(std::string_view key) {
  Digest digest;
  EVP_MD_CTX* ctx = context();
  if (!ctx || !EVP_DigestInit_ex2(ctx, md5(), nullptr) ||
      !EVP_DigestUpdate(ctx, key.data(), key.size()) ||
      !EVP_DigestFinal_ex(ctx, digest.bytes_.data(), nullptr))
    throw Error(Code::Io, "OpenSSL failed to compute an MD5 digest");
  return digest;
}

std::string Digest::hex(std::size_t digits) const {
  std::string out(digits, '0');
  for (std::size_t i = 0; i < digits; ++i) out[i] = hexDigit(digit(i));
  return out;
}

}  // namespace hexpage
