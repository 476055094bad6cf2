// One act that opens a case for each of many units, on a node: one commit, views that are right when it returns, seen
// by those whose it is, and the same after a rebuild.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "tests/node/support/cut_store.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

constexpr char kCampaign[] = R"yaml(
procedure: campaign
title: {zh: 专项行动, en: Campaign}
may_open: [issuer]
numbers: 专项〔{year}〕{lead}{seq}号
parties:
  issuer: {kind: unit, right: issue, title: {zh: 交办单位}}
  lead:   {kind: unit, title: {zh: 牵头单位}}
fields:
  matter: {title: {zh: 事项}, type: text, required: true}
  due:    {title: {zh: 时限}, type: date}
  units:  {title: {zh: 各单位}, type: unit, many: true}
stages:
  working:
    title: {zh: 办理中}
    within: 60 days
    actions:
      divide: {title: {zh: 分解}, by: issuer, needs: [units], opens: {procedure: campaign, for_each: {lead: units}, bind: {issuer: issuer}, set: {matter: matter, due: due}, as: part}}
      finish: {title: {zh: 办结}, by: [lead, issuer], to: done, when: [parts_closed]}
  done: {title: {zh: 已办结}, end: done}
clocks:
  main: {title: {zh: 完成时限}, from: working, until: [done], due: due, remind: [10 days, 3 days], charged_to: lead}
)yaml";

class ForEach : public testing::Test {
 protected:
  ForEach() {
    office.Publish("campaign", kCampaign);
    v1::OpenCaseRequest request = office.Matter("campaign", "lead", "燃气安全");
    request.mutable_parties()->Clear();
    Office::Bind(request, "issuer", "units/ducha");
    Office::Bind(request, "lead", "units/zhujian");
    Office::SetField(request.mutable_fields(), "due")->set_date("2026-12-31");
    whole = Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, request)).case_();
  }

  v1::ActOnCaseRequest Divide(const std::vector<std::string>& units) {
    v1::ActOnCaseRequest request = office.Action(whole, "divide");
    v1::FieldValue& given = *request.add_fields();
    given.set_field("units");
    for (const std::string& unit : units) given.add_values()->set_reference(unit);
    return request;
  }
  int64_t Rows(const std::string& viewer) {
    v1::QueryLedgerRequest query;
    query.set_page_size(500);
    return office.Ledger(viewer, query).rows_size();
  }

  Office office{{.own_thread = false}};
  std::string whole;
};

TEST_F(ForEach, OneCommitOpensThemAndEveryViewIsRightWhenItReturns) {
  const size_t commits = LogOf(office.store()).size();
  Office::Must<v1::ActOnCaseResponse>(office.Call(kSupervisor, Divide({"units/zhujian", "units/shuiwu"})));
  EXPECT_EQ(LogOf(office.store()).size(), commits + 1);
  EXPECT_EQ(office.Show(kSupervisor, whole).parts().total(), 2);
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, office.Action(whole, "finish"))), "GUARD_FAILED");
  EXPECT_EQ(Rows(kWater), 1) << "its own part, and nothing of the whole";
  EXPECT_EQ(Rows(kSupervisor), 3);
  ExpectDerived(office.store());
}

TEST_F(ForEach, ARepeatedCallOpensNothingMore) {
  const v1::ActOnCaseRequest divide = Divide({"units/zhujian", "units/shuiwu"});
  Office::Must<v1::ActOnCaseResponse>(office.Call(kSupervisor, divide));
  EXPECT_TRUE(Office::Must<v1::ActOnCaseResponse>(office.Call(kSupervisor, divide)).repeated_call());
  EXPECT_EQ(Rows(kSupervisor), 3);
}

TEST_F(ForEach, APreviewOpensNothing) {
  v1::ActOnCaseRequest divide = Divide({"units/zhujian", "units/shuiwu"});
  divide.set_validate_only(true);
  Office::Must<v1::ActOnCaseResponse>(office.Call(kSupervisor, divide));
  EXPECT_EQ(Rows(kSupervisor), 1);
}

TEST_F(ForEach, AsManyAsThereMayBeFitIntoOneCommit) {
  std::vector<std::string> units;
  for (size_t i = 0; i < engine::limits::kOpenedAtOnceMax; ++i) units.push_back(absl::StrCat("units/bumen", i));
  for (size_t i = 0; i < units.size(); i += 100) {
    v1::ApplyDirectoryRequest directory;
    directory.set_idempotency_key(office.FreshKey());
    for (size_t k = i; k < i + 100; ++k) {
      v1::Unit& unit = *directory.add_units();
      unit.set_name(units[k]);
      unit.set_title(absl::StrCat("部门", k));
      unit.set_code(absl::StrCat("部", k, "号"));
    }
    Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, directory));
  }
  const size_t commits = LogOf(office.store()).size();
  Office::Must<v1::ActOnCaseResponse>(office.Call(kSupervisor, Divide(units)));
  const std::vector<v1::Commit> log = LogOf(office.store());
  ASSERT_EQ(log.size(), commits + 1);
  EXPECT_EQ(log.back().parts_size(), 1 + static_cast<int>(units.size()));
  EXPECT_EQ(office.Show(kSupervisor, whole).parts().total(), static_cast<int64_t>(units.size()));
  ExpectDerived(office.store());
}

}  // namespace
}  // namespace duban::node
