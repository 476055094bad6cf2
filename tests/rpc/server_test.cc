// The wire over a scripted node: signing in, errors, commands, streams, health, bounds.
#include "services/rpc/server.h"

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <future>
#include <thread>

#include "duban/v1/case_service.grpc.pb.h"
#include "duban/v1/view_service.grpc.pb.h"
#include "duban/v1/watch_service.grpc.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/node/support/heard_log.h"
#include "tests/rpc/fake_node.h"

namespace duban::rpc {
namespace {

using duban::testing::FakeNode;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Waits for what happens on other threads.
template <typename Condition>
bool Eventually(Condition condition, milliseconds at_most = seconds(10)) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

class Wire : public ::testing::Test {
 protected:
  void SetUp() override {
    node_.get_case = [](const std::string& viewer, const v1::GetCaseRequest& request) {
      v1::GetCaseResponse response;
      response.mutable_case_()->set_name(request.case_());
      response.set_position(viewer);
      return node::Reply<v1::GetCaseResponse>(response);
    };
    server_ = *Server::Start(node_, "127.0.0.1:0", limits::kWritePatience, log_);
    Dial();
  }
  void TearDown() override {
    node_.Shutdown();
    server_->Shutdown();
  }

  void Dial() {
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()), grpc::InsecureChannelCredentials());
    cases_ = v1::CaseService::NewStub(channel_);
    watch_ = v1::WatchService::NewStub(channel_);
  }
  static void SignIn(grpc::ClientContext* context) { context->AddMetadata("authorization", "Bearer good"); }
  static std::string Trailer(const grpc::ClientContext& context, const char* name) {
    const auto found = context.GetServerTrailingMetadata().find(name);
    if (found == context.GetServerTrailingMetadata().end()) return "";
    return std::string(found->second.data(), found->second.size());
  }
  static std::string ReasonOf(const grpc::Status& status) {
    google::rpc::Status details;
    details.ParseFromString(status.error_details());
    google::rpc::ErrorInfo info;
    if (details.details_size() > 0) details.details(0).UnpackTo(&info);
    return info.reason();
  }
  grpc::Status GetCase(const std::string& authorization, v1::GetCaseResponse* response = nullptr) {
    grpc::ClientContext context;
    if (!authorization.empty()) context.AddMetadata("authorization", authorization);
    v1::GetCaseRequest request;
    request.set_case_("cases/a");
    v1::GetCaseResponse unused;
    return cases_->GetCase(&context, request, response != nullptr ? response : &unused);
  }

  // The value of a measure with these label values; -1 when it is not there.
  double Measured(const std::string& name, const std::vector<std::string>& labels = {}) {
    for (const node::Measure& measure : server_->Measures()) {
      if (measure.name != name) continue;
      for (const auto& sample : measure.samples) {
        std::vector<std::string> values;
        for (const auto& [label, value] : sample.labels) values.push_back(value);
        if (values == labels) {
          return measure.kind == node::Measure::Kind::kDurations ? static_cast<double>(sample.durations.count())
                                                                 : sample.value;
        }
      }
    }
    return -1;
  }

  std::shared_ptr<node::HeardLog> log_ = std::make_shared<node::HeardLog>();
  FakeNode node_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::CaseService::Stub> cases_;
  std::unique_ptr<v1::WatchService::Stub> watch_;
};

TEST_F(Wire, ReadsAsThePersonBehindTheToken) {
  v1::GetCaseResponse response;
  ASSERT_TRUE(GetCase("Bearer good", &response).ok());
  EXPECT_EQ(response.case_().name(), "cases/a");
  EXPECT_EQ(response.position(), "persons/a") << "the viewer that the node was given";
}

TEST_F(Wire, ALongReadIsToldThatItsCallerHasGone) {
  std::promise<void> begun, told;
  node_.query_view = [&](const node::Abandoned& abandoned) -> node::Reply<v1::QueryViewResponse> {
    begun.set_value();
    if (Eventually(abandoned)) told.set_value();
    return absl::CancelledError("nobody waits");
  };
  const auto views = v1::ViewService::NewStub(channel_);
  grpc::ClientContext context;
  SignIn(&context);
  auto asked = std::async(std::launch::async, [&] {
    v1::QueryViewResponse response;
    return views->QueryView(&context, {}, &response);
  });
  begun.get_future().wait();
  context.TryCancel();
  EXPECT_EQ(told.get_future().wait_for(seconds(10)), std::future_status::ready);
  EXPECT_EQ(asked.get().error_code(), grpc::StatusCode::CANCELLED);
  // Nobody has failed.
  EXPECT_TRUE(Eventually([&] { return Measured("calls_total", {"QueryView", "CANCELLED"}) == 1; }));
  for (const char* event : {"call_failed", "internal_error"}) EXPECT_THAT(log_->Of(event), ::testing::IsEmpty());
}

TEST_F(Wire, RefusesWhoeverHasNoTokenOrAWrongOne) {
  for (const char* none : {"", "Bearer", "Bearer ", "Basic good", "good"}) {
    const grpc::Status status = GetCase(none);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << none;
    EXPECT_EQ(ReasonOf(status), "TOKEN_REQUIRED") << none;
    EXPECT_THAT(status.error_message(), HasSubstr("duban token"));
  }
  for (const std::string& wrong : {std::string("Bearer bad"), "Bearer " + std::string(2000, 'x')}) {
    const grpc::Status status = GetCase(wrong);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
    EXPECT_EQ(ReasonOf(status), "TOKEN_INVALID");
  }
}

TEST_F(Wire, GivesBackTheCallersRequestIdOrOneOfItsOwn) {
  for (const auto& [sent, expected] : std::vector<std::pair<std::string, std::string>>{
           {"import-7:row.12_a", "import-7:row.12_a"}, {"", ""}, {"two words", ""}, {std::string(65, 'a'), ""}}) {
    grpc::ClientContext context;
    SignIn(&context);
    if (!sent.empty()) context.AddMetadata("x-request-id", sent);
    v1::GetCaseResponse response;
    ASSERT_TRUE(cases_->GetCase(&context, v1::GetCaseRequest(), &response).ok());
    const std::string got = Trailer(context, "x-request-id");
    if (expected.empty()) {
      EXPECT_FALSE(got.empty());
      EXPECT_NE(got, sent);
    } else {
      EXPECT_EQ(got, expected);
    }
  }
}

TEST_F(Wire, AFailedCallLeavesALineUnderItsIdAndASuccessfulOneIsOnlyCounted) {
  ASSERT_TRUE(GetCase("Bearer good").ok());
  node_.get_case = [](const std::string&, const v1::GetCaseRequest&) {
    return node::Reply<v1::GetCaseResponse>(
        engine::Reject(engine::Kind::kNotFound, "CASE_NOT_FOUND", "没有事项", "none"));
  };
  grpc::ClientContext context;
  SignIn(&context);
  context.AddMetadata("x-request-id", "import-7");
  v1::GetCaseResponse response;
  EXPECT_FALSE(cases_->GetCase(&context, v1::GetCaseRequest(), &response).ok());
  ASSERT_EQ(log_->Of("call_failed").size(), 1u);
  EXPECT_THAT(log_->Of("call_failed")[0],
              AllOf(HasSubstr("info call_failed request_id=import-7 method=GetCase code=NOT_FOUND seconds="),
                    HasSubstr("reason=CASE_NOT_FOUND")));
  EXPECT_EQ(Measured("calls_total", {"GetCase", "OK"}), 1);
  EXPECT_EQ(Measured("calls_total", {"GetCase", "NOT_FOUND"}), 1);
  EXPECT_EQ(Measured("call_failures_total", {"CASE_NOT_FOUND"}), 1);
  EXPECT_EQ(Measured("call_seconds", {"read"}), 2);
  EXPECT_EQ(Measured("calls_open"), 0);
}

TEST_F(Wire, WhatWentWrongInsideIsInTheLogUnderTheIdAndNotInTheAnswer) {
  node_.get_case = [](const std::string&, const v1::GetCaseRequest&) {
    return node::Reply<v1::GetCaseResponse>(absl::DataLossError("block 7 is bad"));
  };
  grpc::ClientContext context;
  SignIn(&context);
  context.AddMetadata("x-request-id", "desk-9");
  v1::GetCaseResponse response;
  const grpc::Status status = cases_->GetCase(&context, v1::GetCaseRequest(), &response);
  EXPECT_EQ(ReasonOf(status), "INTERNAL");
  EXPECT_THAT(status.error_details(), Not(HasSubstr("block 7")));
  ASSERT_EQ(log_->Of("internal_error").size(), 1u);
  EXPECT_THAT(log_->Of("internal_error")[0],
              AllOf(HasSubstr("error internal_error request_id=desk-9 method=GetCase"), HasSubstr("block 7 is bad")));
}

TEST_F(Wire, FailuresToSignInAreToldOfTogether) {
  for (int i = 0; i < 5; ++i) GetCase("Bearer bad");
  EXPECT_EQ(Measured("sign_in_failures_total"), 5);
  EXPECT_THAT(log_->Of("call_failed"), ::testing::IsEmpty());
  EXPECT_TRUE(Eventually([&] { return !log_->Of("sign_in_failures").empty(); }));
  EXPECT_EQ(log_->Of("sign_in_failures").size(), 1u);
}

TEST_F(Wire, AFloodOfFailuresDoesNotFloodTheLog) {
  node_.get_case = [](const std::string&, const v1::GetCaseRequest&) {
    return node::Reply<v1::GetCaseResponse>(
        engine::Reject(engine::Kind::kNotFound, "CASE_NOT_FOUND", "没有事项", "none"));
  };
  constexpr int kCalls = 2000;
  for (int i = 0; i < kCalls; ++i) GetCase("Bearer good");
  const double left_out = Measured("log_lines_left_out_total");
  EXPECT_GT(left_out, 0) << "two thousand calls within a hundred seconds";
  EXPECT_EQ(static_cast<double>(log_->Of("call_failed").size()) + left_out, kCalls);
  EXPECT_EQ(Measured("call_failures_total", {"CASE_NOT_FOUND"}), kCalls);
}

TEST_F(Wire, AnswersACommandOnlyWhenTheNodeDoes) {
  std::promise<FakeNode::Submitted> reached;
  node_.submit = [&](FakeNode::Submitted submitted) { reached.set_value(std::move(submitted)); };
  v1::ActOnCaseRequest request;
  request.set_case_("cases/a");
  request.set_idempotency_key("k1");
  v1::ActOnCaseResponse response;
  grpc::ClientContext context;
  SignIn(&context);
  auto call = std::async(std::launch::async, [&] { return cases_->ActOnCase(&context, request, &response); });

  FakeNode::Submitted submitted = reached.get_future().get();
  EXPECT_EQ(submitted.actor, "persons/a");
  EXPECT_EQ(std::get<v1::ActOnCaseRequest>(submitted.request).idempotency_key(), "k1");
  EXPECT_EQ(call.wait_for(milliseconds(100)), std::future_status::timeout) << "not durable yet, so not answered";

  v1::ActOnCaseResponse answer;
  answer.set_revision(7);
  submitted.done(node::Response(answer));
  ASSERT_TRUE(call.get().ok());
  EXPECT_EQ(response.revision(), 7u);
}

TEST_F(Wire, SurvivesACallerWhoGoesBeforeHisCommandIsDurable) {
  std::promise<FakeNode::Submitted> reached;
  node_.submit = [&](FakeNode::Submitted submitted) { reached.set_value(std::move(submitted)); };
  v1::ActOnCaseResponse response;
  grpc::ClientContext context;
  SignIn(&context);
  context.set_deadline(std::chrono::system_clock::now() + milliseconds(100));
  EXPECT_EQ(cases_->ActOnCase(&context, v1::ActOnCaseRequest(), &response).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);

  reached.get_future().get().done(node::Response(v1::ActOnCaseResponse()));

  EXPECT_TRUE(GetCase("Bearer good").ok()) << "the server lives";
}

TEST_F(Wire, PassesARefusalOnAsItIs) {
  node_.get_case = [](const std::string&, const v1::GetCaseRequest&) -> node::Reply<v1::GetCaseResponse> {
    return engine::Reject(engine::Kind::kNotFound, "NO_SUCH_CASE", "没有此事项", "no such case");
  };
  const grpc::Status status = GetCase("Bearer good");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "NO_SUCH_CASE");
}

TEST_F(Wire, RefusesARequestBeyondFourMebibytes) {
  grpc::ClientContext context;
  SignIn(&context);
  v1::GetCaseRequest request;
  request.set_case_(std::string(5 << 20, 'x'));
  v1::GetCaseResponse response;
  EXPECT_EQ(cases_->GetCase(&context, request, &response).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(Wire, TakesNoPortThatIsTaken) {
  const auto second = Server::Start(node_, "127.0.0.1:" + std::to_string(server_->port()));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
}

// Streams.

class Watching : public Wire {
 protected:
  struct Open {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::WatchEventsResponse>> reader;
  };
  std::unique_ptr<Open> Watch(uint32_t heartbeat_s = 60) {
    auto open = std::make_unique<Open>();
    SignIn(&open->context);
    v1::WatchEventsRequest request;
    request.set_heartbeat_s(heartbeat_s);
    open->reader = watch_->WatchEvents(&open->context, request);
    return open;
  }
};

TEST_F(Watching, LosesNoWakeUpHoweverTheWriterRaces) {
  constexpr int kEvents = 3000;
  constexpr int kWatchers = 4;
  std::vector<std::thread> readers;
  std::vector<int> seen(kWatchers, 0);
  for (int w = 0; w < kWatchers; ++w) {
    readers.emplace_back([&, w] {
      auto open = Watch();
      v1::WatchEventsResponse message;
      while (seen[w] < kEvents && open->reader->Read(&message)) {
        for (const auto& event : message.events()) {
          ASSERT_EQ(event.position(), std::to_string(++seen[w])) << "in order, without gap or duplicate";
        }
      }
      open->context.TryCancel();
      open->reader->Finish();
    });
  }
  for (int i = 0; i < kEvents; ++i) {
    node_.log.Append();
    // Now and then the streams fall quiet, so that the next event has to wake them.
    if (i % 100 == 0) std::this_thread::sleep_for(milliseconds(3));
  }
  for (auto& reader : readers) reader.join();
  for (int count : seen) EXPECT_EQ(count, kEvents);
  EXPECT_EQ(node_.log.overlaps, 0) << "one thread at a time pulls";
}

TEST_F(Watching, LosesNoWakeUpThatComesWhileThePullFindsNothing) {
  node_.log.race = true;
  auto open = Watch();
  std::thread guard([&] {
    if (!Eventually([&] { return node_.log.pulls >= 2; }, seconds(5))) open->context.TryCancel();
  });
  v1::WatchEventsResponse message;
  EXPECT_TRUE(open->reader->Read(&message));
  EXPECT_EQ(message.events_size(), 1);
  guard.join();
}

TEST_F(Watching, SendsAMarkWhenNothingHappensForAHeartbeat) {
  node_.log.Append();
  auto open = Watch(/*heartbeat_s=*/1);
  v1::WatchEventsResponse message;
  ASSERT_TRUE(open->reader->Read(&message));
  EXPECT_EQ(message.events_size(), 1);

  const auto before = std::chrono::steady_clock::now();
  ASSERT_TRUE(open->reader->Read(&message));
  EXPECT_EQ(message.mark().resume_token(), "1");
  const auto waited = std::chrono::steady_clock::now() - before;
  EXPECT_GT(waited, milliseconds(700));
  EXPECT_LT(waited, milliseconds(3000));
  ASSERT_TRUE(open->reader->Read(&message)) << "and again";
  EXPECT_TRUE(message.has_mark());
}

TEST_F(Watching, PullsAgainWhenTheStreamAsksForIt) {
  node_.log.next_at_ms = 20;
  auto open = Watch();
  ASSERT_TRUE(Eventually([&] { return node_.log.pulls > 5; })) << "nobody woke, yet it asked";
}

TEST_F(Watching, HoldsOneMessageInFlightForASlowWatcher) {
  node_.log.payload_bytes = 256 << 10;
  auto open = Watch();  // And never reads.
  ASSERT_TRUE(Eventually([&] { return node_.log.open_streams() == 1; }));
  for (int i = 0; i < 400; ++i) node_.log.Append();
  std::this_thread::sleep_for(milliseconds(500));
  // 100 MiB wait; what was pulled is what flow control let go.
  EXPECT_LT(node_.log.pulls, 60);
}

TEST_F(Watching, CutsOffAReaderWhoTakesNothingForTooLong) {
  // Given a server with less patience than a minute, and a reader who takes nothing of what waits for him.
  TearDown();
  node_.log.Reopen();
  server_ = *Server::Start(node_, "127.0.0.1:0", absl::Milliseconds(100));
  Dial();
  node_.log.payload_bytes = 1 << 20;
  for (int i = 0; i < 50; ++i) node_.log.Append();
  auto open = Watch();
  ASSERT_TRUE(Eventually([&] { return node_.log.pulls > 0; }));
  // Then the stream is let go of, and he is told why.
  EXPECT_TRUE(Eventually([&] { return node_.log.open_streams() == 0; }));
  v1::WatchEventsResponse message;
  while (open->reader->Read(&message)) {
  }
  const grpc::Status status = open->reader->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("READER_STALLED"));
}

TEST_F(Watching, ASlowReaderWhoTakesSomethingNowAndThenIsLeftAlone) {
  TearDown();
  node_.log.Reopen();
  server_ = *Server::Start(node_, "127.0.0.1:0", absl::Seconds(2));
  Dial();
  node_.log.payload_bytes = 256 << 10;
  for (int i = 0; i < 30; ++i) node_.log.Append();
  auto open = Watch();
  v1::WatchEventsResponse message;
  for (int i = 0; i < 30; ++i) {
    std::this_thread::sleep_for(milliseconds(100));
    ASSERT_TRUE(open->reader->Read(&message)) << "after " << i;
  }
  open->context.TryCancel();
}

TEST_F(Watching, FreesTheStreamWhenTheWatcherGoes) {
  auto open = Watch();
  ASSERT_TRUE(Eventually([&] { return node_.log.open_streams() == 1; }));
  open->context.TryCancel();
  EXPECT_TRUE(Eventually([&] { return node_.log.open_streams() == 0; }));
  node_.log.Append();  // Wakes nobody.
}

TEST_F(Watching, FreesAStreamThatIsCancelledWhileItIsBeingWritten) {
  node_.log.payload_bytes = 1 << 20;
  for (int i = 0; i < 50; ++i) node_.log.Append();
  for (int round = 0; round < 20; ++round) {
    auto open = Watch();
    v1::WatchEventsResponse message;
    if (round % 2 == 0) open->reader->Read(&message);
    std::this_thread::sleep_for(milliseconds(round));
    open->context.TryCancel();
    open->reader->Finish();
  }
  EXPECT_TRUE(Eventually([&] { return node_.log.open_streams() == 0; }));
}

TEST_F(Watching, SaysWhyTheStreamEnded) {
  auto open = Watch();
  ASSERT_TRUE(Eventually([&] { return node_.log.open_streams() == 1; }));
  node_.log.End(absl::ResourceExhaustedError("VIEW_TOO_LARGE: narrow"));
  v1::WatchEventsResponse message;
  EXPECT_FALSE(open->reader->Read(&message));
  const grpc::Status status = open->reader->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "VIEW_TOO_LARGE");
  EXPECT_TRUE(Eventually([&] { return node_.log.open_streams() == 0; }));
}

TEST_F(Watching, EndsInGoodOrderWhenTheServerStops) {
  auto open = Watch();
  ASSERT_TRUE(Eventually([&] { return node_.log.open_streams() == 1; }));
  const auto before = std::chrono::steady_clock::now();
  node_.Shutdown();
  server_->Shutdown();
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(3)) << "nobody had to be cut off";
  v1::WatchEventsResponse message;
  EXPECT_FALSE(open->reader->Read(&message));
  EXPECT_EQ(ReasonOf(open->reader->Finish()), "SHUTTING_DOWN");
}

TEST_F(Watching, IsCutWhenTheNodeForgetsToEndIt) {
  auto open = Watch();
  ASSERT_TRUE(Eventually([&] { return node_.log.open_streams() == 1; }));
  server_->Shutdown();
  EXPECT_EQ(node_.log.open_streams(), 0u);
}

// Health: grpc.health.v1 needs no token. Its messages are written by hand, as no file of ours declares them.

class Health : public Wire {
 protected:
  // 1 SERVING, 2 NOT_SERVING, -1 no answer.
  int Status() {
    grpc::ClientContext context;
    const grpc::Slice empty(std::string{});
    grpc::ByteBuffer request(&empty, 1), response;
    std::promise<grpc::Status> done;
    grpc::GenericStub(channel_).UnaryCall(&context, "/grpc.health.v1.Health/Check", {}, &request, &response,
                                          [&](grpc::Status status) { done.set_value(status); });
    const grpc::Status status = done.get_future().get();
    grpc::Slice slice;
    if (!status.ok() || !response.DumpToSingleSlice(&slice).ok() || slice.size() != 2) return -1;
    return slice.begin()[1];
  }
};

TEST_F(Health, ServesWhileTheNodeTakesCommands) {
  EXPECT_EQ(Status(), 1);
  node_.SetWritable(absl::UnavailableError("READ_ONLY: sync failed"));
  EXPECT_TRUE(Eventually([&] { return Status() == 2; }, seconds(5)));
  node_.SetWritable(absl::OkStatus());
  EXPECT_TRUE(Eventually([&] { return Status() == 1; }, seconds(5)));
}

}  // namespace
}  // namespace duban::rpc
