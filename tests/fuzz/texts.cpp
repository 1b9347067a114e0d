#include <hexpage/error.hpp>
#include <hexpage/json_text.hpp>

#include "paged/page.hpp"
#include "support/header.hpp"
#include "support/json_scanner.hpp"
#include "targets.hpp"

namespace hexpage::fuzz {
namespace {

bool isDocument(std::string_view text) {
  try {
    validateDocument(text);
    return true;
  } catch (const Error& e) {
    require(e.code() == Code::InvalidArgument, "a document is refused with InvalidArgument");
    return false;
  }
}

// What a page tells, item by item.
void expectReadable(const Page& page) {
  for (std::size_t i = 0; i < page.size(); ++i) {
    const auto found = page.find(page.key(i));
    require(found == i, "each key of a page is found where it is");
    require(!page.value(i).empty(), "each item has a value");
  }
}

}  // namespace

void readDocument(std::string_view bytes) {
  if (!isDocument(bytes)) return;
  const std::string small = minified(bytes);
  require(isDocument(small), "a document is one without its white space, too");
  require(minified(small) == small, "nothing is left to leave out");
  require(minified(indented(bytes)) == small, "white space changes nothing else");
  require(isDocument(asciiOnly(small)), "a document is one in ASCII, too");
  try {
    require(isDocument(toText(parseJson(bytes))), "what was parsed can be stored");
  } catch (const Error& e) {
    require(e.code() == Code::InvalidArgument, "only numbers may be beyond a Json");
  }
}

void readPage(std::string_view bytes) {
  try {
    Page page = Page::parse(std::string(bytes));
    expectReadable(page);
    const std::size_t before = page.size();
    const bool isNew = page.put("a key", "[1]", 1700);
    require(page.size() == before + (isNew ? 1 : 0), "a put adds what is new");
    page.recount();
    const Page again = Page::parse(page.text());
    expectReadable(again);
    require(again.size() == page.size(), "a page reads back alike");
    for (std::size_t i = 0; i < page.size(); ++i)
      require(again.expires(i) == page.expires(i), "with the times at which items expire");
    require(again.statedLength() == static_cast<std::int64_t>(page.size()), "and counts right");
    require(page.remove("a key") && !page.find("a key"), "what is removed is gone");
    page.setStyle(Style::Pretty);
    require(Page::parse(page.text()).size() == page.size(), "a page may be laid out in lines");
  } catch (const JsonError&) {
  }
}

void readHeader(std::string_view bytes) {
  try {
    auto header = Header::parse(std::string(bytes));
    if (!header) return;
    header->setLength(12'345);
    const auto again = Header::parse(header->text());
    require(again && again->length() == 12'345, "a length that is set is read back");
    require(again->pageSize() == header->pageSize(), "and nothing else changes");
    again->info("a");
  } catch (const JsonError&) {
  }
}

}  // namespace hexpage::fuzz
