// The life of one order, from its import to the end of its second round, on a real server: every step that a
// supervision office takes, what each party sees of it, and that every day of it can be shown again as it was.
#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/e2e/support/city.h"
#include "tests/support/watch_validator.h"

namespace duban::e2e {
namespace {

constexpr char kPhoto[] = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08#现场照片.jpg";

// Reads a stream on a thread of its own from the start.
class Reader {
 public:
  explicit Reader(std::unique_ptr<client::EventWatch> watch) : watch_(std::move(watch)), thread_([this] { Run(); }) {}
  ~Reader() {
    watch_->Cancel();
    thread_.join();
  }
  std::vector<v1::EventRecord> events() {
    std::lock_guard<std::mutex> lock(mu_);
    return events_;
  }

 private:
  void Run() {
    for (v1::WatchEventsResponse message; watch_->Next(&message);) {
      std::lock_guard<std::mutex> lock(mu_);
      validator_.Take(message);
      events_.insert(events_.end(), message.events().begin(), message.events().end());
    }
  }
  std::unique_ptr<client::EventWatch> watch_;
  std::mutex mu_;
  std::vector<v1::EventRecord> events_;
  duban::testing::EventValidator validator_;
  std::thread thread_;
};

// Follows the alerts of one person as a dashboard does.
class Board {
 public:
  explicit Board(std::unique_ptr<client::ViewWatch> watch) : watch_(std::move(watch)), thread_([this] { Run(); }) {}
  ~Board() {
    watch_->Cancel();
    thread_.join();
  }
  bool Sees(const std::string& kind) {
    for (int i = 0; i < 200; ++i) {
      {
        std::lock_guard<std::mutex> lock(mu_);
        for (const auto& [key, alert] : rows_) {
          if (alert.kind() == kind) return true;
        }
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    return false;
  }
  bool Empties() {
    for (int i = 0; i < 200; ++i) {
      {
        std::lock_guard<std::mutex> lock(mu_);
        if (rows_.empty()) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    return false;
  }

 private:
  void Run() {
    int reconnects = 0;
    for (v1::WatchViewResponse message; watch_->Next(&message);) {
      std::lock_guard<std::mutex> lock(mu_);
      if (std::exchange(reconnects, watch_->reconnects()) != reconnects) validator_.Disconnect();
      validator_.Take(message);
      if (message.has_begin() && !message.begin().resumed()) rows_.clear();
      for (const auto& change : message.changes().changes()) {
        if (change.has_alert()) {
          rows_[change.key()] = change.alert();
        } else {
          rows_.erase(change.key());
        }
      }
    }
  }
  std::unique_ptr<client::ViewWatch> watch_;
  std::mutex mu_;
  std::map<std::string, v1::Alert> rows_;
  duban::testing::ViewValidator validator_{"alerts"};
  std::thread thread_;
};

class OrderLifeTest : public ::testing::Test {
 protected:
  // Ends a day: what each person is shown then is kept, to be compared with what is shown as of it.
  void EndOf(const std::string& day) {
    city.At(day + " 23:59");
    for (const char* person : {kIssuer, kOwner}) shown[day][person] = city.Case(person, order);
  }

  // Imports one row of a ledger with the command line.
  void Import() {
    const std::string folder = city.server().data();
    std::ofstream(folder + "/ledger.csv") << "问题编号,存在问题,责任单位,完成时限\n"
                                             "WT-001,\"工地裸土未覆盖,路面积尘\",市住建局,2026-09-18\n";
    std::ofstream(folder + "/map.yaml") << "kind: ledger\n"
                                           "procedure: rectification\n"
                                           "key: [问题编号]\n"
                                           "parties:\n"
                                           "  owner: {column: 责任单位, lookup: unit}\n"
                                           "  reviewer: {value: posts/yanshou}\n"
                                           "fields:\n"
                                           "  problem: {column: 存在问题}\n"
                                           "  due: {column: 完成时限, type: date}\n";
    const std::string token = folder + "/issuer.token";
    std::ofstream(token) << city.TokenOf(kIssuer);
    const Ran ran = e2e::Run({DubanPath(), "--server", city.server().target(), "--token-file", token, "import",
                              folder + "/ledger.csv", "--map", folder + "/map.yaml"});
    ASSERT_EQ(ran.code, 0) << ran.output;
    // A second import opens nothing anew.
    const Ran again = e2e::Run({DubanPath(), "--server", city.server().target(), "--token-file", token, "import",
                                folder + "/ledger.csv", "--map", folder + "/map.yaml"});
    ASSERT_EQ(again.code, 0) << again.output;
    const std::vector<v1::LedgerRow> rows = city.Ledger(kIssuer);
    ASSERT_EQ(rows.size(), 1u);
    order = rows[0].case_();
    EXPECT_EQ(rows[0].number(), "交办〔2026〕住建1号");
  }

  std::string LookBack() {
    for (const v1::LedgerRow& row : city.Ledger(kIssuer)) {
      if (row.procedure() == "lookback" && row.end_kind() == v1::END_KIND_UNSPECIFIED) return row.case_();
    }
    return "";
  }

  City city;
  std::string order;
  std::map<std::string, std::map<std::string, v1::Case>> shown;
};

TEST_F(OrderLifeTest, FromImportToTheEndOfItsSecondRound) {
  v1::WatchEventsRequest from_start;
  from_start.set_beginning(true);
  Reader reader(city.As(kIssuer).WatchEvents(from_start));
  v1::WatchViewRequest alerts;
  alerts.set_view(v1::VIEW_ALERTS);
  Board owner_board(city.As(kOwner).WatchView(alerts));

  // Issued and received.
  ASSERT_NO_FATAL_FAILURE(Import());
  EXPECT_EQ(city.Case(kOwner, order).stage(), "issued");
  EndOf("2026-09-01");
  city.At("2026-09-02 10:00");
  EXPECT_EQ(city.Act(kOther, order, "acknowledge"), "CASE_NOT_FOUND");
  EXPECT_EQ(city.Act(kOwner, order, "acknowledge"), "");
  EndOf("2026-09-02");

  // Reminded, then overdue, on the board without anybody asking.
  EndOf("2026-09-16");
  EXPECT_TRUE(owner_board.Sees("reminder"));
  EXPECT_EQ(city.Case(kOwner, order).timeliness(), v1::TIMELINESS_DUE_SOON);
  EndOf("2026-09-18");
  EXPECT_EQ(city.Case(kOwner, order).timeliness(), v1::TIMELINESS_DUE_SOON);
  EndOf("2026-09-19");
  EXPECT_TRUE(owner_board.Sees("overdue"));
  EXPECT_EQ(city.Case(kOwner, order).light().colour(), "red");
  EXPECT_EQ(city.Ledger(kOwner)[0].timeliness(), v1::TIMELINESS_OVERDUE);

  // Progress; an extension asked for by one and approved by another.
  city.At("2026-09-21 10:00");
  EXPECT_EQ(city.Act(kOwner, order, "report", {{"progress", "已覆盖三分之二"}}), "");
  EXPECT_EQ(city.Act(kOwner, order, "extend_rectify", {{"due", "2026-09-30"}}, "连续降雨"), "");
  EXPECT_EQ(city.Act(kOwner, order, "approve_extend_rectify"), "NOT_YOUR_PART");
  EXPECT_EQ(city.Act(kIssuer, order, "approve_extend_rectify"), "");
  EXPECT_TRUE(owner_board.Empties());
  EndOf("2026-09-21");

  // Submitted, rejected, submitted, accepted by somebody who is none of owner, helper, submitter.
  city.At("2026-09-23 10:00");
  EXPECT_EQ(city.Act(kOwner, order, "submit", {{"result", "全部覆盖"}}), "MISSING_NEED");
  EXPECT_EQ(city.Act(kOwner, order, "submit", {{"result", "全部覆盖"}, {"evidence", kPhoto}}), "");
  EXPECT_EQ(city.Act(kOwner, order, "accept"), "NOT_YOUR_PART");
  EndOf("2026-09-23");
  city.At("2026-09-24 10:00");
  EXPECT_EQ(city.Act(kReviewer, order, "reject", {}, "东侧仍有裸土"), "");
  EndOf("2026-09-24");
  city.At("2026-09-28 10:00");
  EXPECT_EQ(city.Act(kOwner, order, "submit", {{"result", "东侧已补"}, {"evidence", kPhoto}}), "");
  EXPECT_EQ(city.Act(kReviewer, order, "accept"), "");
  EXPECT_EQ(city.Case(kIssuer, order).verification(), v1::VERIFICATION_PASSED);
  EndOf("2026-09-28");

  // Ten working days of public notice over the National Day week, both ends counted: 28 September to 15 October.
  EndOf("2026-10-15");
  EXPECT_EQ(city.Case(kOwner, order).stage(), "publicity");
  EndOf("2026-10-16");
  EXPECT_EQ(city.Case(kOwner, order).stage(), "closed");
  EXPECT_EQ(city.Case(kOwner, order).timeliness(), v1::TIMELINESS_ENDED_LATE);

  // A look-back is there, and the visited can infer it from nothing: not by name, not by rows, not by totals.
  const std::string visit = LookBack();
  ASSERT_FALSE(visit.empty());
  int64_t total = 0;
  EXPECT_EQ(city.Ledger(kOwner, &total).size(), 1u);
  EXPECT_EQ(total, 1);
  v1::GetCaseRequest hidden;
  hidden.set_case_(visit);
  v1::GetCaseRequest missing;
  missing.set_case_("cases/aaaaaaaaaaaaa");
  const auto one = city.As(kOwner).Call(hidden);
  const auto two = city.As(kOwner).Call(missing);
  EXPECT_EQ(one.error().reason, "CASE_NOT_FOUND");
  EXPECT_EQ(two.error().reason, "CASE_NOT_FOUND");
  for (const v1::EventRecord& record : city.Events(kOwner)) EXPECT_NE(record.stream(), visit);

  // It has come back: reopened under its number, round 2; closed again.
  city.At("2026-10-20 10:00");
  EXPECT_EQ(city.Act(kIssuer, visit, "visit", {{"findings", "覆盖网破损"}}), "");
  EXPECT_EQ(city.Act(kOwner, visit, "respond", {}, ""), "CASE_NOT_FOUND");
  EXPECT_EQ(city.Act(kIssuer, visit, "report"), "");
  EXPECT_EQ(city.Case(kOwner, visit).stage(), "feedback");
  EXPECT_EQ(city.Act(kIssuer, visit, "rebound", {{"new_due", "2026-11-20"}}, "裸土再现"), "");
  EndOf("2026-10-20");
  EXPECT_EQ(city.Case(kOwner, order).number(), "交办〔2026〕住建1号");
  EXPECT_EQ(city.Case(kOwner, order).round(), 2u);
  EXPECT_EQ(city.Case(kOwner, order).verification(), v1::VERIFICATION_REBOUNDED);
  city.At("2026-10-22 10:00");
  EXPECT_EQ(city.Act(kOwner, order, "submit", {{"result", "换用加厚网"}, {"evidence", kPhoto}}), "");
  EXPECT_EQ(city.Act(kReviewer, order, "accept"), "");
  EndOf("2026-11-04");
  EndOf("2026-11-05");
  EXPECT_EQ(city.Case(kOwner, order).stage(), "closed");
  EXPECT_EQ(city.Case(kOwner, order).timeliness(), v1::TIMELINESS_ENDED_ON_TIME);

  // Every day between can be shown again as it was shown then.
  for (const auto& [day, persons] : shown) {
    for (const auto& [person, then] : persons) {
      v1::GetCaseRequest request;
      request.set_case_(order);
      request.mutable_as_of()->set_date(day);
      auto as_of = city.As(person).Call(request);
      ASSERT_TRUE(as_of.ok()) << day << " " << as_of.error().reason;
      v1::Case expected = then;
      expected.clear_actions();
      std::string difference;
      google::protobuf::util::MessageDifferencer differencer;
      differencer.ReportDifferencesToString(&difference);
      EXPECT_TRUE(differencer.Compare(expected, as_of->case_())) << day << " " << person << "\n" << difference;
    }
  }

  // The reader from the start has every event, once, in order; the sealed informant is in none of the owner's.
  const std::vector<v1::EventRecord> history = city.Events(kIssuer);
  for (int i = 0; i < 200 && reader.events().size() < history.size(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  const std::vector<v1::EventRecord> watched = reader.events();
  ASSERT_EQ(watched.size(), history.size());
  for (size_t i = 0; i < history.size(); ++i) {
    EXPECT_EQ(watched[i].stream(), history[i].stream());
    EXPECT_EQ(watched[i].revision(), history[i].revision());
    EXPECT_EQ(watched[i].position(), history[i].position());
  }

  // The command line replays it line by line and shows a day between.
  const std::string token = city.server().data() + "/owner.token";
  std::ofstream(token) << city.TokenOf(kOwner);
  const Ran replay =
      e2e::Run({DubanPath(), "--server", city.server().target(), "--token-file", token, "replay", order});
  EXPECT_EQ(replay.code, 0) << replay.output;
  for (const char* word : {"签收", "逾期", "延期", "申请销号", "退回整改", "验收通过", "公示", "已销号", "第 2 轮"}) {
    EXPECT_TRUE(absl::StrContains(replay.output, word)) << word << " in\n" << replay.output;
  }
  const Ran then = e2e::Run({DubanPath(), "--server", city.server().target(), "--token-file", token, "case", "show",
                             order, "--as-of", "2026-09-19"});
  EXPECT_EQ(then.code, 0) << then.output;
  EXPECT_TRUE(absl::StrContains(then.output, "整改中")) << then.output;
}

}  // namespace
}  // namespace duban::e2e
