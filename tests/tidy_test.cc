// The shape of the project, checked: who may include whom, what is read in one place only, how long files may be.
// Each rule is a row; a crossing names the file and the line.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
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
                 {"store/rocks_store.cc", "store/rocks_read.h", "store/rocks_read.cc", "store/key_vault.cc"}},
        Boundary{"services/node", "[<\"](services/rpc|services/gateway|clients/|grpc|rocksdb)", {}},
        Boundary{"services/rpc", "[<\"](store/|rocksdb|clients/)", {}},
        Boundary{"clients", "[<\"](engine/|store/|services/|rocksdb)", {}}));

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

}  // namespace
