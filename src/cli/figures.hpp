// Numbers as people read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace hexpage::cli {

// 1234567 -> "1,234,567"
std::string grouped(std::uint64_t number);

// "1 page", "2 pages"; other plurals are given.
std::string counted(std::uint64_t number, std::string_view one, std::string_view many = {});

// 3456 -> "3.4 KiB"
std::string bytesText(std::uint64_t bytes);

// "40 ms", "2.5 s", "12 s", "3 min 20 s", "2 h 5 min"
std::string durationText(std::chrono::duration<double> seconds);

// 2.5 -> "2.5", 48 -> "48"
std::string shortDecimal(double number);

// Columns a UTF-8 text takes, one for each character.
std::size_t columnsOf(std::string_view utf8);

}  // namespace hexpage::cli
