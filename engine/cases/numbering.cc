#include "engine/cases/numbering.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace duban::engine {
namespace {

// Whether a code's end beside the sequence would be taken for a part of it, or for the "-" that keeps the two apart.
bool IsOpen(char c) { return absl::ascii_isdigit(c) || c == '-'; }

constexpr char kSeq[] = "{seq}";

}  // namespace

std::string SeriesOf(const std::string& pattern, int year, const std::vector<NumberPlace>& places) {
  std::string series = absl::StrReplaceAll(pattern, {{"{year}", absl::StrCat(year)}});
  for (const NumberPlace& place : places) {
    const std::string& code = place.code;
    const std::string mark = absl::StrCat("{", place.name, "}");
    const bool ends_open = !code.empty() && IsOpen(code.back());
    const bool begins_open = !code.empty() && IsOpen(code.front());
    series = absl::StrReplaceAll(series, {{absl::StrCat(mark, kSeq), absl::StrCat(code, ends_open ? "-" : "", kSeq)},
                                          {absl::StrCat(kSeq, mark), absl::StrCat(kSeq, begins_open ? "-" : "", code)},
                                          {mark, code}});
  }
  return series;
}

std::string NumberIn(const std::string& series, uint64_t sequence) {
  return absl::StrReplaceAll(series, {{kSeq, absl::StrCat(sequence)}});
}

std::string CodeOf(const Directory& directory, absl::string_view unit) {
  const v1::Unit* found = directory.FindUnit(unit);
  if (found == nullptr) return "";
  return found->code().empty() ? found->title() : found->code();
}

void GiveNumber(const Procedure& procedure, const Context& context, v1::CaseOpened& opened) {
  if (procedure.numbers.empty()) return;
  const int year = static_cast<int>(context.zone.DayOf(FromProto(opened.opened_at())).year());
  std::vector<NumberPlace> places;
  for (const Party& party : procedure.parties) {
    std::string code;
    for (const v1::BoundParty& bound : opened.parties()) {
      if (bound.party() != party.name || bound.bound().empty()) continue;
      if (context.directory.FindUnit(bound.bound(0).unit()) == nullptr) continue;
      code = CodeOf(context.directory, bound.bound(0).unit());
    }
    places.push_back({party.name, std::move(code)});
  }
  opened.set_series(SeriesOf(procedure.numbers, year, places));
  opened.set_sequence(context.next_in_series(opened.series()));
  opened.set_number(NumberIn(opened.series(), opened.sequence()));
}

}  // namespace duban::engine
