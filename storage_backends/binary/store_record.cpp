#include "binary/store_record.hpp"

#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>
#include <hexpage/types.hpp>

#include "binary/catalogue.hpp"

namespace hexpage {
namespace {

[[noreturn]] void refuse(const std::string& reason) { throw Error(Code::InvalidArgument, reason); }

Json parsed(const std::string& text, const std::string& baseDir) {
  try {
    return parseJson(text);
  } catch (const Error&) {
    throw Error(Code::Corrupt, baseDir +
                                   ": what the store says of itself has no sense; run "
                                   "`hexpage verify`, and `hexpage repair`");
  }
}

void check(const Json& record, const std::string& baseDir, bool lowerCaseKeys) {
  const int format = record.value("format", 0);
  if (format > kCatalogueFormat)
    refuse(baseDir + " has format " + std::to_string(format) + "; this program knows up to " +
           std::to_string(kCatalogueFormat) + ": open it with a newer one");
  const bool wasLowerCase = record.value("lower_case_keys", true);
  if (wasLowerCase != lowerCaseKeys)
    refuse(baseDir + " was made with other paths; open it with \"lower_case_keys\": " +
           (wasLowerCase ? "true" : "false"));
}

}  // namespace

void requireOwnStore(kv::Database& store, const std::string& baseDir, bool lowerCaseKeys,
                     bool isReadOnly) {
  if (const auto record = store.get(kStoreKey, kCatalogue))
    return check(parsed(*record, baseDir), baseDir, lowerCaseKeys);
  // The record itself may have been lost to damage that was repaired.
  if (store.count(kCatalogue) != 0 && !store.contains(kListsKey, kCatalogue))
    refuse(baseDir +
           " is a store of keys and values that the backend binary did not make; give "
           "binary.base_dir another directory");
  if (!isReadOnly) recordStore(store, lowerCaseKeys);
}

void recordStore(kv::Database& store, bool lowerCaseKeys) {
  const Json record = {{"format", kCatalogueFormat}, {"lower_case_keys", lowerCaseKeys}};
  store.set(kStoreKey, record.dump(), kCatalogue);
}

}  // namespace hexpage
