#include "tests/city/facts.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace duban::city {
namespace {

template <typename T>
const T* FindIn(const std::map<std::string, T>& all, const std::string& name) {
  const auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

bool Contains(const google::protobuf::RepeatedPtrField<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

uint64_t Hash(const std::string& a, const std::string& b) { return std::hash<std::string>()(absl::StrCat(a, "\n", b)); }

// Clocks of the shipped files that ask for a report again and again: their lateness is their own.
bool IsReport(const std::string& clock) { return clock == "monthly" || clock == "quarterly"; }

// For whom a stage is shown, where not for every party: the `sees` of the shipped files.
const std::vector<std::string>* SeenBy(const std::string& procedure, const std::string& stage) {
  using Seen = std::map<std::string, std::vector<std::string>>;
  static const std::vector<std::string> kInspecting = {"inspecting"}, kProposing = {"proposing"},
                                        kBoth = {"proposing", "competent"};
  static const std::map<std::string, Seen> kSeen = {
      {"lookback", {{"planned", kInspecting}, {"visited_on_site", kInspecting}, {"cancelled", kInspecting}}},
      {"accountability",
       {{"drafted", kProposing},
        {"dropped", kProposing},
        {"handed_over", kBoth},
        {"received", kBoth},
        {"answered", kBoth},
        {"closed", kBoth},
        {"declined", kBoth}}}};
  const Seen* seen = FindIn(kSeen, procedure);
  return seen == nullptr ? nullptr : FindIn(*seen, stage);
}

}  // namespace

// --- The directory --------------------------------------------------------------------------------------------------

bool Tree::Take(const v1::Event& event) {
  if (event.has_unit_put()) {
    units_[event.unit_put().unit().name()] = event.unit_put().unit();
  } else if (event.has_post_put()) {
    posts_[event.post_put().post().name()] = event.post_put().post();
  } else if (event.has_delegation_put()) {
    Lent& lent = delegations_[event.delegation_put().delegation().name()];
    lent.delegation = event.delegation_put().delegation();
    if (lent.delegation.ended()) lent.holds = false;
  } else if (event.has_delegation_began()) {
    delegations_[event.delegation_began().delegation()].holds = true;
  } else if (event.has_delegation_ended()) {
    delegations_[event.delegation_ended().delegation()].holds = false;
  } else {
    return false;
  }
  asked_.clear();
  posts_of_.clear();
  return true;
}

std::string Tree::StandIn(const v1::Event& event) const {
  const std::string& name = event.has_delegation_put()     ? event.delegation_put().delegation().name()
                            : event.has_delegation_began() ? event.delegation_began().delegation()
                                                           : event.delegation_ended().delegation();
  return delegations_.at(name).delegation.to();
}

const v1::Unit* Tree::FindUnit(const std::string& name) const { return FindIn(units_, name); }
const v1::Post* Tree::FindPost(const std::string& name) const { return FindIn(posts_, name); }

std::string Tree::UnitOf(const std::string& id) const {
  if (FindUnit(id) != nullptr) return id;
  const v1::Post* post = FindPost(id);
  return post == nullptr ? "" : post->unit();
}

bool Tree::IsBelow(const std::string& unit, const std::string& above) const {
  if (unit == above) return true;
  const v1::Unit* found = FindUnit(unit);
  return found != nullptr && std::any_of(found->superiors().begin(), found->superiors().end(),
                                         [&](const std::string& superior) { return IsBelow(superior, above); });
}

bool Tree::Holds(const std::string& person, const v1::Post& post) { return Contains(post.holders(), person); }

bool Tree::StandsIn(const std::string& person, const v1::Post& post) const {
  return std::any_of(delegations_.begin(), delegations_.end(), [&](const auto& one) {
    const v1::Delegation& delegation = one.second.delegation;
    return one.second.holds && delegation.to() == person && Holds(delegation.from(), post) &&
           (delegation.posts().empty() || Contains(delegation.posts(), post.name()));
  });
}

const std::vector<const v1::Post*>& Tree::PostsOf(const std::string& person) const {
  const auto [found, fresh] = posts_of_.try_emplace(person);
  if (fresh) {
    for (const auto& [name, post] : posts_) {
      if (Holds(person, post) || StandsIn(person, post)) found->second.push_back(&post);
    }
  }
  return found->second;
}

bool Tree::Reaches(const std::string& person, const std::string& id) const {
  const auto [asked, fresh] = asked_.try_emplace(absl::StrCat(person, ">", id), false);
  if (!fresh) return asked->second;
  const std::vector<const v1::Post*>& posts = PostsOf(person);
  return asked->second = person == id || std::any_of(posts.begin(), posts.end(), [&](const v1::Post* post) {
                           return post->name() == id || post->unit() == id ||
                                  (post->scope() == v1::SCOPE_SUBTREE && IsBelow(id, post->unit())) ||
                                  std::any_of(post->areas().begin(), post->areas().end(),
                                              [&](const std::string& area) { return IsBelow(id, area); });
                         });
}

bool Tree::ReachesByItself(const std::string& person, const std::string& id) const {
  const std::vector<const v1::Post*>& posts = PostsOf(person);
  return person == id || std::any_of(posts.begin(), posts.end(),
                                     [&](const v1::Post* post) { return post->name() == id || post->unit() == id; });
}

bool Tree::IsContactOf(const std::string& person, const std::string& unit) const {
  const std::vector<const v1::Post*>& posts = PostsOf(person);
  return std::any_of(posts.begin(), posts.end(), [&](const v1::Post* post) {
    return std::any_of(post->areas().begin(), post->areas().end(),
                       [&](const std::string& area) { return IsBelow(unit, area); });
  });
}

// This right does not go along with a delegation.
bool Tree::Audits(const std::string& person) const {
  const std::vector<const v1::Post*>& posts = PostsOf(person);
  return std::any_of(posts.begin(), posts.end(),
                     [&](const v1::Post* post) { return Contains(post->rights(), "audit") && Holds(person, *post); });
}

Names Tree::UnitsServed(const std::string& person) const {
  Names units;
  for (const v1::Post* post : PostsOf(person)) units.insert(post->unit());
  return units;
}

const std::string& Case::Party(const std::string& party) const {
  static const std::string kNone;
  const auto found = parties.find(party);
  return found == parties.end() || found->second.empty() ? kNone : found->second[0];
}

std::string Case::Date(const std::string& field) const {
  const auto found = fields.find(field);
  return found == fields.end() || found->second.empty() ? "" : found->second[0].date();
}

// --- The log --------------------------------------------------------------------------------------------------------

void Facts::Take(const v1::EventRecord& record) {
  if (any_ && record.log_position() != position_) {
    if (record.log_position() != position_ + 1) {
      fail_(absl::StrCat("the log goes from ", position_, " to ", record.log_position()), record.stream());
    }
    EndCommit();
  }
  position_ = record.log_position();
  recorded_ = At(record.recorded_at());
  any_ = true;
  if (record.revision() != ++revisions_[record.stream()]) {
    fail_(absl::StrCat("revision ", record.revision(), " where ", revisions_[record.stream()], " is next"),
          record.stream());
  }
  const v1::Event& event = record.event();
  ++kinds_[event.GetDescriptor()->FindFieldByNumber(event.body_case())->name()];
  commit_[record.stream()].push_back(record.revision());
  if (absl::StartsWith(record.stream(), "cases/")) return TakeCase(record, cases_[record.stream()]);
  if (tree_.Take(event)) {
    // Who stands in for another sees more, or less; all else may be anybody's.
    if (event.has_delegation_put() || event.has_delegation_began() || event.has_delegation_ended()) {
      looks_again_.insert(tree_.StandIn(event));
    } else {
      for (const auto& [person, followed] : followed_) looks_again_.insert(person);
    }
  }
  TakeDocument(record);
  if (event.has_calendar_published()) days_.Put(event.calendar_published().year());
  if (event.has_job_started() && event.job_started().task().has_plan_run()) plan_jobs_.insert(record.stream());
  if (event.has_job_advanced() && plan_jobs_.count(record.stream()) > 0) by_plan_ = true;
  if (event.has_plan_due()) TakePlanDue(event.plan_due());
}

// Plans come due on working days; the yearly re-check is of all who then stand in the register.
void Facts::TakePlanDue(const v1::PlanDue& due) {
  if (!days_.IsWorking(DayOf(At(due.at())))) {
    fail_(absl::StrCat("a plan comes due on ", Text(At(due.at())), ", a day off"), due.plan());
  }
  if (due.plan() != "plans/yearly_recheck") return;
  Names listed;
  for (const auto& [name, c] : cases_) {
    for (const auto& [entry, entered] : c.entries) {
      if (entered.register_() == "named_branches") listed.insert(entered.subject());
    }
  }
  rechecked_ = {due.population().begin(), due.population().end()};
  if (rechecked_ != listed) {
    fail_(absl::StrCat("the re-check is of ", rechecked_.size(), " units, the register has ", listed.size()),
          due.plan());
  }
}

void Facts::EndCommit() {
  for (const v1::DocumentReceived& received : receipts_) CheckReceipt(received);
  receipts_.clear();
  for (const auto& [stream, revisions] : commit_) {
    const auto found = cases_.find(stream);
    if (found == cases_.end()) continue;
    const Case& c = found->second;
    if (by_plan_ && revisions.front() == 1) {
      ++plan_cases_;
      if (!days_.IsWorking(DayOf(c.opened_at))) fail_("opened by a plan on a day off", stream);
    }
    for (auto& [person, followed] : followed_) {
      if (!Sees(person, c)) continue;
      followed.rows.insert({Hash(stream, c.stage), Hash(stream, "")});
      for (uint64_t revision : revisions) followed.events.insert(Hash(stream, absl::StrCat(revision)));
    }
  }
  for (auto& [person, followed] : followed_) {
    if (looks_again_.count(person) == 0) continue;
    for (const auto& [name, c] : cases_) {
      if (Sees(person, c)) followed.rows.insert({Hash(name, c.stage), Hash(name, "")});
    }
  }
  commit_.clear();
  looks_again_.clear();
  by_plan_ = false;
}

const Case* Facts::FindCase(const std::string& name) const { return FindIn(cases_, name); }

bool Facts::MayHaveSeen(const std::string& person, const std::string& name, const std::string& stage) const {
  return followed_.at(person).rows.count(Hash(name, stage)) > 0;
}

bool Facts::MayHaveHeard(const std::string& person, const std::string& stream, uint64_t revision) const {
  return followed_.at(person).events.count(Hash(stream, absl::StrCat(revision))) > 0;
}

// --- Who sees -------------------------------------------------------------------------------------------------------

bool Facts::Sees(const std::string& person, const Case& c, const std::string& stage) const {
  if (tree_.Audits(person)) return true;
  const std::vector<std::string>* seen_by = SeenBy(c.procedure, stage);
  for (const auto& [party, ids] : c.parties) {
    if (seen_by != nullptr && std::find(seen_by->begin(), seen_by->end(), party) == seen_by->end()) continue;
    for (const std::string& id : ids) {
      if (tree_.Reaches(person, id)) return true;
    }
  }
  return !c.offered_to.empty() && tree_.Reaches(person, c.offered_to);
}

Names Facts::Visible(const std::string& person, bool open_only) const {
  Names out;
  for (const auto& [name, c] : cases_) {
    if ((!open_only || c.open()) && Sees(person, c)) out.insert(out.end(), name);
  }
  return out;
}

Names Facts::Audience(const Case& c) const {
  const std::vector<std::string>* seen_by = SeenBy(c.procedure, c.stage);
  Names out;
  for (const auto& [party, ids] : c.parties) {
    if (seen_by != nullptr && std::find(seen_by->begin(), seen_by->end(), party) == seen_by->end()) continue;
    out.insert(ids.begin(), ids.end());
  }
  if (!c.offered_to.empty()) out.insert(c.offered_to);
  return out;
}

// Those told by a rung hear of it as far as the case is shown to them, or to their post's unit, and so do the contacts
// of that unit, but of what is only suggested. Those told instead of a vacant one see what his unit sees.
bool Facts::IsTold(const std::string& person, const Names& audience, const Fired& fired) const {
  const auto shown = [&](const std::string& id) { return audience.count(id) > 0; };
  for (const std::string& id : fired.told) {
    const v1::Post* post = tree_.FindPost(id);
    const bool unit_sees = post != nullptr && shown(post->unit());
    if (!shown(id) && !unit_sees) continue;
    if (tree_.Reaches(person, id)) return true;
    if (unit_sees && !fired.suggests && tree_.IsContactOf(person, post->unit())) return true;
  }
  for (const auto& [vacant, told] : fired.instead) {
    if (!shown(tree_.UnitOf(vacant))) continue;
    if (std::any_of(told.begin(), told.end(), [&](const std::string& id) { return tree_.Reaches(person, id); })) {
      return true;
    }
  }
  return false;
}

std::map<std::string, std::string> Facts::Alerts(const std::string& person) const {
  std::map<std::string, std::string> out;
  const bool audits = tree_.Audits(person);
  for (const auto& [name, c] : cases_) {
    if (!c.open() || !Sees(person, c)) continue;
    const Names audience = Audience(c);
    for (const auto& [clock_name, clock] : c.clocks) {
      if (!clock.running) continue;
      for (const Fired& fired : clock.fired) {
        if (fired.kind.empty() || (!audits && !IsTold(person, audience, fired))) continue;
        out[absl::StrCat(name, "/alerts/", clock_name, ".", fired.rung)] =
            absl::StrCat(fired.kind, " of ", Text(fired.at), ", due ", Text(clock.due));
      }
    }
  }
  return out;
}

Names Facts::Overdue() const {
  Names out;
  for (const auto& [name, c] : cases_) {
    const bool late = std::any_of(c.clocks.begin(), c.clocks.end(), [](const auto& one) {
      const std::vector<Fired>& fired = one.second.fired;
      return one.second.running && std::any_of(fired.begin(), fired.end(), [](const Fired& f) { return f.overdue; });
    });
    if (c.open() && late) out.insert(out.end(), name);
  }
  return out;
}

uint64_t Facts::LastOfSeries(const std::string& series) const {
  const auto found = series_.find(series);
  return found == series_.end() ? 0 : found->second;
}

// What was merged counts nowhere; what was called off counts until then, and its end never.
Counts Facts::Count(Day first, Day last) const {
  Counts out = {{"ended_on_time", {0, 0}}, {"ended_of_opened", {0, 0}}, {"check_passed", {0, 0}}};
  const auto within = [&](Day day) { return first <= day && day <= last; };
  for (const auto& [name, c] : cases_) {
    if (c.end == v1::END_KIND_MERGED) continue;
    if (c.end == v1::END_KIND_CANCELLED && DayOf(c.ended_at) <= last) continue;
    bool ended = false;
    for (const Ended& end : c.ends) {
      if (!within(end.day) || end.kind == v1::END_KIND_CANCELLED) continue;
      ended = true;
      if (end.kind != v1::END_KIND_DONE || !end.dated) continue;
      ++out["ended_on_time"].second;
      if (!end.late) ++out["ended_on_time"].first;
    }
    if (within(DayOf(c.opened_at))) {
      ++out["ended_of_opened"].second;
      if (ended) ++out["ended_of_opened"].first;
    }
    for (const Checked& check : c.checks) {
      if (!within(check.day)) continue;
      ++out["check_passed"].second;
      if (check.passed) ++out["check_passed"].first;
    }
  }
  return out;
}

// --- Documents ------------------------------------------------------------------------------------------------------

void Facts::TakeDocument(const v1::EventRecord& record) {
  const v1::Event& event = record.event();
  if (event.has_document_issued()) {
    const v1::DocumentIssued& issued = event.document_issued();
    letters_[record.stream()].issued = issued;
    uint64_t& newest = series_[absl::StrCat("documents ", issued.series())];
    if (issued.sequence() != ++newest) {
      fail_(absl::StrCat("document ", issued.number(), " is ", issued.sequence(), " of its series, but ", newest,
                         " is next"),
            record.stream());
    }
  } else if (event.has_document_received()) {
    Letter& letter = letters_[record.stream()];
    if (letter.received) fail_("a document is taken in twice", record.stream());
    letter.received = true;
    if (!tree_.ReachesByItself(event.document_received().person(), letter.issued.to())) {
      fail_(event.document_received().person() + " takes in what was not sent to him", record.stream());
    }
    receipts_.push_back(event.document_received());
  }
}

// A receipt is that of all cases in the letter that still wait for one.
void Facts::CheckReceipt(const v1::DocumentReceived& received) {
  const v1::DocumentIssued& issued = letters_[received.document()].issued;
  Names left;
  for (const v1::DocumentCaseLeft& one : received.left()) left.insert(one.case_());
  for (const v1::DocumentCase& one : issued.cases()) {
    const Case& c = cases_[one.case_()];
    const Act* act = c.acts.empty() ? nullptr : &c.acts.back();
    const bool taken = commit_.count(one.case_()) > 0 && c.stage == "rectifying" && act != nullptr &&
                       act->action == "acknowledge" && act->person == received.person();
    const bool waits = c.open() && c.stage == "issued" && c.Party("owner") == issued.to();
    if (left.count(one.case_()) > 0 ? taken || waits : !taken) {
      fail_(absl::StrCat(issued.number(), " is taken in, and ",
                         left.count(one.case_()) > 0 ? "leaves" : "does not count for", " this case"),
            c.name);
    }
  }
}

// --- Ratings --------------------------------------------------------------------------------------------------------

// Each rates once, in one group, and never himself; of secret ballots none is told.
void Facts::TakeRating(const v1::EventRecord& record, Case& c) {
  const v1::Event& event = record.event();
  if (event.has_collect_began()) {
    Rating& rating = c.ratings.emplace_back();
    rating.began = At(event.collect_began().at());
    rating.groups = {event.collect_began().groups().begin(), event.collect_began().groups().end()};
    Names all;
    for (const v1::ElectorGroup& group : rating.groups) {
      for (const std::string& elector : group.electors()) {
        if (!all.insert(elector).second) fail_(elector + " may rate in two groups", c.name);
        const v1::Post* rated = tree_.FindPost(c.Party("reporter"));
        if (rated != nullptr && Tree::Holds(elector, *rated)) fail_(elector + " may rate himself", c.name);
      }
    }
  } else if (event.has_ballot_cast()) {
    if (c.ratings.empty()) return fail_("a ballot where nothing is collected", c.name);
    Rating& rating = c.ratings.back();
    const std::string& person = event.ballot_cast().person();
    const bool may = std::any_of(rating.groups.begin(), rating.groups.end(),
                                 [&](const v1::ElectorGroup& group) { return Contains(group.electors(), person); });
    if (!may) fail_(person + " rates and may not", c.name);
    if (!rating.cast.insert(person).second) fail_(person + " rates twice", c.name);
  } else if (event.has_collect_closed()) {
    if (c.ratings.empty()) return fail_("it closes what has not begun", c.name);
    c.ratings.back().closed = event.collect_closed();
    if (!event.collect_closed().ballots().empty()) fail_("secret ballots are told", c.name);
  }
}

// --- A case ---------------------------------------------------------------------------------------------------------

void Facts::TakeCase(const v1::EventRecord& record, Case& c) {
  const v1::Event& event = record.event();
  c.revision = record.revision();
  if (event.has_case_opened()) {
    const v1::CaseOpened& opened = event.case_opened();
    c.name = record.stream();
    c.number = opened.number();
    c.procedure = opened.procedure();
    c.version = opened.procedure_version();
    c.parent = opened.parent();
    c.link = opened.link();
    c.assigned_by_superior = opened.assigned_by_superior();
    c.opened_at = At(opened.opened_at());
    for (const v1::BoundParty& party : opened.parties()) {
      for (const v1::BoundId& id : party.bound()) c.parties[party.party()].push_back(id.id());
    }
    if (!opened.number().empty() && opened.sequence() != ++series_[opened.series()]) {
      fail_(absl::StrCat("number ", opened.number(), " is ", opened.sequence(), " of ", opened.series(), ", but ",
                         series_[opened.series()], " is next"),
            c.name);
    }
    if (c.link == v1::LINK_KIND_PART && !c.parent.empty()) {
      c.wholes.push_back(c.parent);
      cases_[c.parent].parts.push_back(c.name);
      Remember(cases_[c.parent]);
    }
    opened_.push_back(c.name);
    Remember(c);
  } else if (event.has_fields_set()) {
    for (const v1::FieldValue& field : event.fields_set().fields()) {
      c.fields[field.field()] = {field.values().begin(), field.values().end()};
      if (field.values().empty()) c.fields.erase(field.field());
    }
  } else if (event.has_stage_entered()) {
    const v1::StageEntered& entered = event.stage_entered();
    c.stage = entered.stage();
    c.filed = false;
    c.stage_since = At(entered.at());
    c.moves_at = entered.has_moves_at() ? At(entered.moves_at()) : absl::InfiniteFuture();
    c.moves_to = entered.moves_to();
    CheckNotice(c, entered);
    Remember(c);
  } else if (event.has_move_rescheduled()) {
    c.moves_at = At(event.move_rescheduled().moves_at());
  } else if (event.has_case_migrated()) {
    const v1::CaseMigrated& migrated = event.case_migrated();
    if (migrated.from_version() != c.version) fail_("it is taken from a version that it does not have", c.name);
    c.version = migrated.to_version();
    c.stage = migrated.stage();
    c.moves_at = migrated.has_moves_at() ? At(migrated.moves_at()) : absl::InfiniteFuture();
    c.moves_to = migrated.moves_to();
    Remember(c);
  } else if (event.has_case_ended()) {
    c.end = event.case_ended().kind();
    c.late = event.case_ended().late();
    c.ended_at = At(event.case_ended().at());
    c.ends.push_back({DayOf(c.ended_at), c.end, c.dated, c.late});
    c.objected = false;
    c.requests.clear();
    c.suggestions.clear();
    c.offered_to.clear();
    CheckEnd(c);
    Remember(c);
    for (const std::string& whole : c.wholes) Remember(cases_[whole]);
  } else if (event.has_case_reopened()) {
    if (event.case_reopened().round() != ++c.round) fail_("rounds are not dense", c.name);
    c.end = v1::END_KIND_UNSPECIFIED;
    c.late = false;
    c.clocks.clear();
    c.dated = false;
    c.acts.clear();
    c.asked.clear();
    Remember(c);
  } else if (event.has_part_linked()) {
    c.wholes.push_back(event.part_linked().parent());
    cases_[event.part_linked().parent()].parts.push_back(c.name);
    Remember(cases_[event.part_linked().parent()]);
  } else if (event.has_case_merged()) {
    c.merged_into = event.case_merged().into();
  } else if (event.has_duplicate_taken()) {
    c.counted += event.duplicate_taken().counted();
  } else if (event.has_register_entered()) {
    c.entries[event.register_entered().entry()] = event.register_entered();
  } else if (event.has_register_left()) {
    c.entries.erase(event.register_left().entry());
  } else if (event.has_document_filed()) {
    c.filed = true;
  } else {
    TakePeople(record, c);
    TakeClocks(record, c);
    TakeRating(record, c);
  }
}

void Facts::Remember(Case& c) {
  ++c.turn;
  touched_.insert(c.name);
}

void Facts::TakePeople(const v1::EventRecord& record, Case& c) {
  const v1::Event& event = record.event();
  if (event.has_action_taken()) {
    const v1::ActionTaken& taken = event.action_taken();
    c.acts.push_back({taken.action(), taken.person(), taken.on_behalf_of(), taken.post()});
    if (!taken.through().empty()) CheckMandate(c, taken);
    if (taken.objection() != v1::OBJECTION_UNSPECIFIED) c.objected = taken.objection() == v1::OBJECTION_RAISED;
    if (taken.verifies() != v1::VERIFICATION_UNSPECIFIED) {
      c.checks.push_back({DayOf(At(taken.at())), taken.verifies() == v1::VERIFICATION_PASSED});
    }
    CheckDifferent(c, "accept", "submit");
    CheckDifferent(c, "uphold", "conclude");
    CheckDifferent(c, "change", "conclude");
    CheckDifferent(c, "uphold", "sign");
    CheckDifferent(c, "change", "sign");
    Remember(c);
  } else if (event.has_approval_requested()) {
    c.requests[event.approval_requested().action()] = event.approval_requested();
    c.asked.insert(event.approval_requested().action());
    Remember(c);
  } else if (event.has_approval_decided()) {
    const v1::ApprovalDecided& decided = event.approval_decided();
    const auto asked = c.requests.find(decided.action());
    if (asked == c.requests.end()) return fail_("a decision on what nobody asked for", c.name);
    const Names askers = {asked->second.person(), asked->second.on_behalf_of()};
    for (const std::string& person : {decided.person(), decided.on_behalf_of()}) {
      if (!person.empty() && askers.count(person) > 0) fail_(person + " decides on his own request", c.name);
    }
    c.requests.erase(asked);
    Remember(c);
  } else if (event.has_suggestion_decided()) {
    const v1::SuggestionDecided& decided = event.suggestion_decided();
    const auto same = [&](const Suggestion& s) { return s.clock == decided.clock() && s.rung == decided.rung(); };
    const auto found = std::find_if(c.suggestions.begin(), c.suggestions.end(), same);
    if (found == c.suggestions.end()) return fail_("a decision on what no rung suggested", c.name);
    const bool asked = std::any_of(found->ask.begin(), found->ask.end(),
                                   [&](const std::string& id) { return tree_.ReachesByItself(decided.person(), id); });
    if (!asked) fail_(decided.person() + " decides on a suggestion and was not asked", c.name);
    c.suggestions.erase(found);
    Remember(c);
  } else if (event.has_transfer_offered()) {
    c.offered_to = event.transfer_offered().to();
    c.offered_party = event.transfer_offered().party();
    Remember(c);
  } else if (event.has_transfer_answered()) {
    c.offered_to.clear();
    Remember(c);
  } else if (event.has_party_rebound()) {
    const v1::PartyRebound& rebound = event.party_rebound();
    std::vector<std::string>& bound = c.parties[rebound.party()];
    bound.clear();
    for (const v1::BoundId& id : rebound.bound()) bound.push_back(id.id());
    for (const v1::ReboundClock& moved : rebound.clocks()) {
      Clock& clock = c.clocks[moved.clock()];
      for (const v1::Rung& rung : moved.rungs()) {
        if (clock.rungs.count(rung.rung()) > 0) clock.rungs[rung.rung()] = rung;
        for (Fired& fired : clock.fired) {
          if (fired.rung == rung.rung()) fired.told = {rung.tell().begin(), rung.tell().end()};
        }
        for (Suggestion& suggestion : c.suggestions) {
          if (suggestion.clock == moved.clock() && suggestion.rung == rung.rung()) {
            suggestion.ask = {rung.ask().begin(), rung.ask().end()};
          }
        }
      }
    }
    Remember(c);
  }
}

// --- Clocks ---------------------------------------------------------------------------------------------------------

void Facts::TakeClocks(const v1::EventRecord& record, Case& c) {
  const v1::Event& event = record.event();
  const auto plan = [](Clock& clock, const auto& rungs) {
    clock.rungs.clear();
    for (const v1::Rung& rung : rungs) {
      if (rung.has_at()) clock.rungs[rung.rung()] = rung;
    }
  };
  const auto forget = [&](const std::string& clock) {
    const auto of = [&](const Suggestion& s) { return s.clock == clock; };
    c.suggestions.erase(std::remove_if(c.suggestions.begin(), c.suggestions.end(), of), c.suggestions.end());
  };
  if (event.has_clock_started()) {
    Clock& clock = c.clocks[event.clock_started().clock()] = Clock();
    forget(event.clock_started().clock());
    clock.running = true;
    c.dated = c.dated || !IsReport(event.clock_started().clock());
    clock.due = At(event.clock_started().due());
    plan(clock, event.clock_started().rungs());
  } else if (event.has_clock_resumed()) {
    Clock& clock = c.clocks[event.clock_resumed().clock()];
    clock.running = true;
    clock.due = At(event.clock_resumed().due());
    plan(clock, event.clock_resumed().rungs());
  } else if (event.has_clock_moved()) {
    const v1::ClockMoved& moved = event.clock_moved();
    Clock& clock = c.clocks[moved.clock()];
    if (At(moved.due()) != clock.due && moved.action() != "calendar") {
      clock.fired.clear();
      forget(moved.clock());
    }
    clock.due = At(moved.due());
    clock.stays_late = clock.stays_late || moved.stays_late();
    plan(clock, moved.rungs());
  } else if (event.has_clock_paused()) {
    Clock& clock = c.clocks[event.clock_paused().clock()];
    CheckDue(c, event.clock_paused().clock(), clock, At(event.clock_paused().at()));
    clock.running = false;
    clock.rungs.clear();
  } else if (event.has_clock_stopped()) {
    const v1::ClockStopped& stopped = event.clock_stopped();
    Clock& clock = c.clocks[stopped.clock()];
    if (clock.running && !stopped.fell_away()) {
      CheckDue(c, stopped.clock(), clock, At(stopped.at()));
      const bool overdue =
          std::any_of(clock.fired.begin(), clock.fired.end(), [](const Fired& fired) { return fired.overdue; });
      if (stopped.late() != (overdue || clock.stays_late)) {
        fail_(absl::StrCat("clock ", stopped.clock(), " stops ", stopped.late() ? "late" : "on time", " at ",
                           Text(At(stopped.at())), ", due ", Text(clock.due)),
              c.name);
      }
    }
    if (stopped.fell_away()) forget(stopped.clock());
    clock.running = false;
    clock.rungs.clear();
  } else if (event.has_rung_fired()) {
    const v1::Rung& rung = event.rung_fired().rung();
    Clock& clock = c.clocks[event.rung_fired().clock()];
    if (clock.rungs.erase(rung.rung()) == 0) {
      fail_(absl::StrCat("rung ", rung.rung(), " of ", event.rung_fired().clock(), " fires and was not planned"),
            c.name);
    }
    if (At(record.recorded_at()) < At(rung.at())) fail_("a rung fires before its time", c.name);
    Fired fired;
    fired.rung = rung.rung();
    fired.at = At(rung.at());
    fired.overdue = rung.kind() == v1::RUNG_KIND_OVERDUE;
    if (rung.kind() != v1::RUNG_KIND_LIGHT) {
      const bool reminds = rung.kind() == v1::RUNG_KIND_REMINDER;
      fired.kind = !rung.raises().empty() ? rung.raises() : reminds ? "reminder" : "overdue";
    }
    fired.suggests = !rung.suggests().empty();
    fired.told.insert(rung.tell().begin(), rung.tell().end());
    for (const v1::ToldInstead& instead : rung.instead()) {
      fired.instead.emplace_back(instead.vacant(), Names(instead.told().begin(), instead.told().end()));
    }
    clock.fired.push_back(std::move(fired));
    if (!rung.suggests().empty()) {
      c.suggestions.push_back(
          {rung.suggests(), event.rung_fired().clock(), rung.rung(), {rung.ask().begin(), rung.ask().end()}});
      Remember(c);
    }
    if (rung.kind() == v1::RUNG_KIND_OVERDUE) Remember(c);
  } else if (event.has_rung_suppressed()) {
    c.clocks[event.rung_suppressed().clock()].rungs.erase(event.rung_suppressed().rung());
  } else if (event.has_rung_withdrawn()) {
    Clock& clock = c.clocks[event.rung_withdrawn().clock()];
    const auto same = [&](const Fired& fired) { return fired.rung == event.rung_withdrawn().rung(); };
    clock.fired.erase(std::remove_if(clock.fired.begin(), clock.fired.end(), same), clock.fired.end());
    const auto of = [&](const Suggestion& s) {
      return s.clock == event.rung_withdrawn().clock() && s.rung == event.rung_withdrawn().rung();
    };
    c.suggestions.erase(std::remove_if(c.suggestions.begin(), c.suggestions.end(), of), c.suggestions.end());
  }
}

// What the clock had planned up to `at` has fired.
void Facts::CheckDue(const Case& c, const std::string& name, const Clock& clock, absl::Time at) {
  for (const auto& [rung, planned] : clock.rungs) {
    if (At(planned.at()) > at) continue;
    fail_(absl::StrCat("rung ", rung, " of ", name, " was due at ", Text(At(planned.at())), " and has not fired by ",
                       Text(at)),
          c.name);
  }
}

void Facts::CheckTimers(absl::Time fired_to) {
  for (const auto& [name, c] : cases_) {
    if (!c.open()) continue;
    if (c.moves_at <= fired_to && !c.objected) fail_(absl::StrCat("has not moved on at ", Text(c.moves_at)), name);
    for (const auto& [clock_name, clock] : c.clocks) {
      if (!clock.running) continue;
      CheckDue(c, clock_name, clock, fired_to);
      if (clock.due >= fired_to || IsReport(clock_name)) continue;
      const bool overdue =
          std::any_of(clock.fired.begin(), clock.fired.end(), [](const Fired& fired) { return fired.overdue; });
      if (!overdue && !clock.stays_late) {
        fail_(absl::StrCat("clock ", clock_name, " was due at ", Text(clock.due), " and nobody has been told"), name);
      }
    }
  }
}

// --- What procedures demand -----------------------------------------------------------------------------------------

const Act* Facts::Last(const Case& c, const std::string& action) const {
  for (auto act = c.acts.rbegin(); act != c.acts.rend(); ++act) {
    if (act->action == action) return &*act;
  }
  return nullptr;
}

// Who has just taken `action` is nobody who took `earlier` in this round, himself or for another.
void Facts::CheckDifferent(const Case& c, const std::string& action, const std::string& earlier) {
  if ((c.procedure != "rectification" && c.procedure != "review") || c.acts.back().action != action) return;
  const Act& now = c.acts.back();
  for (const Act& before : c.acts) {
    if (before.action != earlier) continue;
    for (const std::string& person : {now.person, now.on_behalf_of}) {
      if (!person.empty() && (person == before.person || person == before.on_behalf_of)) {
        fail_(absl::StrCat(person, " takes ", action, " after ", earlier), c.name);
      }
    }
  }
  if (c.procedure != "rectification") return;
  const Names served = tree_.UnitsServed(now.person);
  for (const char* party : {"owner", "helpers"}) {
    const auto bound = c.parties.find(party);
    if (bound == c.parties.end()) continue;
    for (const std::string& unit : bound->second) {
      if (served.count(unit) > 0) fail_(absl::StrCat(now.person, " of ", unit, " takes ", action), c.name);
    }
  }
}

// Who acts by a team's right is of a team that works, and the owner is within its scope.
void Facts::CheckMandate(const Case& c, const v1::ActionTaken& taken) {
  const Case* team = FindCase(taken.through());
  if (team == nullptr || team->stage != "working") return fail_("a team acts that does not work", c.name);
  bool member = false, within = false;
  for (const char* party : {"leader", "members"}) {
    const auto bound = team->parties.find(party);
    if (bound == team->parties.end()) continue;
    for (const std::string& id : bound->second) member = member || tree_.ReachesByItself(taken.person(), id);
  }
  const auto scope = team->fields.find("scope");
  if (scope != team->fields.end()) {
    for (const v1::Value& unit : scope->second) within = within || tree_.IsBelow(c.Party("owner"), unit.reference());
  }
  if (!member) fail_(taken.person() + " acts for a team that is not his", c.name);
  if (!within) fail_("a team acts beyond its scope", c.name);
}

// A public notice of ten working days counts both its ends.
void Facts::CheckNotice(const Case& c, const v1::StageEntered& entered) {
  if (c.procedure != "rectification" || c.stage != "publicity") return;
  const Day first = days_.After(DayOf(At(entered.at())), 0);
  const Day last = days_.After(first, 9);
  if (c.moves_at != TimeOn(last + 1, 0) || c.moves_to != "closed") {
    fail_(absl::StrCat("the notice of ", Text(At(entered.at())), " ends at ", Text(c.moves_at), ", not after ",
                       Text(last)),
          c.name);
  }
}

void Facts::CheckEnd(const Case& c) {
  if (c.end == v1::END_KIND_MERGED && c.merged_into.empty()) fail_("merged into nothing", c.name);
  if (c.end != v1::END_KIND_DONE) return;
  const auto needs = [&](const char* action) {
    if (Last(c, action) == nullptr) fail_(absl::StrCat("ends without ", action), c.name);
  };
  const auto needs_field = [&](const char* field) {
    if (c.fields.count(field) == 0) fail_(absl::StrCat("ends without ", field), c.name);
  };
  if (c.procedure == "rectification") {
    needs("submit");
    needs("accept");
    needs_field("result");
    needs_field("evidence");
  } else if (c.procedure == "hotline") {
    needs("done");
    needs("content");
    needs_field("callback");
  } else if (c.procedure == "petition") {
    needs("reply");
    needs("satisfied");
  } else if (c.procedure == "four_haves") {
    for (const char* field : {"deployment", "implementation", "feedback", "effect"}) needs_field(field);
  } else if (c.procedure == "task" || c.procedure == "joint") {
    if (c.procedure == "task") needs("confirm");
    needs("finish");
    for (const std::string& part : c.parts) {
      if (cases_.at(part).open()) fail_(absl::StrCat("ends while its part ", part, " is open"), c.name);
    }
  } else if (c.procedure == "card") {
    needs("confirm");
    needs_field("target");
    needs_field("done");
  } else if (c.procedure == "talk") {
    needs_field("minutes");
    needs_field("commitments");
  }
}

}  // namespace duban::city
