// Personal data lies in sealed parts only: not in public parts, rows, answers or errors.
#include <gmock/gmock.h>

#include "services/node/cases.h"
#include "store/record.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

constexpr char kName[] = "举报人王某某";

// Every public part, row and timer that a store holds, as one text; sealed parts beside.
struct Bytes {
  std::string open;
  std::string sealed;
};

Bytes BytesOf(const store::Store& store) {
  Bytes out;
  EXPECT_TRUE(store
                  .Read(0,
                        [&](store::Position, absl::string_view record) {
                          const auto parts = store::ParseRecord(record);
                          EXPECT_TRUE(parts.ok());
                          absl::StrAppend(&out.open, parts->public_part);
                          absl::StrAppend(&out.sealed, parts->sealed_part);
                          return true;
                        })
                  .ok());
  const auto rows = store.NewSnapshot();
  for (int table = 0; table < 256; ++table) {
    EXPECT_TRUE(rows->Scan(static_cast<uint8_t>(table), "", "",
                           [&](absl::string_view key, absl::string_view value) {
                             absl::StrAppend(&out.open, key, value);
                             return true;
                           })
                    .ok());
  }
  return out;
}

v1::OpenCaseRequest OrderWithInformant(Office& office) {
  v1::OpenCaseRequest order = office.Order("units/zhujian", "裸土未覆盖");
  Office::SetField(order.mutable_fields(), "informant")->set_text(kName);
  return order;
}

const v1::CaseField* FieldOf(const v1::Case& shown, const std::string& name) {
  for (const v1::CaseField& field : shown.fields()) {
    if (field.field() == name) return &field;
  }
  return nullptr;
}

TEST(Sealing, APlaintextIsNowhereButUnderItsKey) {
  Office office;
  const auto opened = Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, OrderWithInformant(office)));
  office.Act(kHousing, opened.case_(), "acknowledge");
  const Bytes bytes = BytesOf(office.store());
  EXPECT_THAT(bytes.open, testing::HasSubstr("裸土未覆盖"));
  EXPECT_THAT(bytes.open, testing::Not(testing::HasSubstr(kName)));
  EXPECT_FALSE(bytes.sealed.empty());
  EXPECT_THAT(bytes.sealed, testing::Not(testing::HasSubstr(kName)));
}

TEST(Sealing, ThoseWhoMaySeeItReadItAndOthersSeeAMask) {
  Office office;
  const auto opened = Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, OrderWithInformant(office)));
  const v1::Case seen_by_issuer = office.Show(kSupervisor, opened.case_());
  const v1::CaseField* open = FieldOf(seen_by_issuer, "informant");
  ASSERT_NE(open, nullptr);
  EXPECT_EQ(open->values(0).text(), kName);
  for (const char* other : {kHousing, kAuditor}) {
    const v1::Case shown = office.Show(other, opened.case_());
    EXPECT_THAT(shown.DebugString(), testing::Not(testing::HasSubstr(kName)));
    const v1::CaseField* masked = FieldOf(shown, "informant");
    if (masked != nullptr) EXPECT_TRUE(masked->masked());
    for (const v1::EventRecord& record : office.Events(other, opened.case_())) {
      EXPECT_THAT(record.DebugString(), testing::Not(testing::HasSubstr("digest"))) << "a mask says nothing";
    }
  }
}

TEST(Sealing, DestroyingTheKeyForgetsTheValueAndNothingElse) {
  Office office;
  const auto opened = Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, OrderWithInformant(office)));
  ASSERT_TRUE(office.vault().Destroy(absl::StrCat("case:", opened.case_().substr(6))).ok());
  const v1::Case shown = office.Show(kSupervisor, opened.case_());
  EXPECT_THAT(shown.DebugString(), testing::Not(testing::HasSubstr(kName)));
  EXPECT_EQ(shown.subject(), "裸土未覆盖");
}

TEST(Sealing, ARefusedCommandLeavesNoKey) {
  Office office;
  v1::OpenCaseRequest order = OrderWithInformant(office);
  Office::SetField(order.mutable_fields(), "no_such_field")->set_text("x");
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, order)), "UNKNOWN_FIELD");
  v1::OpenCaseRequest check = OrderWithInformant(office);
  check.set_validate_only(true);
  Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, check));
  // The records written since the beginning hold no sealed part, so no key was needed.
  EXPECT_TRUE(BytesOf(office.store()).sealed.empty());
}

TEST(Sealing, ARefusalDoesNotRepeatThePlaintext) {
  Office office;
  v1::OpenCaseRequest order = office.Order("units/zhujian", "x");
  const std::string longer = kName + std::string(64 * 1024, 'x');
  Office::SetField(order.mutable_fields(), "informant")->set_text(longer);
  const Reply<Response> reply = office.Call(kSupervisor, order);
  ASSERT_NE(ReasonOf(reply), "");
  const auto& rejection = std::get<engine::Rejection>(reply);
  std::string all = rejection.message.DebugString();
  for (const auto& [key, value] : rejection.facts) absl::StrAppend(&all, key, value);
  EXPECT_THAT(all, testing::Not(testing::HasSubstr(kName)));
}

TEST(Sealing, ClientsCannotHandInWhatClaimsToBeSealed) {
  Office office;
  v1::OpenCaseRequest order = office.Order("units/zhujian", "x");
  Office::SetField(order.mutable_fields(), "informant")->mutable_sealed()->set_key_id("case:other");
  EXPECT_EQ(ReasonOf(office.Call(kSupervisor, order)), "SEALED_VALUE_GIVEN");
}

}  // namespace
}  // namespace duban::node
