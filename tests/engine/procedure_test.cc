// The language apart from its refusals: lengths of time, sets and published procedures, versions, hostile input.
#include "engine/procedure/procedure.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/procedure/compile.h"
#include "engine/procedure/span.h"
#include "gtest/gtest.h"
#include "tests/engine/support/files.h"

namespace duban::engine {
namespace {

constexpr char kSmall[] = R"(
procedure: small
title: {zh: 小事, en: Small}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: 交办单位}
  owner:  {kind: unit, title: 责任单位}
fields:
  secret:  {type: text, title: 反映人, required: true, sealed: {sees: [issuer]}}
  private: {type: text, title: 内部意见, required: true, sees: [issuer]}
  what:    {type: text, title: 何事, required: true}
stages:
  open:
    title: {zh: 办理, en: Open}
    within: 2个工作日
    actions:
      finish: {title: 办结, by: [owner, issuer.head], to: done}
  done: {title: 已办结, end: done}
)";

std::string Rules(const Compiled& compiled) {
  std::string out;
  for (const Finding& f : compiled.findings) absl::StrAppend(&out, f.rule, "@", f.line, " ");
  return out;
}

// Compiles one file that must be right.
Procedure Right(const std::string& text) {
  Compiled compiled = Compile({{"right.yaml", text}}, Procedures());
  EXPECT_EQ(Rules(compiled), "");
  return compiled.procedures.empty() ? Procedure() : compiled.procedures[0];
}

// --- Lengths of time ---

TEST(Spans, AreReadInEnglishAndChinese) {
  const struct {
    const char* text;
    Span span;
  } kGood[] = {
      {"10 working days", {v1::DAY_KIND_WORKING, 10, false}},
      {"1 working day", {v1::DAY_KIND_WORKING, 1, false}},
      {"30 days", {v1::DAY_KIND_CALENDAR, 30, false}},
      {"2 months", {v1::DAY_KIND_CALENDAR, 2, true}},
      {"36 hours", {v1::DAY_KIND_HOURS, 36, false}},
      {"10个工作日", {v1::DAY_KIND_WORKING, 10, false}},
      {"30日", {v1::DAY_KIND_CALENDAR, 30, false}},
      {"30天", {v1::DAY_KIND_CALENDAR, 30, false}},
      {"2个月", {v1::DAY_KIND_CALENDAR, 2, true}},
      {"36小时", {v1::DAY_KIND_HOURS, 36, false}},
      {"10 个工作日", {v1::DAY_KIND_WORKING, 10, false}},
      {"0 days", {v1::DAY_KIND_CALENDAR, 0, false}},
  };
  for (const auto& good : kGood) EXPECT_EQ(ParseSpan(good.text), good.span) << good.text;
  for (const char* bad : {"", "days", "10", "-1 days", "+1 days", "1.5 days", "36501 days", "99999999999999999999 days",
                          "ten days", "2 weeks", "10 working  days", "2月", "１０日"}) {
    EXPECT_FALSE(ParseSpan(bad).has_value()) << bad;
  }
}

TEST(Spans, AreWrittenAsTheyAreRead) {
  for (const char* text : {"10个工作日", "30日", "2个月", "36小时", "1个工作日"}) {
    const Span span = *ParseSpan(text);
    EXPECT_EQ(SpanText(span).zh(), text);
    EXPECT_EQ(ParseSpan(SpanText(span).en()), span) << SpanText(span).en();
  }
  EXPECT_EQ(SpanText(*ParseSpan("1个工作日")).en(), "1 working day");
}

// --- What is filled in where the file is silent ---

TEST(Compiling, TheSubjectIsTheFirstRequiredTextThatEverybodyMayRead) { EXPECT_EQ(Right(kSmall).subject, "what"); }

TEST(Compiling, LightsAreThreeColoursUnlessSaidOtherwise) {
  const Procedure p = Right(kSmall);
  ASSERT_EQ(p.lights.size(), 3u);
  EXPECT_EQ(p.lights[1].light.colour(), "yellow");
  EXPECT_EQ(p.lights[1].span, (Span{v1::DAY_KIND_WORKING, 3, false}));
  const Procedure own =
      Right(absl::StrCat(kSmall,
                         "lights: [{colour: green}, {colour: 黄绿, left: 30%}, {colour: red, overdue: true, "
                         "severity: 7}, {colour: purple, overdue_by: 10 working days, severity: 9}]\n"));
  ASSERT_EQ(own.lights.size(), 4u);
  EXPECT_EQ(own.lights[1].percent, 30);
  EXPECT_EQ(own.lights[1].light.severity(), 1);
  EXPECT_EQ(own.lights[2].light.severity(), 7);
  EXPECT_EQ(own.lights[3].when, LightRule::When::kOverdueBy);
}

TEST(Compiling, AWithinIsAClockOfItsStageThatStartsAnewOnEachEntry) {
  const Procedure p = Right(kSmall);
  const Clock* clock = p.FindClock("within_open");
  ASSERT_NE(clock, nullptr);
  EXPECT_TRUE(clock->stage_only);
  EXPECT_TRUE(clock->restart_on_reentry);
  EXPECT_EQ(clock->from, std::vector<std::string>{"open"});
  EXPECT_EQ(*clock->budget, (Span{v1::DAY_KIND_WORKING, 2, false}));
  EXPECT_EQ(clock->title.en(), "Open: deadline");
  EXPECT_EQ(clock->charged_to, (std::vector<std::string>{"owner", "issuer"}));
}

TEST(Compiling, ScalarsStayTextAsWritten) {
  const std::string text = absl::StrReplaceAll(kSmall, {{"  what: ", "  amount: {type: number, title: 金额}\n  what: "},
                                                        {"to: done}", "to: done, sets: {amount: 1.10, what: no}}"}});
  const Procedure p = Right(text);
  const Action* finish = p.FindAction("open", "finish");
  ASSERT_NE(finish, nullptr);
  EXPECT_EQ(finish->sets, (std::vector<std::pair<std::string, std::string>>{{"amount", "1.10"}, {"what", "no"}}));
  EXPECT_EQ(finish->by, (std::vector<Role>{{"owner", false}, {"issuer", true}}));
}

TEST(Compiling, OnlyTheCodeTablesThatFieldsNameAreTakenAlong) {
  const std::string text =
      absl::StrReplaceAll(kSmall, {{"  what: ", "  area: {type: choice, of: areas, title: 片区}\n  what: "}});
  const Compiled compiled =
      Compile({{"small.yaml", text}, {"shared.yaml", "codes:\n  areas: [东区, 西区]\n  others: [x]\n"}}, Procedures());
  ASSERT_EQ(Rules(compiled), "");
  ASSERT_EQ(compiled.procedures.size(), 1u) << "a file of shared definitions is no procedure";
  const Procedure& p = compiled.procedures[0];
  ASSERT_EQ(p.codes.size(), 1u);
  ASSERT_NE(p.FindCode("areas", "东区"), nullptr) << "a plain list: the code is its title";
  EXPECT_EQ(p.FindCode("areas", "东区")->title.zh(), "东区");
}

TEST(Compiling, WindowsLineEndsAndAByteOrderMarkChangeNothing) {
  const Procedure p = Right("\xEF\xBB\xBF" + absl::StrReplaceAll(kSmall, {{"\n", "\r\n"}}));
  EXPECT_EQ(p.stages.size(), 2u);
  EXPECT_EQ(p.title.zh(), "小事");
}

// --- Sets and what is published already ---

constexpr char kOpensOther[] = ", opens: {procedure: other, bind: {a: owner}, set: {what: what}}";

std::shared_ptr<Procedure> Other(const std::string& field, uint32_t version) {
  const std::string text = absl::StrReplaceAll(R"(
procedure: other
title: 另一个
may_open: [a]
parties: {a: {kind: unit, title: 甲}}
fields: {FIELD: {type: text, title: 何事, required: true}}
stages:
  begin: {title: 开始, within: 3 days, actions: {go: {title: 去, by: a, to: over}}}
  over:  {title: 结束, end: done}
)",
                                               {{"FIELD", field}});
  auto out = std::make_shared<Procedure>(Right(text));
  out->version = version;
  return out;
}

TEST(Sets, MayNameProceduresThatArePublishedAlreadyInTheirNewestVersion) {
  const std::string text = absl::StrReplaceAll(kSmall, {{"end: done", absl::StrCat("end: done", kOpensOther)}});
  Procedures published;
  EXPECT_EQ(Rules(Compile({{"small.yaml", text}}, published)), "UNDECLARED_PROCEDURE@18 ");
  published.Put(Other("what", 1));
  EXPECT_EQ(Rules(Compile({{"small.yaml", text}}, published)), "");
  published.Put(Other("something_else", 2));
  EXPECT_EQ(Rules(Compile({{"small.yaml", text}}, published)), "OPENS_MISMATCH@18 OPENS_MISMATCH@18 ");
}

TEST(Sets, AProcedureOfTheSetStandsForTheOneThatIsPublished) {
  const std::string text = absl::StrReplaceAll(kSmall, {{"end: done", absl::StrCat("end: done", kOpensOther)}});
  const std::string other = R"(
procedure: other
title: 另一个
may_open: [a]
parties: {a: {kind: unit, title: 甲}}
fields: {what: {type: text, title: 何事}}
stages:
  begin: {title: 开始, within: 3 days, actions: {go: {title: 去, by: a, to: over}}}
  over:  {title: 结束, end: done}
)";
  Procedures published;
  published.Put(Other("something_else", 1));
  EXPECT_EQ(Rules(Compile({{"small.yaml", text}, {"other.yaml", other}}, published)), "");
}

TEST(Sets, OneWrongFileKeepsTheWholeSetBack) {
  const Compiled compiled = Compile({{"small.yaml", kSmall}, {"wrong.yaml", "codes: [x]\n"}}, Procedures());
  EXPECT_FALSE(compiled.ok());
  EXPECT_TRUE(compiled.procedures.empty());
  ASSERT_EQ(compiled.findings.size(), 1u);
  EXPECT_EQ(compiled.findings[0].path, "wrong.yaml");
}

TEST(Sets, WhatIsPublishedOpensAlsoWhenTheCheckerHasBecomeStricter) {
  const std::string text = absl::StrReplaceAll(kSmall, {{"    within: 2个工作日\n", ""}});
  EXPECT_EQ(Rules(Compile({{"small.yaml", text}}, Procedures())), "NO_DEADLINE@13 ");
  const Compiled compiled = CompilePublished({{"small.yaml", text}}, Procedures());
  EXPECT_EQ(Rules(compiled), "");
  ASSERT_EQ(compiled.procedures.size(), 1u);
  EXPECT_EQ(compiled.procedures[0].subject, "what");
  EXPECT_FALSE(CompilePublished({{"small.yaml", "procedure: x\n"}}, Procedures()).ok()) << "but not without sense";
}

TEST(Versions, ACaseFindsItsOwnAndANewOneTheNewest) {
  Procedures all;
  EXPECT_EQ(all.Newest("other"), nullptr);
  all.Put(Other("a", 1));
  all.Put(Other("b", 2));
  all.Put(std::make_shared<Procedure>(Right(kSmall)));
  ASSERT_NE(all.Newest("other"), nullptr);
  EXPECT_EQ(all.Newest("other")->version, 2u);
  ASSERT_NE(all.Find("other", 1), nullptr);
  EXPECT_NE(all.Find("other", 1)->FindField("a"), nullptr);
  EXPECT_EQ(all.Find("other", 3), nullptr);
  ASSERT_EQ(all.All().size(), 2u);
  EXPECT_EQ(all.All()[0]->name, "other");
}

// --- Hostile input ---

// Bytes changed, dropped and repeated at random: the compiler answers, with places inside the file.
TEST(HostileInput, DamagedFilesAreAnsweredAndNeverCrash) {
  const std::string good = ReadRepositoryFile("procedures/rectification.yaml");
  const std::string shared = ReadRepositoryFile("procedures/common.yaml");
  std::mt19937 random(7);
  const auto any = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); };
  constexpr char kBytes[] = "{}[]:,-#&*!|>'\"%@` \n\tax0";
  int refused = 0;
  for (int i = 0; i < 600; ++i) {
    std::string text = good;
    for (size_t edits = 1 + any(4); edits > 0; --edits) {
      const size_t at = any(text.size());
      switch (any(4)) {
        case 0:
          text[at] = kBytes[any(sizeof(kBytes) - 1)];
          break;
        case 1:
          text.erase(at, 1 + any(40));
          break;
        case 2:
          text.insert(at, text.substr(any(text.size()), any(200)));
          break;
        default:
          text.resize(at + 1);
      }
    }
    const Compiled compiled = Compile({{"a.yaml", text}, {"common.yaml", shared}}, Procedures());
    refused += compiled.ok() ? 0 : 1;
    const int lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 2;
    for (const Finding& f : compiled.findings) {
      ASSERT_GE(f.line, 1);
      ASSERT_LE(f.line, std::max(lines, 60)) << f.rule;
      ASSERT_GE(f.column, 1);
    }
  }
  EXPECT_GT(refused, 300) << "most of these are damaged beyond use";
}

// The longest file of the worst shapes that we know is answered at once.
TEST(HostileInput, TheWorstShapesAreAnsweredInTime) {
  const auto repeat = [](const std::string& piece) {
    std::string out;
    while (out.size() + piece.size() < 250 * 1024) out += piece;
    return out;
  };
  std::string stages = "procedure: p\ntitle: x\nmay_open: [a]\nparties: {a: {kind: unit, title: x}}\nstages:\n";
  // Every stage leads back to every other, half of the ways by `previous`; one stage is reached by none.
  for (int i = 0; i < 97; ++i) {
    absl::StrAppend(&stages, " s", i, ":\n  title: x\n  within: 3 days\n  actions:\n");
    for (int k = 0; k < 20; ++k) {
      absl::StrAppend(&stages, "   t", k, ": {title: x, by: a, to: previous}\n");
      absl::StrAppend(&stages, "   u", k, ": {title: x, by: a, to: s", (i + k) % 97, "}\n");
    }
    absl::StrAppend(&stages, "   n: {title: x, by: a, to: ", i == 96 ? "end" : absl::StrCat("s", i + 1), "}\n");
  }
  absl::StrAppend(&stages, " end: {title: x, end: done}\n lost: {title: x, end: done}\nclocks:\n");
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&stages, " c", i, ": {title: x, from: s", i % 97, ", until: end, budget: 3 days}\n");
  }
  const std::vector<std::string> shapes = {
      repeat("["),
      repeat("{a: "),
      repeat("- "),
      repeat("a: &x b\n"),
      "codes: {a: [" + repeat("x, ") + "]}",
      "codes: {" + repeat("x: y, ") + "}",
      "may_open: [" + repeat("ab, ") + "]",
      repeat("key: value\n"),
      "a: \"" + repeat("\\n"),
      stages,
  };
  for (const std::string& text : shapes) {
    const auto start = std::chrono::steady_clock::now();
    const Compiled compiled = Compile({{"a.yaml", text}}, Procedures());
    EXPECT_FALSE(compiled.ok()) << text.substr(0, 20);
    EXPECT_LE(compiled.findings.size(), 201u);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10)) << text.substr(0, 20);
  }
}

}  // namespace
}  // namespace duban::engine
