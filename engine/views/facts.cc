#include "engine/views/facts.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/cases/evolve.h"
#include "engine/procedure/metrics.h"

namespace duban::engine {
namespace {

constexpr char kBetweenFields[] = "\x1d";
constexpr char kBetweenValues[] = "\x1e";

std::string WordIn(const std::string& name, absl::string_view prefix) {
  const std::string lower = absl::AsciiStrToLower(name);
  const absl::string_view word = absl::StripPrefix(lower, prefix);
  return word == "unspecified" ? "" : std::string(word);
}

}  // namespace

std::string FieldsFact(const Procedure& procedure, const duban::state::v1::CaseState& state) {
  std::vector<std::string> fields;
  for (const Field* field : FiguredFields(procedure)) {
    const auto* held = FindFieldState(state, field->name);
    if (held == nullptr) continue;
    std::vector<std::string> values;
    for (const v1::Value& value : held->values()) {
      if (!value.choice().empty()) values.push_back(value.choice());
    }
    if (values.empty()) continue;
    if (values.size() > kFiguredValuesMax) values = {kSeveral};
    std::sort(values.begin(), values.end());
    fields.push_back(absl::StrCat(field->name, "=", absl::StrJoin(values, kBetweenValues)));
  }
  return absl::StrJoin(fields, kBetweenFields);
}

std::vector<std::string> ValuesInFact(absl::string_view fields, absl::string_view field) {
  for (absl::string_view one : absl::StrSplit(fields, kBetweenFields)) {
    if (absl::ConsumePrefix(&one, field) && absl::ConsumePrefix(&one, "=")) return absl::StrSplit(one, kBetweenValues);
  }
  return {};
}

std::string VerificationWord(v1::Verification verification) {
  return WordIn(v1::Verification_Name(verification), "verification_");
}

std::string TruthWord(v1::Truth truth) { return WordIn(v1::Truth_Name(truth), "truth_"); }

std::string EndWord(v1::EndKind kind) { return WordIn(v1::EndKind_Name(kind), "end_kind_"); }

}  // namespace duban::engine
