// tree: the pages of a hash as a drawing.
#include <algorithm>
#include <hexpage/json_text.hpp>
#include <string_view>

#include "src/cli/command.hpp"
#include "src/cli/exit_code.hpp"
#include "src/cli/figures.hpp"
#include "src/cli/table.hpp"

namespace hexpage::cli {
namespace {

constexpr std::size_t kShownNodes = 50;

struct Branches {
  std::string_view fork, last, line, space;
};
constexpr Branches kUnicode = {"├── ", "└── ", "│   ", "    "};
constexpr Branches kAscii = {"|-- ", "`-- ", "|   ", "    "};

// Whether no later node has the same parent.
bool isLastChild(const std::vector<LayoutNode>& nodes, std::size_t at) {
  for (std::size_t i = at + 1; i < nodes.size() && nodes[i].depth >= nodes[at].depth; ++i)
    if (nodes[i].depth == nodes[at].depth) return false;
  return true;
}

// The lines before each node's name, in the order of the nodes.
std::vector<std::string> drawnBranches(const std::vector<LayoutNode>& nodes, std::size_t shown,
                                       const Branches& branches) {
  std::vector<std::string> drawn;
  std::vector<std::string_view> above;  // for each level what a node below it draws there
  for (std::size_t i = 0; i < shown; ++i) {
    const bool isLast = isLastChild(nodes, i);
    std::string text;
    above.resize(nodes[i].depth);
    for (std::size_t level = 1; level < above.size(); ++level) text += above[level];
    if (nodes[i].depth > 0) text += isLast ? branches.last : branches.fork;
    above.push_back(isLast ? branches.space : branches.line);
    drawn.push_back(std::move(text));
  }
  return drawn;
}

std::string drawing(const std::vector<LayoutNode>& nodes, std::size_t shown,
                    const Terminal& terminal) {
  const auto branches = drawnBranches(nodes, shown, terminal.hasUnicode ? kUnicode : kAscii);
  Table table({{""}, {"", Align::Right}, {"", Align::Right}});
  for (std::size_t i = 0; i < shown; ++i)
    table.add({branches[i] + nodes[i].name,
               nodes[i].isIndex ? "index" : counted(nodes[i].items, "item"),
               bytesText(nodes[i].bytes)});
  return table.text(terminal);
}

std::string nodeLine(const LayoutNode& node) {
  return toText({{"file", node.name},
                 {"depth", node.depth},
                 {"type", node.isIndex ? "index" : "page"},
                 {"items", node.items},
                 {"bytes", node.bytes},
                 {"capacity", node.capacity}});
}

void draw(const HashInfo& info, const std::vector<LayoutNode>& nodes, bool isAll,
          Program& program) {
  const std::size_t shown = isAll ? nodes.size() : std::min(nodes.size(), kShownNodes);
  program.out.line(program.outTerminal.bold(info.path) + "  " + counted(info.length, "item") +
                   ", page size " + grouped(info.pageSize));
  program.out.write(drawing(nodes, shown, program.outTerminal));
  if (shown < nodes.size())
    program.out.line("... " + grouped(nodes.size() - shown) + " more (--all shows them)");
}

}  // namespace

void addTreeCommand(Commands& commands) {
  Command command(commands, "tree", kLookGroup, "Draw the page tree of a hash");
  const auto& hash = command.hashArgument();
  const auto& isAll = command.flag("--all", "every page, however many");
  const auto& isJson = command.flag("--json", "a line of JSON for each page and index");
  command.examples(
      "  hexpage tree users\n"
      "  hexpage tree users --json | jq -s 'map(.bytes) | max'");
  command.runs([&](Program& program) {
    Storage storage = program.openToRead();
    const HashInfo info = storage.hashGetInfo(hash);
    const auto nodes = storage.layout(hash);
    if (isJson)
      for (const LayoutNode& node : nodes) program.out.line(nodeLine(node));
    else
      draw(info, nodes, isAll, program);
    return kDone;
  });
}

}  // namespace hexpage::cli
