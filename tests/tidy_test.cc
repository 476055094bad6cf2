// The shape of the project, checked: who may include whom, what is read in one place only, how long files may be.
// Each rule is a row; a crossing names the file and the line.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = DUBAN_SOURCE_DIR;

struct Line {
  std::string file;
  int number = 0;
  std::string text;
};

std::vector<fs::path> Sources(const std::string& folder) {
  std::vector<fs::path> files;
  if (!fs::exists(kRoot / folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension == ".h" || extension == ".cc") files.push_back(entry.path());
  }
  return files;
}

std::vector<Line> Lines(const fs::path& path) {
  std::vector<Line> lines;
  std::ifstream in(path);
  std::string text;
  for (int n = 1; std::getline(in, text); ++n) lines.push_back({fs::relative(path, kRoot).string(), n, text});
  return lines;
}

// Every line of a folder that matches, except in the files named.
std::vector<std::string> Matches(const std::string& folder, const std::string& pattern,
                                 const std::vector<std::string>& except = {}) {
  const std::regex regex(pattern);
  std::vector<std::string> found;
  for (const fs::path& path : Sources(folder)) {
    const std::string file = fs::relative(path, kRoot).string();
    if (std::find(except.begin(), except.end(), file) != except.end()) continue;
    for (const Line& line : Lines(path)) {
      if (std::regex_search(line.text, regex)) {
        found.push_back(line.file + ":" + std::to_string(line.number) + ": " + line.text);
      }
    }
  }
  return found;
}

const char kInclude[] = "^\\s*#include ";

struct Boundary {
  std::string folder;
  std::string forbidden;  // A regular expression on the included path.
  std::vector<std::string> except;
};

class BoundaryTest : public testing::TestWithParam<Boundary> {};

TEST_P(BoundaryTest, NoIncludeCrossesIt) {
  const Boundary& rule = GetParam();
  ASSERT_FALSE(Sources(rule.folder).empty()) << rule.folder << " is gone: the rule guards nothing";
  EXPECT_EQ(Matches(rule.folder, kInclude + rule.forbidden, rule.except), std::vector<std::string>());
}

INSTANTIATE_TEST_SUITE_P(
    Folders, BoundaryTest,
    testing::Values(
        Boundary{"engine", "[<\"](store/|services/|clients/|grpc|rocksdb|openssl|boost)", {}},
        Boundary{"engine", "<(thread|mutex|condition_variable|atomic|fstream|filesystem|random|chrono|ctime)>", {}},
        Boundary{"engine", "[<\"]yaml-cpp", {"engine/procedure/parse.cc"}},
        Boundary{"store", "[<\"](engine/|services/|clients/|duban/|google/|grpc)", {}},
        Boundary{"store",
                 "[<\"]rocksdb",
                 {"store/rocks_store.cc", "store/rocks_read.h", "store/rocks_read.cc", "store/key_vault.cc",
                  "store/backup.cc"}},
        Boundary{"services/node", "[<\"](services/rpc|services/gateway|clients/|grpc|rocksdb)", {}},
        Boundary{"services/rpc", "[<\"](store/|rocksdb|clients/|prometheus)", {}},
        Boundary{"services/rpc", "[<\"]services/observe", {"services/rpc/main.cc"}},
        Boundary{"services/observe", "[<\"](store/|engine/|rocksdb|clients/|grpc|services/rpc)", {}},
        Boundary{"services/node", "[<\"](services/observe|prometheus)", {}},
        Boundary{"clients", "[<\"](store/|services/|rocksdb)", {}}, Boundary{"clients/cpp", "[<\"]engine/", {}},
        Boundary{"clients/cli", "[<\"](engine/|clients/offline/(compiled|desk))", {}},
        Boundary{"clients", "[<\"]xlsxwriter", {"clients/cli/document_sheet.cc"}},
        Boundary{"clients/offline", "[<\"](clients/(cli|cpp)|grpc)", {}},
        // What offline hands out knows messages alone.
        Boundary{"clients/offline",
                 "[<\"]engine/",
                 {"clients/offline/check.cc", "clients/offline/compiled.h", "clients/offline/compiled.cc",
                  "clients/offline/picture.cc", "clients/offline/rehearsal.cc"}}));

struct OnePlace {
  std::string what;
  std::vector<std::string> folders;
  std::string pattern;
  std::vector<std::string> place;
};

class OnePlaceTest : public testing::TestWithParam<OnePlace> {};

TEST_P(OnePlaceTest, IsReadThereAlone) {
  const OnePlace& rule = GetParam();
  for (const std::string& folder : rule.folders) {
    EXPECT_EQ(Matches(folder, rule.pattern, rule.place), std::vector<std::string>()) << rule.what;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Sources, OnePlaceTest,
    testing::Values(OnePlace{"the wall clock",
                             {"engine", "store", "services/node"},
                             "absl::Now\\(|system_clock::now|\\btime\\(nullptr\\)|gettimeofday",
                             {"services/node/clock.cc"}},
                    OnePlace{"the random source",
                             {"engine", "store", "services/node"},
                             "RAND_bytes|random_device|getrandom|arc4random",
                             {"services/node/random.cc", "store/key_vault.cc"}},
                    OnePlace{"floating point in the engine", {"engine"}, "\\b(double|float)\\b\\s+\\w", {}}));

// Generated protobuf maps and absl's hash maps differ in order between runs; the engine's answers must not.
TEST(Engine, IteratesNoHashMap) {
  EXPECT_EQ(Matches("engine", "unordered_map|unordered_set|flat_hash|node_hash"), std::vector<std::string>());
}

TEST(Engine, SwitchesOverEventsHaveNoDefault) {
  for (const Line& line : Lines(kRoot / "engine/cases/evolve.cc")) {
    EXPECT_EQ(line.text.find("default:"), std::string::npos) << line.file << ":" << line.number;
  }
}

TEST(Files, KeepWithinTheirBounds) {
  for (const char* folder : {"engine", "store", "services", "clients"}) {
    for (const fs::path& path : Sources(folder)) {
      const size_t most = path.extension() == ".h" ? 320 : 600;
      EXPECT_LE(Lines(path).size(), most) << fs::relative(path, kRoot);
    }
  }
}

TEST(Names, AvoidWordsThatSayNothing) {
  for (const char* folder : {"engine", "store", "services", "clients"}) {
    EXPECT_EQ(Matches(folder, "\\b(class|struct) \\w*(Manager|Helper|Util)\\b"), std::vector<std::string>());
  }
}

// Every refusal's constant reason stands in docs/errors.md with its gRPC code, and nothing else does. A reason is known
// by its form, wherever it is written: a literal all in capitals, or the beginning "REASON: " of a status.

using Codes = std::map<std::string, std::set<std::string>>;  // By reason.

std::string Text(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<std::smatch> All(const std::string& text, const std::regex& regex) {
  return {std::sregex_iterator(text.begin(), text.end(), regex), std::sregex_iterator()};
}

std::vector<fs::path> SourcesOfReasons() {
  std::vector<fs::path> out;
  for (const char* folder : {"engine", "services/node", "services/rpc"}) {
    for (const fs::path& path : Sources(folder)) {
      // Rules of what is wrong with a file are in docs/procedures.md and docs/plans.md.
      const std::string name = path.string();
      const bool rules =
          name.find("/engine/procedure/") != std::string::npos || name.find("/read_plan.cc") != std::string::npos ||
          name.find("/plan/check_names.cc") != std::string::npos || name.find("/recurrence.cc") != std::string::npos;
      if (!rules) out.push_back(path);
    }
  }
  return out;
}

std::string WithoutComments(const fs::path& path) { return std::regex_replace(Text(path), std::regex("//[^\n]*"), ""); }

std::set<std::string> ReasonsInSources() {
  // In capitals too, but no reasons: resets of a watch, the heads of options' values, an environment variable of gRPC.
  const std::set<std::string> kOthers = {"SCOPE_CHANGED", "FILTER_CHANGED", "TOKEN_EXPIRED",
                                         "VIEW_REBUILT",  "TOO_SLOW",       "FILE",
                                         "LEVEL",         "GRPC_VERBOSITY", "NONE"};
  const std::regex kLiteral("\"([A-Z][A-Z0-9_]{2,})(\"|: )");
  std::set<std::string> reasons;
  for (const fs::path& path : SourcesOfReasons()) {
    const std::string text = WithoutComments(path);
    for (const std::smatch& found : All(text, kLiteral)) {
      if (kOthers.count(found[1]) == 0) reasons.insert(found[1]);
    }
  }
  return reasons;
}

// "kInvalid", "Unavailable": the code that goes out with it. engine::Kind and absl's makers of statuses.
std::string CodeOf(const std::string& maker) {
  static const std::map<std::string, std::string> kCodes = {
      {"kInvalid", "INVALID_ARGUMENT"},
      {"kNotFound", "NOT_FOUND"},
      {"kForbidden", "PERMISSION_DENIED"},
      {"kConflict", "ABORTED"},
      {"kState", "FAILED_PRECONDITION"},
      {"kExists", "ALREADY_EXISTS"},
      {"kOutOfRange", "OUT_OF_RANGE"},
      {"Unauthenticated", "UNAUTHENTICATED"},
      {"Unavailable", "UNAVAILABLE"},
      {"FailedPrecondition", "FAILED_PRECONDITION"},
      {"ResourceExhausted", "RESOURCE_EXHAUSTED"},
  };
  const auto found = kCodes.find(maker);
  return found == kCodes.end() ? "no code known for " + maker : found->second;
}

// Of the reasons that stand right behind what decides their code.
Codes CodesInSources() {
  const std::regex kRejected("Kind::(k\\w+),\\s*\"([A-Z0-9_]+)\"");
  const std::regex kFailed("(\\w+)Error\\(\\s*(?:absl::StrCat\\(\\s*)?\"([A-Z0-9_]{3,}): ");
  Codes codes;
  for (const fs::path& path : SourcesOfReasons()) {
    const std::string text = WithoutComments(path);
    for (const std::regex& form : {kRejected, kFailed}) {
      for (const std::smatch& found : All(text, form)) codes[found[2]].insert(CodeOf(found[1]));
    }
  }
  return codes;
}

// Rows of tables: | `REASON` | `CODE`, `CODE` | …
Codes DocumentedCodes() {
  const std::regex kRow("^\\| `([A-Z][A-Z0-9_]+)` \\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \\|");
  const std::regex kCode("`([A-Z_]+)`");
  Codes codes;
  for (const Line& line : Lines(kRoot / "docs/errors.md")) {
    std::smatch row;
    if (!std::regex_search(line.text, row, kRow)) continue;
    const std::string cell = row[2];
    std::set<std::string>& held = codes[row[1]];
    EXPECT_TRUE(held.empty()) << row[1] << " is documented twice, again in line " << line.number;
    for (const std::smatch& code : All(cell, kCode)) held.insert(code[1]);
  }
  return codes;
}

TEST(Errors, EveryReasonIsDocumented) {
  const std::set<std::string> sources = ReasonsInSources();
  ASSERT_GT(sources.size(), 50u) << "reasons are written in another form now: the rule guards nothing";
  std::set<std::string> documented;
  for (const auto& [reason, codes] : DocumentedCodes()) documented.insert(reason);

  std::vector<std::string> missing, vanished;
  std::set_difference(sources.begin(), sources.end(), documented.begin(), documented.end(),
                      std::back_inserter(missing));
  std::set_difference(documented.begin(), documented.end(), sources.begin(), sources.end(),
                      std::back_inserter(vanished));
  EXPECT_EQ(missing, std::vector<std::string>()) << "add them to the tables of docs/errors.md";
  EXPECT_EQ(vanished, std::vector<std::string>()) << "docs/errors.md lists what no source gives";
}

TEST(Errors, EveryReasonIsDocumentedWithItsCode) {
  const Codes sources = CodesInSources();
  ASSERT_GT(sources.size(), 50u) << "reasons are written in another form now: the rule guards nothing";
  Codes documented = DocumentedCodes();
  for (const auto& [reason, codes] : sources) {
    EXPECT_EQ(documented[reason], codes) << reason << " in docs/errors.md";
  }
}

}  // namespace
