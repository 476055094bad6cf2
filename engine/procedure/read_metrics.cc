// Metrics and scoreboards.
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/procedure/draft.h"
#include "engine/procedure/metrics_language.h"
#include "engine/procedure/reader.h"

namespace duban::engine::language {
namespace {

std::optional<Counted> CountedOf(absl::string_view word) {
  for (const Counted counted : AllCounted()) {
    if (word == WordOf(counted)) return counted;
  }
  return std::nullopt;
}

std::optional<FigureTest::Kind> PlainTestOf(absl::string_view word) {
  using Kind = FigureTest::Kind;
  if (word == "on_time") return Kind::kOnTime;
  if (word == "late") return Kind::kLate;
  if (word == "missing") return Kind::kMissing;
  if (word == "dated") return Kind::kDated;
  return std::nullopt;
}

std::vector<std::string> KnownWords() {
  std::vector<std::string> words;
  for (const Counted counted : AllCounted()) words.emplace_back(WordOf(counted));
  for (const char* word : {"on_time", "late", "missing", "dated", "verified", "found", "end", "field_is", "not"}) {
    words.emplace_back(word);
  }
  return words;
}

void UnknownWord(absl::string_view word, Place at, Findings& findings) {
  if (ReportForbidden(word, at, findings)) return;
  const std::vector<std::string> known = KnownWords();
  const v1::Text nearest = Suggest(word, known);
  findings.Error("UNDECLARED_MEASURE", at,
                 absl::StrCat("没有“", word, "”可计。可用：", absl::StrJoin(known, "、"), "。", nearest.zh()),
                 absl::StrCat("There is nothing called \"", word, "\" to count. Known: ", absl::StrJoin(known, ", "),
                              ".", nearest.en()));
}

// One of some words, or a list of them.
std::vector<std::string> ReadWords(const Node& node, const std::vector<std::string>& words, Findings& findings) {
  if (node.kind != Node::Kind::kList) {
    const int at = ReadOneOf(node, words, findings);
    return at < 0 ? std::vector<std::string>() : std::vector<std::string>{words[static_cast<size_t>(at)]};
  }
  std::vector<std::string> out;
  for (const Node& child : node.children) {
    const int at = ReadOneOf(child, words, findings);
    if (at >= 0) out.push_back(words[static_cast<size_t>(at)]);
  }
  if (out.empty() && node.children.empty()) {
    findings.Error("WRONG_VALUE", node.at, "此处不能为空。", "This must not be empty.");
  }
  return out;
}

void ReadTestWithArgument(const Node& entry, FigureTest& test, Findings& findings) {
  if (entry.key == "verified") {
    test.kind = FigureTest::Kind::kVerified;
    test.values = ReadWords(entry, {"passed", "failed", "rebounded"}, findings);
  } else if (entry.key == "found") {
    test.kind = FigureTest::Kind::kFound;
    test.values = ReadWords(entry, {"confirmed", "partly", "unfounded"}, findings);
  } else if (entry.key == "end") {
    test.kind = FigureTest::Kind::kEnd;
    test.values = ReadWords(entry, {"done", "cancelled", "failed", "transferred"}, findings);
  } else if (entry.key == "field_is") {
    test.kind = FigureTest::Kind::kFieldIs;
    if (entry.kind != Node::Kind::kMap || entry.children.size() != 1) {
      findings.Error("WRONG_TYPE", entry.key_at, "写法为 {field_is: {字段: 值}}，一次一个字段；值可以是列表。",
                     "Write {field_is: {field: value}}, one field at a time; the value may be a list.");
      return;
    }
    test.field = entry.children[0].key;
    test.values = ReadNames(entry.children[0], findings);
  } else {
    UnknownWord(entry.key, entry.key_at, findings);
  }
}

// One entry of a set: what is counted, or a test on it.
void ReadEntry(const Node& node, FigureSet& set, int* counted, Findings& findings) {
  FigureTest test;
  if (node.kind == Node::Kind::kText) {
    if (const std::optional<Counted> counts = CountedOf(node.text)) {
      if ((*counted)++ == 0) {
        set.counts = *counts;
      } else {
        set.also.push_back(*counts);
      }
    } else if (const std::optional<FigureTest::Kind> kind = PlainTestOf(node.text)) {
      test.kind = *kind;
      set.tests.push_back(std::move(test));
    } else {
      UnknownWord(node.text, node.at, findings);
    }
    return;
  }
  if (node.kind != Node::Kind::kMap || node.children.size() != 1) {
    findings.Error("WRONG_TYPE", node.at, "应为一个词，或如 {field_is: {字段: 值}} 的一项。",
                   "Expected a word, or one entry such as {field_is: {field: value}}.");
    return;
  }
  const Node* entry = &node.children[0];
  if (entry->key == "not") {
    test.negated = true;
    if (entry->kind == Node::Kind::kText) {
      const std::optional<FigureTest::Kind> kind = PlainTestOf(entry->text);
      if (!kind.has_value()) {
        findings.Error("WRONG_VALUE", entry->at, "not 之后只能是条件，不能是所计的事。",
                       "Only a test can follow \"not\", not what is counted.");
        return;
      }
      test.kind = *kind;
      set.tests.push_back(std::move(test));
      return;
    }
    if (entry->kind != Node::Kind::kMap || entry->children.size() != 1) {
      findings.Error("WRONG_TYPE", entry->key_at, "not 之后写一个条件。", "One test follows \"not\".");
      return;
    }
    entry = &entry->children[0];
  }
  ReadTestWithArgument(*entry, test, findings);
  set.tests.push_back(std::move(test));
}

FigureSet ReadSet(const Node& node, Findings& findings) {
  FigureSet set;
  int counted = 0;
  const int before = findings.errors();
  if (node.kind == Node::Kind::kText) {
    ReadEntry(node, set, &counted, findings);
  } else if (node.kind == Node::Kind::kList) {
    if (IsTooLong(node, kEntriesMax, findings)) return set;
    for (const Node& child : node.children) ReadEntry(child, set, &counted, findings);
  } else {
    findings.Error("WRONG_TYPE", node.key_at, "应为列表，如 [ended, on_time]。", "A list such as [ended, on_time].");
    return set;
  }
  if (counted == 0 && findings.errors() == before) {
    findings.Error("MEASURE_MISSING", node.key_at, "须写明所计的是什么（opened、ended 等），写在最前面。",
                   "Say what is counted (opened, ended …), first.");
  }
  return set;
}

Metric ReadMetric(const Node& node, Findings& findings) {
  MapReader map(node, Both("指标", "A metric"), findings);
  Metric out;
  out.name = node.key;
  out.title = map.TakeTitle(node.key);
  out.procedures = map.TakeNames("procedures");
  if (const Node* above = map.Require("above")) out.above = ReadSet(*above, findings);
  if (const Node* below = map.Require("below")) out.below = ReadSet(*below, findings);
  if (const Node* better = map.Take("better")) out.less_is_better = ReadOneOf(*better, {"more", "less"}, findings) == 1;
  map.Done();
  return out;
}

Scoreboard ReadScoreboard(const Node& node, Findings& findings) {
  MapReader map(node, Both("赛马榜", "A scoreboard"), findings);
  Scoreboard out;
  out.name = node.key;
  out.title = map.TakeTitle(node.key);
  if (const Node* formula = map.Require("formula")) {
    for (const Node* entry : ReadEntries(*formula, {}, findings)) {
      if (ReportForbidden(entry->key, entry->key_at, findings)) continue;
      ScoreTerm& term = out.terms.emplace_back();
      term.metric = entry->key;
      term.weight = static_cast<int32_t>(ReadCount(*entry, 1, 100, findings));
    }
  }
  if (const Node* stars = map.Take("stars")) {
    if (stars->kind != Node::Kind::kList) {
      findings.Error("WRONG_TYPE", stars->key_at, "应为列表，如 [{stars: 5, at_least: 90}]。",
                     "A list such as [{stars: 5, at_least: 90}].");
    } else if (!IsTooLong(*stars, kEntriesMax, findings)) {
      for (const Node& child : stars->children) {
        MapReader band(child, Both("星级", "A star band"), findings);
        StarBand& out_band = out.stars.emplace_back();
        if (const Node* count = band.Require("stars")) {
          out_band.stars = static_cast<int32_t>(ReadCount(*count, 0, 10, findings));
        }
        if (const Node* least = band.Require("at_least")) {
          out_band.at_least = static_cast<int32_t>(ReadCount(*least, 0, 100, findings));
        }
        band.Done();
      }
    }
  }
  if (const Node* least = map.Take("at_least")) {
    out.at_least = static_cast<int32_t>(ReadCount(*least, 1, 1000000, findings));
  }
  map.Done();
  return out;
}

}  // namespace

std::map<std::string, Metric> ReadMetrics(const Node& node, Findings& findings) {
  std::map<std::string, Metric> out;
  for (const Node* entry : ReadEntries(node, {}, findings)) out[entry->key] = ReadMetric(*entry, findings);
  return out;
}

std::map<std::string, Scoreboard> ReadScoreboards(const Node& node, Findings& findings) {
  std::map<std::string, Scoreboard> out;
  for (const Node* entry : ReadEntries(node, {}, findings)) out[entry->key] = ReadScoreboard(*entry, findings);
  return out;
}

}  // namespace duban::engine::language
