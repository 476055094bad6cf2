#include "tests/city/year_end.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"

namespace duban::city {

void YearEnd::Check() {
  CheckBaseline();
  CheckRegisters();
  CheckRollUps();
  CheckMerged();
  CheckAlike();
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

// The registers' entries are those that the log has entered and not ended; whoever was named early in the year was
// looked at again, once.
void YearEnd::CheckRegisters() {
  std::map<std::string, int> looked_at;
  for (const auto& [name, c] : facts_.cases()) {
    if (c.procedure == "recheck") ++looked_at[c.Party("branch")];
  }
  if (looked_at.empty()) fail_("nobody was named");
  for (const auto& [unit, times] : looked_at) {
    if (times != 1) fail_(absl::StrCat(unit, " is looked at again ", times, " times"));
  }
  const auto said = [](const std::string& name, const auto& entry) {
    return absl::StrCat(name, " ", entry.register_(), " ", entry.subject(), " for ", entry.reason().zh(), " from ",
                        Text(At(entry.from())), " until ", entry.has_until() ? Text(At(entry.until())) : "ever");
  };
  Names expected, shown;
  for (const auto& [name, c] : facts_.cases()) {
    for (const auto& [entry, entered] : c.entries) expected.insert(said(name, entered));
  }
  v1::QueryViewRequest request;
  request.set_view(v1::VIEW_REGISTERS);
  request.set_page_size(500);
  do {
    const auto page = Ask(town_.auditor(), request, "registers", fail_);
    if (!page.ok()) return;
    for (const v1::ViewRow& row : page->rows()) shown.insert(said(row.register_().case_(), row.register_()));
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  for (const std::string& one : expected) {
    if (shown.count(one) == 0) fail_("no register shows " + one, one.substr(0, one.find(' ')));
  }
  for (const std::string& one : shown) {
    if (expected.count(one) == 0) fail_("a register shows " + one, one.substr(0, one.find(' ')));
  }
}

namespace {

bool IsCounted(const Case& part) { return part.end != v1::END_KIND_MERGED && part.end != v1::END_KIND_CANCELLED; }

bool IsLate(const Case& part, const Names& overdue) { return part.open() ? overdue.count(part.name) > 0 : part.late; }

// In thousandths of all that is directly below, what has parts as far as these have come.
int64_t Progress(const Facts& facts, const Case& whole) {
  int64_t all = 0, done = 0;
  for (const std::string& name : whole.parts) {
    const Case& part = *facts.FindCase(name);
    if (!IsCounted(part)) continue;
    all += whole.weights.at(name);
    done += whole.weights.at(name) * (part.open() ? Progress(facts, part) : 1000);
  }
  return all == 0 ? 0 : done / all;
}

void Below(const Facts& facts, const Case& whole, Names& out) {
  for (const std::string& part : whole.parts) {
    if (out.insert(part).second) Below(facts, *facts.FindCase(part), out);
  }
}

}  // namespace

// What a whole says of its parts, each counted once however many ways lead to it.
void YearEnd::CheckRollUps() {
  const Names overdue = facts_.Overdue();
  for (const auto& [name, c] : facts_.cases()) {
    if (c.parts.empty()) continue;
    Names below;
    Below(facts_, c, below);
    int64_t total = 0, ended = 0, late = 0;
    for (const std::string& one : below) {
      const Case& part = *facts_.FindCase(one);
      if (!IsCounted(part)) continue;
      ++total;
      ended += part.open() ? 0 : 1;
      late += IsLate(part, overdue) ? 1 : 0;
    }
    v1::GetCaseRequest request;
    request.set_case_(name);
    const auto shown = Ask(town_.auditor(), request, "a whole", fail_);
    if (!shown.ok()) continue;
    const v1::PartsSum& sum = shown->case_().parts();
    const std::string says =
        absl::StrCat(sum.total(), ", ended ", sum.ended(), ", late ", sum.late(), ", ", sum.progress_permille());
    const std::string is = absl::StrCat(total, ", ended ", ended, ", late ", late, ", ", Progress(facts_, c));
    if (says != is) fail_(absl::StrCat("it says of its parts ", says, "; it is ", is), name);
  }
}

// One that others were merged into stands for all of them and shows all their sources.
void YearEnd::CheckMerged() {
  for (const auto& [name, c] : facts_.cases()) {
    if (c.duplicates.empty()) continue;
    int64_t counted = 1;
    Names sources;
    const auto add = [&](const Case& one) {
      const auto field = one.fields.find("source");
      if (field == one.fields.end()) return;
      for (const v1::Value& value : field->second) sources.insert(value.choice());
    };
    add(c);
    for (const std::string& duplicate : c.duplicates) {
      const Case& one = *facts_.FindCase(duplicate);
      counted += one.counted;
      add(one);
      if (one.merged_into != name || one.end != v1::END_KIND_MERGED) fail_("it is no duplicate", duplicate);
    }
    v1::GetCaseRequest request;
    request.set_case_(name);
    const auto answer = Ask(town_.auditor(), request, "what was merged", fail_);
    if (!answer.ok()) continue;
    const v1::Case& shown = answer->case_();
    Names shown_sources;
    for (const v1::CaseField& field : shown.fields()) {
      if (field.field() != "source") continue;
      for (const v1::Value& value : field.values()) shown_sources.insert(value.choice());
    }
    if (shown.counted() != counted || c.counted != counted) {
      fail_(absl::StrCat("it stands for ", shown.counted(), ", not ", counted), name);
    }
    if (Names(shown.duplicates().begin(), shown.duplicates().end()) != c.duplicates) {
      fail_("it shows other duplicates", name);
    }
    if (shown_sources != sources) {
      fail_(absl::StrCat("it shows ", shown_sources.size(), " sources of ", sources.size()), name);
    }
  }
}

// Each unit that was asked has looked, and what it found is an order of its own that leads back to the question.
void YearEnd::CheckAlike() {
  std::map<std::string, std::vector<const Case*>> children;
  for (const auto& [name, c] : facts_.cases()) {
    if (c.procedure == "self_check" || c.procedure == "rectification") children[c.parent].push_back(&c);
  }
  int found = 0;
  for (const auto& [name, c] : facts_.cases()) {
    if (c.procedure == "alike") {
      Names asked, units;
      if (const auto field = c.fields.find("units"); field != c.fields.end()) {
        for (const v1::Value& unit : field->second) asked.insert(unit.reference());
      }
      for (const Case* check : children[name]) {
        if (!units.insert(check->Party("unit")).second) fail_("it asks a unit twice", name);
        if (check->fields.at("problem")[0].text() != c.fields.at("problem")[0].text()) {
          fail_("it asks about another problem", check->name);
        }
        found += check->stage == "found" ? 1 : 0;
      }
      if (asked != units) fail_(absl::StrCat("it asks ", units.size(), " units of ", asked.size()), name);
    }
    if (c.procedure != "self_check" || c.open()) continue;
    const std::vector<const Case*>& orders = children[name];
    if (orders.size() != (c.stage == "found" ? 1u : 0u)) fail_("what it found is not one order", name);
    for (const Case* order : orders) {
      if (order->Party("owner") != c.Party("unit") ||
          order->fields.at("problem")[0].text() != c.fields.at("found")[0].text()) {
        fail_("it is not what was found", order->name);
      }
      v1::GetCaseRequest request;
      request.set_case_(order->name);
      const auto shown = Ask(town_.auditor(), request, "what was found", fail_);
      if (shown.ok() && shown->case_().parent() != name) fail_("it does not lead back", order->name);
    }
  }
  if (found == 0) fail_("nobody has found anything alike");
}

namespace {

// The rhythm of procedures/plans: of each plan its months and its day, moved to a working day.
struct Beat {
  const char* plan;
  std::vector<int> months;
  int day;
};
const std::vector<Beat> kRhythm = {{"yearly_card", {1}, 7},
                                   {"yearly_recheck", {3}, 1},
                                   {"monthly_hint", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 1},
                                   {"quarterly_inspection", {3, 6, 9, 12}, 20},
                                   {"half_year_push", {7}, 10},
                                   {"year_end_appraisal", {12}, 10}};
constexpr int kMarks[] = {6, 3, 1};  // Months before a term ends.

Day MonthsBefore(Day day, int months) {
  const absl::CivilMonth month = absl::CivilMonth(day) - months;
  return std::min(Day(month) + (day.day() - 1), Day(month + 1) - 1);
}

}  // namespace

// Everything has come due that had to, on its day, and nothing else; for the counties where nobody else is named.
void YearEnd::CheckPlans(const Inspections& inspections, Day today) {
  std::multiset<std::string> expected = inspections.Came(today), came;
  for (const Beat& beat : kRhythm) {
    for (const int month : beat.months) {
      const Day nominal(2019, month, beat.day);
      expected.insert(
          absl::StrCat("plans/", beat.plan, " ", Text(nominal), " on ", Text(facts_.days().After(nominal, 0))));
    }
  }
  // Marks that had passed when the directory was told are not made up for, but for the latest.
  const Day told(2018, 12, 27);
  for (const auto& [name, post] : town_.posts()) {
    if (post.term_end().empty()) continue;
    const Day end = ParseDay(post.term_end());
    for (size_t i = 0; i < std::size(kMarks); ++i) {
      const Day day = MonthsBefore(end, kMarks[i]);
      const bool next_passed = i + 1 < std::size(kMarks) && MonthsBefore(end, kMarks[i + 1]) <= told;
      if (day > today || (day <= told && next_passed)) continue;
      const std::string mark = absl::StrCat(kMarks[i], kMarks[i] == 1 ? " month" : " months");
      expected.insert(
          absl::StrCat("plans/term_end ", post.term_end(), " ", name, " ", mark, " on ", Text(std::max(day, told))));
    }
  }
  // Filled again before it has lasted three months.
  const Day vacant = Town::DayOfVacancy();
  expected.insert(absl::StrCat("plans/vacancy ", Text(vacant), " ", ClerkPost(town_.departments().back()),
                               " 1 month on ", Text(MonthsBefore(vacant, -1))));
  const Names counties(town_.counties().begin(), town_.counties().end());
  for (const auto& [job, one] : facts_.plans_came()) {
    came.insert(absl::StrCat(one.plan, " ", one.occurrence, " on ", Text(DayOf(one.at))));
    const bool all = std::any_of(kRhythm.begin(), kRhythm.end(), [&, plan = one.plan](const Beat& beat) {
      return plan == absl::StrCat("plans/", beat.plan) && plan != "plans/yearly_recheck";
    });
    if (all && Names(one.population.begin(), one.population.end()) != counties) {
      fail_(absl::StrCat(one.plan, " ", one.occurrence, " is not for the counties"));
    }
  }
  for (const std::string& one : expected) {
    if (came.count(one) != expected.count(one)) fail_(absl::StrCat(one, ": came due ", came.count(one), " times"));
  }
  for (const std::string& one : came) {
    if (expected.count(one) == 0) fail_(one + ": came due and was not to");
  }
}

}  // namespace duban::city
