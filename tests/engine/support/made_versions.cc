// The next version of a made procedure: changes of its text, as somebody would make who works on it.
#include <cctype>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/engine/support/made_procedures.h"

namespace duban::engine {
namespace {

bool InName(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Every place where the name stands by itself.
std::string Renamed(const std::string& text, const std::string& from, const std::string& to) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && InName(text[end])) ++end;
    if (end == at) {
      out += text[at++];
      continue;
    }
    const std::string name = text.substr(at, end - at);
    out += name == from ? to : name;
    at = end;
  }
  return out;
}

// The names of the stages that are open: "s0" …, or "t0" … where they have got another.
std::vector<std::string> OpenStages(const std::string& text) {
  std::vector<std::string> out;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const bool stage = line.size() == 5 && absl::StartsWith(line, "  ") && line[4] == ':' &&
                       (line[2] == 's' || line[2] == 't') && std::isdigit(static_cast<unsigned char>(line[3])) != 0;
    if (stage) out.emplace_back(line.substr(2, 2));
  }
  return out;
}

// From the first place of `begin` to the next of `end`, which stays, becomes another text. Nothing where there is none.
void Replace(std::string& text, const std::string& begin, const std::string& end, const std::string& by) {
  const size_t at = text.find(begin);
  const size_t to = at == text.npos ? at : text.find(end, at + begin.size());
  if (to != text.npos) text.replace(at, to - at, by);
}

// Into the second stage each way has a clock of its own, instead of the whole and the stage: whoever is there already
// came by one of them, and nobody knows which.
void StartOnTheWay(std::string& text) {
  const std::vector<std::string> stages = OpenStages(text);
  const size_t begin = text.find(absl::StrCat("\n  ", stages.front(), ":\n"));
  const size_t second = stages.size() < 2 ? text.npos : text.find(absl::StrCat("\n  ", stages[1], ":\n"));
  if (begin == text.npos || second == text.npos) return;
  std::vector<std::string> ways;
  const std::string first = text.substr(begin, second - begin);
  for (absl::string_view line : absl::StrSplit(first, '\n')) {
    const std::string to = absl::StrCat("to: ", stages[1]);
    const bool leads = absl::StrContains(line, to + ",") || absl::StrContains(line, to + "}");
    if (absl::StartsWith(line, "      ") && leads) {
      ways.push_back(absl::StrCat("\"action:", line.substr(6, line.find(':') - 6), "\""));
    }
  }
  if (ways.size() < 2) return;
  const std::string ends = absl::StrCat(", until: [done", absl::StrContains(text, "\n  dropped:") ? ", dropped" : "",
                                        absl::StrContains(text, "\n  moved:") ? ", moved" : "", "], budget: 50 days}");
  const std::string own = absl::StrCat("\n  ", stages[1], ":\n    title: 节\n");
  Replace(text, own + "    within: ", "\n    ", own.substr(0, own.size() - 1));
  Replace(text, own + "    within_remind: ", "\n    ", own.substr(0, own.size() - 1));
  Replace(text, "  whole: ", "\n", absl::StrCat("  one: {title: 全, from: ", ways[0], ends));
  ways.erase(ways.begin());
  Replace(text, "clocks:\n", "",
          absl::StrCat("clocks:\n  other: {title: 转, from: [", absl::StrJoin(ways, ", "), "]", ends, "\n"));
  const std::string head = absl::StrCat("\n  ", stages.front(), ":\n    title: 节\n");
  if (!absl::StrContains(first, "    within:"))
    Replace(text, head, "", absl::StrCat(head, "    within: 9 working days\n"));
}

void Change(std::string& text, const std::string& first, Dice& dice) {
  switch (dice.Below(15)) {
    case 0:
      return Replace(text, "fields:\n", "", "fields:\n  more: {type: text, title: 增}\n");
    case 1:
      return Replace(text, "fields:\n", "", "fields:\n  must: {type: text, title: 必, required: true}\n");
    case 2:
      return Replace(text, "    within: ", "\n", "    within: 25 working days");
    case 3:
      return Replace(text, "    within: ", "    ", "");
    case 4:
      return Replace(text, "    no_deadline: ", "    ", "");
    case 5:
      return Replace(text, "budget: ", ",", "budget: 90 days");
    case 6:
      return Replace(text, "clocks:\n", "",
                     absl::StrCat("clocks:\n  fresh: {title: 新, from: ", first, ", until: [done], ",
                                  dice.OneIn(2) ? "budget: 60 days" : "due: due", "}\n"));
    case 7:
      return Replace(text, absl::StrCat("from: ", first, ","), "", "from: \"action:go0\",");
    case 8:
      return Replace(text, "title: 验", "", "title: 验, never: {acted_in: [go0]}");
    case 9:
      return Replace(text, "    after: {", ":", "    after: {1 days");
    case 10:
      return Replace(text, ", when: [", "}\n", "");
    case 11:
      return Replace(text, ", at_most: ", "per", ", at_most: 3 ");
    case 12:
      return StartOnTheWay(text);
    case 13:  // No clock of the whole any more.
      return Replace(text, "  whole: ", "\n",
                     "  whole: {title: 全, from: \"action:go0\", until: [done], budget: 9 days}");
    default:
      return Replace(text, "    actions:\n", "", "    actions:\n      extra: {title: 增, by: owner}\n");
  }
}

}  // namespace

NextVersion MakeNextVersion(const std::string& text, Dice& dice) {
  NextVersion out{text, {}, true};
  const std::vector<std::string> stages = OpenStages(text);
  if (stages.empty()) return out;
  Replace(out.text, "title: 段", "", "title: 节");
  const std::string titled = out.text;
  for (int k = dice.Below(3); k > 0; --k) Change(out.text, stages.front(), dice);
  out.only_names = out.text == titled;
  if (dice.OneIn(2)) {
    const std::string was = dice.Pick(stages);
    const std::string is = (was[0] == 's' ? "t" : "s") + was.substr(1);
    // In a damaged text something else may bear its name.
    out.only_names = out.only_names && !absl::StrContains(text, absl::StrCat("\n  ", was, ": {"));
    out.text = Renamed(out.text, was, is);
    out.stages[was] = is;
  } else if (dice.OneIn(3)) {
    out.stages[dice.Pick(stages)] = dice.Pick(stages);
    out.only_names = false;
  }
  return out;
}

}  // namespace duban::engine
