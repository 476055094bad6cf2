// Values against the fields that a procedure defines.
#include "engine/cases/fields.h"

#include <string>

#include "engine/base/limits.h"
#include "engine/cases/present.h"
#include "gtest/gtest.h"

namespace duban::engine {
namespace {

class Fields : public testing::Test {
 protected:
  Fields() {
    procedure_.codes.push_back({"colours", {{"red", {}}, {"blue", {}}}});
    v1::Event event;
    event.mutable_unit_put()->mutable_unit()->set_name("units/a");
    directory_.Evolve(event);
    event.mutable_post_put()->mutable_post()->set_name("posts/a");
    directory_.Evolve(event);
    event.mutable_person_put()->mutable_person()->set_name("persons/a");
    directory_.Evolve(event);
  }

  static Field Of(FieldType type) {
    Field field;
    field.name = "f";
    field.type = type;
    field.codes = "colours";
    return field;
  }

  // The reason for which the values are refused; empty when they are taken.
  std::string Refused(const Field& field, std::initializer_list<v1::Value> values) const {
    v1::FieldValue given;
    given.set_field(field.name);
    for (const v1::Value& value : values) *given.add_values() = value;
    const Verdict verdict = CheckValues(procedure_, field, given, directory_);
    return verdict.ok() ? "" : verdict.rejection().reason;
  }

  Procedure procedure_;
  Directory directory_;
};

v1::Value Text(const std::string& text) {
  v1::Value v;
  v.set_text(text);
  return v;
}
v1::Value Choice(const std::string& id) {
  v1::Value v;
  v.set_choice(id);
  return v;
}
v1::Value Number(const std::string& number) {
  v1::Value v;
  v.set_number(number);
  return v;
}
v1::Value Date(const std::string& date) {
  v1::Value v;
  v.set_date(date);
  return v;
}
v1::Value Reference(const std::string& id) {
  v1::Value v;
  v.set_reference(id);
  return v;
}
v1::Value File(const std::string& file) {
  v1::Value v;
  v.set_file(file);
  return v;
}
v1::Value SealedValue(size_t digest_bytes) {
  v1::Value v;
  v.mutable_sealed()->set_key_id("k1");
  v.mutable_sealed()->set_digest(std::string(digest_bytes, 'x'));
  return v;
}

TEST_F(Fields, AValueOfAnotherKindIsRefusedForEveryType) {
  for (int type = 0; type <= static_cast<int>(FieldType::kFile); ++type) {
    const Field field = Of(static_cast<FieldType>(type));
    const v1::Value wrong = field.type == FieldType::kText ? Number("1") : Text("1");
    EXPECT_EQ(Refused(field, {wrong}), "FIELD_KIND_WRONG") << type;
    EXPECT_EQ(Refused(field, {v1::Value()}), "FIELD_KIND_WRONG") << type;
  }
}

TEST_F(Fields, OneValueUnlessManyAndManyHasABound) {
  Field field = Of(FieldType::kText);
  EXPECT_EQ(Refused(field, {Text("甲"), Text("乙")}), "FIELD_TOO_MANY");
  field.many = true;
  EXPECT_EQ(Refused(field, {Text("甲"), Text("乙")}), "");
  v1::FieldValue given;
  for (size_t i = 0; i <= limits::kValuesPerFieldMax; ++i) *given.add_values() = Text("甲");
  EXPECT_FALSE(CheckValues(procedure_, field, given, directory_).ok());
}

TEST_F(Fields, NoneClearsTheFieldUnlessItIsRequired) {
  Field field = Of(FieldType::kText);
  EXPECT_EQ(Refused(field, {}), "");
  field.required = true;
  EXPECT_EQ(Refused(field, {}), "FIELD_REQUIRED");
}

TEST_F(Fields, TextIsNeverEmptyAndHasABound) {
  Field field = Of(FieldType::kText);
  EXPECT_EQ(Refused(field, {Text("")}), "FIELD_VALUE_INVALID");
  EXPECT_EQ(Refused(field, {Text(" \n")}), "FIELD_VALUE_INVALID");
  EXPECT_EQ(Refused(field, {Text(std::string(limits::kTextBytesMax, 'x'))}), "");
  EXPECT_EQ(Refused(field, {Text(std::string(limits::kTextBytesMax + 1, 'x'))}), "FIELD_TOO_LONG");
  field.max_bytes = 3;
  EXPECT_EQ(Refused(field, {Text("整")}), "");
  EXPECT_EQ(Refused(field, {Text("整改")}), "FIELD_TOO_LONG");
}

TEST_F(Fields, AChoiceIsInItsCodeTable) {
  EXPECT_EQ(Refused(Of(FieldType::kChoice), {Choice("red")}), "");
  EXPECT_EQ(Refused(Of(FieldType::kChoice), {Choice("green")}), "FIELD_CODE_UNKNOWN");
}

TEST_F(Fields, BoundsOfNumbersAreExactAndIncluded) {
  Field field = Of(FieldType::kNumber);
  field.min = "0";
  field.max = "99.95";
  for (const char* good : {"0", "-0", "0.0", "99.95", "99.950", "12.50", "+1", "007"})
    EXPECT_EQ(Refused(field, {Number(good)}), "") << good;
  for (const char* out : {"-0.01", "99.951", "100", "123456789012345678"}) {
    EXPECT_EQ(Refused(field, {Number(out)}), "FIELD_OUT_OF_BOUNDS") << out;
  }
  for (const char* bad : {"", "-", ".5", "5.", "1e3", "1,000", "١", "1 ", "1.2.3", "1234567890123456789"}) {
    EXPECT_EQ(Refused(field, {Number(bad)}), "FIELD_VALUE_INVALID") << bad;
  }
}

TEST_F(Fields, DatesExistAndKeepTheirBounds) {
  Field field = Of(FieldType::kDate);
  field.min = "2026-01-01";
  EXPECT_EQ(Refused(field, {Date("2026-01-01")}), "");
  EXPECT_EQ(Refused(field, {Date("2025-12-31")}), "FIELD_OUT_OF_BOUNDS");
  EXPECT_EQ(Refused(field, {Date("2026-02-29")}), "FIELD_VALUE_INVALID");
  EXPECT_EQ(Refused(field, {Date("2026年底")}), "FIELD_VALUE_INVALID");
}

TEST_F(Fields, InstantsLieWhereTimestampsMay) {
  v1::Value value;
  value.mutable_instant()->set_seconds(1'760'000'000);
  EXPECT_EQ(Refused(Of(FieldType::kInstant), {value}), "");
  value.mutable_instant()->set_nanos(1'000'000'000);
  EXPECT_EQ(Refused(Of(FieldType::kInstant), {value}), "FIELD_VALUE_INVALID");
  value.mutable_instant()->set_nanos(0);
  value.mutable_instant()->set_seconds(253'402'300'800);
  EXPECT_EQ(Refused(Of(FieldType::kInstant), {value}), "FIELD_VALUE_INVALID");
}

TEST_F(Fields, ReferencesExistAndAreOfTheirKind) {
  EXPECT_EQ(Refused(Of(FieldType::kUnit), {Reference("units/a")}), "");
  EXPECT_EQ(Refused(Of(FieldType::kPost), {Reference("posts/a")}), "");
  EXPECT_EQ(Refused(Of(FieldType::kPerson), {Reference("persons/a")}), "");
  EXPECT_EQ(Refused(Of(FieldType::kUnit), {Reference("posts/a")}), "FIELD_REFERENCE_UNKNOWN");
  EXPECT_EQ(Refused(Of(FieldType::kPerson), {Reference("persons/b")}), "FIELD_REFERENCE_UNKNOWN");
}

TEST_F(Fields, AFileIsItsDigest) {
  const std::string digest(64, 'a');
  EXPECT_EQ(Refused(Of(FieldType::kFile), {File("sha256:" + digest)}), "");
  EXPECT_EQ(Refused(Of(FieldType::kFile), {File("sha256:" + digest + "#现场照片.jpg")}), "");
  for (const std::string& bad :
       {std::string("sha256:"), "sha256:" + digest + "#", "sha256:" + digest + "a", "md5:" + digest,
        "sha256:" + std::string(64, 'G'), digest, "sha256:" + digest + "#" + std::string(600, 'x')}) {
    EXPECT_EQ(Refused(Of(FieldType::kFile), {File(bad)}), "FIELD_VALUE_INVALID") << bad;
  }
}

TEST_F(Fields, AboutIsTakenOnlyWhereTheFieldSaysSo) {
  Field field = Of(FieldType::kNumber);
  v1::Value about = Number("800");
  about.set_approximate(true);
  EXPECT_EQ(Refused(field, {about}), "FIELD_NOT_APPROXIMATE");
  field.approximate = true;
  EXPECT_EQ(Refused(field, {about}), "");
}

TEST_F(Fields, ForEverIsADayOrAnInstantWithoutBounds) {
  v1::Value standing;
  standing.set_standing(true);
  standing.set_written("立行立改、长期坚持");
  EXPECT_EQ(Refused(Of(FieldType::kDate), {standing}), "");
  EXPECT_EQ(Refused(Of(FieldType::kInstant), {standing}), "");
  EXPECT_EQ(Refused(Of(FieldType::kNumber), {standing}), "FIELD_NOT_STANDING");
  EXPECT_EQ(Refused(Of(FieldType::kText), {standing}), "FIELD_NOT_STANDING");
  Field bounded = Of(FieldType::kDate);
  bounded.max = "2030-12-31";
  EXPECT_EQ(Refused(bounded, {standing}), "FIELD_NOT_STANDING") << "a bound says that there is an end";
  Field many = Of(FieldType::kDate);
  many.many = true;
  EXPECT_EQ(Refused(many, {standing, Date("2026-10-08")}), "FIELD_NOT_STANDING");
  standing.set_standing(false);
  EXPECT_EQ(Refused(Of(FieldType::kDate), {standing}), "FIELD_NOT_STANDING") << "false says nothing";
}

TEST_F(Fields, AVagueDayKeepsHowTheSourceSaidIt) {
  v1::Value day = Date("2024-12-31");
  day.set_approximate(true);
  EXPECT_EQ(Refused(Of(FieldType::kDate), {day}), "FIELD_NOT_APPROXIMATE") << "about, but out of what?";
  day.set_written("2024年12月底");
  EXPECT_EQ(Refused(Of(FieldType::kDate), {day}), "");
  EXPECT_EQ(Shown(procedure_, Of(FieldType::kDate), day, directory_), "2024-12-31（2024年12月底）");
  day.set_written(std::string(201, 'x'));
  EXPECT_EQ(Refused(Of(FieldType::kDate), {day}), "FIELD_WRITTEN_WRONG");
  v1::Value text = Text("年底");
  text.set_written("年底");
  EXPECT_EQ(Refused(Of(FieldType::kText), {text}), "FIELD_WRITTEN_WRONG");
}

TEST_F(Fields, ASealedFieldTakesSealedValuesOnlyAndAPlainOneNone) {
  Field field = Of(FieldType::kText);
  EXPECT_EQ(Refused(field, {SealedValue(32)}), "FIELD_KIND_WRONG");
  field.sealed = true;
  EXPECT_EQ(Refused(field, {SealedValue(32)}), "");
  EXPECT_EQ(Refused(field, {Text("某人")}), "FIELD_NOT_SEALED");
  EXPECT_EQ(Refused(field, {SealedValue(31)}), "FIELD_NOT_SEALED");
}

TEST_F(Fields, ARefusalNamesTheFieldAndNeverTheValue) {
  Field field = Of(FieldType::kNumber);
  field.name = "amount";
  v1::FieldValue given;
  *given.add_values() = Number("身份证号123");
  const Verdict verdict = CheckValues(procedure_, field, given, directory_);
  ASSERT_FALSE(verdict.ok());
  const Rejection& rejection = verdict.rejection();
  ASSERT_EQ(rejection.facts.size(), 1u);
  EXPECT_EQ(rejection.facts[0], (std::pair<std::string, std::string>("field", "fields.amount")));
  for (const std::string& text : {rejection.message.zh(), rejection.message.en()}) {
    EXPECT_EQ(text.find("身份证"), std::string::npos) << text;
    EXPECT_NE(text.find("amount"), std::string::npos) << text;
  }
}

TEST_F(Fields, APlaintextIsBoundedBeforeItIsSealed) {
  Field field = Of(FieldType::kText);
  field.sealed = true;
  field.max_bytes = 9;
  EXPECT_TRUE(CheckPlaintext(field, "反映人").ok());
  EXPECT_FALSE(CheckPlaintext(field, "反映人甲").ok());
  EXPECT_FALSE(CheckPlaintext(field, "").ok());
}

TEST_F(Fields, WrittenValuesTakeTheKindOfTheirField) {
  EXPECT_EQ(ParseWritten(Of(FieldType::kChoice), "red")->choice(), "red");
  EXPECT_EQ(ParseWritten(Of(FieldType::kText), "true")->text(), "true");
  EXPECT_EQ(ParseWritten(Of(FieldType::kNumber), "1.10")->number(), "1.10") << "as written, not as a binary number";
  EXPECT_EQ(ParseWritten(Of(FieldType::kDate), "2026-10-08")->date(), "2026-10-08");
  EXPECT_EQ(ParseWritten(Of(FieldType::kUnit), "units/a")->reference(), "units/a");
  EXPECT_EQ(ParseWritten(Of(FieldType::kInstant), "2026-10-08T17:30:00+08:00")->instant().seconds(), 1'791'451'800);
  EXPECT_FALSE(ParseWritten(Of(FieldType::kInstant), "2026-10-08").ok());
  EXPECT_FALSE(ParseWritten(Of(FieldType::kDate), "soon").ok());
  EXPECT_FALSE(ParseWritten(Of(FieldType::kNumber), "many").ok());
}

TEST(Decimals, CompareByValueNotByText) {
  const char* kRising[] = {"-100", "-99.5", "-0.5", "0", "0.05", "0.5", "2", "10", "10.01", "100"};
  for (size_t i = 0; i < std::size(kRising); ++i) {
    for (size_t k = 0; k < std::size(kRising); ++k) {
      const int sign = CompareDecimals(kRising[i], kRising[k]);
      EXPECT_EQ(sign < 0, i < k) << kRising[i] << " and " << kRising[k];
      EXPECT_EQ(sign > 0, i > k) << kRising[i] << " and " << kRising[k];
    }
  }
  EXPECT_EQ(CompareDecimals("-0", "0.00"), 0);
  EXPECT_EQ(CompareDecimals("+1.50", "01.5"), 0);
}

}  // namespace
}  // namespace duban::engine
