#include "tests/city/year_end.h"

#include "absl/strings/str_cat.h"

namespace duban::city {

void YearEnd::Check() {
  CheckBaseline();
  CheckRegisters();
}

// Each card's goal is what was confirmed in January, and what was done is what the log says.
void YearEnd::CheckBaseline() {
  int settled = 0;
  for (const auto& [name, c] : facts_.cases()) {
    if (c.procedure != "card") continue;
    if (c.end != v1::END_KIND_DONE) {
      fail_("a card has not been settled", name);
      continue;
    }
    ++settled;
    v1::GetCaseRequest request;
    request.set_case_(name);
    request.mutable_as_of()->set_date("2019-02-28");
    const auto then = Ask(town_.auditor(), request, "a card as it was", fail_);
    if (!then.ok()) continue;
    const auto number = [](const v1::Case& card, const std::string& field) -> std::string {
      for (const v1::CaseField& one : card.fields()) {
        if (one.field() == field && one.values_size() == 1) return one.values(0).number();
      }
      return "";
    };
    const std::string frozen = number(then->case_(), "target");
    if (frozen.empty() || frozen != c.fields.at("target")[0].number())
      fail_("a card's goal was changed in the year", name);
    int64_t done = 0;
    for (const auto& [other, one] : facts_.cases()) {
      done += one.procedure == "rhythm" && one.end == v1::END_KIND_DONE &&
              one.ended_at < TimeOn(Day(2019, 12, 27), 9) && one.Party("owner") == c.Party("owner");
    }
    if (absl::StrCat(done) != c.fields.at("done")[0].number())
      fail_(absl::StrCat("a card says what the log does not: ", done), name);
  }
  if (settled != static_cast<int>(town_.counties().size()))
    fail_(absl::StrCat(settled, " cards for ", town_.counties().size(), " counties"));
}

// The registers' entries are those that the log has entered and not ended; whoever was to be looked at again was, once.
void YearEnd::CheckRegisters() {
  std::map<std::string, int> looked_at;
  for (const auto& [name, c] : facts_.cases()) {
    if (c.procedure == "recheck") ++looked_at[c.Party("branch")];
  }
  if (facts_.rechecked().empty()) fail_("nobody was named");
  for (const std::string& unit : facts_.rechecked()) {
    if (looked_at[unit] != 1) fail_(absl::StrCat(unit, " is looked at again ", looked_at[unit], " times"));
  }
  Names expected, shown;
  for (const auto& [name, c] : facts_.cases()) {
    for (const auto& [entry, entered] : c.entries) expected.insert(absl::StrCat(name, " ", entered.subject()));
  }
  v1::QueryViewRequest request;
  request.set_view(v1::VIEW_REGISTERS);
  request.set_page_size(500);
  do {
    const auto page = Ask(town_.auditor(), request, "registers", fail_);
    if (!page.ok()) return;
    for (const v1::ViewRow& row : page->rows())
      shown.insert(absl::StrCat(row.register_().case_(), " ", row.register_().subject()));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  if (shown != expected)
    fail_(absl::StrCat("registers show ", shown.size(), " entries, the log says ", expected.size()));
}

}  // namespace duban::city
