// Duplicates merged: the matter counts once, its sources stand in what survives, and which case it was is known to
// those who see it.
#include <gmock/gmock.h>

#include "services/node/rebuild.h"
#include "tests/engine/support/piece.h"
#include "tests/node/support/office.h"
#include "tests/node/support/standing.h"

namespace duban::node {
namespace {

using testing::ElementsAre;

class Duplicates : public testing::Test {
 protected:
  Duplicates() { office_.Publish("piece", engine::kPiece); }

  std::string Open(const std::string& lead, const std::string& source) {
    v1::OpenCaseRequest request;
    request.set_procedure("piece");
    request.set_idempotency_key(office_.FreshKey());
    Office::Bind(request, "issuer", "units/ducha");
    Office::Bind(request, "lead", lead);
    Office::SetField(request.mutable_fields(), "task")->set_text("路面积水");
    Office::SetField(request.mutable_fields(), "sources")->set_choice(source);
    return Office::Must<v1::OpenCaseResponse>(office_.Call(kSupervisor, request)).case_();
  }
  Reply<Response> Merge(const std::string& duplicate, const std::string& into, const std::string& actor = kSupervisor) {
    v1::ActOnCaseRequest request = office_.Action(duplicate, "merge");
    request.set_target(into);
    request.set_reason("同一处");
    return office_.Call(actor, request);
  }
  std::map<std::string, int64_t> Metrics(const std::string& viewer) {
    v1::QueryViewRequest request;
    request.set_view(v1::VIEW_METRICS);
    std::map<std::string, int64_t> counts;
    const v1::QueryViewResponse page = Office::MustRead(office_.node().QueryView(viewer, request));
    for (const v1::ViewRow& row : page.rows()) counts[row.count().measure()] += row.count().count();
    return counts;
  }

  Office office_{{.own_thread = false}};
};

TEST_F(Duplicates, AreCountedOnceAndAllSourcesStay) {
  const std::string first = Open("units/zhujian", "hotline");
  const std::string second = Open("units/zhujian", "letter");
  const std::string third = Open("units/zhujian", "visit");
  EXPECT_EQ(Metrics(kSupervisor)["opened"], 3);
  Office::Must<v1::ActOnCaseResponse>(Merge(second, first));
  Office::Must<v1::ActOnCaseResponse>(Merge(third, first));
  const v1::Case shown = office_.Show(kHousing, first);
  EXPECT_EQ(shown.counted(), 3);
  EXPECT_THAT(shown.duplicates(), ElementsAre(second, third));
  for (const v1::CaseField& field : shown.fields()) {
    if (field.field() == "sources") EXPECT_THAT(field.shown(), ElementsAre("热线", "来信", "走访"));
  }
  office_.Act(kHousing, first, "finish");
  std::map<std::string, int64_t> metrics = Metrics(kSupervisor);
  EXPECT_EQ(metrics["opened"], 1);
  EXPECT_EQ(metrics["merged"], 2);
  EXPECT_EQ(metrics["ended"], 1);
  EXPECT_EQ(office_.Show(kHousing, second).merged_into(), first);
  office_.node().Shutdown();
  const absl::StatusOr<store::Apply> derived = DeriveRows(office_.store());
  ASSERT_TRUE(derived.ok()) << derived.status();
  ExpectSame(RowsOf(office_.store()), RowsOf(*derived));
}

TEST_F(Duplicates, WhichItWasIsForThoseWhoSeeIt) {
  const std::string survivor = Open("units/zhujian", "hotline");
  const std::string duplicate = Open("units/shuiwu", "letter");
  Office::Must<v1::ActOnCaseResponse>(Merge(duplicate, survivor));
  const auto told = [&](const std::string& viewer) {
    for (const v1::EventRecord& record : office_.Events(viewer, survivor)) {
      if (record.event().has_duplicate_taken()) return record.event().duplicate_taken().duplicate();
    }
    return std::string("not told at all");
  };
  EXPECT_EQ(told(kSupervisor), duplicate);
  EXPECT_EQ(told(kHousing), "");
  EXPECT_EQ(office_.Show(kHousing, survivor).duplicates_size(), 0);
  EXPECT_EQ(office_.Show(kHousing, survivor).counted(), 2);
  const auto into = [&](const std::string& viewer) {
    for (const v1::EventRecord& record : office_.Events(viewer, duplicate)) {
      if (record.event().has_case_merged()) return record.event().case_merged().into();
    }
    return std::string("not told at all");
  };
  EXPECT_EQ(into(kSupervisor), survivor);
  EXPECT_EQ(into(kWater), "");
  EXPECT_EQ(office_.Show(kWater, duplicate).merged_into(), "");
}

TEST_F(Duplicates, AHiddenTargetAndOneThatIsNotThereAreTheSame) {
  const std::string own = Open("units/zhujian", "hotline");
  const std::string hidden = Open("units/shuiwu", "letter");
  EXPECT_EQ(ReasonOf(Merge(own, hidden, kHousing)), "CASE_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Merge(own, "cases/aaaaaaaaaaaaa", kHousing)), "CASE_NOT_FOUND");
}

}  // namespace
}  // namespace duban::node
