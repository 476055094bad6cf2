#include "engine/cases/checks.h"

#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"

namespace duban::engine {

Actor ActorOf(const Context& context) {
  if (context.entered_for.empty()) return Actor{context.actor, ""};
  return Actor{context.entered_for, context.actor};
}

Rejection UnknownField(const std::string& field) {
  return Reject(
      Kind::kInvalid, "UNKNOWN_FIELD", absl::StrCat("规程没有字段“", field, "”，请去掉，或改用规程中的字段名"),
      absl::StrCat("the procedure has no field \"", field, "\"; leave it out, or use a name that the procedure has"),
      {{"field", absl::StrCat("fields.", field)}});
}

Rejection FieldTwice(const Field& field) {
  return Reject(Kind::kInvalid, "FIELD_TWICE",
                absl::StrCat(field.title.zh(), "（", field.name, "）重复给出，请把它的值合在一处"),
                absl::StrCat("field ", field.name, " is given twice; give all its values in one entry"),
                {{"field", absl::StrCat("fields.", field.name)}});
}

Verdict CheckRemarks(absl::string_view reason, absl::string_view note) {
  const bool reason_long = reason.size() > limits::kReasonBytesMax;
  if (!reason_long && note.size() <= limits::kReasonBytesMax) return Nothing{};
  return Reject(
      Kind::kInvalid, "TEXT_TOO_LONG",
      absl::StrCat(reason_long ? "理由" : "备注", "超过 ", limits::kReasonBytesMax, " 字节（约 ",
                   limits::kReasonBytesMax / 3, " 个汉字），请缩短"),
      absl::StrCat(reason_long ? "reason" : "note", " is longer than ", limits::kReasonBytesMax, " bytes; shorten it"),
      {{"field", reason_long ? "reason" : "note"}});
}

}  // namespace duban::engine
