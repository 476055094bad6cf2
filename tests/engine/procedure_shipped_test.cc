// The procedures that come with the engine compile with no finding, and say what their comments promise.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/procedure/compile.h"
#include "gtest/gtest.h"
#include "tests/engine/support/files.h"

namespace duban::engine {
namespace {

std::string Listed(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& f : findings) {
    out += f.path + ":" + std::to_string(f.line) + ":" + std::to_string(f.column) + " " + f.rule + " " +
           f.message.zh() + " | " + f.message.en() + "\n";
  }
  return out;
}

Compiled CompileShipped() {
  std::vector<SourceFile> files;
  for (const char* name : {"rectification", "task", "lookback", "talk", "accountability", "common", "permit_log"}) {
    const std::string path = std::string("procedures/") + name + ".yaml";
    files.push_back({path, ReadRepositoryFile(path)});
  }
  return Compile(files, Procedures());
}

const Procedure& Named(const Compiled& compiled, const std::string& name) {
  for (const Procedure& p : compiled.procedures) {
    if (p.name == name) return p;
  }
  ADD_FAILURE() << "no procedure " << name;
  static const Procedure none;
  return none;
}

TEST(ShippedProcedures, CompileWithoutAnyFinding) {
  const Compiled compiled = CompileShipped();
  EXPECT_EQ(Listed(compiled.findings), "");
  EXPECT_EQ(compiled.procedures.size(), 6u);
}

// As one set: what opens, reopens and counts another finds it.
TEST(ShippedProcedures, AllTogetherAreWithoutAnyFinding) {
  std::vector<SourceFile> files;
  for (const auto& entry : std::filesystem::directory_iterator(DUBAN_SOURCE_DIR "/procedures")) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string path = "procedures/" + entry.path().filename().string();
    files.push_back({path, ReadRepositoryFile(path)});
  }
  std::sort(files.begin(), files.end(), [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  EXPECT_EQ(Listed(Compile(files, Procedures()).findings), "");
}

TEST(ShippedProcedures, RectificationIsWhatItsFileSays) {
  const Compiled compiled = CompileShipped();
  const Procedure& p = Named(compiled, "rectification");
  EXPECT_EQ(p.stages.front().name, "issued");
  EXPECT_EQ(p.subject, "problem");
  ASSERT_NE(p.FindField("informant"), nullptr);
  EXPECT_TRUE(p.FindField("informant")->sealed);
  EXPECT_EQ(p.FindField("informant")->sees, std::vector<std::string>{"issuer"});
  EXPECT_EQ(p.FindParty("reviewer")->kind, PartyKind::kPost);
  EXPECT_EQ(p.FindParty("reviewer")->never_unit_of, (std::vector<std::string>{"owner", "helpers"}));
  EXPECT_EQ(p.FindParty("reviewer")->never_related_to, (std::vector<std::string>{"owner", "helpers"}));

  // The public notice: 10 working days, the first day counted, then closed.
  const Stage& publicity = *p.FindStage("publicity");
  ASSERT_TRUE(publicity.after.has_value());
  EXPECT_EQ(publicity.after->after, (Span{v1::DAY_KIND_WORKING, 10, false}));
  EXPECT_EQ(publicity.after->to, "closed");
  EXPECT_TRUE(publicity.counts_first);

  // The main clock, its ladder from the shared file and its extension.
  const Clock& rectify = *p.FindClock("rectify");
  EXPECT_EQ(rectify.due_field, "due");
  ASSERT_EQ(rectify.ladder.size(), 4u);
  EXPECT_EQ(rectify.ladder[0].raises, "urge");
  EXPECT_EQ(rectify.ladder[0].tell, (std::vector<Role>{{"owner", false}, {"issuer", false}}));
  for (size_t i : {1, 2, 3}) {
    EXPECT_EQ(rectify.ladder[i].ask, (std::vector<Role>{{"issuer", true}})) << "only suggested, to the issuer's head";
    EXPECT_EQ(rectify.ladder[i].tell, (std::vector<Role>{{"issuer", false}})) << "the owner is not told";
  }
  EXPECT_EQ(rectify.ladder[1].opens->procedure, "talk");
  EXPECT_EQ(rectify.ladder[2].enters, "negative_list");
  EXPECT_EQ(p.FindRegister("negative_list")->keeps, (Span{v1::DAY_KIND_CALENDAR, 12, true}));
  ASSERT_NE(p.FindExtension("extend_rectify"), nullptr);
  EXPECT_EQ(p.FindExtension("extend_rectify")->extend->at_most.count, 1);
  EXPECT_TRUE(p.FindExtension("extend_rectify")->extend->at_most.per_round);

  // `within` became a clock of its stage, charged to who acts there.
  const Clock& within = *p.FindClock("within_review");
  EXPECT_TRUE(within.stage_only);
  EXPECT_EQ(within.title.zh(), "验收时限");
  EXPECT_EQ(within.charged_to, std::vector<std::string>{"reviewer"});
  EXPECT_EQ(within.remind, (std::vector<Span>{{v1::DAY_KIND_WORKING, 1, false}}));

  ASSERT_TRUE(p.FindStage("closed")->opens.has_value());
  EXPECT_EQ(p.FindStage("closed")->opens->procedure, "lookback");
  EXPECT_EQ(p.FindAction("issued", "dispute")->when[0].written, "not assigned_by_superior");
  EXPECT_NE(p.FindCode("problem_categories", "water"), nullptr);
  EXPECT_EQ(p.FindCode("problem_categories", "gold"), nullptr);
  ASSERT_EQ(p.lights.size(), 3u);
  EXPECT_EQ(p.lights[2].light.colour(), "red");
}

TEST(ShippedProcedures, TheVisitedSeesALookBackOnlyFromTheFeedbackOn) {
  const Compiled compiled = CompileShipped();
  const Procedure& p = Named(compiled, "lookback");
  for (const char* hidden : {"planned", "visited_on_site", "cancelled"}) {
    EXPECT_EQ(p.FindStage(hidden)->sees, std::vector<std::string>{"inspecting"}) << hidden;
  }
  EXPECT_TRUE(p.FindStage("feedback")->sees.empty());
  EXPECT_EQ(p.numbers, "") << "gaps in a series would give unseen visits away";
  EXPECT_EQ(p.FindStage("rebounded")->reopens_to, "rectifying");
}

TEST(ShippedProcedures, TheUnitConcernedByAnAccountabilityHandOverSeesItOnlyOnceInformed) {
  const Compiled compiled = CompileShipped();
  const Procedure& p = Named(compiled, "accountability");
  for (const Stage& stage : p.stages) {
    EXPECT_EQ(stage.sees.empty(), stage.name == "informed") << stage.name;
  }
  for (const Field& field : p.fields) {
    EXPECT_EQ(field.sees.empty(), field.name == "matter" || field.name == "told") << field.name;
  }
  EXPECT_EQ(p.FindAction("drafted", "hand_over")->approved_by, (std::vector<Role>{{"proposing", true}}));
}

TEST(ShippedProcedures, ATaskMayHaveNoEndDate) {
  const Compiled compiled = CompileShipped();
  const Procedure& p = Named(compiled, "task");
  EXPECT_FALSE(p.FindField("due")->required);
  EXPECT_EQ(p.FindClock("complete")->due_field, "due");
}

}  // namespace
}  // namespace duban::engine
