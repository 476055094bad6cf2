#include "engine/figures/wording.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace duban::engine {
namespace {

struct Both {
  std::string zh, en;
};

Both Word(Counted counted) {
  switch (counted) {
    case Counted::kOpened:
      return {"受理", "opened"};
    case Counted::kEnded:
      return {"办结", "ended"};
    case Counted::kReopened:
      return {"重新开启", "reopened"};
    case Counted::kRebounded:
      return {"反弹", "rebounded"};
    case Counted::kOverdue:
      return {"发生逾期", "fell overdue"};
    case Counted::kExtended:
      return {"延期", "extended"};
    case Counted::kChecked:
      return {"核查", "checked"};
    case Counted::kSuggested:
      return {"采纳建议", "suggestion approved"};
    case Counted::kReports:
      return {"应报次数", "reports due"};
    case Counted::kOpenAtEnd:
      return {"期末在办", "open at the end"};
    case Counted::kOverdueAtEnd:
      return {"期末逾期", "overdue at the end"};
  }
  return {};
}

std::string Value(const std::string& word) {
  static const auto& words = *new std::map<std::string, std::string>{
      {"passed", "通过"},      {"failed", "未通过"},    {"rebounded", "反弹"}, {"confirmed", "属实"},
      {"partly", "部分属实"},  {"unfounded", "不属实"}, {"done", "办结"},      {"cancelled", "撤销"},
      {"transferred", "移送"}, {"merged", "并案"}};
  const auto found = words.find(word);
  return found == words.end() ? word : found->second;
}

Both Word(const FigureTest& test) {
  std::vector<std::string> zh;
  for (const std::string& value : test.values) zh.push_back(Value(value));
  const std::string values_zh = absl::StrJoin(zh, "/"), values_en = absl::StrJoin(test.values, "/");
  switch (test.kind) {
    case FigureTest::Kind::kOnTime:
      return {"按期", "on time"};
    case FigureTest::Kind::kLate:
      return {"逾期", "late"};
    case FigureTest::Kind::kMissing:
      return {"未报", "missing"};
    case FigureTest::Kind::kDated:
      return {"有时限", "with a deadline"};
    case FigureTest::Kind::kVerified:
      return {absl::StrCat("核查", values_zh), absl::StrCat("verified ", values_en)};
    case FigureTest::Kind::kFound:
      return {values_zh, absl::StrCat("found ", values_en)};
    case FigureTest::Kind::kEnd:
      return {absl::StrCat("办结方式为", values_zh), absl::StrCat("as ", values_en)};
    case FigureTest::Kind::kFieldIs:
      return {absl::StrCat(test.field, "为", absl::StrJoin(test.values, "/")),
              absl::StrCat(test.field, " is ", values_en)};
  }
  return {};
}

v1::Text Joined(const std::vector<Both>& words, const char* zh, const char* en) {
  v1::Text text;
  const auto add = [](std::string* all, const std::string& one, const char* between) {
    absl::StrAppend(all, all->empty() ? "" : between, one);
  };
  for (const Both& word : words) {
    add(text.mutable_zh(), word.zh, zh);
    add(text.mutable_en(), word.en, en);
  }
  return text;
}

}  // namespace

v1::Text TextOf(const FigureSet& set) {
  std::vector<Both> words = {Word(set.counts)};
  for (const Counted also : set.also) {
    const Both word = Word(also);
    words.push_back({absl::StrCat("期内", word.zh), absl::StrCat(word.en, " within the period")});
  }
  for (const FigureTest& test : set.tests) {
    const Both word = Word(test);
    words.push_back(test.negated ? Both{absl::StrCat("非", word.zh), absl::StrCat("not ", word.en)} : word);
  }
  return Joined(words, "、", ", ");
}

v1::Text FormulaText(const Scoreboard& board, const std::vector<const Metric*>& metrics) {
  std::vector<Both> words;
  for (size_t i = 0; i < board.terms.size(); ++i) {
    const bool less = metrics[i]->less_is_better;
    const std::string& zh = metrics[i]->title.zh();
    const std::string& en = metrics[i]->title.en().empty() ? metrics[i]->name : metrics[i]->title.en();
    const int weight = board.terms[i].weight;
    words.push_back({less ? absl::StrCat(weight, "×(1−", zh, ")") : absl::StrCat(weight, "×", zh),
                     less ? absl::StrCat(weight, "×(1−", en, ")") : absl::StrCat(weight, "×", en)});
  }
  return Joined(words, " + ", " + ");
}

}  // namespace duban::engine
