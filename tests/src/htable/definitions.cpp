// Kamailio's htable observed: how tables are defined; here the config's "hashes" and "databases".
#include "tests/src/htable/cases.hpp"
#include "tests/support/files.hpp"

namespace hexpage::testing {
namespace {

// What comes of a store whose config has these members.
std::string opening(const std::string& members) {
  const TempDir dir;
  const std::string file = (dir.path() / "config.json").string();
  writeFile(file, R"({"backend":"memory",)" + members + "}");
  return refusedOr([&] { return Storage::openFile(file), "starts"; });
}

// A table with these options.
HtableCase table(const char* number, const char* expected, const char* options,
                 bool isDifference = false) {
  const std::string members = std::string(R"("hashes":{"j":)") + options + "}";
  return {number, expected, [=](Storage&) { return opening(members); }, isDifference};
}

// A table in a database; which is not asked, as nothing is loaded.
HtableCase database(const char* number, const char* expected, const char* options) {
  const std::string members =
      std::string(R"("databases":{"j":{"url":"sqlite:///x","table":"x","load":"never",)") +
      options + "}}";
  return {number, expected, [=](Storage&) { return opening(members); }};
}

// However many items a table is said to have room for, it takes more.
HtableCase grows(const char* number, int size) {
  return {number, "1000",
          [=](Storage& s) {
            s.hashCreate("j", {{"size", size}});
            Json many = Json::object();
            for (int n = 0; n < 1000; ++n) many["k" + std::to_string(n)] = n;
            s.hashPutMulti("j", many);
            return std::to_string(s.hashCount("j", {}));
          },
          true};
}

}  // namespace

std::vector<HtableCase> definitionCases() {
  const bool differs = true;
  return {
      grows("J01", 1),
      grows("J02", 2),
      grows("J04", 14),
      grows("J05", 20),
      grows("J07", 32),
      grows("J08", -1),
      table("J10", "starts", "{}", differs),
      table("J11", "starts", R"({"size":4})", differs),
      table("J13", "InvalidArgument", R"("size=4")"),
      table("J14", "starts", R"({"autoexpire":10})"),
      table("J16", "InvalidArgument", R"({"size":4,"initval":"abc"})"),
      table("J17", "starts", R"({"size":4,"initval":-9})"),
      table("J19", "starts", R"({"size":4,"dmqreplicate":1})", differs),
      database("J20", "starts", R"("layout":"kamailio","save":false)"),
      database("J22", "starts", R"("columns":"k,v")"),
      database("J23", "starts", R"("columns":"a,b,c,d,e,f,g,h")"),
      database("J25", "InvalidArgument", R"("coldelim":"")"),
      database("J26", "InvalidArgument", R"("reloadat":5)"),
      {"J28", "InvalidArgument", [](Storage&) { return opening(R"("hashes":{"j":{},"j":{}})"); }},
  };
}

}  // namespace hexpage::testing
