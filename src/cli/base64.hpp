#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hexpage::cli {

// The bytes of a standard base64 text (RFC 4648, with padding), or nullopt when it is none.
std::optional<std::string> fromBase64(std::string_view text);

}  // namespace hexpage::cli
