// Parts rolled up into their wholes: what a second opinion makes of the parts one by one is what ledger and case say,
// at every moment, to whoever watches, and after a rebuild.
#include <gmock/gmock.h>

#include <map>
#include <random>
#include <set>

#include "services/node/rebuild.h"
#include "tests/engine/support/piece.h"
#include "tests/node/support/office.h"
#include "tests/node/support/standing.h"
#include "tests/node/support/viewer.h"

namespace duban::node {
namespace {

class RollUp : public ::testing::TestWithParam<uint64_t> {
 protected:
  RollUp() { office_.Publish("piece", engine::kPiece); }

  v1::OpenCaseRequest Piece(const std::string& lead, const std::string& due, const std::string& part_of = "",
                            int64_t weight = 0) {
    v1::OpenCaseRequest request;
    request.set_procedure("piece");
    request.set_idempotency_key(office_.FreshKey());
    Office::Bind(request, "issuer", "units/ducha");
    Office::Bind(request, "lead", lead);
    Office::SetField(request.mutable_fields(), "task")->set_text("清淤");
    if (!due.empty()) Office::SetField(request.mutable_fields(), "due")->set_date(due);
    request.set_part_of(part_of);
    request.set_weight(weight);
    return request;
  }
  std::string Open(const std::string& lead, const std::string& due = "", const std::string& part_of = "",
                   int64_t weight = 0) {
    const std::string name =
        Office::Must<v1::OpenCaseResponse>(office_.Call(kSupervisor, Piece(lead, due, part_of, weight))).case_();
    cases_.push_back(name);
    if (!part_of.empty()) wholes_[name][part_of] = std::max<int64_t>(1, weight);
    return name;
  }
  Reply<Response> Link(const std::string& part, const std::string& whole, int64_t weight = 0) {
    v1::ActOnCaseRequest request = office_.Action(part, "link");
    request.set_target(whole);
    request.set_weight(weight);
    Reply<Response> reply = office_.Call(kSupervisor, request);
    if (std::holds_alternative<Response>(reply)) wholes_[part][whole] = std::max<int64_t>(1, weight);
    return reply;
  }
  v1::PartsSum SumOf(const std::string& viewer, const std::string& name) { return office_.Show(viewer, name).parts(); }

  // --- The second opinion: from the cases one by one.
  static bool Counts(const v1::Case& c) {
    return c.end_kind() != v1::END_KIND_CANCELLED && c.end_kind() != v1::END_KIND_MERGED;
  }
  std::vector<std::string> Below(const std::string& whole) const {
    std::vector<std::string> below;
    for (const auto& [part, wholes] : wholes_) {
      if (wholes.count(whole) != 0) below.push_back(part);
    }
    return below;
  }
  int Progress(const std::string& name, const std::map<std::string, v1::Case>& cases) const {
    int64_t weight = 0, weighted = 0;
    for (const std::string& part : Below(name)) {
      if (!Counts(cases.at(part))) continue;
      const bool ended = cases.at(part).end_kind() != v1::END_KIND_UNSPECIFIED;
      weight += wholes_.at(part).at(name);
      weighted += wholes_.at(part).at(name) * (ended ? 1000 : Progress(part, cases));
    }
    return weight == 0 ? 0 : static_cast<int>(weighted / weight);
  }
  v1::PartsSum Opinion(const std::string& whole, const std::map<std::string, v1::Case>& cases) const {
    std::set<std::string> all;
    std::vector<std::string> next = {whole};
    while (!next.empty()) {
      const std::string at = next.back();
      next.pop_back();
      for (const std::string& part : Below(at)) {
        if (all.insert(part).second) next.push_back(part);
      }
    }
    v1::PartsSum sum;
    for (const std::string& part : all) {
      const v1::Case& c = cases.at(part);
      if (!Counts(c)) continue;
      const bool ended = c.end_kind() != v1::END_KIND_UNSPECIFIED;
      sum.set_total(sum.total() + 1);
      if (ended) sum.set_ended(sum.ended() + 1);
      if (c.timeliness() == v1::TIMELINESS_OVERDUE || c.timeliness() == v1::TIMELINESS_ENDED_LATE) {
        sum.set_late(sum.late() + 1);
      }
      const bool lit = !ended && !c.light().colour().empty();
      if (lit && (!sum.has_light() || c.light().severity() > sum.light().severity())) *sum.mutable_light() = c.light();
    }
    sum.set_progress_permille(Progress(whole, cases));
    return sum;
  }
  void ExpectRight() {
    std::map<std::string, v1::Case> cases;
    for (const std::string& name : cases_) cases[name] = office_.Show(kAuditor, name);
    std::map<std::string, v1::LedgerRow> rows;
    v1::QueryLedgerRequest all;
    all.set_page_size(500);
    const v1::QueryLedgerResponse ledger = office_.Ledger(kAuditor, all);
    for (const v1::LedgerRow& row : ledger.rows()) rows[row.case_()] = row;
    for (const std::string& name : cases_) {
      const v1::PartsSum opinion = Opinion(name, cases);
      EXPECT_EQ(rows[name].has_parts(), opinion.total() > 0) << name;
      if (opinion.total() == 0) continue;
      EXPECT_EQ(rows[name].parts().ShortDebugString(), opinion.ShortDebugString()) << name;
      EXPECT_EQ(cases[name].parts().ShortDebugString(), opinion.ShortDebugString()) << name;
    }
  }

  Office office_{{.seed = GetParam(), .own_thread = false}};
  std::vector<std::string> cases_;
  std::map<std::string, std::map<std::string, int64_t>> wholes_;  // part -> whole -> weight
};

TEST_P(RollUp, ALateLeafTurnsTheLightOfAllAboveAndAJointItemCountsOnceAtTheTop) {
  const std::string top = Open("units/zhujian", "2026-12-31");
  const std::string left = Open("units/zhujian", "2026-12-31", top, 3);
  const std::string right = Open("units/shuiwu", "2026-12-31", top, 1);
  const std::string leaf = Open("units/shuiwu", "2026-10-15", left);
  ASSERT_TRUE(std::holds_alternative<Response>(Link(leaf, right)));
  EXPECT_EQ(SumOf(kSupervisor, top).total(), 3);
  EXPECT_EQ(SumOf(kSupervisor, top).light().colour(), "green");
  office_.Advance(At("2026-10-17 09:00"));
  for (const std::string& whole : {left, right, top}) {
    EXPECT_EQ(SumOf(kSupervisor, whole).late(), 1);
    EXPECT_EQ(SumOf(kSupervisor, whole).light().colour(), "red");
  }
  office_.Act(kWater, leaf, "finish");
  EXPECT_EQ(SumOf(kSupervisor, left).progress_permille(), 1000);
  EXPECT_EQ(SumOf(kSupervisor, top).progress_permille(), 1000);
  EXPECT_EQ(SumOf(kSupervisor, top).ended(), 1);
  EXPECT_EQ(SumOf(kSupervisor, top).late(), 1);
  EXPECT_EQ(SumOf(kSupervisor, top).light().colour(), "green");
  ExpectRight();
}

TEST_P(RollUp, WhoeverSeesTheWholeSeesTheSumsAndOfThePartsHisOwn) {
  const std::string top = Open("units/zhujian");
  Open("units/shuiwu", "", top);
  const std::string own = Open("units/zhujian", "", top);
  const v1::Case seen = office_.Show(kHousing, top);
  EXPECT_EQ(seen.parts().total(), 2);
  ASSERT_EQ(seen.part_rows_size(), 1);
  EXPECT_EQ(seen.part_rows(0).case_(), own);
  EXPECT_EQ(office_.Show(kSupervisor, top).part_rows_size(), 2);
  // And of the wholes above a part those that he sees.
  EXPECT_EQ(office_.Show(kHousing, own).parent(), top);
  v1::ActOnCaseRequest link = office_.Action(own, "link");
  link.set_target(Open("units/shuiwu"));
  Office::Must<v1::ActOnCaseResponse>(office_.Call(kSupervisor, link));
  const auto names = [&](const std::string& viewer) {
    std::string out;
    for (const v1::EventRecord& record : office_.Events(viewer, own)) {
      if (record.event().has_part_linked()) out = record.event().part_linked().parent();
    }
    return out;
  };
  EXPECT_EQ(names(kHousing), "");
  EXPECT_EQ(names(kSupervisor), link.target());
}

TEST_P(RollUp, AJobOpensAPartForEachUnit) {
  const std::string top = Open("units/zhujian");
  v1::StartJobRequest start;
  start.set_idempotency_key(office_.FreshKey());
  v1::OpenForEach& each = *start.mutable_task()->mutable_open_for_each();
  each.set_procedure("piece");
  each.set_party("lead");
  each.add_units("units/zhujian");
  each.add_units("units/shuiwu");
  v1::PartyBinding& issuer = *each.add_parties();
  issuer.set_party("issuer");
  issuer.add_ids("units/ducha");
  Office::SetField(each.mutable_fields(), "task")->set_text("自查");
  each.set_parent(top);
  EXPECT_EQ(ReasonOf(office_.Call(kSupervisor, start)), "JOB_LINK") << "the parent of what?";
  each.set_link(v1::LINK_KIND_PART);
  Office::Must<v1::StartJobResponse>(office_.Call(kSupervisor, start));
  while (office_.node().Pump()) {
  }
  EXPECT_EQ(SumOf(kSupervisor, top).total(), 2);
}

TEST_P(RollUp, AreWhatASecondOpinionSaysThroughWorkAtRandom) {
  std::mt19937_64 random(GetParam());
  const auto pick = [&](size_t n) { return static_cast<size_t>(random() % n); };
  absl::Time now = At("2026-09-01 09:00");
  Viewer watcher(office_, kHousing, v1::VIEW_LEDGER);
  watcher.Connect();
  for (int step = 0; step < 90; ++step) {
    const std::string lead = pick(2) ? "units/zhujian" : "units/shuiwu";
    const std::string due = pick(3) ? absl::StrCat("2026-09-", 10 + pick(20)) : "";
    const std::string any = cases_.empty() ? "" : cases_[pick(cases_.size())];
    const size_t kind = pick(10);
    if (cases_.empty() || kind == 0) {
      Open(lead, due);
    } else if (kind <= 3) {
      if (office_.Show(kAuditor, any).end_kind() == v1::END_KIND_UNSPECIFIED) {
        Open(lead, due, any, static_cast<int64_t>(pick(4)));
      }
    } else if (kind <= 5) {
      Link(any, cases_[pick(cases_.size())], static_cast<int64_t>(pick(4)));
    } else if (kind <= 7) {
      office_.Call(pick(2) ? kWater : kHousing, office_.Action(any, "finish"));
    } else if (kind == 8) {
      office_.Call(kSupervisor, office_.Action(any, "drop"));
    } else {
      now += absl::Hours(1 + static_cast<int64_t>(pick(72)));
      office_.Advance(now);
    }
    watcher.Rest();
    ExpectRight();
    if (HasFatalFailure() || HasNonfatalFailure()) FAIL() << "after step " << step;
  }
  office_.node().Shutdown();
  const absl::StatusOr<store::Apply> derived = DeriveRows(office_.store());
  ASSERT_TRUE(derived.ok()) << derived.status();
  ExpectSame(RowsOf(office_.store()), RowsOf(*derived));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RollUp, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace duban::node
