#include "binary/path_lists.hpp"

#include "binary/catalogue.hpp"
#include "support/path_rules.hpp"

namespace hexpage {

OrderedKeys allPaths() { return {kCatalogue, kListsKey, pathLess}; }

void walkPaths(const kv::View& view, std::string_view from,
               const std::function<bool(std::string_view path, Kind kind)>& visit) {
  allPaths().walk(view, from, [&](std::string_view path, std::string_view kind) {
    return visit(path, kind == "h" ? Kind::Hash : Kind::Record);
  });
}

}  // namespace hexpage
