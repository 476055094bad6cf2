// When plans come due and for whom, in words.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/plan/plan.h"
#include "engine/procedure/span.h"

namespace duban::engine {
namespace {

v1::Text Both(std::string zh, std::string en) {
  v1::Text out;
  out.set_zh(std::move(zh));
  out.set_en(std::move(en));
  return out;
}

v1::Text Joined(const std::vector<Span>& spans) {
  const auto zh = [](std::string* out, const Span& span) { absl::StrAppend(out, SpanText(span).zh()); };
  const auto en = [](std::string* out, const Span& span) { absl::StrAppend(out, SpanText(span).en()); };
  return Both(absl::StrJoin(spans, "、", zh), absl::StrJoin(spans, ", ", en));
}

// "20%", "12.5%".
std::string Percent(int64_t permille) {
  return permille % 10 == 0 ? absl::StrCat(permille / 10, "%") : absl::StrCat(permille / 10, ".", permille % 10, "%");
}

v1::Text SampleText(const Plan& plan, const Procedure* of) {
  const Sample& sample = *plan.sample;
  const char* measure = plan.cases ? "件" : "个";
  std::string zh = "，抽取", en = ", of which are drawn ";
  if (plan.draws_units() && !sample.per.empty()) zh = "，按层级各抽取", en = ", of which are drawn by level ";
  if (const Field* per = of == nullptr ? nullptr : of->FindField(sample.per)) {
    zh = absl::StrCat("，按", per->title.zh(), "各抽取");
    en = absl::StrCat(", of which are drawn by ", per->title.en().empty() ? per->name : per->title.en(), " ");
  }
  std::vector<std::string> zhs, ens;
  if (sample.permille > 0) {
    zhs.push_back(Percent(sample.permille));
    ens.push_back(Percent(sample.permille));
  }
  if (sample.count > 0) {
    zhs.push_back(absl::StrCat(sample.count, measure));
    ens.push_back(absl::StrCat(sample.count));
  }
  if (sample.at_least > 0) {
    zhs.push_back(absl::StrCat("至少", sample.at_least, measure));
    ens.push_back(absl::StrCat("at least ", sample.at_least));
  }
  return Both(zh + absl::StrJoin(zhs, "，"), en + absl::StrJoin(ens, ", "));
}

v1::Text CasesText(const Plan& plan, const Directory& directory, const Procedures& procedures) {
  const CaseSet& cases = *plan.cases;
  const Procedure* of = procedures.Newest(cases.procedure);
  std::vector<std::string> zh, en;
  if (const Stage* stage = of == nullptr ? nullptr : of->FindStage(cases.stage)) {
    zh.push_back(absl::StrCat("处于“", stage->title.zh(), "”"));
    en.push_back(absl::StrCat("in stage ", cases.stage));
  }
  if (!cases.state.empty()) zh.push_back(cases.state == "open" ? "未结束" : "已结束");
  if (!cases.state.empty()) en.push_back(cases.state);
  if (!cases.party.empty()) {
    zh.push_back(absl::StrCat("参与方有", directory.TitleOf(cases.party)));
    en.push_back(absl::StrCat("with ", cases.party));
  }
  for (const std::string& word : {cases.light, cases.timeliness}) {
    if (!word.empty()) zh.push_back(word);
    if (!word.empty()) en.push_back(word);
  }
  if (cases.ended_within) {
    const v1::Text span = SpanText(*cases.ended_within);
    zh.push_back(absl::StrCat("到期日前", span.zh(), "内结束"));
    en.push_back(absl::StrCat("ended within ", span.en(), " before the day"));
  }
  v1::Text out = Both(absl::StrCat("“", of == nullptr ? cases.procedure : of->title.zh(), "”中",
                                   absl::StrJoin(zh, "、"), zh.empty() ? "全部事项" : "的事项"),
                      absl::StrCat("cases of ", cases.procedure, en.empty() ? "" : " ", absl::StrJoin(en, ", ")));
  if (!plan.sample) return out;
  const v1::Text sample = SampleText(plan, of);
  return Both(out.zh() + sample.zh(), out.en() + sample.en());
}

}  // namespace

v1::Text WhenOf(const Plan& plan) {
  v1::Text when;
  if (!plan.term_end.empty()) {
    const v1::Text marks = Joined(plan.term_end);
    when = Both(absl::StrCat("任期届满前", marks.zh()), absl::StrCat(marks.en(), " before a term ends"));
  } else if (!plan.vacant.empty()) {
    const v1::Text marks = Joined(plan.vacant);
    when = Both(absl::StrCat("出缺满", marks.zh()), absl::StrCat("when a post has been vacant for ", marks.en()));
  } else if (plan.rule.empty()) {
    when = Both(FormatDay(plan.from), FormatDay(plan.from));
  } else {
    const std::string from = FormatDay(plan.from), until = FormatDay(plan.until);
    when = Both(absl::StrCat(from, " 至 ", until, "，按 ", plan.rule),
                absl::StrCat(from, " to ", until, " by ", plan.rule));
  }
  if (plan.adjust == Plan::Adjust::kNone) return when;
  const bool next = plan.adjust == Plan::Adjust::kNextWorkingDay;
  return Both(when.zh() + (next ? "，遇休息日顺延" : "，遇休息日提前"),
              when.en() + (next ? ", on a day off the next working day" : ", on a day off the working day before"));
}

v1::Text WhomOf(const Plan& plan, const Directory& directory, const Procedures& procedures) {
  if (plan.cases) return CasesText(plan, directory, procedures);
  v1::Text whom;
  if (!plan.below.empty()) {
    whom = Both(absl::StrCat(directory.TitleOf(plan.below), "以下各单位"), absl::StrCat("units below ", plan.below));
  } else if (!plan.contact.empty()) {
    whom = Both(absl::StrCat(directory.TitleOf(plan.contact), "联系的各单位"),
                absl::StrCat("units whose contact is ", plan.contact));
  } else if (!plan.in_register.empty()) {
    whom = Both(absl::StrCat("在册单位（", plan.in_register, "）"), absl::StrCat("units in ", plan.in_register));
  } else {
    whom = Both(absl::StrCat("所列 ", plan.units.size(), " 个单位"), absl::StrCat(plan.units.size(), " units listed"));
  }
  if (!plan.level.empty()) {
    whom =
        Both(absl::StrCat(whom.zh(), "（层级 ", plan.level, "）"), absl::StrCat(whom.en(), " of level ", plan.level));
  }
  if (plan.sample) {
    const v1::Text sample = SampleText(plan, nullptr);
    whom = Both(whom.zh() + sample.zh(), whom.en() + sample.en());
  }
  return plan.of_posts() ? Both(whom.zh() + "的岗位", "posts of " + whom.en()) : whom;
}

}  // namespace duban::engine
