#include "tests/city/letters.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/city/together.h"

namespace duban::city {
namespace {

constexpr char kTemplate[] = "rectification/order";
constexpr char kReporter[] = "persons/ducha-tongji";
constexpr int kReportRowsMax = 500;    // Of a table; with more a report is refused.
constexpr size_t kCasesAtOnce = 1000;  // Of the letters of one request.
// The metrics of which the facts keep count themselves, by their titles in a report.
const std::pair<const char*, const char*> kTitles[] = {{"ended_on_time", "按期办结率"},
                                                       {"ended_of_opened", "当期受理办结率"},
                                                       {"check_passed", "核查通过率"},
                                                       {"rebound", "反弹率"},
                                                       {"overdue_at_end", "期末逾期率"}};

std::string Told(const std::pair<int64_t, int64_t>& counts) { return absl::StrCat(counts.first, "/", counts.second); }

const v1::DocumentTable* TableOf(const v1::DocumentIssued& issued, const std::string& caption) {
  for (const v1::DocumentBlock& block : issued.blocks()) {
    if (block.has_table() && block.table().caption() == caption) return &block.table();
  }
  return nullptr;
}

}  // namespace

bool Letters::HasWork(Day day) const {
  const bool tuesday = absl::GetWeekday(day) == absl::Weekday::tuesday && town_.days().IsWorking(day);
  return tuesday || (!waiting_.empty() && waiting_.begin()->first <= day && town_.days().IsWorking(day));
}

// Each office's letters have a series of their own and are about its own orders: all write at once.
bool Letters::Issue(Day day) {
  if (!town_.days().IsWorking(day)) return false;
  std::vector<Office> offices = {{"units/ducha", "persons/ducha-1"}};
  const bool tuesday = absl::GetWeekday(day) == absl::Weekday::tuesday;
  if (tuesday) {
    for (const std::string& county : town_.counties()) {
      offices.push_back({county, absl::StrCat("persons/", county.substr(6), "-du")});
    }
  }
  // All orders that wait for their receipt and stand in no letter yet, one letter for each who is to answer.
  for (const auto& [name, c] : facts_.cases()) {
    if (c.procedure != "rectification" || !c.open() || c.stage != "issued" || c.filed) continue;
    for (Office& office : offices) {
      if (office.from == c.Party("issuer")) office.expected[c.Party("owner")].insert(name);
    }
  }
  if (!tuesday && offices[0].expected.empty()) return false;
  Together(offices.size(), callers_, [&](size_t i) { Write(offices[i]); });
  bool some = false;
  for (Office& office : offices) {
    calls_ += office.calls;
    if (!office.wrong.empty()) {
      fail_(absl::StrCat("letters of ", office.from, ": ", office.wrong), "");
      continue;
    }
    if (office.expected.empty()) continue;
    some = true;
    Check(office.preview, office.from, office.expected);
    Check(office.issued, office.from, office.expected);
    Keep(office, day);
  }
  return some;
}

// What would be issued, and then that: at once, or to one after the other where it is too much for one request.
void Letters::Write(Office& office) {
  v1::IssueDocumentsRequest request;
  request.set_template_(kTemplate);
  request.mutable_filter()->set_procedure("rectification");
  request.mutable_filter()->set_stage("issued");
  size_t cases = 0;
  for (const auto& [owner, names] : office.expected) cases += names.size();
  if (cases <= kCasesAtOnce) return WriteTo(office, request);
  for (const auto& [owner, names] : office.expected) {
    request.mutable_filter()->set_party(owner);
    WriteTo(office, request);
  }
}

void Letters::WriteTo(Office& office, v1::IssueDocumentsRequest request) {
  request.set_validate_only(true);
  ++office.calls;
  auto preview = town_.As(office.person).Call(request);
  if (office.expected.empty()) {
    if (preview.ok() || preview.error().reason != "DOCUMENT_NO_CASES") office.wrong = "they are about nothing";
    return;
  }
  request.set_validate_only(false);
  ++office.calls;
  auto issued = town_.As(office.person).Call(request);
  for (auto* answer : {&preview, &issued}) {
    if (!answer->ok()) office.wrong = answer->error().reason;
  }
  if (!office.wrong.empty()) return;
  office.preview.mutable_documents()->MergeFrom(preview->documents());
  office.issued.mutable_documents()->MergeFrom(issued->documents());
}

// Some of them are taken in on their day, some a week later, some never.
void Letters::Keep(const Office& office, Day day) {
  for (int i = 0; i < office.issued.documents_size(); ++i) {
    const v1::Document& letter = office.issued.documents(i);
    if (i >= office.preview.documents_size() ||
        office.preview.documents(i).issued().number() != letter.issued().number()) {
      fail_(letter.issued().number() + " is not what its preview said", "");
    }
    const uint64_t roll = Roll(seed_, absl::StrCat("taken in ", office.from, letter.issued().to(), Text(day))) % 10;
    if (roll == 9) continue;
    const Day taken = roll < 7 ? day : town_.days().After(day + 6, 0);
    waiting_[taken].push_back({letter.name(), office.from, letter.issued().to()});
  }
}

void Letters::Check(const v1::IssueDocumentsResponse& issued, const std::string& from,
                    const std::map<std::string, Names>& expected) {
  std::map<std::string, Names> shown;
  uint64_t next = facts_.LastOfSeries(absl::StrCat("documents ", issued.documents(0).issued().series()));
  for (const v1::Document& letter : issued.documents()) {
    const v1::DocumentIssued& says = letter.issued();
    if (says.from() != from) fail_(absl::StrCat(says.number(), " is from ", says.from(), ", not ", from), "");
    if (says.sequence() != ++next || !absl::EndsWith(says.number(), absl::StrCat("〔2019〕", next, "号"))) {
      fail_(absl::StrCat(says.number(), " is ", says.sequence(), " of ", says.series(), ", not ", next), "");
    }
    if (shown.count(says.to()) > 0) fail_(absl::StrCat(says.to(), " gets two letters at once"), "");
    for (const v1::DocumentCase& one : says.cases()) {
      if (!shown[says.to()].insert(one.case_()).second) fail_(says.number() + " names it twice", one.case_());
    }
  }
  for (const auto& [to, cases] : expected) {
    if (shown[to] != cases) {
      fail_(
          absl::StrCat("the letter from ", from, " to ", to, " names ", shown[to].size(), " cases, not ", cases.size()),
          *cases.begin());
    }
  }
  for (const auto& [to, cases] : shown) {
    if (expected.count(to) == 0) fail_(absl::StrCat(from, " writes to ", to, " about nothing"), *cases.begin());
  }
}

bool Letters::Receive(Day day, absl::Time now) {
  struct Receipt {
    Waiting letter;
    std::string person, stranger;
    bool again;
    std::vector<std::string> wrong = {};
  };
  std::vector<Receipt> receipts;
  while (!waiting_.empty() && waiting_.begin()->first <= day) {
    for (Waiting& letter : waiting_.begin()->second) {
      const uint64_t roll = Roll(seed_, absl::StrCat("receipt ", letter.from, letter.to, Text(day)));
      std::string stranger;
      if (roll % 7 == 0) {
        stranger = town_.ActorFor(town_.departments()[roll % town_.departments().size()], now);
        if (facts_.tree().Reaches(stranger, letter.to) || facts_.tree().Reaches(stranger, letter.from)) stranger = "";
      }
      receipts.push_back({letter, town_.ActorFor(letter.to, now), stranger, roll % 5 == 0});
    }
    waiting_.erase(waiting_.begin());
  }
  Together(receipts.size(), callers_, [&](size_t i) {
    Receipt& receipt = receipts[i];
    v1::ReceiveDocumentRequest request;
    request.set_document(receipt.letter.document);
    const auto take = [&](const std::string& person, const char* expect) {
      const auto taken = town_.As(person).Call(request);
      const std::string reason = taken.ok() ? "" : taken.error().reason;
      if (reason != expect || (!taken.ok() && *expect == 0)) {
        receipt.wrong.push_back(absl::StrCat(person, " takes in a letter to ", receipt.letter.to, ": \"",
                                             taken.ok() ? "done" : reason, "\", not \"", expect, "\""));
      }
    };
    if (!receipt.stranger.empty()) take(receipt.stranger, "DOCUMENT_NOT_FOUND");
    take(receipt.person, "");
    if (receipt.again) take(receipt.person, "DOCUMENT_RECEIVED");
  });
  for (const Receipt& receipt : receipts) {
    calls_ += 1 + (receipt.stranger.empty() ? 0 : 1) + (receipt.again ? 1 : 0);
    for (const std::string& wrong : receipt.wrong) fail_(wrong, "");
  }
  return !receipts.empty();
}

void Letters::Report(const std::string& period, Day first, Day last, const Counts* recounted) {
  v1::IssueDocumentsRequest request;
  request.set_template_("supervision");
  request.set_period(period);
  request.set_from("units/ducha");
  request.set_to("units/shi");
  const auto issued = town_.As(kReporter).Call(request);
  ++calls_;
  if (!issued.ok()) {
    const bool too_long = issued.error().reason == "REPORT_ROWS" && facts_.Overdue().size() > kReportRowsMax / 2;
    if (!too_long) fail_(absl::StrCat("the report about ", period, ": ", issued.error().reason), "");
    return;
  }
  const v1::DocumentIssued& says = issued->documents(0).issued();
  if (says.period() != period || says.to() != "units/shi") fail_(says.number() + " is another report", "");
  const v1::DocumentTable* figures = TableOf(says, "主要指标");
  if (figures == nullptr) return fail_(says.number() + " has no figures", "");
  std::map<std::string, std::string> shown;
  for (const v1::DocumentTableRow& row : figures->rows()) {
    if (row.cells_size() > 2) shown[row.cells(0)] = absl::StrCat(row.cells(1), "/", row.cells(2));
  }
  const Counts counted = facts_.Count(first, last);
  for (const auto& [metric, title] : kTitles) {
    for (const Counts* figures_of : {&counted, recounted}) {
      if (figures_of == nullptr || figures_of->count(metric) == 0) continue;
      const std::string expected = Told(figures_of->at(metric));
      if (shown[title] != expected) {
        fail_(absl::StrCat(says.number(), " about ", period, " says ", title, " ", shown[title], ", it is ", expected,
                           figures_of == recounted ? " by the recount" : ""),
              "");
      }
    }
  }
  // Of a period that is not over the list is that of now.
  if (last < DayOf(facts_.last_recorded())) return;
  Names listed, overdue;
  if (const v1::DocumentTable* list = TableOf(says, "逾期事项清单"); list != nullptr) {
    for (const v1::DocumentTableRow& row : list->rows()) listed.insert(row.cells(1));
  }
  for (const std::string& name : facts_.Overdue()) overdue.insert(facts_.FindCase(name)->number);
  if (listed != overdue) {
    fail_(absl::StrCat(says.number(), " lists ", listed.size(), " overdue cases of ", overdue.size()), "");
  }
}

void Letters::CheckList(const std::string& person) {
  const auto reaches = [&](const std::string& id) { return !id.empty() && facts_.tree().Reaches(person, id); };
  std::map<std::string, bool> expected, shown;
  for (const auto& [name, letter] : facts_.letters()) {
    if (facts_.tree().Audits(person) || reaches(letter.issued.from()) || reaches(letter.issued.to())) {
      expected[name] = letter.received;
    }
  }
  v1::ListDocumentsRequest request;
  request.set_page_size(500);
  do {
    const auto page = town_.As(person).Call(request);
    if (!page.ok()) return fail_(absl::StrCat(person, "'s documents: ", page.error().reason), "");
    for (const v1::DocumentRow& row : page->documents()) shown[row.document()] = row.has_received_at();
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  if (shown == expected) return;
  std::string which;
  for (const auto& [name, received] : expected) {
    if (which.empty() && (shown.count(name) == 0 || shown[name] != received)) which = name;
  }
  for (const auto& [name, received] : shown) {
    if (which.empty() && expected.count(name) == 0) which = name;
  }
  fail_(absl::StrCat(person, " is shown ", shown.size(), " documents of ", expected.size(),
                     ", or their receipts wrong: ", which),
        "");
}

}  // namespace duban::city
