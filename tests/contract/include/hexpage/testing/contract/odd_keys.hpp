// Keys to try a store with.
#pragma once

#include <string>
#include <vector>

namespace hexpage::testing {

// Keys that have been trouble for some store: names of JavaScript's own members, integers (which
// JavaScript sorts first), what looks like a file name, and every odd corner of UTF-8.
inline std::vector<std::string> oddKeys() {
  using namespace std::string_literals;
  return {"__proto__",
          "constructor",
          "toString",
          "hasOwnProperty",
          "length",
          "type",
          "items",
          "0",
          "10",
          "2",
          "007",
          "-1",
          "4294967294",
          "4294967295",
          "a/b",
          "../escape",
          ".",
          "..",
          "/",
          "data",
          "x.json",
          " ",
          "with space ",
          "tab\tnew\nline\r",
          "\0"s,
          "a\0b"s,
          "a\0"s,
          "\x01\x1f\x7f",
          "\"quoted\"",
          "back\\slash",
          "\\u0041",
          "A",
          "a",
          "é",
          "e\u0301",
          "ß",
          "北京",
          "😀",
          "👩‍👩‍👧",
          "\u2028\u2029",
          "\ufeff",
          "\ufffd",
          "\U0010ffff"};
}

// Two texts with the same MD5 digest, faad49866e9498fc1719f5289e7a0269, published by Marc Stevens.
inline const std::string kCollisionA =
    "TEXTCOLLBYfGiJUETHQ4hAcKSMd5zYpgqf1YRDhkmxHkhPWptrkoyz28wnI9V0aHeAuaKnak";
inline const std::string kCollisionB =
    "TEXTCOLLBYfGiJUETHQ4hEcKSMd5zYpgqf1YRDhkmxHkhPWptrkoyz28wnI9V0aHeAuaKnak";

}  // namespace hexpage::testing
