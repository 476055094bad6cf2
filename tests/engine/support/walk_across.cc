// What a walk does beyond one case: a team's members put visits on record in the cases of others, letters are issued
// and taken in, the procedure gets a next version and cases go on under it.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/engine/support/walk.h"

namespace duban::engine {

// A team, and mostly one that may begin.
void Walk::OpenTeam() {
  const Procedure& team = *desk_.procedures().Newest("team");
  people_.Seat(team);
  judge_.PeopleChanged();
  if (!Open(team)) return;
  const int i = cases_ - 1;
  const Action& approve = *team.FindAction("proposed", "approve");
  if (!dice_.OneIn(4)) Take(i, approve, true);
}

void Walk::Across() {
  switch (dice_.Below(7)) {
    case 6:  // The same again, a while later, and perhaps one letter about both.
      if (cases_ < 4 && Open(*desk_.procedures().Newest("made"))) IssueLetters();
      return;
    case 0:
      return IssueLetters();
    case 1:
      return ReceiveLetter();
    case 2:
      return Revise();
    default:
      break;
  }
  std::vector<int> teams;
  for (int i = 0; i < cases_; ++i) {
    const bool leads = ProcedureOf(i).mandate.has_value() && (ProcedureOf(i).mandate->in == State(i).stage());
    if (leads || dice_.OneIn(8)) teams.push_back(i);
  }
  if (!teams.empty()) VisitSomewhere(dice_.Pick(teams));
}

// Mostly where there still is something to see.
void Walk::VisitSomewhere(int team) {
  std::vector<int> on;
  for (int i = 0; i < cases_; ++i) {
    if (i != team && (!Ended(i) || dice_.OneIn(8))) on.push_back(i);
  }
  if (!on.empty()) Visit(dice_.Pick(on), team);
}

void Walk::Visit(int on, int team) {
  Advance(0);  // What another case's act has made due here is not the visit's doing.
  const CaseState before = State(on), by = State(team);
  const Procedure& p = ProcedureOf(team);
  const std::vector<Role> roles = p.mandate.has_value() ? p.mandate->by : std::vector<Role>{Role{p.parties[0].name}};
  const std::string person = dice_.OneIn(4) ? dice_.Pick(people_.persons()) : SomeoneOf(team, roles, dice_.OneIn(2));
  if (!judge_.Sees(before, person)) return;  // He finds no such case.
  const char* actions[] = {"on_site", "hear_report", "urge"};
  v1::ActOnCaseRequest request;
  request.set_action(actions[dice_.Below(3)]);
  request.set_target(by.name());
  request.set_reason("理由");
  request.set_note("所见");
  const bool may = judge_.MayVisit(before, by, person, desk_.Parse(Minute()));
  const Happened happened = desk_.Act(Nick(on), person, request);
  if (happened.refused) tally_.Count("visit refused " + happened.reason);
  EXPECT_EQ(may, !happened.refused) << person << " on " << Nick(on) << " by the right of " << Nick(team) << " "
                                    << happened.reason;
  if (happened.refused) return;
  tally_.Count("visited");
  judge_.CheckVisit(before, State(on), by);
  judge_.CheckChanged();
}

void Walk::IssueLetters() {
  const Procedure& newest = *desk_.procedures().Newest("made");
  if (newest.documents.empty()) return;
  const DocumentKind& kind = newest.documents.front();
  std::vector<std::string> nicks;
  std::vector<CaseState> about;
  std::string person;
  bool may = true;
  for (int i = 0; i < cases_; ++i) {
    const CaseState& state = State(i);
    const bool fits = state.procedure() == "made" && !Ended(i);
    if (!fits || dice_.OneIn(3)) continue;
    if (person.empty()) person = SomeoneOf(i, {Role{kind.from}}, !dice_.OneIn(4));
    nicks.push_back(Nick(i));
    about.push_back(state);
    may = judge_.MayStandIn(state, kind, person) && may;
  }
  if (nicks.empty()) return;
  const Happened happened = desk_.Issue(person, absl::StrCat("made/", kind.name), nicks);
  if (happened.refused) tally_.Count("letter refused " + happened.reason);
  EXPECT_EQ(may, !happened.refused) << "a letter about " << nicks.front() << " by " << person << " " << happened.reason;
  if (happened.refused) return;
  judge_.CheckLetters(desk_.letters, kind, about);
  letters_.insert(letters_.end(), desk_.letters.begin(), desk_.letters.end());
  judge_.CheckChanged();
  if (dice_.OneIn(2)) ReceiveLetter();
}

void Walk::ReceiveLetter() {
  if (letters_.empty()) return;
  const size_t at = static_cast<size_t>(dice_.Below(static_cast<int>(letters_.size())));
  const v1::DocumentIssued letter = letters_[at];
  const std::set<std::string> theirs = people_.AllOf(letter.to());
  const std::vector<std::string> all(theirs.begin(), theirs.end());
  const std::string person = all.empty() || dice_.OneIn(5) ? dice_.Pick(people_.persons()) : dice_.Pick(all);
  const DocumentKind* kind = desk_.procedures().Newest("made")->FindDocument("letter");
  const std::string action = kind == nullptr ? "" : kind->receipt;
  std::vector<CaseState> before;
  for (const v1::DocumentCase& named : letter.cases()) {
    for (int i = 0; i < cases_; ++i) {
      if (State(i).name() == named.case_()) before.push_back(State(i));
    }
  }
  const Happened happened = desk_.Receive(person, letter, action);
  EXPECT_EQ(theirs.count(person) != 0, !happened.refused) << person << " takes in what goes to " << letter.to();
  if (happened.refused) return tally_.Count("receipt refused " + happened.reason);
  letters_.erase(letters_.begin() + static_cast<std::ptrdiff_t>(at));
  judge_.CheckReceipt(letter, desk_.received, person, action, before);
  for (const v1::DocumentCaseLeft& left : desk_.received.left()) tally_.Count("left in a letter " + left.reason());
  Adopt(happened.events);
  judge_.CheckChanged();
}

// The procedure gets a next version, if the checker accepts it, and most of its cases go on under it.
void Walk::Revise() {
  bool open = false;
  for (int i = 0; i < cases_; ++i) open = open || (State(i).procedure() == "made" && !Ended(i));
  if (!open) return;
  const NextVersion version = MakeNextVersion(text_, dice_);
  const size_t errors = desk_.errors().size();
  desk_.Revise({"made.yaml", version.text});
  if (desk_.errors().size() != errors) return tally_.Count("next version refused");
  tally_.Count("next version");
  text_ = version.text;
  for (int i = 0; i < cases_; ++i) {
    if (State(i).procedure() == "made" && !Ended(i) && !dice_.OneIn(5)) Migrate(i, version);
  }
  Advance(0);  // What has passed by the new version fires.
}

void Walk::Migrate(int i, const NextVersion& version) {
  const CaseState before = State(i);
  v1::Migration task;
  task.set_procedure("made");
  task.set_from_version(before.procedure_version());
  task.set_to_version(desk_.procedures().Newest("made")->version);
  for (const auto& [was, is] : version.stages) (*task.mutable_stages())[was] = is;
  const bool next = before.procedure_version() + 1 == task.to_version();
  const Happened happened = desk_.Migrate(Nick(i), task);
  if (happened.refused) {
    tally_.Count("refused " + happened.reason);
    EXPECT_TRUE(absl::StartsWith(happened.reason, "MIGRATION_")) << happened.reason;
    const bool waits = happened.reason == "MIGRATION_COLLECTING" || happened.reason == "MIGRATION_OBJECTION" ||
                       happened.reason == "MIGRATION_REQUEST";
    EXPECT_TRUE(waits || !next || !version.only_names)
        << "a stage has another name, and " << Nick(i) << " is refused for " << happened.reason;
    return;
  }
  tally_.Count("migrated");
  if (State(i).stage() != before.stage()) tally_.Count("migrated to another stage");
  judge_.CheckMigrated(before, State(i), version.stages, next && version.only_names, desk_.Parse(Minute()));
  judge_.CheckChanged();
}

}  // namespace duban::engine
