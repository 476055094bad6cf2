// Whoever asks for a list by a name that nothing published has is told so, and what there is; an empty list means that
// there is nothing that he may see.
#include "services/node/filter_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "absl/strings/str_replace.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class FilterWordsTest : public testing::Test {
 protected:
  // What a list is refused with; empty where it is given.
  std::string Refusal(v1::View view, const std::string& label, const std::string& value,
                      const std::string& procedure = "") {
    v1::QueryViewRequest request;
    request.set_view(view);
    auto& labels = *request.mutable_filter()->mutable_labels();
    labels[label] = value;
    if (!procedure.empty()) labels["procedure"] = procedure;
    const auto reply = office.node().QueryView(kWater, request);
    const auto* rejection = std::get_if<engine::Rejection>(&reply);
    if (rejection == nullptr) return "";
    EXPECT_EQ(rejection->reason, "UNKNOWN_FILTER_VALUE");
    return rejection->message.zh();
  }
  std::string Ledger(const std::string& label, const std::string& value, const std::string& procedure = "") {
    return Refusal(v1::VIEW_LEDGER, label, value, procedure);
  }

  Office office;
};

TEST_F(FilterWordsTest, ANameThatNothingHasIsSaidWithTheNearestAndWithWhatThereIs) {
  EXPECT_THAT(Ledger("procedure", "rectificaton"),
              StartsWith("没有规程“rectificaton”。是否应为“rectification”？现有："));
  EXPECT_THAT(Ledger("procedure", "问题整改"), HasSubstr("“问题整改”是名称，此处应写“rectification”"));
  EXPECT_EQ(Ledger("light", "pink"), "没有灯色“pink”。现有：green、yellow、red");
  EXPECT_THAT(Ledger("stage", "nope"), StartsWith("没有环节“nope”。现有："));
  EXPECT_THAT(Refusal(v1::VIEW_REGISTERS, "register", "nope"), HasSubstr("现有：negative_list"));
  EXPECT_EQ(Ledger("state", "closed"), "没有状态“closed”。现有：open、ended");
  EXPECT_THAT(Ledger("timeliness", "late"), HasSubstr("现有：on_time、"));
}

TEST_F(FilterWordsTest, AStageIsOneOfTheProcedureThatIsNamedBeside) {
  EXPECT_EQ(Ledger("stage", "planned"), "") << "some procedure has it";
  EXPECT_THAT(Ledger("stage", "planned", "rectification"), HasSubstr("没有环节“planned”"));
}

TEST_F(FilterWordsTest, WhatIsThereGivesAnEmptyListToWhoSeesNothing) {
  EXPECT_EQ(Ledger("procedure", "rectification"), "");
  EXPECT_EQ(Ledger("light", "red"), "");
  EXPECT_EQ(Ledger("stage", "closed"), "");
  EXPECT_EQ(Refusal(v1::VIEW_REGISTERS, "register", "negative_list"), "");
}

TEST_F(FilterWordsTest, WhatAnEarlierVersionHadIsStillFound) {
  constexpr char kSmall[] = R"(
procedure: small
title: 小事
may_open: [issuer]
parties: {issuer: {kind: unit, title: 交办单位}}
fields: {what: {type: text, title: 何事, required: true}}
lights: [{colour: 灰}, {colour: 黑, overdue: true}]
stages:
  begun: {title: 办理, within: 5 days, actions: {finish: {title: 办结, by: issuer, to: done}}}
  done:  {title: 已办结, end: done}
)";
  EXPECT_THAT(Ledger("light", "灰"), HasSubstr("没有灯色“灰”"));
  office.Publish("small", kSmall);
  EXPECT_EQ(Ledger("light", "灰"), "");
  office.Publish("small_again", absl::StrReplaceAll(kSmall, {{"灰", "白"}, {"begun", "started"}}));
  EXPECT_EQ(Ledger("light", "灰"), "") << "cases of the first version may show it";
  EXPECT_EQ(Ledger("stage", "begun", "small"), "");
}

TEST_F(FilterWordsTest, AWatchAndTheLedgersOwnFilterSayItToo) {
  v1::QueryLedgerRequest ledger;
  ledger.mutable_filter()->set_light("pink");
  EXPECT_EQ(ReasonOf(office.node().QueryLedger(kWater, ledger)), "UNKNOWN_FILTER_VALUE");
  v1::WatchViewRequest watch;
  watch.set_view(v1::VIEW_LEDGER);
  watch.mutable_filter()->set_procedure("nope");
  EXPECT_EQ(ReasonOf(office.node().WatchView(kWater, watch, [] {})), "UNKNOWN_FILTER_VALUE");
}

}  // namespace
}  // namespace duban::node
