// JSON numbers that are counted with: integers of 64 bits stay exact, all else is a double.
#pragma once

#include <cstdint>
#include <hexpage/types.hpp>
#include <string>
#include <string_view>
#include <variant>

namespace hexpage {

using Number = std::variant<std::int64_t, double>;

// Of a valid JSON text. A number with a fraction or an exponent is a double. Throws InvalidArgument
// when the text is no number, or one that neither can hold.
Number parseNumber(std::string_view json);
Number numberOf(const Json& value);

std::string textOf(const Number& number);
Json jsonOf(const Number& number);

// With a double on either side the result is a double. Both throw InvalidArgument when the result
// can not be held.
Number sum(const Number& a, const Number& b);
Number difference(const Number& a, const Number& b);

}  // namespace hexpage
