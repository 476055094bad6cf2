#include "engine/cases/fields.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "engine/base/limits.h"

namespace duban::engine {
namespace {

constexpr size_t kDigitsMax = 18;
constexpr size_t kDigestBytes = 32;
constexpr size_t kFileBytesMax = 512;
constexpr size_t kFileNameBytes = 26;  // Behind "files/".

// Never names the value: it may be personal data that somebody typed into the wrong field.
Rejection Wrong(absl::string_view reason, const Field& field, const std::string& zh, const std::string& en) {
  return Reject(Kind::kInvalid, reason, absl::StrCat("字段“", field.title.zh(), "”（", field.name, "）", zh),
                absl::StrCat("Field \"", field.name, "\" ", en), {{"field", absl::StrCat("fields.", field.name)}});
}

v1::Value::KindCase KindOf(FieldType type) {
  switch (type) {
    case FieldType::kText:
      return v1::Value::kText;
    case FieldType::kChoice:
      return v1::Value::kChoice;
    case FieldType::kNumber:
      return v1::Value::kNumber;
    case FieldType::kDate:
      return v1::Value::kDate;
    case FieldType::kInstant:
      return v1::Value::kInstant;
    case FieldType::kUnit:
    case FieldType::kPost:
    case FieldType::kPerson:
      return v1::Value::kReference;
    case FieldType::kFile:
      return v1::Value::kFile;
  }
  return v1::Value::KIND_NOT_SET;
}

const char* TypeName(FieldType type, bool chinese) {
  switch (type) {
    case FieldType::kText:
      return chinese ? "文本" : "text";
    case FieldType::kChoice:
      return chinese ? "选项" : "a choice";
    case FieldType::kNumber:
      return chinese ? "数字" : "a number";
    case FieldType::kDate:
      return chinese ? "日期" : "a date";
    case FieldType::kInstant:
      return chinese ? "时刻" : "an instant";
    case FieldType::kUnit:
      return chinese ? "单位" : "a unit";
    case FieldType::kPost:
      return chinese ? "岗位" : "a post";
    case FieldType::kPerson:
      return chinese ? "人员" : "a person";
    case FieldType::kFile:
      return chinese ? "文件" : "a file";
  }
  return "";
}

size_t BytesMax(const Field& field) { return field.max_bytes > 0 ? field.max_bytes : limits::kTextBytesMax; }

Verdict CheckBounds(const Field& field, const std::string& value) {
  const auto less = [&](const std::string& a, const std::string& b) {
    return field.type == FieldType::kNumber ? CompareDecimals(a, b) < 0 : a < b;  // ISO dates sort as text.
  };
  if (field.min.has_value() && less(value, *field.min)) {
    return Wrong("FIELD_OUT_OF_BOUNDS", field, absl::StrCat("不得小于 ", *field.min, "。"),
                 absl::StrCat("must not be below ", *field.min, "."));
  }
  if (field.max.has_value() && less(*field.max, value)) {
    return Wrong("FIELD_OUT_OF_BOUNDS", field, absl::StrCat("不得大于 ", *field.max, "。"),
                 absl::StrCat("must not be above ", *field.max, "."));
  }
  return Nothing{};
}

Verdict CheckNumber(const Field& field, const std::string& number) {
  if (IsDecimal(number)) return CheckBounds(field, number);
  return Wrong("FIELD_VALUE_INVALID", field, "不是数字，应写作 12.50（最多 18 位数字）。",
               "is no number; write 12.50 (at most 18 digits).");
}

Verdict CheckDate(const Field& field, const std::string& date) {
  if (ParseDay(date).has_value()) return CheckBounds(field, date);
  return Wrong("FIELD_VALUE_INVALID", field, "不是存在的日期，应写作 2026-10-08。", "is no date; write 2026-10-08.");
}

Verdict CheckInstant(const Field& field, const google::protobuf::Timestamp& t) {
  if (IsInstant(t)) return Nothing{};
  return Wrong("FIELD_VALUE_INVALID", field, "不是有效的时刻，应在公元 1 年至 9999 年之间。",
               "is no instant of the years 1 to 9999.");
}

Verdict CheckReference(const Field& field, const std::string& id, const Directory& directory) {
  const bool found = (field.type == FieldType::kUnit && directory.FindUnit(id) != nullptr) ||
                     (field.type == FieldType::kPost && directory.FindPost(id) != nullptr) ||
                     (field.type == FieldType::kPerson && directory.FindPerson(id) != nullptr);
  if (found) return Nothing{};
  return Wrong("FIELD_REFERENCE_UNKNOWN", field,
               absl::StrCat("引用的", TypeName(field.type, true), "不在机构目录中，请改正，或先录入目录。"),
               absl::StrCat("does not name ", TypeName(field.type, false),
                            " of the directory; correct it, or put it there first."));
}

// "files/…#title": letters and digits, then what people call it.
bool IsUploaded(absl::string_view file) {
  if (!absl::ConsumePrefix(&file, "files/")) return false;
  const absl::string_view name = file.substr(0, kFileNameBytes);
  return name.size() == kFileNameBytes &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c); }) &&
         file.size() > kFileNameBytes + 1 && file[kFileNameBytes] == '#';
}

Verdict CheckFile(const Field& field, absl::string_view file) {
  const bool short_enough = file.size() <= kFileBytesMax;
  bool good = short_enough && absl::ConsumePrefix(&file, "sha256:");
  const absl::string_view digest = file.substr(0, 2 * kDigestBytes);
  good = good && digest.size() == 2 * kDigestBytes && std::all_of(digest.begin(), digest.end(), [](char c) {
           return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
         });
  if (good) {
    file.remove_prefix(digest.size());
    good = file.empty() || (file.size() > 1 && file[0] == '#');
  }
  if (good || (short_enough && IsUploaded(file))) return Nothing{};
  return Wrong(
      "FIELD_VALUE_INVALID", field,
      "不是文件引用：应为已上传的 files/…#文件名；存放在别处的，写 sha256: 加 64 位小写十六进制，可加 #文件名。",
      "is no file: write files/…#title of one that was uploaded; of one kept elsewhere sha256: and 64 lower-case "
      "hexadecimal digits, with an optional #name.");
}

Verdict CheckSealed(const Field& field, const v1::Value& value) {
  const bool good = value.has_sealed() && !value.sealed().key_id().empty() &&
                    value.sealed().digest().size() == kDigestBytes && !value.approximate() && value.written().empty();
  if (good) return Nothing{};
  return Wrong("FIELD_NOT_SEALED", field, "是密封字段，其值须先加密。", "is sealed; its values must be sealed first.");
}

bool IsTime(const Field& field) { return field.type == FieldType::kDate || field.type == FieldType::kInstant; }

// How the source said it: beside a value that is not itself a text.
Verdict CheckWritten(const Field& field, const v1::Value& value) {
  if (value.written().empty()) return Nothing{};
  if (field.type == FieldType::kText) {
    return Wrong("FIELD_WRITTEN_WRONG", field, "是文本，原文就写在值里，不另附。",
                 "is text: what the source said is the value itself.");
  }
  if (value.written().size() <= limits::kWrittenBytesMax) return Nothing{};
  return Wrong("FIELD_WRITTEN_WRONG", field, absl::StrCat("所附原文超过 ", limits::kWrittenBytesMax, " 字节，请摘要。"),
               absl::StrCat("has a source text of more than ", limits::kWrittenBytesMax, " bytes; shorten it."));
}

// No end by its nature. A field with bounds says that there is one.
Verdict CheckStanding(const Field& field, const v1::FieldValue& given, const v1::Value& value) {
  const bool bounded = field.min.has_value() || field.max.has_value();
  if (IsTime(field) && !bounded && value.standing() && !value.approximate() && given.values_size() == 1) {
    return CheckWritten(field, value);
  }
  return Wrong("FIELD_NOT_STANDING", field, "不能填“长期”：只有没有上下限的日期、时刻字段可填，且须单独填，不标约数。",
               "cannot be standing: only a date or an instant without bounds can, alone and not approximate.");
}

Verdict CheckValue(const Procedure& procedure, const Field& field, const v1::FieldValue& given, const v1::Value& value,
                   const Directory& directory) {
  if (field.sealed) return CheckSealed(field, value);
  if (value.has_standing()) return CheckStanding(field, given, value);
  if (value.kind_case() != KindOf(field.type)) {
    return Wrong("FIELD_KIND_WRONG", field, absl::StrCat("的值应为", TypeName(field.type, true), "。"),
                 absl::StrCat("takes ", TypeName(field.type, false), "."));
  }
  if (Verdict v = CheckWritten(field, value); !v.ok()) return v;
  // A day out of a vague wording is about right, whatever the field says.
  if (value.approximate() && !field.approximate && !(IsTime(field) && !value.written().empty())) {
    return Wrong("FIELD_NOT_APPROXIMATE", field, "不接受约数，请给出确切的值，或不填。",
                 "takes no approximate value; give the exact one or none.");
  }
  switch (field.type) {
    case FieldType::kText:
      return CheckPlaintext(field, value.text());
    case FieldType::kChoice:
      if (procedure.FindCode(field.codes, value.choice()) != nullptr) return Nothing{};
      return Wrong(
          "FIELD_CODE_UNKNOWN", field, absl::StrCat("的值不在代码表“", field.codes, "”中，请从表中选取。"),
          absl::StrCat("has a value that code table \"", field.codes, "\" does not hold; choose one that it holds."));
    case FieldType::kNumber:
      return CheckNumber(field, value.number());
    case FieldType::kDate:
      return CheckDate(field, value.date());
    case FieldType::kInstant:
      return CheckInstant(field, value.instant());
    case FieldType::kUnit:
    case FieldType::kPost:
    case FieldType::kPerson:
      return CheckReference(field, value.reference(), directory);
    case FieldType::kFile:
      return CheckFile(field, value.file());
  }
  return Nothing{};
}

}  // namespace

Verdict CheckValues(const Procedure& procedure, const Field& field, const v1::FieldValue& given,
                    const Directory& directory) {
  const bool refers =
      field.type == FieldType::kUnit || field.type == FieldType::kPost || field.type == FieldType::kPerson;
  const size_t most = !field.many ? 1 : refers ? limits::kReferencesPerFieldMax : limits::kValuesPerFieldMax;
  if (static_cast<size_t>(given.values_size()) > most) {
    return Wrong("FIELD_TOO_MANY", field, absl::StrCat("最多 ", most, " 个值。"),
                 absl::StrCat("holds at most ", most, most == 1 ? " value." : " values."));
  }
  if (field.required && given.values().empty()) {
    return Wrong("FIELD_REQUIRED", field, "必填，不能清空。", "is required and cannot be cleared.");
  }
  for (const v1::Value& value : given.values()) {
    if (Verdict v = CheckValue(procedure, field, given, value, directory); !v.ok()) return v;
  }
  return Nothing{};
}

Verdict CheckPlaintext(const Field& field, absl::string_view text) {
  // A value that nobody stated is absent, never empty.
  if (absl::StripAsciiWhitespace(text).empty()) {
    return Wrong("FIELD_VALUE_INVALID", field, "的值为空；没有内容时请不填。",
                 "is empty; leave out what nobody stated.");
  }
  if (text.size() <= BytesMax(field)) return Nothing{};
  return Wrong("FIELD_TOO_LONG", field, absl::StrCat("超过 ", BytesMax(field), " 字节，请缩短。"),
               absl::StrCat("is longer than ", BytesMax(field), " bytes; shorten it."));
}

Outcome<v1::Value> ParseWritten(const Field& field, absl::string_view written) {
  const std::string text(written);
  v1::Value value;
  switch (field.type) {
    case FieldType::kText:
      value.set_text(text);
      return value;
    case FieldType::kChoice:
      value.set_choice(text);
      return value;
    case FieldType::kNumber:
      if (Verdict v = CheckNumber(field, text); !v.ok()) return v.rejection();
      value.set_number(text);
      return value;
    case FieldType::kDate:
      if (Verdict v = CheckDate(field, text); !v.ok()) return v.rejection();
      value.set_date(text);
      return value;
    case FieldType::kInstant: {
      absl::Time at;
      std::string trouble;
      if (!absl::ParseTime(absl::RFC3339_full, text, &at, &trouble)) {
        return Wrong("FIELD_VALUE_INVALID", field, "不是时刻，应写作 2026-10-08T17:30:00+08:00。",
                     "is no instant; write 2026-10-08T17:30:00+08:00.");
      }
      *value.mutable_instant() = ToProto(at);
      return value;
    }
    case FieldType::kUnit:
    case FieldType::kPost:
    case FieldType::kPerson:
      value.set_reference(text);
      return value;
    case FieldType::kFile:
      if (Verdict v = CheckFile(field, text); !v.ok()) return v.rejection();
      value.set_file(text);
      return value;
  }
  return value;
}

absl::string_view UploadedFile(absl::string_view value) {
  if (!absl::StartsWith(value, "files/")) return {};
  return value.substr(0, value.find('#'));
}

bool IsDecimal(absl::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  size_t digits = 0;
  size_t points = 0;
  for (char c : text) {
    if (c == '.') {
      ++points;
    } else if (absl::ascii_isdigit(c)) {
      ++digits;
    } else {
      return false;
    }
  }
  return digits > 0 && digits <= kDigitsMax && points <= 1 && text.front() != '.' && text.back() != '.';
}

namespace {

// A decimal without sign, leading and trailing zeros: what can be compared place by place.
struct Plain {
  bool negative = false;
  std::string whole;
  std::string fraction;
};

Plain ToPlain(absl::string_view text) {
  Plain out;
  out.negative = absl::ConsumePrefix(&text, "-");
  absl::ConsumePrefix(&text, "+");
  const size_t point = std::min(text.find('.'), text.size());
  absl::string_view whole = text.substr(0, point);
  absl::string_view fraction = text.substr(std::min(point + 1, text.size()));
  while (absl::ConsumePrefix(&whole, "0")) {
  }
  while (absl::ConsumeSuffix(&fraction, "0")) {
  }
  out.whole = std::string(whole);
  out.fraction = std::string(fraction);
  if (out.whole.empty() && out.fraction.empty()) out.negative = false;  // -0 is 0.
  return out;
}

}  // namespace

int CompareDecimals(absl::string_view a, absl::string_view b) {
  const Plain left = ToPlain(a);
  const Plain right = ToPlain(b);
  if (left.negative != right.negative) return left.negative ? -1 : 1;
  int sign = 0;
  if (left.whole.size() != right.whole.size()) {
    sign = left.whole.size() < right.whole.size() ? -1 : 1;
  } else if (const int whole = left.whole.compare(right.whole); whole != 0) {
    sign = whole;
  } else {
    sign = left.fraction.compare(right.fraction);
  }
  return left.negative ? -sign : sign;
}

}  // namespace duban::engine
