#include "engine/cases/numbering.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace duban::engine {

void GiveNumber(const Procedure& procedure, const Context& context, v1::CaseOpened& opened) {
  if (procedure.numbers.empty()) return;
  const int year = context.zone.DayOf(FromProto(opened.opened_at())).year();
  std::string series = absl::StrReplaceAll(procedure.numbers, {{"{year}", absl::StrCat(year)}});
  for (const Party& party : procedure.parties) {
    std::string code;
    for (const v1::BoundParty& bound : opened.parties()) {
      if (bound.party() != party.name || bound.bound().empty()) continue;
      const v1::Unit* unit = context.directory.FindUnit(bound.bound(0).unit());
      if (unit != nullptr) code = unit->code().empty() ? unit->title() : unit->code();
    }
    series = absl::StrReplaceAll(series, {{absl::StrCat("{", party.name, "}"), code}});
  }
  opened.set_series(series);
  opened.set_sequence(context.next_in_series(series));
  opened.set_number(absl::StrReplaceAll(series, {{"{seq}", absl::StrCat(opened.sequence())}}));
}

}  // namespace duban::engine
