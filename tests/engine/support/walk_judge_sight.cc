// Who sees what, judged by who is bound to what, and by who belongs to a unit, a post, or is a person: the case, its
// fields, the rows of every view, and of an alert those whom its rung tells.
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/cases/clocks.h"
#include "engine/cases/evolve.h"
#include "engine/cases/present.h"
#include "gtest/gtest.h"
#include "tests/engine/support/walk_judge.h"

namespace duban::engine {
namespace {

// Where views put their rows: asks of each whom its audience admits.
class AskingRows : public ViewRows {
 public:
  // `row` is null for counts.
  using Ask = std::function<void(const std::string& what, const Ids& audience, const v1::ViewRow* row)>;
  AskingRows(std::map<std::string, std::vector<Cell>>& cells, Ask ask) : cells_(cells), ask_(std::move(ask)) {}

  void Replace(const std::string& owner, std::vector<Row> rows) override {
    for (const Row& row : rows) ask_(absl::StrCat("a row of ", owner), row.audience, &row.row);
  }
  void Put(Row row) override { ask_("an event", row.audience, &row.row); }
  void Count(const std::string& owner, Ids audience, std::vector<Cell> cells) override {
    ask_(absl::StrCat("a count of ", owner), audience, nullptr);
    cells_[owner] = std::move(cells);
  }
  std::vector<Cell> Counted(const std::string& owner) override { return cells_[owner]; }
  std::vector<std::pair<std::string, v1::PartsSum>> RollUp(const CaseState&) override { return {}; }
  void Amend(const std::string&, absl::FunctionRef<void(v1::ViewRow& row)>) override {}

 private:
  std::map<std::string, std::vector<Cell>>& cells_;
  const Ask ask_;
};

// Whether a step of the ladder has none of its kind in the procedure: after a change of version nobody knows any more
// whether it only suggested.
bool IsForgotten(const Procedure& procedure, const v1::Alert& alert) {
  const auto kind = [](const std::string& rung) { return rung.substr(0, rung.find('@')); };
  const std::vector<LadderRung>& ladder = procedure.FindClock(alert.clock())->ladder;
  return absl::StrContains(alert.rung(), '@') && std::none_of(ladder.begin(), ladder.end(), [&](const LadderRung& one) {
           return kind(RungName(one)) == kind(alert.rung());
         });
}

}  // namespace

std::set<std::string> Judge::SeersOf(const CaseState& state, const std::vector<std::string>& parties, bool own) const {
  std::set<std::string> out;
  for (const std::string& party : parties) {
    const v1::BoundParty* bound = FindBound(state, party);
    if (bound == nullptr) continue;
    for (const v1::BoundId& id : bound->bound()) out.merge(own ? people_.AllOf(id.id()) : people_.SeersOf(id.id()));
  }
  return out;
}

// What is bound to a party that the stage names, and to what it is offered.
std::set<std::string> Judge::NamedIds(const CaseState& state) const {
  const Procedure& p = ProcedureOf(state);
  std::vector<std::string> named = p.FindStage(state.stage())->sees;
  if (named.empty()) {
    for (const Party& party : p.parties) named.push_back(party.name);
  }
  std::set<std::string> out;
  for (const std::string& party : named) {
    const v1::BoundParty* bound = FindBound(state, party);
    if (bound == nullptr) continue;
    for (const v1::BoundId& id : bound->bound()) out.insert(id.id());
  }
  if (state.has_offer()) out.insert(state.offer().to());
  return out;
}

// Who belongs to what is named, and those above and beside them; who audits.
std::set<std::string> Judge::WhoSees(const CaseState& state) const {
  std::set<std::string> out = {people_.auditor()};
  for (const std::string& id : NamedIds(state)) out.merge(people_.SeersOf(id));
  return out;
}

// Who finds something to do, though he may see nothing else of it: who is asked about a suggestion, who rates.
std::set<std::string> Judge::WhoIsCalled(const CaseState& state) const {
  std::set<std::string> out;
  for (const auto& suggestion : state.suggestions()) {
    for (const std::string& id : suggestion.ask()) out.merge(people_.AllOf(id));
  }
  for (const v1::ElectorGroup& group : state.collecting().began().groups()) {
    out.insert(group.electors().begin(), group.electors().end());
  }
  return out;
}

const Judge::Viewer& Judge::ViewerOf(const std::string& person) {
  const auto known = viewers_.find(person);
  if (known != viewers_.end()) return known->second;
  return viewers_[person] = {desk_.directory().ViewerIds(person), desk_.directory().OwnIds(person)};
}

// Whom a rung tells that has fired, by what the procedure said then and who is bound now, as far as that which is told,
// or its unit, sees the case; and who audits. A head is told in his post, and with him the contacts of his unit; but
// not of what is only suggested, or may have been.
std::set<std::string> Judge::WhoIsTold(const CaseState& state, const v1::Alert& alert) const {
  const auto fired = fired_under_.find({state.name(), alert.clock(), alert.rung()});
  const uint32_t version = fired == fired_under_.end() ? state.procedure_version() : fired->second;
  const Procedure& p = *desk_.procedures().Find(state.procedure(), version);
  const Clock& clock = *p.FindClock(alert.clock());
  const auto step = std::find_if(clock.ladder.begin(), clock.ladder.end(),
                                 [&](const LadderRung& rung) { return RungName(rung) == alert.rung(); });
  std::vector<Role> told;
  if (step != clock.ladder.end()) {
    told = step->tell;
  } else {
    for (const std::string& party : clock.charged_to) told.push_back(Role{party});
    for (const std::string& from : told.empty() ? clock.from : std::vector<std::string>()) {
      const Stage* stage = p.FindStage(from);
      for (const Action& action : stage == nullptr ? std::vector<Action>() : stage->actions) {
        told.insert(told.end(), action.by.begin(), action.by.end());
      }
    }
    const bool reminds = absl::StartsWith(alert.rung(), "remind:");
    for (const std::string& party : reminds ? std::vector<std::string>() : p.may_open) told.push_back(Role{party});
  }
  const bool forgotten = IsForgotten(ProcedureOf(state), alert);
  const std::set<std::string> open_to = NamedIds(state);
  std::set<std::string> out = {people_.auditor()};
  for (const Role& role : told) {
    const v1::BoundParty* bound = FindBound(state, role.party);
    for (const v1::BoundId& id :
         bound == nullptr ? google::protobuf::RepeatedPtrField<v1::BoundId>() : bound->bound()) {
      const std::string of = role.head ? people_.HeadOf(id.id()) : id.id();
      const bool suggests = (step != clock.ladder.end() && !step->suggests.empty()) || forgotten;
      const bool unit_sees = open_to.count(people_.HomeOf(of)) != 0;
      const bool of_unit = !absl::StartsWith(of, "persons/");
      if (open_to.count(of) == 0 && !(unit_sees && of_unit)) continue;
      out.merge(people_.SeersOf(of));
      if (!suggests && unit_sees) out.merge(people_.ContactsOf(of));
    }
  }
  return out;
}

// What the views hold of a case after a change is for those who may see the case then; of an alert for those whom its
// rung tells, all of them.
void Judge::CheckRows(const CaseState* before, const CaseEvents& events, const std::string& now) {
  const Procedure& p = ProcedureOf(events.after);
  v1::StreamPart part;
  part.set_stream(events.name);
  for (const std::string& id : events.audience) part.add_audience(id);
  for (const v1::Event& event : events.events) *part.add_events() = event;
  const std::set<std::string> may = WhoSees(events.after);
  std::set<std::string> called = WhoIsCalled(events.after);
  called.insert(may.begin(), may.end());
  for (const View* view : Views()) {
    const Definition& is = view->definition();
    const std::set<std::string>& allowed = is.own_only ? called : may;
    AskingRows rows(cells_[is.name], [&](const std::string& what, const Ids& audience, const v1::ViewRow* row) {
      const bool alerts = row != nullptr && row->has_alert();
      const std::set<std::string> told = alerts ? WhoIsTold(events.after, row->alert()) : std::set<std::string>();
      if (alerts) tally_.Count("alert");
      for (const std::string& person : people_.persons()) {
        const Viewer& viewer = ViewerOf(person);
        const bool sees = Admits(audience, is.own_only ? viewer.own : viewer.all);
        EXPECT_FALSE(sees && allowed.count(person) == 0) << person << " sees " << what << " of the view " << is.name;
        if (!alerts) continue;
        EXPECT_EQ(sees, told.count(person) != 0) << person << " and the alert " << row->alert().name();
      }
    });
    view->Apply({part, desk_.Parse(now), desk_.directory(), desk_.zone(), &p, before, &events.after}, rows);
  }
}

// Who sees the case and its fields is who the procedure names: judged by who is bound, and by unit, post and person.
void Judge::CheckAudience(const CaseState& state) {
  const Procedure& p = ProcedureOf(state);
  const std::set<std::string> see_case = WhoSees(state);
  const Ids audience = AudienceOf(p, state);
  for (const std::string& person : people_.persons()) {
    const Viewer& viewer = ViewerOf(person);
    const bool sees = Admits(audience, viewer.all);
    EXPECT_EQ(sees, see_case.count(person) != 0) << person << " and " << state.name() << " in " << state.stage();
    if (!sees) continue;
    const v1::Case shown = PresentCase(p, state, viewer.all, viewer.own, desk_.directory(),
                                       [](const auto&, const auto&) { return "明文"; });
    for (const v1::CaseField& field : shown.fields()) {
      const Field& declared = *p.FindField(field.field());
      const bool may = declared.sees.empty() || SeersOf(state, declared.sees, declared.sealed).count(person) != 0;
      EXPECT_EQ(field.masked(), !may) << person << " and field " << field.field();
      EXPECT_TRUE(may || field.shown().empty());
    }
  }
}

}  // namespace duban::engine
