#include "engine/directory/names.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/limits.h"

namespace duban::engine {

bool IsWord(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool IsId(absl::string_view name, absl::string_view prefix) {
  if (name.size() > limits::kIdBytesMax || !absl::ConsumePrefix(&name, prefix) || name.empty()) return false;
  return IsWord(name);
}

Rejection Wrong(absl::string_view reason, absl::string_view name, const std::string& zh, const std::string& en,
                absl::string_view value) {
  Rejection out = Reject(Kind::kInvalid, reason, absl::StrCat("「", name, "」", zh),
                         absl::StrCat("\"", name, "\" ", en), {{"name", std::string(name)}});
  if (!value.empty()) out.facts.emplace_back("value", std::string(value));
  return out;
}

Rejection WrongId(absl::string_view name, absl::string_view prefix) {
  return Wrong("DIRECTORY_ID_INVALID", name,
               absl::StrCat("不是合法的标识：应为 ", prefix, " 加小写字母、数字或“-”，总长不超过 ", limits::kIdBytesMax,
                            " 字节。"),
               absl::StrCat("is not a valid id: write ", prefix, " and lower-case letters, digits or \"-\", at most ",
                            limits::kIdBytesMax, " bytes in all."));
}

Rejection Twice(absl::string_view name) {
  return Wrong("DIRECTORY_DUPLICATE", name, "在本次提交中出现两次。", "appears twice in this request.");
}

Rejection Unknown(absl::string_view name, absl::string_view what) {
  return Wrong("DIRECTORY_UNKNOWN_REFERENCE", name, absl::StrCat("引用的“", what, "”不存在，请先录入或一并提交。"),
               absl::StrCat("refers to \"", what, "\", which does not exist; put it first or along with this."), what);
}

}  // namespace duban::engine
