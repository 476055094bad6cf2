// Watching a real server that is killed again and again: our client goes on by itself, and whoever writes his own finds
// the same promises on the wire. Both are checked by the validator of tests/support, message by message, and against
// QueryView when writing has stopped.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "clients/cpp/view_map.h"
#include "duban/v1/watch_service.grpc.pb.h"
#include "tests/e2e/support/city.h"
#include "tests/support/watch_validator.h"

namespace duban::e2e {
namespace {

using duban::testing::RowBytes;
using duban::testing::ViewValidator;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kPhoto[] = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

int Kills() {
  const char* asked = std::getenv("DUBAN_KILLS");
  return asked != nullptr ? std::atoi(asked) : 12;
}

// What a query says of a view.
RowBytes RowsOf(client::Client& client, v1::View view, const std::string& label = "", const std::string& value = "") {
  RowBytes rows;
  v1::QueryViewRequest request;
  request.set_view(view);
  if (!label.empty()) (*request.mutable_filter()->mutable_labels())[label] = value;
  request.set_page_size(500);
  do {
    const auto page = client.Call(request);
    EXPECT_TRUE(page.ok()) << (page.ok() ? "" : page.error().message.en());
    if (!page.ok()) break;
    for (const v1::ViewRow& row : page->rows()) rows[row.key()] = duban::testing::BytesOf(row);
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return rows;
}

v1::WatchViewRequest Of(v1::View view, const std::string& label = "", const std::string& value = "") {
  v1::WatchViewRequest request;
  request.set_view(view);
  request.set_min_interval_ms(0);
  request.set_heartbeat_s(1);
  if (!label.empty()) (*request.mutable_rows()->mutable_labels())[label] = value;
  return request;
}

// A dashboard on a thread of its own, by our client.
class Board {
 public:
  Board(client::Client& client, v1::WatchViewRequest request)
      : client_(client), request_(std::move(request)), validator_(v1::View_Name(request_.view())) {
    watch_ = client_.WatchView(request_);
    thread_ = std::thread([this] { Run(); });
  }
  ~Board() {
    watch_->Cancel();
    thread_.join();
  }
  int resumptions() {
    std::lock_guard<std::mutex> lock(mu_);
    return validator_.resumptions();
  }
  int snapshots() {
    std::lock_guard<std::mutex> lock(mu_);
    return validator_.snapshots();
  }
  // Waits until it shows what a query says: when writing has stopped it must.
  void ExpectConverges() {
    const std::string label = request_.rows().labels().empty() ? "" : request_.rows().labels().begin()->first;
    const std::string value = label.empty() ? "" : request_.rows().labels().begin()->second;
    const RowBytes rows = RowsOf(client_, request_.view(), label, value);
    for (int i = 0; i < 400; ++i) {
      {
        std::lock_guard<std::mutex> lock(mu_);
        if (validator_.at_mark() && validator_.rows() == rows) break;
      }
      std::this_thread::sleep_for(milliseconds(50));
    }
    std::lock_guard<std::mutex> lock(mu_);
    validator_.ExpectHolds(rows);
    EXPECT_TRUE(map_.consistent());
    EXPECT_EQ(map_.rows().size(), rows.size());
    EXPECT_THAT(validator_.resets(), IsEmpty());
  }

 private:
  void Run() {
    int reconnects = 0;
    for (v1::WatchViewResponse message; watch_->Next(&message);) {
      std::lock_guard<std::mutex> lock(mu_);
      if (watch_->reconnects() != reconnects && message.has_begin()) {
        reconnects = watch_->reconnects();
        validator_.Disconnect();
      }
      validator_.Take(message);
      map_.Apply(message);
    }
  }

  client::Client& client_;
  const v1::WatchViewRequest request_;
  std::unique_ptr<client::ViewWatch> watch_;
  std::mutex mu_;
  ViewValidator validator_;  // Guarded by mu_, like the next.
  client::ViewMap map_;
  std::thread thread_;
};

// Steps of a few orders' lives, as the dice have it.
void Step(City& city, std::mt19937& random, std::vector<std::string>& orders) {
  if (orders.size() < 4 || (random() % 5 == 0 && orders.size() < 40)) {
    orders.push_back(city.Open("units/zhujian", absl::StrCat("事项", orders.size()), "2026-09-18"));
    return;
  }
  const std::string& order = orders[random() % orders.size()];
  switch (random() % 4) {
    case 0:
      city.Act(kOwner, order, "acknowledge");
      break;
    case 1:
      city.Act(kOwner, order, "submit", {{"result", "已完成"}, {"evidence", kPhoto}});
      break;
    case 2:
      city.Act(kReviewer, order, "accept");
      break;
    default:
      city.Act(kOwner, order, "comment");
  }
}

TEST(WatchKillTest, OurClientGoesOnByItselfThroughTheDeathsOfTheServer) {
  City city;
  std::mt19937 random(20260901);
  std::vector<std::string> orders;
  for (int i = 0; i < 6; ++i) Step(city, random, orders);
  Board ledger(city.As(kOwner), Of(v1::VIEW_LEDGER));
  Board issued(city.As(kOwner), Of(v1::VIEW_LEDGER, "stage", "issued"));
  Board alerts(city.As(kOwner), Of(v1::VIEW_ALERTS));
  Board worklist(city.As(kOwner), Of(v1::VIEW_WORKLIST));
  Board units(city.As(kIssuer), Of(v1::VIEW_UNITS));
  Board line(city.As(kIssuer), Of(v1::VIEW_TIMELINE, "case", orders[0]));
  Board* const boards[] = {&ledger, &issued, &alerts, &worklist, &units, &line};
  for (int kill = 0; kill < Kills() && !HasFailure(); ++kill) {
    for (int i = 0; i < 6; ++i) Step(city, random, orders);
    if (kill == 5) city.At("2026-09-20 09:00");
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
    city.server().Kill();
    city.server().Start(/*same_port=*/true);
  }
  for (int i = 0; i < 6; ++i) Step(city, random, orders);
  int resumptions = 0;
  for (Board* board : boards) {
    board->ExpectConverges();
    resumptions += board->resumptions();
    EXPECT_EQ(board->snapshots(), 1) << "each goes on from its marks";
  }
  EXPECT_GT(resumptions, Kills());
  std::printf("%d kills, %d resumptions\n", Kills(), resumptions);
}

// A client of somebody else's, who follows docs/watch.md: cut after each message boundary in turn, killed servers too.
TEST(WatchKillTest, EveryMessageBoundaryIsAPlaceToGoOnFrom) {
  City city;
  std::mt19937 random(7);
  std::vector<std::string> orders;
  for (int i = 0; i < 6; ++i) Step(city, random, orders);
  struct Mine {
    std::string person;
    v1::WatchViewRequest request;
    ViewValidator validator;
  };
  std::vector<Mine> views;
  views.push_back({kOwner, Of(v1::VIEW_LEDGER), ViewValidator("ledger")});
  views.push_back({kOwner, Of(v1::VIEW_LEDGER, "stage", "issued"), ViewValidator("issued")});
  views.push_back({kIssuer, Of(v1::VIEW_UNITS), ViewValidator("units")});
  views.push_back({kOwner, Of(v1::VIEW_ALERTS), ViewValidator("alerts")});
  auto channel = grpc::CreateChannel(city.server().target(), grpc::InsecureChannelCredentials());
  const auto connect = [&](Mine& mine, int messages) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + seconds(20));
    context.AddMetadata("authorization", "Bearer " + city.TokenOf(mine.person));
    mine.request.set_resume_token(mine.validator.token());
    auto reader = v1::WatchService::NewStub(channel)->WatchView(&context, mine.request);
    v1::WatchViewResponse message;
    for (int i = 0; i < messages && reader->Read(&message); ++i) mine.validator.Take(message);
    context.TryCancel();
    reader->Finish();
  };
  int reconnects = 0;
  for (int i = 0; i < 120 && !HasFailure(); ++i) {
    Mine& mine = views[i % views.size()];
    connect(mine, i / static_cast<int>(views.size()) % 4);
    mine.validator.Disconnect();
    ++reconnects;
    Step(city, random, orders);
    if (i % 12 == 11) {
      city.server().Kill();
      city.server().Start(/*same_port=*/true);
    }
  }
  for (Mine& mine : views) {
    // A heartbeat later at the latest there is a mark: a snapshot or a resumption, changes or none.
    do {
      mine.validator.Disconnect();
      connect(mine, 3);
    } while (!mine.validator.at_mark() && !HasFailure());
    const auto& labels = mine.request.rows().labels();
    mine.validator.ExpectHolds(RowsOf(city.As(mine.person), mine.request.view(),
                                      labels.empty() ? "" : labels.begin()->first,
                                      labels.empty() ? "" : labels.begin()->second));
    EXPECT_THAT(mine.validator.resets(), IsEmpty());
  }
  std::printf("%d reconnects\n", reconnects);
}

TEST(WatchKillTest, SeveralViewsOnOneStreamLiveThroughADeathAndAChangeOfTargets) {
  City city;
  city.Open("units/zhujian", "裸土未覆盖", "2026-09-18");
  client::Client& me = city.As(kOwner);
  const auto target = [](const std::string& name, v1::View view) {
    v1::WatchTarget one;
    one.set_target(name);
    *one.mutable_view() = Of(view);
    return one;
  };
  auto watch = me.WatchMany({target("ledger", v1::VIEW_LEDGER), target("units", v1::VIEW_UNITS)}, 1);
  std::mutex mu;
  std::map<std::string, client::ViewMap> maps;
  std::map<std::string, int> snapshots;
  std::vector<std::string> ended;
  std::thread reader([&] {
    for (v1::WatchManyResponse message; watch->Next(&message);) {
      std::lock_guard<std::mutex> lock(mu);
      if (message.has_ended()) {
        ended.push_back(message.target());
        maps.erase(message.target());
        continue;
      }
      if (message.view().has_begin() && !message.view().begin().resumed()) ++snapshots[message.target()];
      maps[message.target()].Apply(message.view());
    }
  });
  const auto eventually = [&](auto condition) {
    for (int i = 0; i < 400; ++i) {
      {
        std::lock_guard<std::mutex> lock(mu);
        if (condition()) return true;
      }
      std::this_thread::sleep_for(milliseconds(50));
    }
    return false;
  };
  EXPECT_TRUE(eventually([&] { return maps["ledger"].rows().size() == 1 && maps["units"].rows().size() == 1; }))
      << maps["ledger"].rows().size() << " cases, " << maps["units"].rows().size() << " units";
  city.server().Kill();
  city.server().Start(/*same_port=*/true);
  city.Open("units/zhujian", "围挡破损", "2026-09-18");
  EXPECT_TRUE(eventually([&] { return maps["ledger"].rows().size() == 2; }));
  const client::Error set = watch->SetTargets({target("ledger", v1::VIEW_LEDGER), target("alerts", v1::VIEW_ALERTS)});
  EXPECT_TRUE(set.ok()) << set.message.en();
  EXPECT_TRUE(eventually([&] { return maps.count("alerts") == 1 && ended == std::vector<std::string>{"units"}; }));
  city.At("2026-09-20 09:00");
  EXPECT_TRUE(eventually([&] { return !maps["alerts"].rows().empty(); }));
  watch->Cancel();
  reader.join();
  EXPECT_EQ(snapshots["ledger"], 1) << "it went on from its marks, and undisturbed by the change of targets";
  for (const auto& [name, map] : maps) EXPECT_TRUE(map.consistent()) << name;

  // And by hand, from a shell.
  const Ran ran = e2e::Run({DubanPath(), "--server", city.server().target(), "--token", city.TokenOf(kOwner), "watch",
                            "many", "ledger", "alerts", "units", "--until-idle", "1"});
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("围挡破损"));
  EXPECT_THAT(ran.output, HasSubstr("units/zhujian"));
}

}  // namespace
}  // namespace duban::e2e
