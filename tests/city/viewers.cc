#include "tests/city/viewers.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace duban::city {
namespace {

using std::chrono::steady_clock;

constexpr size_t kListedMax = 3000;  // Of a viewer who sees more, the ledger is compared by its total until the end.

}  // namespace

void Viewers::Watch(bool many) {
  const std::string county = town_.counties()[0].substr(6);
  const std::string quiet = town_.departments()[0].substr(6), next = town_.departments()[1].substr(6);
  // Views kept all year: everything that a county's head sees, what contacts see of open matters, single departments,
  // a bureau with all that is below it in the counties, checkers, the hotline, the competent body.
  struct Seat {
    std::string person;
    v1::View view;
    bool open_only;
    int cut_after;
  };
  const std::vector<Seat> seats = {{absl::StrCat("persons/", county, "-zhang"), v1::VIEW_LEDGER, many, 0},
                                   {"persons/lianxi-1", v1::VIEW_LEDGER, true, 40},
                                   {"persons/lianxi-2", v1::VIEW_LEDGER, true, 0},
                                   {absl::StrCat("persons/", quiet, "-ban"), v1::VIEW_LEDGER, false, 0},
                                   {absl::StrCat("persons/", next, "-ban"), v1::VIEW_LEDGER, false, 25},
                                   {absl::StrCat("persons/", quiet, "-zhang"), v1::VIEW_LEDGER, false, 60},
                                   {"persons/yanshou-2", v1::VIEW_LEDGER, true, 0},
                                   {"persons/rexian-1", v1::VIEW_LEDGER, true, 0},
                                   {"persons/jiwei-1", v1::VIEW_LEDGER, false, 0},
                                   {"persons/ducha-zhang", v1::VIEW_ALERTS, false, 0},
                                   {absl::StrCat("persons/", county, "-zhang"), v1::VIEW_ALERTS, false, 30},
                                   {absl::StrCat("persons/", quiet, "-ban"), v1::VIEW_WORKLIST, false, 0}};
  for (const Seat& seat : seats) {
    if (town_.posts().count(absl::StrCat("posts/", seat.person.substr(8))) == 0) continue;
    facts_.Follow(seat.person);
    watchers_.push_back(
        std::make_unique<Watcher>(town_.As(seat.person), seat.person, seat.view, seat.open_only, seat.cut_after));
  }
  for (const std::string& person : {absl::StrCat("persons/", quiet, "-ban"), std::string("persons/jiwei-2"),
                                    absl::StrCat("persons/", county, "-du")}) {
    facts_.Follow(person);
    listeners_.push_back(std::make_unique<Listener>(town_.As(person), person));
  }
  viewers_ = {"persons/shi-zhang",     "persons/ducha-zhang", "persons/ducha-3", "persons/yanshou-1",
              "persons/xinfang-zhang", "persons/rexian-2",    "persons/jiwei-3", "persons/lianxi-1",
              "persons/lianxi-2",      "persons/lianxi-0"};
  for (const std::string& unit : {town_.counties()[0], town_.departments()[1], town_.departments().back(),
                                  town_.departments()[town_.departments().size() / 2]}) {
    viewers_.push_back(absl::StrCat("persons/", unit.substr(6), "-zhang"));
    viewers_.push_back(absl::StrCat("persons/", unit.substr(6), "-ban"));
  }
  const auto missing = [&](const std::string& person) {
    return town_.posts().count(absl::StrCat("posts/", person.substr(8))) == 0;
  };
  viewers_.erase(std::remove_if(viewers_.begin(), viewers_.end(), missing), viewers_.end());
}

std::vector<v1::LedgerRow> Viewers::Ledger(const std::string& person, bool open_only, int64_t* total) {
  std::vector<v1::LedgerRow> rows;
  v1::QueryLedgerRequest request;
  request.mutable_filter()->set_open_only(open_only);
  request.set_page_size(500);
  while (true) {
    const auto page = Ask(town_.As(person), request, "the ledger", fail_);
    if (!page.ok()) return rows;
    *total = page->total_size();
    rows.insert(rows.end(), page->rows().begin(), page->rows().end());
    request.set_page_token(page->next_page_token());
    if (request.page_token().empty()) return rows;
  }
}

// What a person's lists show is what the second opinion says he may see, and what they count.
void Viewers::CheckViewer(const std::string& person, bool whole) {
  const Names expected = facts_.Visible(person);
  int64_t total = 0;
  if (!whole && expected.size() > kListedMax) {
    v1::QueryLedgerRequest request;
    request.set_page_size(1);
    const auto page = Ask(town_.As(person), request, "the ledger", fail_);
    if (page.ok()) total = page->total_size();
  } else {
    Names shown;
    for (const v1::LedgerRow& row : Ledger(person, false, &total)) {
      if (!shown.insert(row.case_()).second) fail_(person + " is shown a case twice", row.case_());
      if (expected.count(row.case_()) == 0) fail_(person + " is shown in his ledger what he may not see", row.case_());
    }
    for (const std::string& name : expected) {
      if (shown.count(name) == 0) fail_(person + " is not shown in his ledger what is his", name);
    }
  }
  if (total != static_cast<int64_t>(expected.size())) {
    fail_(absl::StrCat(person, "'s ledger counts ", total, " cases of ", expected.size()));
  }
  CheckAlerts(person);
  letters_.CheckList(person);
}

// Whoever is told of something has the alert until its clock stops, and nobody else has.
void Viewers::CheckAlerts(const std::string& person) {
  std::map<std::string, std::string> expected = facts_.Alerts(person), shown;
  v1::ListAlertsRequest request;
  request.set_page_size(500);
  do {
    const auto page = Ask(town_.As(person), request, "alerts", fail_);
    if (!page.ok()) return;
    for (const v1::Alert& alert : page->alerts()) {
      shown[alert.name()] = absl::StrCat(alert.kind(), " of ", Text(At(alert.at())), ", due ", Text(At(alert.due())));
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  for (const auto& [name, said] : expected) ++alerts_[said.substr(0, said.find(' '))];
  const auto about = [](const std::string& alert) { return alert.substr(0, alert.find("/alerts/")); };
  for (const auto& [name, said] : expected) {
    const auto found = shown.find(name);
    if (found == shown.end()) {
      fail_(absl::StrCat(person, " is not alerted of ", name, ", ", said), about(name));
    } else if (found->second != said) {
      fail_(absl::StrCat(person, "'s alert ", name, " says ", found->second, ", not ", said), about(name));
    }
  }
  for (const auto& [name, said] : shown) {
    if (expected.count(name) == 0) {
      fail_(absl::StrCat(person, " is alerted of ", name, ", ", said, ", of which nobody told him"), about(name));
    }
  }
}

// What a watcher was told is what he might see, and what he holds is his list.
void Viewers::CheckWatcher(Watcher& watcher) {
  if (const std::string trouble = watcher.trouble(); !trouble.empty()) return fail_(watcher.person() + ": " + trouble);
  std::map<std::string, std::string> expected;
  if (watcher.view() == v1::VIEW_LEDGER) {
    int64_t total = 0;
    for (const v1::LedgerRow& row : Ledger(watcher.person(), watcher.open_only(), &total))
      expected[row.case_()] = Watcher::Said(row);
    Names names;
    for (const auto& [name, said] : expected) names.insert(name);
    if (names != facts_.Visible(watcher.person(), watcher.open_only()))
      fail_(watcher.person() + "'s ledger is not what he may see");
  } else {
    v1::QueryViewRequest request;
    request.set_view(watcher.view());
    request.set_page_size(500);
    do {
      const auto page = Ask(town_.As(watcher.person()), request, "a view", fail_);
      if (!page.ok()) return;
      for (const v1::ViewRow& row : page->rows()) expected[row.key()] = "";
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    if (watcher.view() == v1::VIEW_ALERTS) {
      Names keys, told;
      for (const auto& [key, said] : expected) keys.insert(key);
      for (const auto& [name, said] : facts_.Alerts(watcher.person())) told.insert(name);
      if (keys != told) fail_(watcher.person() + "'s alerts are not what he is told of");
    }
  }
  const auto until = steady_clock::now() + std::chrono::seconds(30);
  std::map<std::string, std::string> held = watcher.Held();
  while (held != expected && steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    held = watcher.Held();
  }
  if (held != expected) {
    std::string which;
    for (const auto& [key, said] : expected) {
      if (which.empty() && (held.count(key) == 0 || held[key] != said))
        which = absl::StrCat(key, " ", said, " | ", held[key]);
    }
    fail_(absl::StrCat(watcher.person(), " holds ", held.size(), " rows of view ", watcher.view(), ", his list shows ",
                       expected.size(), "; ", which));
  }
  for (const auto& [name, stage] : watcher.TakeShown()) {
    if (absl::StartsWith(name, "cases/") && !facts_.MayHaveSeen(watcher.person(), name, stage)) {
      fail_(absl::StrCat(watcher.person(), " was shown a row of it in stage \"", stage, "\""), name);
    }
  }
}

void Viewers::LookAround(bool whole) {
  for (const std::string& viewer : viewers_) CheckViewer(viewer, whole);
  for (const auto& watcher : watchers_) CheckWatcher(*watcher);
  for (const auto& listener : listeners_) {
    if (const std::string trouble = listener->trouble(); !trouble.empty()) fail_(listener->person() + ": " + trouble);
    for (const auto& [stream, revision] : listener->TakeHeard()) {
      if (!facts_.MayHaveHeard(listener->person(), stream, revision)) {
        fail_(absl::StrCat(listener->person(), " heard event ", revision, " of it"), stream);
      }
    }
  }
}

void Viewers::Glance(Day day, uint64_t roll) {
  if (roll % 4 == 0) CheckAlerts(viewers_[roll / 4 % viewers_.size()]);
  if (absl::GetWeekday(day) == absl::Weekday::friday) CheckAlerts("persons/lianxi-0");
}

}  // namespace duban::city
