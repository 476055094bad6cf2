// What the server promises on the wire to anybody, in a real process: tokens, errors, health, reflection, bounds, and
// how it starts and stops.
#include "clients/cpp/wire.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <future>
#include <set>
#include <thread>

#include "google/protobuf/descriptor.h"
#include "tests/e2e/support/server_process.h"

namespace duban::e2e {
namespace {

using client::Error;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::UnorderedElementsAreArray;

// A call in raw bytes: any method, any metadata, nothing of our client in between.
struct RawCall {
  std::string path;
  std::string request = {};
  std::vector<std::pair<std::string, std::string>> metadata = {};
  milliseconds deadline = seconds(10);
};

grpc::ByteBuffer Bytes(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

Error Call(const std::string& target, const RawCall& call, std::string* answer = nullptr) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + call.deadline);
  for (const auto& [name, value] : call.metadata) context.AddMetadata(name, value);
  grpc::ByteBuffer request = Bytes(call.request), response;
  std::promise<grpc::Status> done;
  grpc::GenericStub(grpc::CreateChannel(target, grpc::InsecureChannelCredentials()))
      .UnaryCall(&context, call.path, {}, &request, &response, [&](grpc::Status status) { done.set_value(status); });
  const grpc::Status status = done.get_future().get();
  grpc::Slice slice;
  if (answer != nullptr && status.ok() && response.DumpToSingleSlice(&slice).ok()) {
    answer->assign(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto id = trailers.find("x-request-id");
  return client::ToError(status, target, id == trailers.end() ? "" : std::string(id->second.data(), id->second.size()));
}

// The services that the server says it has: grpc.reflection.v1alpha, ServerReflectionRequest{list_services = 7: "*"}.
std::set<std::string> ListedServices(const std::string& target) {
  std::string answer;
  const RawCall list{.path = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", .request = "\x3a\x01*"};
  const Error error = Call(target, list, &answer);
  EXPECT_TRUE(error.ok()) << error.message.en();
  // ServiceResponse{name = 1}: take every length-prefixed text that names a service.
  std::set<std::string> services;
  for (size_t i = 0; i + 1 < answer.size(); ++i) {
    const size_t length = static_cast<unsigned char>(answer[i]);
    const std::string text = answer.substr(i + 1, length);
    if (text.size() == length && (text.rfind("duban.", 0) == 0 || text.rfind("grpc.", 0) == 0)) services.insert(text);
  }
  return services;
}

// Every service of the contract that is compiled into this program.
std::vector<const google::protobuf::ServiceDescriptor*> OurServices() {
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const char* file : {"case", "ledger", "view", "metric", "watch", "audit", "procedure", "directory", "calendar",
                           "file", "job", "operations", "plan", "draw", "document"}) {
    const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(
        std::string("duban/v1/") + file + "_service.proto");
    for (int i = 0; i < descriptor->service_count(); ++i) services.push_back(descriptor->service(i));
  }
  return services;
}

// One server for the tests that only ask.
class WireTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = new ServerProcess(); }
  static void TearDownTestSuite() { delete std::exchange(server_, nullptr); }
  static std::pair<std::string, std::string> Bearer(const std::string& token) {
    return {"authorization", "Bearer " + token};
  }
  static ServerProcess* server_;
};
ServerProcess* WireTest::server_ = nullptr;

TEST_F(WireTest, ReflectionListsEveryServiceOfTheContract) {
  std::set<std::string> expected = {"grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"};
  for (const auto* service : OurServices()) expected.insert(service->full_name());
  EXPECT_THAT(ListedServices(server_->target()), UnorderedElementsAreArray(expected))
      << "a service that is listed and not tried below would be a door without a lock";
}

TEST_F(WireTest, NoMethodAnswersWithoutAToken) {
  int methods = 0;
  for (const auto* service : OurServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string path = "/" + service->full_name() + "/" + service->method(i)->name();
      SCOPED_TRACE(path);
      const Error without = Call(server_->target(), {.path = path});
      EXPECT_EQ(without.code, absl::StatusCode::kUnauthenticated);
      EXPECT_EQ(without.reason, "TOKEN_REQUIRED");
      EXPECT_THAT(without.message.zh(), HasSubstr("duban token"));
      EXPECT_THAT(without.message.en(), HasSubstr("duban token"));
      EXPECT_FALSE(without.request_id.empty());

      const Error wrong = Call(server_->target(), {.path = path, .metadata = {Bearer("duban1.invented.mac")}});
      EXPECT_EQ(wrong.code, absl::StatusCode::kUnauthenticated);
      EXPECT_EQ(wrong.reason, "TOKEN_INVALID");
      ++methods;
    }
  }
  EXPECT_GE(methods, 32);
}

TEST_F(WireTest, NoMethodAnswersToATokenThatWasTamperedWith) {
  std::string token = server_->operator_token();
  ASSERT_GT(token.size(), 20u);
  const std::string path = "/duban.v1.DirectoryService/WhoAmI";
  ASSERT_TRUE(Call(server_->target(), {.path = path, .metadata = {Bearer(token)}}).ok());
  for (size_t i = 0; i < token.size(); i += 5) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(Call(server_->target(), {.path = path, .metadata = {Bearer(changed)}}).code,
              absl::StatusCode::kUnauthenticated)
        << "character " << i;
  }
  EXPECT_FALSE(Call(server_->target(), {.path = path, .metadata = {Bearer(token + "A")}}).ok());
}

TEST_F(WireTest, HealthNeedsNoToken) { EXPECT_EQ(HealthOf(server_->target()), 1); }

TEST_F(WireTest, ErrorsSayWhatWhyAndWhatToDoInBothLanguages) {
  v1::GetCaseRequest request;
  request.set_case_("cases/none");
  const auto none = server_->ConnectOperator()->Call(request);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, absl::StatusCode::kNotFound);
  EXPECT_FALSE(none.error().reason.empty());
  EXPECT_THAT(none.error().message.zh(), HasSubstr("cases/none"));
  EXPECT_THAT(none.error().message.en(), HasSubstr("cases/none"));
  EXPECT_EQ(none.error().request_id.size(), 32u);

  v1::OpenCaseRequest keyless;
  keyless.set_procedure("rectification");
  const Error error = Call(server_->target(), {.path = "/duban.v1.CaseService/OpenCase",
                                               .request = keyless.SerializeAsString(),
                                               .metadata = {Bearer(server_->operator_token())}});
  EXPECT_EQ(error.code, absl::StatusCode::kInvalidArgument);
  ASSERT_EQ(error.violations.size(), 1u);
  EXPECT_EQ(error.violations[0].first, "idempotency_key");
}

TEST_F(WireTest, UnknownMethodsAndMalformedRequestsAreRefusedAndTheServerLives) {
  const auto bearer = Bearer(server_->operator_token());
  EXPECT_EQ(Call(server_->target(), {.path = "/duban.v1.CaseService/Nothing", .metadata = {bearer}}).code,
            absl::StatusCode::kUnimplemented);
  const Error malformed = Call(server_->target(), {.path = "/duban.v1.CaseService/GetCase",
                                                   .request = std::string("\x0a\xff\xff\xff\x7f", 5),
                                                   .metadata = {bearer}});
  EXPECT_FALSE(malformed.ok());
  EXPECT_EQ(HealthOf(server_->target()), 1);
}

TEST_F(WireTest, AMessageBeyondFourMebibytesIsRefused) {
  v1::GetCaseRequest request;
  request.set_case_(std::string(5 << 20, 'x'));
  const auto result = server_->ConnectOperator()->Call(request);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(result.error().message.zh(), HasSubstr("大小上限"));
}

TEST_F(WireTest, MetadataBeyondEightKibibytesIsRefused) {
  const Error error = Call(server_->target(), {.path = "/duban.v1.DirectoryService/WhoAmI",
                                               .metadata = {{"x-padding", std::string(20'000, 'x')}}});
  EXPECT_EQ(error.code, absl::StatusCode::kResourceExhausted);
}

TEST_F(WireTest, ACallEndsAtItsDeadline) {
  v1::WatchEventsRequest watch;
  const auto before = std::chrono::steady_clock::now();
  const Error error = Call(server_->target(), {.path = "/duban.v1.WatchService/WatchEvents",
                                               .request = watch.SerializeAsString(),
                                               .metadata = {Bearer(server_->operator_token())},
                                               .deadline = milliseconds(300)});
  EXPECT_EQ(error.code, absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(3));
}

// The directory of a small workspace, and a token for one person in it.
std::string TokenOfSection(client::Client& as_operator) {
  v1::ApplyDirectoryRequest apply;
  for (const char* unit : {"units/zhujian", "units/shuiwu", "units/chengguan"}) {
    auto* added = apply.add_units();
    added->set_name(unit);
    added->set_title(unit);
  }
  auto* post = apply.add_posts();
  post->set_name("posts/duchayi-kezhang");
  post->set_title("督查一科科长");
  post->set_unit("units/zhujian");
  post->add_holders("persons/kezhang");
  auto* person = apply.add_persons();
  person->set_name("persons/kezhang");
  person->set_title("督查一科科长");
  const auto applied = as_operator.Call(apply);
  EXPECT_TRUE(applied.ok()) << (applied.ok() ? "" : applied.error().message.en());
  v1::IssueTokenRequest issue;
  issue.set_person("persons/kezhang");
  const auto issued = as_operator.Call(issue);
  EXPECT_TRUE(issued.ok()) << (issued.ok() ? "" : issued.error().message.en());
  return issued.ok() ? issued->token() : "";
}

TEST_F(WireTest, APageTokenOfAnotherViewerIsRefused) {
  const auto as_operator = server_->ConnectOperator();
  const auto as_section = server_->Connect(TokenOfSection(*as_operator));
  v1::ListUnitsRequest first;
  first.set_page_size(1);
  const auto mine = as_operator->Call(first);
  ASSERT_TRUE(mine.ok()) << mine.error().message.en();
  ASSERT_FALSE(mine->next_page_token().empty());

  v1::ListUnitsRequest next = first;
  next.set_page_token(mine->next_page_token());
  EXPECT_TRUE(as_operator->Call(next).ok());
  const auto theirs = as_section->Call(next);
  ASSERT_FALSE(theirs.ok());
  EXPECT_EQ(theirs.error().code, absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(theirs.error().reason, "FOREIGN_PAGE_TOKEN");

  next.set_page_token("invented");
  EXPECT_FALSE(as_operator->Call(next).ok());
}

TEST_F(WireTest, APythonClientKnowsTheContractFromReflectionAlone) {
  const char* chosen = std::getenv("DUBAN_PYTHON");
  const std::string python = chosen != nullptr ? chosen : "python3";
  if (e2e::Run({python, "-c", "import grpc, grpc_reflection"}).code != 0) {
    GTEST_SKIP() << "needs python3 with grpcio and grpcio-reflection (Debian: python3-grpcio; pip: grpcio-reflection); "
                    "DUBAN_PYTHON names an interpreter that has them";
  }
  const Ran ran = e2e::Run(
      {python, DUBAN_SOURCE_DIR "/tests/e2e/reflection_client.py", server_->target(), server_->operator_token()});
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("ok"));
}

// How duband starts and stops.

TEST(Duband, StopsInGoodOrderWithAWatchOpenAndStartsAgainOnItsData) {
  ServerProcess server;
  const auto client = server.ConnectOperator();
  const std::string token = TokenOfSection(*client);
  auto ended = std::async(std::launch::async, [&] {
    client::Options options;
    options.target = server.target();
    options.token = token;
    options.reconnect_for = milliseconds(1);
    const auto own = client::Client::Connect(options);
    const auto watch = own->WatchEvents({});
    v1::WatchEventsResponse message;
    while (watch->Next(&message)) {
    }
    return watch->error().reason;
  });
  std::this_thread::sleep_for(milliseconds(300));

  EXPECT_EQ(server.Stop(), 0) << server.output();

  EXPECT_EQ(ended.get(), "SHUTTING_DOWN");
  server.Start();
  const auto me = server.Connect(token)->Call(v1::WhoAmIRequest());
  ASSERT_TRUE(me.ok()) << me.error().message.en();
  EXPECT_EQ(me->person().name(), "persons/kezhang") << "tokens and directory outlive the process";
}

TEST(Duband, KeepsWhatItAcknowledgedWhenItIsKilled) {
  ServerProcess server;
  const std::string token = TokenOfSection(*server.ConnectOperator());
  server.Kill();
  server.Start();
  EXPECT_TRUE(server.Connect(token)->Call(v1::WhoAmIRequest()).ok());
}

TEST(Duband, AClientLivesThroughItsDeaths) {
  constexpr int kDeaths = 10;
  constexpr int kUnits = 60;
  ServerProcess server;
  const auto client = server.ConnectOperator();
  v1::WatchEventsRequest from_now;
  const auto watch = client->WatchEvents(from_now);
  auto seen = std::async(std::launch::async, [&] {
    std::vector<std::string> units;
    v1::WatchEventsResponse message;
    while (std::count(units.begin(), units.end(), "units/u59") == 0 && watch->Next(&message)) {
      for (const auto& event : message.events()) units.push_back(event.stream());
    }
    return units;
  });
  std::this_thread::sleep_for(milliseconds(200));  // The watch stands before the first unit.

  std::thread reaper([&] {
    for (int i = 0; i < kDeaths; ++i) {
      std::this_thread::sleep_for(milliseconds(40));
      server.Kill();
      server.Start(/*same_port=*/true);
    }
  });
  for (int i = 0; i < kUnits; ++i) {
    v1::ApplyDirectoryRequest request;
    auto* unit = request.add_units();
    unit->set_name("units/u" + std::to_string(i));
    unit->set_title(unit->name());
    const auto applied = client->Call(request);
    EXPECT_TRUE(applied.ok()) << applied.error().message.en();
    std::this_thread::sleep_for(milliseconds(20));
  }
  reaper.join();

  std::vector<std::string> expected;
  for (int i = 0; i < kUnits; ++i) expected.push_back("units/u" + std::to_string(i));
  EXPECT_EQ(seen.get(), expected) << "each once, in order, over " << watch->reconnects() << " reconnects";
  EXPECT_GT(watch->reconnects(), 0);
}

TEST(Duband, RefusesADirectoryThatAnotherOneUses) {
  ServerProcess server;
  const Ran second = e2e::Run({DubandPath(), "--data", server.data(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.output, AllOf(HasSubstr(server.data()), HasSubstr("正被另一进程使用"), HasSubstr("in use")));
}

TEST(Duband, RefusesAPortThatIsTaken) {
  ServerProcess server;
  const std::string data = ::testing::TempDir() + "duban-second";
  const Ran second = e2e::Run({DubandPath(), "--data", data, "--listen", server.target()});
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.output, AllOf(HasSubstr(server.target()), HasSubstr("无法监听"), HasSubstr("cannot listen")));
}

TEST(Duband, RefusesToBeReachedFromOtherMachinesUnlessTold) {
  const Ran open = e2e::Run({DubandPath(), "--data", "unused", "--listen", "0.0.0.0:0"});
  EXPECT_EQ(open.code, 1);
  EXPECT_THAT(open.output, AllOf(HasSubstr("--insecure-listen"), HasSubstr("TLS"), HasSubstr("传输加密")));
}

TEST(Duband, ExplainsItselfInBothLanguages) {
  const Ran help = e2e::Run({DubandPath(), "--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.output, AllOf(HasSubstr("数据目录"), HasSubstr("Data directory"), HasSubstr("--virtual-clock")));
  const Ran version = e2e::Run({DubandPath(), "--version"});
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.output, HasSubstr("duband 0."));
  EXPECT_EQ(e2e::Run({DubandPath(), "--no-such-flag"}).code, 1);
  EXPECT_EQ(e2e::Run({DubandPath(), "--virtual-clock", "soon"}).code, 1);
}

TEST(Duband, RunsOnAVirtualClockWhenToldAndSaysSo) {
  ServerProcess server({"--virtual-clock", "2026-03-02T08:00", "--title", "演练"});
  const auto workspace = server.ConnectOperator()->Call(v1::GetWorkspaceRequest());
  ASSERT_TRUE(workspace.ok()) << workspace.error().message.en();
  EXPECT_TRUE(workspace->virtual_clock());
  EXPECT_EQ(workspace->title(), "演练");
  EXPECT_EQ(workspace->now().seconds(), 1772409600) << "2026-03-02 08:00 +08:00";
}

}  // namespace
}  // namespace duban::e2e
