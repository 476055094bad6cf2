// Power cuts under a whole node: every acknowledged command is there afterwards, exactly once, none is half there, and
// rows and timers are what a rebuild from the log gives.
//
// One office lives through all cuts on one directory: it opens orders, acts on them, lets time pass, changes the
// calendar, which starts jobs that count the deadlines again, several commands at once; at a random change of the disk
// the power fails. A job that had begun comes to its end afterwards. DUBAN_POWER_CUTS sets how often (1,000 by default;
// a tenth of that within ctest's parallel run would be no faster, because opening costs most), DUBAN_SEED where it
// begins.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "engine/views/rows.h"
#include "services/node/jobs/job_rows.h"
#include "services/node/rebuild.h"
#include "store/rocks_store.h"
#include "tests/node/support/office.h"
#include "tests/store/fault_file_system.h"

namespace duban::node {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// A directory of its own, in memory where the machine has such a file system: the cut is ours, not the disk's.
std::string FreshDirectory() {
  std::string path = std::filesystem::exists("/dev/shm") ? "/dev/shm/duban-XXXXXX"
                                                         : std::filesystem::temp_directory_path() / "duban-XXXXXX";
  EXPECT_NE(mkdtemp(path.data()), nullptr);
  return path;
}

// Every row and timer that stands in a store.
using Standing = std::map<std::pair<uint8_t, std::string>, std::string>;
constexpr uint8_t kTimers = 255;

Standing Stands(const store::Store& store) {
  Standing out;
  const auto snapshot = store.NewSnapshot();
  for (int table = 1; table < 64; ++table) {
    EXPECT_TRUE(snapshot
                    ->Scan(static_cast<uint8_t>(table), "", "",
                           [&](absl::string_view key, absl::string_view value) {
                             out[{static_cast<uint8_t>(table), std::string(key)}] = std::string(value);
                             return true;
                           })
                    .ok());
  }
  EXPECT_TRUE(store
                  .DueTimers(INT64_MAX,
                             [&](const store::Timer& timer) {
                               out[{kTimers, timer.name}] = absl::StrCat(timer.due_ms);
                               return true;
                             })
                  .ok());
  return out;
}

Standing Derived(const store::Store& store) {
  Standing out;
  const absl::StatusOr<store::Apply> apply = DeriveRows(store);
  EXPECT_TRUE(apply.ok()) << apply.status();
  if (!apply.ok()) return out;
  for (const store::RowChange& row : apply->rows) {
    if (!row.deleted) out[{row.table, row.key}] = row.value;
  }
  for (const store::TimerChange& timer : apply->timers) {
    if (timer.new_due_ms != store::TimerChange::kNone) out[{kTimers, timer.name}] = absl::StrCat(timer.new_due_ms);
  }
  return out;
}

// The office and what it has been promised.
class Life {
 public:
  explicit Life(uint64_t seed)
      : random_(seed), files_(std::make_shared<store::FaultFileSystem>(directory_ + "/attic", seed)) {
    std::filesystem::create_directories(directory_ + "/attic");
    options_.env = store::FaultEnv(files_);
    auto store = store::OpenRocksStore(directory_ + "/db", options_);
    EXPECT_TRUE(store.ok()) << store.status();
    node_options_.virtual_clock = true;
    node_options_.virtual_start = At("2026-09-01 09:00");
    office_ = std::make_unique<Office>(OfficeOptions{true, seed}, *std::move(store));
  }
  ~Life() {
    office_.reset();
    std::filesystem::remove_all(directory_);
  }

  // Works until the power fails, then opens again. What is wrong; empty when nothing is.
  std::string CutOnce() {
    constexpr uint64_t kReaches[] = {5, 20, 60, 150};
    files_->CutPowerAfter(1 + random_() % kReaches[random_() % 4]);
    while (!files_->power_is_cut()) WorkAtOnce(1 + static_cast<int>(random_() % 6));
    if (std::string wrong = Reopen(); !wrong.empty()) return wrong;
    return Verify();
  }

  uint64_t acknowledged() const { return acknowledged_; }
  // Cases whose deadlines a job counted again, and jobs that ran when the power failed.
  int64_t recounted() const { return recounted_; }
  uint64_t interrupted() const { return interrupted_; }

 private:
  struct Sent {
    std::string actor;
    Request request;
    std::future<Reply<Response>> reply;
  };

  // Hands in several commands at once, so that batches hold more than one, and waits for all answers.
  void WorkAtOnce(int commands) {
    std::vector<Sent> sent;
    for (int i = 0; i < commands; ++i) {
      Sent& one = sent.emplace_back(Next());
      auto promise = std::make_shared<std::promise<Reply<Response>>>();
      one.reply = promise->get_future();
      office_->node().Submit(one.actor, one.request,
                             [promise](Reply<Response> reply) { promise->set_value(std::move(reply)); });
    }
    for (Sent& one : sent) {
      Reply<Response> reply = one.reply.get();
      if (std::holds_alternative<Response>(reply)) {
        Promised(one, std::get<Response>(reply));
      } else if (std::holds_alternative<absl::Status>(reply)) {
        doubtful_.push_back(std::move(one));
      }
    }
  }

  Sent Next() {
    Sent out;
    const uint64_t what = random_() % 11;
    if (cases_.empty() || what == 0) {
      out.actor = kSupervisor;
      out.request = office_->Order("units/zhujian", absl::StrCat("问题", random_() % 1000), "2026-10-30");
    } else if (what == 1) {
      v1::AdvanceClockRequest advance;
      clock_ += absl::Minutes(static_cast<int64_t>(random_() % 600));
      *advance.mutable_to() = engine::ToProto(std::min(clock_, At("2026-12-01 09:00")));
      advance.set_idempotency_key(office_->FreshKey());
      out.actor = kOperatorPerson;
      out.request = advance;
    } else if (what == 10) {
      out.actor = kOperatorPerson;
      out.request = OtherCalendar();
    } else {
      out.actor = kHousing;
      const std::string& name = cases_[random_() % cases_.size()];
      v1::ActOnCaseRequest act = office_->Action(name, what < 5 ? "comment" : what == 5 ? "acknowledge" : "report");
      if (what < 5) act.set_note(absl::StrCat("备注", random_() % 1000));
      if (what > 5) Office::SetField(act.mutable_fields(), "progress")->set_text(absl::StrCat("进展", random_() % 99));
      out.request = act;
    }
    return out;
  }

  // The year as it does not stand: with a day off just before all are due, or without it.
  v1::PublishCalendarRequest OtherCalendar() {
    v1::PublishCalendarRequest request;
    request.set_idempotency_key(office_->FreshKey());
    v1::CalendarYear& year = *request.add_years();
    year.set_year(2026);
    year.set_source("2026 年部分节假日安排");
    const auto off = [&](const std::string& date, const char* title) {
      v1::CalendarDay& day = *year.add_days();
      day.set_date(date);
      day.set_type(v1::DAY_TYPE_HOLIDAY);
      day.set_title(title);
    };
    for (int day = 1; day <= 7; ++day) off(absl::StrCat("2026-10-0", day), "国庆节");
    if (calendars_++ % 2 == 0) off("2026-10-29", "临时放假");
    return request;
  }

  void Promised(const Sent& sent, const Response& response) {
    ++acknowledged_;
    const auto* published = std::get_if<v1::PublishCalendarResponse>(&response);
    if (published != nullptr && !published->job().empty()) jobs_.push_back(published->job());
    if (const auto* opened = std::get_if<v1::OpenCaseResponse>(&response)) cases_.push_back(opened->case_());
    promised_.push_back({sent.actor, sent.request, response});
    if (promised_.size() > 200) promised_.erase(promised_.begin(), promised_.begin() + 100);
  }

  std::string Reopen() {
    office_->Close();
    files_->Restore();
    auto store = store::OpenRocksStore(directory_ + "/db", options_);
    if (!store.ok()) return absl::StrCat("the store does not open: ", store.status().ToString());
    if (Stands(**store) != Derived(**store)) return "rows differ from a rebuild";
    bool running = false;
    const absl::Status listed =
        (*store)->NewSnapshot()->Scan(static_cast<uint8_t>(engine::Table::kJobIndex), RunningJobs(), "",
                                      [&](absl::string_view, absl::string_view) { return !(running = true); });
    if (!listed.ok()) return listed.ToString();
    interrupted_ += running ? 1 : 0;
    office_->Reopen(*std::move(store));
    return "";
  }

  // Each promise is asked for again under its key: the answer must be the first one. What was in doubt is done now,
  // unless it had been done.
  std::string Verify() {
    for (const Promise& promise : promised_) {
      const Reply<Response> again = office_->Call(promise.actor, promise.request);
      if (!std::holds_alternative<Response>(again)) return "an acknowledged command is refused when repeated";
      if (std::string wrong = Same(promise.response, std::get<Response>(again)); !wrong.empty()) return wrong;
    }
    for (Sent& sent : std::exchange(doubtful_, {})) {
      const Reply<Response> again = office_->Call(sent.actor, sent.request);
      if (std::holds_alternative<Response>(again)) Promised(sent, std::get<Response>(again));
    }
    return EndJobs();
  }

  v1::Job Job(const std::string& name) {
    v1::GetJobRequest request;
    request.set_job(name);
    return Office::MustRead(office_->node().GetJob(kOperatorPerson, request)).job();
  }
  // Time passes only once the jobs that run have come to their end.
  std::string EndJobs() {
    clock_ += absl::Minutes(1);
    office_->Advance(
        std::max(clock_, engine::FromProto(Office::MustRead(office_->node().GetWorkspace(kOperatorPerson, {})).now())));
    for (const std::string& name : std::exchange(jobs_, {})) {
      const v1::Job job = Job(name);
      if (job.state() != v1::JOB_STATE_DONE) return "a job did not come to its end";
      if (job.looked_at() != job.total()) return "a job looked at a case twice, or left one out";
      recounted_ += job.changed();
    }
    return "";
  }

  static std::string Same(const Response& first, const Response& again) {
    if (const auto* opened = std::get_if<v1::OpenCaseResponse>(&again)) {
      const auto& was = std::get<v1::OpenCaseResponse>(first);
      const bool same = opened->repeated_call() && opened->case_() == was.case_() && opened->number() == was.number() &&
                        opened->position() == was.position();
      return same ? "" : "an acknowledged opening was lost";
    }
    if (const auto* acted = std::get_if<v1::ActOnCaseResponse>(&again)) {
      const auto& was = std::get<v1::ActOnCaseResponse>(first);
      const bool same =
          acted->repeated_call() && acted->revision() == was.revision() && acted->position() == was.position();
      return same ? "" : "an acknowledged act was lost";
    }
    if (const auto* published = std::get_if<v1::PublishCalendarResponse>(&again)) {
      const auto& was = std::get<v1::PublishCalendarResponse>(first);
      const bool same = published->position() == was.position() && published->job() == was.job();
      return same ? "" : "an acknowledged calendar was lost";
    }
    const auto& advanced = std::get<v1::AdvanceClockResponse>(again);
    const auto& was = std::get<v1::AdvanceClockResponse>(first);
    return advanced.position() == was.position() ? "" : "an acknowledged advance of the clock was lost";
  }

  struct Promise {
    std::string actor;
    Request request;
    Response response;
  };

  std::mt19937_64 random_;
  const std::string directory_ = FreshDirectory();
  std::shared_ptr<store::FaultFileSystem> files_;
  store::RocksOptions options_;
  NodeOptions node_options_;
  std::unique_ptr<Office> office_;
  absl::Time clock_ = At("2026-09-01 09:00");
  std::vector<std::string> cases_;
  std::vector<Promise> promised_;  // The last two hundred.
  std::vector<Sent> doubtful_;     // Neither acknowledged nor rejected when the power failed.
  uint64_t acknowledged_ = 0;
  int calendars_ = 0;
  std::vector<std::string> jobs_;  // Acknowledged since the last look at how they ended.
  int64_t recounted_ = 0;
  uint64_t interrupted_ = 0;
};

TEST(NodePowerCutTest, WhatWasAcknowledgedIsThereOnceAndRowsEqualARebuild) {
  const uint64_t seed = FromEnvironment("DUBAN_SEED", 1);
  const uint64_t cuts = FromEnvironment("DUBAN_POWER_CUTS", 1000);
  // A fresh office now and then keeps histories short, so that deriving all rows after every cut stays quick.
  constexpr uint64_t kCutsPerLife = 25;
  uint64_t acknowledged = 0, interrupted = 0;
  int64_t recounted = 0;
  for (uint64_t first = 0; first < cuts; first += kCutsPerLife) {
    Life life(seed + first);
    for (uint64_t cut = 0; cut < kCutsPerLife && first + cut < cuts; ++cut) {
      const std::string wrong = life.CutOnce();
      ASSERT_EQ(wrong, "") << "at cut " << cut << "; again with DUBAN_SEED=" << seed + first << " DUBAN_POWER_CUTS=25";
    }
    acknowledged += life.acknowledged();
    recounted += life.recounted();
    interrupted += life.interrupted();
  }
  std::cout << cuts << " cuts, " << acknowledged << " commands acknowledged, " << interrupted << " jobs interrupted, "
            << recounted << " cases recounted\n";
  EXPECT_GT(acknowledged, cuts);
  EXPECT_GT(recounted, 0);
  if (cuts >= 100) {
    EXPECT_GT(interrupted, 0u);
  }
}

}  // namespace
}  // namespace duban::node
