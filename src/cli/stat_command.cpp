// stat: how full and how deep the pages of a hash are; people choose a page size by it. Without a
// hash, what the store as a whole is made of.
#include <algorithm>
#include <cmath>
#include <hexpage/json_text.hpp>
#include <iterator>

#include "src/cli/command.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/figures.hpp"
#include "src/cli/page_statistics.hpp"
#include "src/cli/table.hpp"

namespace hexpage::cli {
namespace {

constexpr double kWidestBar = 40;

std::string bar(std::uint64_t count, std::uint64_t most, const Terminal& terminal) {
  if (count == 0) return {};
  const double part = static_cast<double>(count) / static_cast<double>(most);
  // What is there is seen, however little it is.
  const auto columns = std::max(1L, std::lround(part * kWidestBar));
  std::string out;
  for (long i = 0; i < columns; ++i) out += terminal.hasUnicode ? "█" : "#";
  return out;
}

// "11-15" for the second of ten bars of a page size of 50: from 10 % and one item up to 20 %.
std::string itemRange(std::size_t bar, std::size_t pageSize) {
  const std::size_t low = bar == 0 ? 0 : bar * pageSize / PageStatistics::kBars + 1;
  const std::size_t high = (bar + 1) * pageSize / PageStatistics::kBars;
  return low >= high ? std::to_string(high) : std::to_string(low) + "-" + std::to_string(high);
}

std::string histogram(const std::vector<std::pair<std::string, std::uint64_t>>& rows,
                      const Terminal& terminal) {
  std::uint64_t most = 0;
  for (const auto& row : rows) most = std::max(most, row.second);
  Table table({{"", Align::Right}, {"", Align::Right}, {""}});
  for (const auto& [label, count] : rows)
    table.add({label, grouped(count), bar(count, most, terminal)});
  return table.text(terminal);
}

std::string fillHistogram(const PageStatistics& statistics, std::size_t pageSize,
                          const Terminal& terminal) {
  std::vector<std::pair<std::string, std::uint64_t>> rows;
  for (std::size_t i = 0; i < PageStatistics::kBars; ++i) {
    if (statistics.haveOwnSizes) {
      rows.emplace_back("  " + std::to_string(i * 10) + "-" + std::to_string(i * 10 + 10) + " %",
                        statistics.fill[i]);
      continue;
    }
    // A page size below ten leaves some tenths without a whole number of items.
    const bool isPossible = i == 0 || (i + 1) * pageSize / 10 > i * pageSize / 10;
    if (isPossible) rows.emplace_back("  " + itemRange(i, pageSize), statistics.fill[i]);
  }
  if (statistics.overfull > 0)
    rows.emplace_back("  over " + std::to_string(pageSize), statistics.overfull);
  return histogram(rows, terminal);
}

std::string depthHistogram(const PageStatistics& statistics, const Terminal& terminal) {
  std::vector<std::pair<std::string, std::uint64_t>> rows;
  for (std::size_t i = 0; i < statistics.pagesAtDepth.size(); ++i)
    rows.emplace_back("  level " + std::to_string(i + 1), statistics.pagesAtDepth[i]);
  return histogram(rows, terminal);
}

std::string overview(const HashInfo& info, const PageStatistics& statistics,
                     const Terminal& terminal) {
  Table table({{""}, {"", Align::Right}});
  table.add({"items", grouped(info.length)});
  table.add({"page size", grouped(info.pageSize)});
  table.add({"pages", grouped(statistics.pages)});
  table.add({"indexes", grouped(statistics.indexes)});
  table.add({"depth", grouped(statistics.depth)});
  table.add({"bytes", grouped(statistics.bytes)});
  table.add({"items per page", shortDecimal(statistics.itemsPerPage())});
  return table.text(terminal);
}

Json asJson(const HashInfo& info, const PageStatistics& statistics) {
  return {{"path", info.path},
          {"items", info.length},
          {"page_size", info.pageSize},
          {"pages", statistics.pages},
          {"indexes", statistics.indexes},
          {"depth", statistics.depth},
          {"bytes", statistics.bytes},
          {"items_per_page", statistics.itemsPerPage()},
          {"fill", statistics.fill},
          {"overfull", statistics.overfull},
          {"pages_at_depth", statistics.pagesAtDepth}};
}

void show(const HashInfo& info, const PageStatistics& statistics, Program& program) {
  const Terminal& terminal = program.outTerminal;
  program.out.line(terminal.bold(info.path));
  program.out.write(overview(info, statistics, terminal));
  program.out.line("\n" + terminal.bold(statistics.haveOwnSizes ? "pages by how full they are"
                                                                : "pages by items"));
  program.out.write(fillHistogram(statistics, info.pageSize, terminal));
  program.out.line("\n" + terminal.bold("pages by depth"));
  program.out.write(depthHistogram(statistics, terminal));
}

std::string amountText(std::uint64_t amount, Figure::Unit unit) {
  return unit == Figure::Unit::Bytes ? bytesText(amount) : grouped(amount);
}

std::string figureText(const Figure& figure) {
  const std::string value = amountText(figure.value, figure.unit);
  if (figure.whole == 0) return value;
  const double share = static_cast<double>(figure.value) / static_cast<double>(figure.whole);
  return value + " of " + amountText(figure.whole, figure.unit) + " (" +
         std::to_string(std::lround(share * 100)) + " %)";
}

std::string figureJson(const Figure& figure) {
  Json json = {{"name", figure.name},
               {"value", figure.value},
               {"unit", figure.unit == Figure::Unit::Bytes ? "bytes" : "count"}};
  if (figure.whole != 0) json["of"] = figure.whole;
  return toText(json);
}

std::vector<Figure> figuresOf(Storage& storage) {
  std::vector<Figure> figures = {{"hashes"}, {"items"}};
  for (const HashInfo& info : storage.hashes()) {
    ++figures[0].value;
    figures[1].value += info.length;
  }
  std::ranges::move(storage.figures(), std::back_inserter(figures));
  return figures;
}

int showStore(Storage& storage, bool isJson, Program& program) {
  const std::vector<Figure> figures = figuresOf(storage);
  if (isJson) {
    for (const Figure& figure : figures) program.out.line(figureJson(figure));
    return kDone;
  }
  Table table({{""}, {"", Align::Right}});
  for (const Figure& figure : figures) table.add({figure.name, figureText(figure)});
  program.out.write(table.text(program.outTerminal));
  return kDone;
}

int showHash(Storage& storage, const std::string& hash, bool isJson, Program& program) {
  const HashInfo info = storage.hashGetInfo(hash);
  const PageStatistics statistics = statisticsOf(storage.layout(hash), info.pageSize);
  if (isJson)
    program.out.line(toText(asJson(info, statistics)));
  else
    show(info, statistics, program);
  return kDone;
}

}  // namespace

void addStatCommand(Commands& commands) {
  Command command(commands, "stat", kLookGroup,
                  "Show how full and how deep the pages of a hash are, or what a store is made of");
  const auto& hash = command.optionalArgument("HASH", "path of the hash; none: the whole store");
  const auto& isJson =
      command.flag("--json", "one JSON object; of a whole store a line for each figure");
  command.examples(
      "  hexpage stat users\n"
      "  hexpage stat                     # what the backend tells of its files");
  command.runs([&](Program& program) {
    Storage storage = program.openToRead();
    return hash.empty() ? showStore(storage, isJson, program)
                        : showHash(storage, hash, isJson, program);
  });
}

}  // namespace hexpage::cli
