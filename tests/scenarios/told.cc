#include "tests/scenarios/told.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace duban::scenarios {
namespace {

bool LineTells(absl::string_view line, const std::vector<std::string>& parts) {
  size_t at = 0;
  for (const std::string& part : parts) {
    at = line.find(part, at);
    if (at == absl::string_view::npos) return false;
    at += part.size();
  }
  return true;
}

std::vector<std::string> PartsOf(const std::string& wanted) { return absl::StrSplit(wanted, "……"); }

// What a command tells of the time at which it answered, and its running numbers of requests, say nothing of matters.
bool OfTheAnswerAlone(absl::string_view line) {
  return absl::StrContains(line, "截至 ") || absl::StrContains(line, "request=");
}

}  // namespace

std::string Whole(const Item& item) {
  return item.name.empty() ? item.value : absl::StrCat(item.name, "：", item.value);
}

int LinesThatTell(const std::string& text, const std::string& wanted) {
  const std::vector<std::string> parts = PartsOf(wanted);
  int many = 0;
  for (const auto line : absl::StrSplit(text, '\n')) many += LineTells(line, parts) ? 1 : 0;
  return many;
}

bool Tells(const std::string& text, const std::string& wanted) { return LinesThatTell(text, wanted) > 0; }

bool TellsLineByLine(const std::string& text, const std::vector<std::string>& wanted) {
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  for (size_t from = 0; from + wanted.size() <= lines.size(); ++from) {
    size_t told = 0;
    while (told < wanted.size() && LineTells(lines[from + told], PartsOf(wanted[told]))) ++told;
    if (told == wanted.size()) return true;
  }
  return false;
}

std::string AllThatIsSeen(World& world, const std::string& person) {
  std::vector<std::vector<std::string>> looks = {
      {"ledger", "--all"},
      {"inbox", "--all"},
      {"alerts", "--all"},
      {"register", "list", "negative_list"},
      {"document", "list"},
      {"draw", "list"},
      {"plan", "list"},
      {"job", "list", "--all"},
      {"procedure", "list"},
      {"views"},
      {"stats"},
      {"scoreboard", "show", "quarter", "--period", "2026"},
      {"watch", "units", "--until-idle", "0.1"},
      {"watch", "metrics", "--until-idle", "0.1"},
      {"watch", "events", "--from", "beginning", "--until-idle", "0.1"},
  };
  for (const char* metric : {"ended_of_opened", "ended_on_time", "rebound", "overdue_at_end", "check_passed"}) {
    looks.push_back({"metric", "show", metric, "--period", "2026", "--by", "unit,procedure"});
  }
  v1::QueryLedgerRequest mine;
  mine.set_page_size(500);
  const v1::QueryLedgerResponse page = Must(world.As(person).Call(mine));
  for (const v1::LedgerRow& row : page.rows()) {
    looks.push_back({"case", "show", row.case_()});
    looks.push_back({"replay", row.case_()});
    looks.push_back({"--json", "case", "show", row.case_()});
  }
  std::string seen;
  for (const std::vector<std::string>& look : looks) {
    absl::StrAppend(&seen, "duban");
    for (const std::string& word : look) absl::StrAppend(&seen, " ", word);
    const e2e::Ran ran = world.Duban(person, look);  // What is refused is refused then and now.
    absl::StrAppend(&seen, "\n");
    for (const auto line : absl::StrSplit(ran.output, '\n')) {
      if (!OfTheAnswerAlone(line)) absl::StrAppend(&seen, line, "\n");
    }
  }
  return seen;
}

std::string FirstDifference(const std::string& before, const std::string& now) {
  const std::vector<std::string> was = absl::StrSplit(before, '\n'), is = absl::StrSplit(now, '\n');
  size_t at = 0;
  std::string look;
  while (at < was.size() && at < is.size() && was[at] == is[at]) {
    if (absl::StartsWith(was[at], "duban ")) look = was[at];
    ++at;
  }
  return absl::StrCat("不同之处在 ", look, "：\n", at < was.size() ? was[at] : "（没有）", "\n",
                      at < is.size() ? is[at] : "（没有）");
}

}  // namespace duban::scenarios
