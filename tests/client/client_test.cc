// The client against the real handlers over a scripted node: retries, errors, watches that go on.
#include "clients/cpp/client.h"

#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "clients/cpp/wire.h"
#include "services/rpc/server.h"
#include "tests/rpc/fake_node.h"

namespace duban::client {
namespace {

using duban::testing::FakeNode;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class ClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    node_.get_case = [](const std::string&, const v1::GetCaseRequest&) -> node::Reply<v1::GetCaseResponse> {
      return v1::GetCaseResponse();
    };
    StartServer("127.0.0.1:0");
    target_ = "127.0.0.1:" + std::to_string(server_->port());
  }
  void TearDown() override {
    if (server_ != nullptr) StopServer();
  }

  void StartServer(const std::string& address) {
    auto server = rpc::Server::Start(node_, address);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  void StopServer() {
    node_.Shutdown();
    server_.reset();
    node_.log.Reopen();
  }
  std::unique_ptr<Client> Connect(std::string token = "good") {
    Options options;
    options.target = target_;
    options.token = std::move(token);
    options.call_time = seconds(10);
    options.retry_for = seconds(10);
    options.reconnect_for = seconds(10);
    return Client::Connect(std::move(options));
  }

  FakeNode node_;
  std::vector<FakeNode::Submitted> held_;
  std::string target_;
  std::unique_ptr<rpc::Server> server_;
};

TEST_F(ClientTest, TellsEverythingThatTheServerSaidOfARefusal) {
  node_.get_case = [](const std::string&, const v1::GetCaseRequest&) -> node::Reply<v1::GetCaseResponse> {
    return engine::Reject(engine::Kind::kInvalid, "BAD_FIELD", "字段有误", "a field is wrong",
                          {{"field", "due"}, {"expected", "date"}});
  };
  const auto result = Connect()->Call(v1::GetCaseRequest());
  ASSERT_FALSE(result.ok());
  const Error& error = result.error();
  EXPECT_EQ(error.code, absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(error.reason, "BAD_FIELD");
  EXPECT_EQ(error.message.zh(), "字段有误");
  EXPECT_EQ(error.message.en(), "a field is wrong");
  EXPECT_THAT(error.facts, ElementsAre(Pair("expected", "date"), Pair("field", "due")));
  EXPECT_THAT(error.violations, ElementsAre(Pair("due", "a field is wrong")));
  EXPECT_EQ(error.request_id.size(), 32u) << "the id that the client made, back from the server";
}

TEST_F(ClientTest, SaysWhichServerItCannotReach) {
  StopServer();
  Options options;
  options.target = target_;
  options.retry_for = milliseconds(300);
  const auto before = std::chrono::steady_clock::now();
  const auto result = Client::Connect(options)->Call(v1::GetCaseRequest());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, absl::StatusCode::kUnavailable);
  EXPECT_EQ(result.error().reason, "");
  EXPECT_THAT(result.error().message.zh(), HasSubstr(target_));
  EXPECT_THAT(result.error().message.en(), HasSubstr(target_));
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(3)) << "it gives up when told";
}

TEST_F(ClientTest, RetriesACommandUnderTheSameKeyUntilTheServerTakesIt) {
  std::vector<std::string> keys;
  node_.submit = [&](FakeNode::Submitted submitted) {
    keys.push_back(std::get<v1::ActOnCaseRequest>(submitted.request).idempotency_key());
    if (keys.size() == 1) return submitted.done(absl::ResourceExhaustedError("QUEUE_FULL: full"));
    if (keys.size() == 2) return submitted.done(absl::UnavailableError("SHUTTING_DOWN: stopping"));
    submitted.done(node::Response(v1::ActOnCaseResponse()));
  };
  const auto client = Connect();
  ASSERT_TRUE(client->Call(v1::ActOnCaseRequest()).ok());
  ASSERT_EQ(keys.size(), 3u);
  EXPECT_EQ(keys[0].size(), 32u);
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_EQ(keys[0], keys[2]);

  ASSERT_TRUE(client->Call(v1::ActOnCaseRequest()).ok());
  EXPECT_NE(keys[3], keys[0]) << "another command, another key";
  v1::ActOnCaseRequest own;
  own.set_idempotency_key("mine");
  ASSERT_TRUE(client->Call(own).ok());
  EXPECT_EQ(keys[4], "mine");
}

TEST_F(ClientTest, DoesNotRetryWhatWillNotChange) {
  int calls = 0;
  absl::Status trouble;
  node_.submit = [&](FakeNode::Submitted submitted) {
    ++calls;
    submitted.done(trouble);
  };
  const auto client = Connect();
  for (const absl::Status& status : {absl::UnavailableError("READ_ONLY: sync failed"), absl::InternalError("bug"),
                                     absl::ResourceExhaustedError("TOO_MANY_WATCHES: many")}) {
    calls = 0;
    trouble = status;
    EXPECT_FALSE(client->Call(v1::ActOnCaseRequest()).ok());
    EXPECT_EQ(calls, 1) << status;
  }
}

TEST_F(ClientTest, WaitsForAServerThatComesBack) {
  const auto client = Connect();
  ASSERT_TRUE(client->Call(v1::GetCaseRequest()).ok());
  StopServer();
  auto call = std::async(std::launch::async, [&] { return client->Call(v1::GetCaseRequest()).ok(); });
  std::this_thread::sleep_for(milliseconds(400));
  StartServer(target_);
  EXPECT_TRUE(call.get());
}

// It used to give up while a whole pause did not fit any more, seconds before the time was used up.
TEST(BackoffTest, HasALastTryAtTheEndOfItsTime) {
  const auto time = limits::kBackoffFirst - std::chrono::milliseconds(1);
  Backoff backoff(time);
  const auto pause = backoff.Next();
  ASSERT_TRUE(pause.has_value());
  EXPECT_LE(*pause, time);
  EXPECT_EQ(Backoff(std::chrono::milliseconds(0)).Next(), std::nullopt);
}

TEST_F(ClientTest, StopsWaitingAtItsDeadline) {
  node_.submit = [this](FakeNode::Submitted submitted) { held_.push_back(std::move(submitted)); };
  Options options;
  options.target = target_;
  options.token = "good";
  options.call_time = milliseconds(200);
  const auto result = Client::Connect(options)->Call(v1::ActOnCaseRequest());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(result.error().message.zh(), HasSubstr("同一幂等键"));
  for (auto& submitted : held_) submitted.done(absl::UnavailableError("SHUTTING_DOWN: stopping"));
}

TEST_F(ClientTest, WatchSeesEveryEventOnceOverServerRestarts) {
  constexpr int kEvents = 200;
  const auto client = Connect();
  v1::WatchEventsRequest from;
  from.set_beginning(true);
  const auto watch = client->WatchEvents(from);
  auto reader = std::async(std::launch::async, [&] {
    std::vector<int> seen;
    v1::WatchEventsResponse message;
    while (seen.size() < kEvents && watch->Next(&message)) {
      for (const auto& event : message.events()) seen.push_back(std::stoi(event.position()));
    }
    return seen;
  });
  for (int i = 1; i <= kEvents; ++i) {
    node_.log.Append();
    if (i % 10 == 0) std::this_thread::sleep_for(milliseconds(5));
    if (i % 50 == 0) {
      StopServer();
      StartServer(target_);
    }
  }
  const std::vector<int> seen = reader.get();
  ASSERT_EQ(seen.size(), static_cast<size_t>(kEvents)) << watch->error().message.en();
  for (int i = 0; i < kEvents; ++i) ASSERT_EQ(seen[i], i + 1);
  EXPECT_GT(watch->reconnects(), 0);
}

TEST_F(ClientTest, WatchEndsWhenItIsNotAllowedAndSaysWhy) {
  const auto watch = Connect("bad")->WatchEvents({});
  v1::WatchEventsResponse message;
  EXPECT_FALSE(watch->Next(&message));
  EXPECT_EQ(watch->error().reason, "TOKEN_INVALID");
  EXPECT_EQ(watch->reconnects(), 0);
}

TEST_F(ClientTest, WatchGivesUpOnAServerThatStaysAway) {
  StopServer();
  Options options;
  options.target = target_;
  options.reconnect_for = milliseconds(300);
  const auto watch = Client::Connect(options)->WatchEvents({});
  v1::WatchEventsResponse message;
  EXPECT_FALSE(watch->Next(&message));
  EXPECT_EQ(watch->error().code, absl::StatusCode::kUnavailable);
}

TEST_F(ClientTest, CancelEndsAWatchThatWaitsWithoutAnError) {
  const auto client = Connect();
  const auto watch = client->WatchEvents({});
  std::thread cancel([&] {
    std::this_thread::sleep_for(milliseconds(100));
    watch->Cancel();
  });
  v1::WatchEventsResponse message;
  EXPECT_FALSE(watch->Next(&message));
  EXPECT_TRUE(watch->error().ok());
  cancel.join();
}

TEST_F(ClientTest, WatchMayBeLeftWithMessagesUnread) {
  for (int i = 0; i < 20; ++i) node_.log.Append();
  const auto client = Connect();
  for (int i = 0; i < 20; ++i) {
    const auto watch = client->WatchEvents({});
    v1::WatchEventsResponse message;
    for (int read = 0; read < i % 3; ++read) EXPECT_TRUE(watch->Next(&message));
  }
}

TEST_F(ClientTest, WatchConnectsAnewWhenAConnectionFallsSilent) {
  // A server that takes the connection and then says nothing at all: its handlers never answer.
  node_.log.hold = true;
  v1::WatchEventsRequest request;
  request.set_heartbeat_s(1);
  const auto client = Connect();
  const auto watch = client->WatchEvents(request);
  std::thread recover([&] {
    std::this_thread::sleep_for(milliseconds(3500));
    node_.log.hold = false;
    node_.log.Append();
  });
  v1::WatchEventsResponse message;
  EXPECT_TRUE(watch->Next(&message));
  EXPECT_GE(watch->reconnects(), 1);
  recover.join();
}

}  // namespace
}  // namespace duban::client
