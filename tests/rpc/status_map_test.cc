// What a failure looks like on the wire.
#include "services/rpc/status_map.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace duban::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

struct Details {
  google::rpc::Status status;
  google::rpc::ErrorInfo info;
  std::map<std::string, std::string> messages;
  google::rpc::BadRequest bad;
};

Details DetailsOf(const grpc::Status& status) {
  Details out;
  EXPECT_TRUE(out.status.ParseFromString(status.error_details()));
  EXPECT_EQ(out.status.code(), status.error_code());
  EXPECT_EQ(out.status.message(), status.error_message());
  for (const auto& any : out.status.details()) {
    google::rpc::LocalizedMessage message;
    if (any.UnpackTo(&message)) out.messages[message.locale()] = message.message();
    if (any.Is<google::rpc::ErrorInfo>()) any.UnpackTo(&out.info);
    if (any.Is<google::rpc::BadRequest>()) any.UnpackTo(&out.bad);
  }
  return out;
}

engine::Rejection Missing(std::vector<std::pair<std::string, std::string>> facts) {
  return engine::Reject(engine::Kind::kInvalid, "MISSING_NEED", "缺少整改结果", "the result is missing",
                        std::move(facts));
}

TEST(Rejection, CarriesReasonFactsAndBothLanguages) {
  const grpc::Status status = ToStatus(Missing({{"action", "submit"}}));
  const Details details = DetailsOf(status);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(details.info.reason(), "MISSING_NEED");
  EXPECT_EQ(details.info.domain(), "duban");
  EXPECT_THAT(details.info.metadata(), UnorderedElementsAre(Pair("action", "submit")));
  EXPECT_THAT(details.messages,
              UnorderedElementsAre(Pair("zh-CN", "缺少整改结果"), Pair("en", "the result is missing")));
  EXPECT_EQ(details.bad.field_violations_size(), 0);
}

TEST(Rejection, NamesEveryWrongField) {
  const Details details = DetailsOf(ToStatus(Missing({{"field", "result"}, {"field", "evidence"}})));

  ASSERT_EQ(details.bad.field_violations_size(), 2);
  EXPECT_EQ(details.bad.field_violations(0).field(), "result");
  EXPECT_EQ(details.bad.field_violations(1).field(), "evidence");
  EXPECT_EQ(details.bad.field_violations(0).description(), "the result is missing");
  EXPECT_EQ(details.info.metadata().at("field"), "result, evidence");
}

TEST(Rejection, TakesTheCodeFromItsKindAlone) {
  const std::pair<engine::Kind, grpc::StatusCode> kCodes[] = {
      {engine::Kind::kInvalid, grpc::StatusCode::INVALID_ARGUMENT},
      {engine::Kind::kNotFound, grpc::StatusCode::NOT_FOUND},
      {engine::Kind::kForbidden, grpc::StatusCode::PERMISSION_DENIED},
      {engine::Kind::kConflict, grpc::StatusCode::ABORTED},
      {engine::Kind::kState, grpc::StatusCode::FAILED_PRECONDITION},
      {engine::Kind::kExists, grpc::StatusCode::ALREADY_EXISTS},
      {engine::Kind::kOutOfRange, grpc::StatusCode::OUT_OF_RANGE},
  };
  for (const auto& [kind, code] : kCodes) {
    EXPECT_EQ(ToStatus(engine::Reject(kind, "R", "中", "en")).error_code(), code);
  }
}

TEST(Rejection, StaysWithinTheMetadataThatClientsAccept) {
  std::string chinese;
  for (int i = 0; i < 2000; ++i) chinese += "督办";
  std::vector<std::pair<std::string, std::string>> facts;
  for (int i = 0; i < 500; ++i) facts.emplace_back("field", "fields." + std::to_string(i) + chinese);

  const grpc::Status status = ToStatus(engine::Reject(engine::Kind::kInvalid, "MANY", chinese, chinese, facts));

  const Details details = DetailsOf(status);
  EXPECT_LE(status.error_details().size(), kDetailsBytesMax);
  // gRPC's message is percent-encoded (three for one), its details in base64 (four for three): together under 8 KiB.
  EXPECT_LT(status.error_message().size() * 3 + status.error_details().size() * 4 / 3, 8192u - 300);
  EXPECT_EQ(details.messages.at("zh-CN"), chinese.substr(0, kMessageBytesMax)) << "768 bytes are 256 whole characters";
  EXPECT_EQ(details.info.reason(), "MANY");
}

TEST(Trouble, OfAKnownKindKeepsItsCodeAndSaysWhatToDo) {
  const grpc::Status status = ToStatus(absl::ResourceExhaustedError("QUEUE_FULL: 4096 wait"), "r1");
  const Details details = DetailsOf(status);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(details.info.reason(), "QUEUE_FULL");
  EXPECT_THAT(details.messages.at("zh-CN"), HasSubstr("同一幂等键"));
  EXPECT_THAT(details.messages.at("en"), HasSubstr("same idempotency key"));
}

TEST(Trouble, EveryReasonThatTheNodeGivesHasWordsHere) {
  // The node writes absl::SomeError("REASON: …"); one that is not known here would reach callers as a general phrase.
  const std::regex reason("Error\\(\\s*(?:absl::StrCat\\(\\s*)?\"([A-Z_]{3,}):");
  std::set<std::string> reasons;
  for (const auto& entry : std::filesystem::directory_iterator(DUBAN_SOURCE_DIR "/services/node")) {
    if (entry.path().extension() != ".cc") continue;
    std::ifstream in(entry.path());
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    for (std::sregex_iterator found(text.begin(), text.end(), reason), none; found != none; ++found) {
      reasons.insert((*found)[1]);
    }
  }
  EXPECT_THAT(reasons, IsSupersetOf({"QUEUE_FULL", "READ_ONLY", "SHUTTING_DOWN", "TOO_MANY_WATCHES"}));
  for (const std::string& known : reasons) {
    EXPECT_EQ(DetailsOf(ToStatus(absl::UnavailableError(known + ": why"), "r1")).info.reason(), known);
  }
}

// What it was stands in the log under the request's id (server_test).
TEST(Trouble, OfOurInsideIsNotTold) {
  for (const absl::Status& trouble :
       {absl::InternalError("/srv/data/000012.sst: checksum of 张某"), absl::DataLossError("/srv/data/MANIFEST"),
        absl::UnknownError("/srv/data"), absl::UnavailableError("IO error: /srv/data/LOCK")}) {
    const grpc::Status status = ToStatus(trouble, "r7-1");
    EXPECT_EQ(static_cast<int>(status.error_code()), static_cast<int>(trouble.code()));
    EXPECT_THAT(status.error_message(), Not(HasSubstr("srv")));
    EXPECT_THAT(status.error_details(), Not(HasSubstr("srv")));
    EXPECT_EQ(DetailsOf(status).info.metadata().at("request_id"), "r7-1");
  }
}

}  // namespace
}  // namespace duban::rpc
