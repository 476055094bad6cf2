#include "engine/documents/text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/cases/evolve.h"
#include "engine/cases/present.h"

namespace duban::engine {
namespace {

std::string ValueText(const Procedure& procedure, const Field& field, const v1::Value& value,
                      const Directory& directory, const Zone& zone) {
  if (value.has_instant()) return zone.Format(FromProto(value.instant()));
  const std::optional<Day> day = value.has_date() ? ParseDay(value.date()) : std::nullopt;
  if (!day.has_value()) return Shown(procedure, field, value, directory);
  const std::string shown = absl::StrCat(value.approximate() && value.written().empty() ? "约" : "", LongDay(*day));
  return value.written().empty() ? shown : absl::StrCat(shown, "（", value.written(), "）");
}

}  // namespace

std::string Filled(absl::string_view text, absl::FunctionRef<std::string(const std::string& place)> value) {
  std::string out;
  for (const TextPiece& piece : SplitPlaces(text)) absl::StrAppend(&out, piece.place ? value(piece.text) : piece.text);
  return out;
}

std::string LongDay(Day day) { return absl::StrCat(day.year(), "年", day.month(), "月", day.day(), "日"); }

std::string PlaceOfCase(const Procedure& procedure, const CaseState& state, const Directory& directory,
                        const Zone& zone, const std::string& name) {
  if (name == "case") return state.number();
  if (name == "stage") {
    const Stage* stage = procedure.FindStage(state.stage());
    return stage == nullptr ? "" : stage->title.zh();
  }
  if (const Field* field = procedure.FindField(name)) {
    const auto* held = FindFieldState(state, name);
    if (held == nullptr || field->sealed || !field->sees.empty()) return "";
    return absl::StrJoin(held->values(), "、", [&](std::string* out, const v1::Value& value) {
      out->append(ValueText(procedure, *field, value, directory, zone));
    });
  }
  const v1::BoundParty* bound = FindBound(state, name);
  if (bound == nullptr) return "";
  return absl::StrJoin(bound->bound(), "、",
                       [](std::string* out, const v1::BoundId& member) { out->append(member.title()); });
}

std::string HeadOfPlace(const Procedure& procedure, const std::string& name) {
  if (name == "case") return "编号";
  if (name == "stage") return "环节";
  if (const Field* field = procedure.FindField(name)) return field->title.zh();
  const Party* party = procedure.FindParty(name);
  return party == nullptr ? name : party->title.zh();
}

}  // namespace duban::engine
