#include "src/cli/table.hpp"

#include <algorithm>

#include "src/cli/figures.hpp"

namespace hexpage::cli {
namespace {

std::string padded(const std::string& cell, std::size_t width, Align align) {
  const std::size_t columns = columnsOf(cell);
  const std::string space(width > columns ? width - columns : 0, ' ');
  return align == Align::Left ? cell + space : space + cell;
}

bool isBlank(const std::vector<std::string>& row) {
  return std::all_of(row.begin(), row.end(), [](const auto& cell) { return cell.empty(); });
}

}  // namespace

std::string Table::text(const Terminal& terminal) const {
  const auto columnWidths = widths();
  std::string out;
  if (!isBlank(titles())) out += terminal.bold(rowText(titles(), columnWidths)) + "\n";
  for (const auto& row : rows_) out += rowText(row, columnWidths) + "\n";
  return out;
}

std::string Table::rowText(const std::vector<std::string>& row,
                           const std::vector<std::size_t>& widths) const {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) line += "  ";
    line += padded(row[i], widths[i], columns_[i].align);
  }
  line.resize(line.find_last_not_of(' ') + 1);
  return line;
}

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widest;
  for (const auto& title : titles()) widest.push_back(columnsOf(title));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widest[i] = std::max(widest[i], columnsOf(row[i]));
  return widest;
}

std::vector<std::string> Table::titles() const {
  std::vector<std::string> row;
  for (const Column& column : columns_) row.push_back(column.title);
  return row;
}

}  // namespace hexpage::cli
