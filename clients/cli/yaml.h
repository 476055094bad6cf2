// YAML as a plain tree with the place of every node: mapping files, directory files, the words of a procedure.
// yaml.cc is the only file of the command line that knows yaml-cpp.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/v1/value.pb.h"

namespace duban::cli {

// One node.
struct Yaml {
  enum class Kind { kNone, kScalar, kList, kMap };
  Kind kind = Kind::kNone;
  std::string text;                                   // kScalar: as written, without quotes.
  std::vector<Yaml> items;                            // kList.
  std::vector<std::pair<std::string, Yaml>> entries;  // kMap, in the file's order.
  int line = 0;                                       // From 1.
  int column = 0;                                     // From 1.

  bool IsScalar() const { return kind == Kind::kScalar; }
  bool IsList() const { return kind == Kind::kList; }
  bool IsMap() const { return kind == Kind::kMap; }
  // The entry of that name, or null.
  const Yaml* Find(absl::string_view name) const;
  // The text of the scalar entry of that name, or "".
  std::string Get(absl::string_view name) const;
  // A scalar as a list of one, a list of scalars as it is, anything else as nothing.
  std::vector<std::string> Texts() const;
};

// A file read, or what is wrong with it.
struct YamlFile {
  Yaml root;
  bool ok = true;
  int line = 0;
  int column = 0;
  v1::Text fault;
};

// Reads one document. A key that stands twice in a map is a fault.
YamlFile ParseYaml(absl::string_view text);

// As JSON, every scalar as a string, null left out: protobuf's JSON reads numbers and flags from strings.
std::string ToJson(const Yaml& node);

}  // namespace duban::cli
