#include "engine/cases/numbering.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace duban::engine {
namespace {

// Whether a code's end beside the sequence would be taken for a part of it, or for the "-" that keeps the two apart.
bool IsOpen(char c) { return absl::ascii_isdigit(c) || c == '-'; }

}  // namespace

void GiveNumber(const Procedure& procedure, const Context& context, v1::CaseOpened& opened) {
  if (procedure.numbers.empty()) return;
  const int year = context.zone.DayOf(FromProto(opened.opened_at())).year();
  std::string series = absl::StrReplaceAll(procedure.numbers, {{"{year}", absl::StrCat(year)}});
  constexpr char kSeq[] = "{seq}";
  for (const Party& party : procedure.parties) {
    std::string code;
    for (const v1::BoundParty& bound : opened.parties()) {
      if (bound.party() != party.name || bound.bound().empty()) continue;
      const v1::Unit* unit = context.directory.FindUnit(bound.bound(0).unit());
      if (unit != nullptr) code = unit->code().empty() ? unit->title() : unit->code();
    }
    const std::string mark = absl::StrCat("{", party.name, "}");
    const bool ends_open = !code.empty() && IsOpen(code.back());
    const bool begins_open = !code.empty() && IsOpen(code.front());
    series = absl::StrReplaceAll(series, {{absl::StrCat(mark, kSeq), absl::StrCat(code, ends_open ? "-" : "", kSeq)},
                                          {absl::StrCat(kSeq, mark), absl::StrCat(kSeq, begins_open ? "-" : "", code)},
                                          {mark, code}});
  }
  opened.set_series(series);
  opened.set_sequence(context.next_in_series(series));
  opened.set_number(absl::StrReplaceAll(series, {{kSeq, absl::StrCat(opened.sequence())}}));
}

}  // namespace duban::engine
