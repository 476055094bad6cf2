// Two thousand broken connections, one after each message boundary in turn, with random writes in between and the node
// started again now and then: no gap, no repeat, no step back, and in the end every watcher holds what the server
// shows. Seeded: a failure names its seed, DUBAN_SEED plays it again.
#include <gmock/gmock.h>

#include <cstdlib>
#include <random>

#include "tests/node/support/viewer.h"

namespace duban::node {
namespace {

constexpr int kReconnects = 2000;

uint64_t Seed() {
  const char* asked = std::getenv("DUBAN_SEED");
  return asked != nullptr ? std::strtoull(asked, nullptr, 10) : 20260901;
}

// Two bureaus at work, a step at a time, as the dice have it.
class Writers {
 public:
  Writers(Office& office, uint64_t seed) : office_(office), random_(seed) {}

  void Step() {
    const int dice = static_cast<int>(random_() % 100);
    if (orders_.empty() || (dice < 25 && orders_.size() < 120)) {
      const bool housing = random_() % 2 == 0;
      orders_.push_back(
          {office_.Open(housing ? "units/zhujian" : "units/shuiwu", absl::StrCat("第", orders_.size(), "件"), Day(18))
               .case_(),
           housing ? kHousing : kWater});
    } else if (dice < 80) {
      const auto& [name, owner] = orders_[random_() % orders_.size()];
      static const char* const kActions[] = {"acknowledge", "report", "comment", "submit", "accept", "comment"};
      const std::string action = kActions[random_() % 6];
      v1::ActOnCaseRequest act = action == "submit" ? office_.Submission(name) : office_.Action(name, action);
      if (action == "report") Office::SetField(act.mutable_fields(), "progress")->set_text("过半");
      act.set_note(action == "comment" ? "进展" : "");
      office_.Call(action == "accept" ? kReviewer : owner, act);  // May be refused: so much the better.
    } else if (dice < 90) {
      hours_ += static_cast<int>(random_() % 10);
      office_.Advance(At("2026-09-01 09:00") + absl::Hours(hours_));
    }
  }
  uint64_t Roll(uint64_t sides) { return random_() % sides; }
  const std::string& FirstOrder() const { return orders_[0].first; }

 private:
  static std::string Day(int day) { return absl::StrCat("2026-09-", day); }

  Office& office_;
  std::mt19937_64 random_;
  std::vector<std::pair<std::string, std::string>> orders_;
  int hours_ = 0;
};

TEST(WatchReconnect, NoGapNoRepeatNoStepBackOverTwoThousandBrokenConnections) {
  SCOPED_TRACE(absl::StrCat("seed ", Seed()));
  Office office;
  Writers writers(office, Seed());
  writers.Step();
  std::vector<std::unique_ptr<Viewer>> viewers;
  for (const char* person : {kHousing, kSupervisor}) {
    for (v1::View view : {v1::VIEW_LEDGER, v1::VIEW_ALERTS, v1::VIEW_WORKLIST, v1::VIEW_METRICS, v1::VIEW_UNITS}) {
      viewers.push_back(std::make_unique<Viewer>(office, person, view));
    }
    viewers.push_back(std::make_unique<Viewer>(office, person, v1::VIEW_LEDGER, Where("stage", "issued")));
    viewers.push_back(std::make_unique<Viewer>(office, person, v1::VIEW_TIMELINE, Where("case", writers.FirstOrder())));
  }
  duban::testing::EventValidator events;
  v1::WatchEventsRequest event_request;
  event_request.set_beginning(true);

  for (int i = 0; i < kReconnects && !HasFailure(); ++i) {
    // Each viewer in turn, cut after each boundary in turn: before anything, within a step, after its mark.
    Viewer& viewer = *viewers[i % viewers.size()];
    const int boundary = i / static_cast<int>(viewers.size()) % 5;
    viewer.Connect();
    viewer.Take(boundary);
    writers.Step();
    viewer.Take(static_cast<int>(writers.Roll(3)));
    viewer.Cut();
    for (uint64_t steps = writers.Roll(3); steps > 0; --steps) writers.Step();
    if (i % 3 == 0) {
      if (!events.token().empty()) event_request.set_after(events.token());
      auto stream = Office::MustRead(office.node().WatchEvents(kHousing, event_request, [] {}));
      v1::WatchEventsResponse message;
      for (uint64_t n = writers.Roll(3); n > 0 && stream->Next(&message) == EventStream::Step::kMessage; --n) {
        events.Take(message);
      }
    }
    if (i % 97 == 0) office.Restart();
  }

  int resumptions = 0, snapshots = 0;
  for (auto& viewer : viewers) {
    viewer->Connect();
    viewer->Rest();
    EXPECT_THAT(viewer->validator().resets(), ::testing::IsEmpty());
    resumptions += viewer->validator().resumptions();
    snapshots += viewer->validator().snapshots();
  }
  event_request.set_after(events.token());
  auto stream = Office::MustRead(office.node().WatchEvents(kHousing, event_request, [] {}));
  for (v1::WatchEventsResponse message; stream->Next(&message) == EventStream::Step::kMessage;) events.Take(message);
  events.ExpectTold(office.Events(kHousing));
  EXPECT_GT(resumptions, kReconnects / 2);
  std::printf("%d reconnects, %d resumed, %d snapshots, %zu events\n", kReconnects, resumptions, snapshots,
              events.size());
}

}  // namespace
}  // namespace duban::node
