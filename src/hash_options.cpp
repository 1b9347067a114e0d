#include "hash_options.hpp"

#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>

#include "expiry.hpp"
#include "session.hpp"

namespace hexpage {
namespace {

void checkInitval(const Json& options) {
  const auto initval = options.find("initval");
  if (initval != options.end() && !initval->is_number())
    throw Error(Code::InvalidArgument,
                "the option initval of a hash must be a number, not " + toText(*initval));
}

}  // namespace

std::string optionsText(const Session& session, const Json& options) {
  if (!options.is_object() && !options.is_null())
    throw Error(Code::InvalidArgument, "the options of a hash must be an object");
  checkExpiryOptions(options);
  checkInitval(options);
  if (options.empty()) return "{\"page_size\":" + std::to_string(session.pageSize) + "}";
  Json complete = options;
  const auto size = complete.find("page_size");
  if (size == complete.end()) {
    complete["page_size"] = session.pageSize;
  } else if (!size->is_number_integer() || *size < 1 || *size > kMaxPageSize) {
    throw Error(Code::InvalidArgument, "page_size must be a whole number from 1 to " +
                                           std::to_string(kMaxPageSize) + ", not " + toText(*size));
  }
  return toText(complete);
}

}  // namespace hexpage
