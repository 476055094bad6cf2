// Typed reading of the tree. Each function reports what is wrong at its place and yields something usable, so that
// one reading finds all mistakes of a file.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "duban/v1/value.pb.h"
#include "engine/calendar/calendar.h"
#include "engine/procedure/findings.h"
#include "engine/procedure/node.h"

namespace duban::engine::language {

// Stages, fields, names of one list and the like: more than anybody can read aloud, and little enough to check at once.
inline constexpr size_t kEntriesMax = 100;

// Reads one map key by key; Done() reports the keys that nobody asked for.
class MapReader {
 public:
  // `what` names the map to people: {"环节", "a stage"}. Reports when `node` is not a map, and keys written twice.
  MapReader(const Node& node, v1::Text what, Findings& findings);

  // The value, or null when the key is not there.
  const Node* Take(absl::string_view key);
  // The same; reports when it is not there.
  const Node* Require(absl::string_view key);
  // A key that is not written here: an unknown key, with where what it means is said.
  void Elsewhere(absl::string_view key, absl::string_view zh, absl::string_view en);
  // Reports unknown keys, each with the nearest known one.
  void Done();

  // Shortest ways to read common kinds. A missing key gives the empty value.
  std::string TakeText(absl::string_view key);
  bool TakeBool(absl::string_view key);
  std::vector<std::string> TakeNames(absl::string_view key);
  // The title; where there is none, `name` and a warning.
  v1::Text TakeTitle(absl::string_view name);

  const Node& node() const { return node_; }

 private:
  void WithdrawMissing(absl::string_view written, const v1::Text& nearest);

  const Node& node_;
  v1::Text what_;
  Findings& findings_;
  std::vector<std::string> known_;
  std::vector<std::string> elsewhere_;                   // Reported already.
  std::vector<std::pair<std::string, size_t>> missing_;  // Required keys that are not there, and which finding says so.
};

// Reports a list or map that is longer than that.
bool IsTooLong(const Node& node, size_t most, Findings& findings);

v1::Text Both(std::string zh, std::string en);

// Text of a scalar.
std::string ReadText(const Node& node, Findings& findings);
bool ReadBool(const Node& node, Findings& findings);
int64_t ReadCount(const Node& node, int64_t least, int64_t most, Findings& findings);
// One text, or a list of texts without repetition; at most `most`.
std::vector<std::string> ReadNames(const Node& node, Findings& findings, size_t most = kEntriesMax);
// {zh:, en:}, or a text that is Chinese.
v1::Text ReadTitle(const Node& node, Findings& findings);
Span ReadSpan(const Node& node, Findings& findings);
std::vector<Span> ReadSpans(const Node& node, Findings& findings);

// The entries of a map that names things: checks that it is a map, that names are well formed, written once and not
// reserved.
std::vector<const Node*> ReadEntries(const Node& node, const std::vector<std::string>& reserved, Findings& findings);

// Whether braces in it are full-width, which stand for nothing.
bool HasWideBraces(absl::string_view text);

// Whether it reads [a-z][a-z0-9_]*, at most 40 characters.
bool IsName(absl::string_view text);

// "是否应为……" among `known`, or that a full-width sign stands in the name; empty texts when nothing is near.
v1::Text Suggest(absl::string_view written, const std::vector<std::string>& known);

// Whether one word is the other with a slip: a letter too many, too few or another, or two changed about.
bool IsSlip(absl::string_view written, absl::string_view word);

// The names that may be written somewhere, and the titles by which people know what bears them.
class Known {
 public:
  Known() = default;
  template <typename T>
  explicit Known(const std::vector<T>& all) {
    Add(all);
  }

  void Add(const std::string& name, const std::string& title = "") {
    names_.push_back(name);
    if (!title.empty()) titles_.emplace(title, name);
  }
  template <typename T>
  void Add(const std::vector<T>& all) {
    for (const T& one : all) Add(one.name, one.title.zh());
  }

  bool Has(absl::string_view name) const;
  const std::vector<std::string>& names() const { return names_; }
  // What somebody meant who wrote something else: the name whose title it is, or the nearest; empty texts when nothing
  // is near.
  v1::Text Meant(const std::string& written) const;

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::string> titles_;
};

// Reports lists and maps that hold nothing, however deep: whoever writes one has left something out.
void CheckNothingEmpty(const Node& node, Findings& findings);

// One of some words. The index, or -1 and a finding that lists them.
int ReadOneOf(const Node& node, const std::vector<std::string>& words, Findings& findings);

}  // namespace duban::engine::language
