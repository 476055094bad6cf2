// The frame of a record (store/record.h).
#include "store/record.h"

#include "tests/store/support.h"

namespace duban::store {
namespace {

using Code = absl::StatusCode;

TEST(Record, PartsComeBackAsTheyWere) {
  const std::string binary("\0\xff\n\0", 4);
  for (const std::string& public_part : {std::string(), std::string("public"), binary, std::string(70000, 'p')}) {
    for (const std::string& sealed_part : {std::string(), std::string("sealed"), binary, std::string(70000, 's')}) {
      const std::string record = EncodeRecord(public_part, sealed_part);
      const auto parts = ParseRecord(record);
      ASSERT_OK(parts.status());
      EXPECT_EQ(parts->public_part, public_part);
      EXPECT_EQ(parts->sealed_part, sealed_part);
    }
  }
}

// Frozen: what was written by the first version must be read by every later one.
TEST(Record, TheBytesAreThoseOfTheDescription) {
  const std::string expected("\x01\x02\x00\x00\x00\x03\x00\x00\x00pqxyz", 14);
  EXPECT_EQ(EncodeRecord("pq", "xyz"), expected);
}

TEST(Record, ARecordCutShortOrTooLongIsDataLoss) {
  const std::string record = EncodeRecord("public", "sealed");
  for (size_t size = 0; size < record.size(); ++size) {
    EXPECT_THAT(ParseRecord(record.substr(0, size)).status(), HasCode(Code::kDataLoss)) << size;
  }
  EXPECT_THAT(ParseRecord(record + "x").status(), HasCode(Code::kDataLoss));
}

TEST(Record, LengthsThatLieAreDataLoss) {
  std::string record = EncodeRecord("public", "sealed");
  record[1] = 7;
  EXPECT_THAT(ParseRecord(record).status(), HasCode(Code::kDataLoss));
  record = EncodeRecord("public", "sealed");
  for (int i = 1; i < 9; ++i) record[i] = '\xff';
  EXPECT_THAT(ParseRecord(record).status(), HasCode(Code::kDataLoss));
}

TEST(Record, ANewerFormatIsRefusedAndZeroIsNone) {
  std::string record = EncodeRecord("public", "sealed");
  record[0] = 2;
  EXPECT_THAT(ParseRecord(record).status(), HasCode(Code::kFailedPrecondition));
  record[0] = 0;
  EXPECT_THAT(ParseRecord(record).status(), HasCode(Code::kDataLoss));
}

}  // namespace
}  // namespace duban::store
