// A table for people: columns padded to their widest cell, the titles bold on a terminal.
#pragma once

#include <string>
#include <vector>

#include "src/cli/terminal.hpp"

namespace hexpage::cli {

enum class Align { Left, Right };

class Table {
 public:
  struct Column {
    std::string title;
    Align align = Align::Left;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell for each column.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  // With line ends. Without titles when none is given.
  std::string text(const Terminal& terminal) const;

 private:
  std::string rowText(const std::vector<std::string>& row,
                      const std::vector<std::size_t>& widths) const;
  std::vector<std::size_t> widths() const;
  std::vector<std::string> titles() const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace hexpage::cli
