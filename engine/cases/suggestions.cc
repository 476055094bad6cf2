#include "engine/cases/suggestions.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/cases/checks.h"
#include "engine/cases/clocks.h"
#include "engine/cases/collecting.h"
#include "engine/cases/evolve.h"
#include "engine/cases/requests.h"

namespace duban::engine {
namespace {

using duban::state::v1::ClockState;
using duban::state::v1::RegisterEntryState;
using duban::state::v1::Suggestion;

void AddOnce(const std::string& id, std::vector<std::string>& ids) {
  if (!absl::c_linear_search(ids, id)) ids.push_back(id);
}

Ids Sorted(Ids ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

// The head of a unit, or where nobody holds that post, of the units above it.
void AddHeads(const Directory& directory, const std::string& name, std::set<std::string>& visited,
              std::vector<std::string>& ids) {
  const v1::Unit* unit = directory.FindUnit(name);
  if (unit == nullptr || !visited.insert(name).second) return;
  const v1::Post* head = directory.FindPost(unit->head());
  if (head != nullptr && !head->holders().empty()) return AddOnce(head->name(), ids);
  for (const std::string& superior : unit->superiors()) AddHeads(directory, superior, visited, ids);
}

// Every way in which a person is one of those asked: his own first, then in the posts of those for whom he stands in.
std::vector<Capacity> WaysAsked(const Directory& directory, const std::vector<std::string>& asked,
                                const std::string& person) {
  std::vector<Capacity> ways;
  for (const std::string& id : asked) {
    if (id == person) ways.push_back(Capacity{});
    for (const v1::Post* post : directory.PostsOf(person)) {
      if (post->name() == id || post->unit() == id) ways.push_back(Capacity{"", post->name(), ""});
    }
  }
  for (const LentPost& lent : directory.LentTo(person)) {
    for (const std::string& id : asked) {
      if (lent.post->name() == id || lent.post->unit() == id) {
        ways.push_back(Capacity{"", lent.post->name(), lent.holder});
      }
    }
  }
  return ways;
}

// Whoever is charged, belongs to what is charged, leads it, or has a relation to it decides nothing about it.
Verdict CheckApart(const Directory& directory, const std::vector<std::string>& charged, const std::string& person) {
  // Whoever stands in for a post counts as one of its unit.
  std::vector<std::string> units = directory.UnitsOf(person);
  std::vector<const v1::Post*> posts = directory.PostsOf(person);
  for (const LentPost& lent : directory.LentTo(person)) {
    units.push_back(lent.post->unit());
    posts.push_back(lent.post);
  }
  for (const std::string& id : charged) {
    const v1::Post* post = directory.FindPost(id);
    const std::string& unit_name = post != nullptr ? post->unit() : id;
    const v1::Unit* unit = directory.FindUnit(unit_name);
    const std::string head = unit == nullptr ? "" : unit->head();
    const bool leads = std::any_of(posts.begin(), posts.end(), [&](const v1::Post* p) { return p->name() == head; });
    if (id == person || leads || absl::c_linear_search(units, unit_name)) {
      return Reject(Kind::kForbidden, "FORBIDDEN_SAME_UNIT", "本人或本单位涉及其中，不得决定，请由他人决定",
                    "it concerns you or your unit, so you may not decide; another person has to",
                    {{"unit", unit_name}});
    }
    if (directory.Related(person, id)) {
      return Reject(Kind::kForbidden, "FORBIDDEN_RELATED", "与所涉单位或人员之间有须回避的关系，请由他人决定",
                    "there is a relation to those concerned; another person has to decide");
    }
  }
  return Nothing{};
}

// In which capacity the actor decides on those charged, as one of those asked. Whoever has a hand in it must be apart
// from them: the actor, who typed it, those for whom either stands in.
Outcome<Capacity> FindAsked(const Directory& directory, const std::vector<std::string>& asked,
                            const std::vector<std::string>& charged, const Actor& actor) {
  std::optional<Rejection> forbidden;
  for (const Capacity& way : WaysAsked(directory, asked, actor.person)) {
    Verdict allowed = Nothing{};
    for (const std::string& one : {actor.person, actor.entered_by, actor.lent_by, way.on_behalf_of}) {
      if (allowed.ok() && !one.empty()) allowed = CheckApart(directory, charged, one);
    }
    if (allowed.ok()) return way;
    forbidden = allowed.rejection();
  }
  if (forbidden.has_value()) return *forbidden;
  return Reject(Kind::kForbidden, "NOT_YOUR_PART", "此事只能由被征询的人决定", "only those asked may decide this",
                {{"parties", "ask"}});
}

// Where a suggestion may come from.
struct Origin {
  const Clock* clock = nullptr;
  const LadderRung* rung = nullptr;
};

template <typename Wanted>
Origin FindOrigin(const Procedure& procedure, Wanted wanted) {
  for (const Clock& clock : procedure.clocks) {
    for (const LadderRung& rung : clock.ladder) {
      if (wanted(rung)) return {&clock, &rung};
    }
  }
  return {};
}

const Suggestion* Waiting(const CaseState& state, absl::string_view suggests) {
  for (const Suggestion& suggestion : state.suggestions()) {
    if (suggestion.suggests() == suggests) return &suggestion;
  }
  return nullptr;
}

std::vector<std::string> ChargedWith(const CaseState& state, const std::string& clock) {
  const ClockState* known = FindClockState(state, clock);
  if (known == nullptr) return {};
  return {known->charged_to().begin(), known->charged_to().end()};
}

// The rung that made a suggestion; where the case has come to a version of its procedure that climbs otherwise, the one
// that suggests the same.
const LadderRung* RungOf(const Procedure& procedure, const Suggestion& suggestion) {
  const Clock* clock = procedure.FindClock(suggestion.clock());
  if (clock == nullptr) return nullptr;
  const LadderRung* same = nullptr;
  for (const LadderRung& rung : clock->ladder) {
    if (RungName(rung) == suggestion.rung()) return &rung;
    if (same == nullptr && rung.suggests == suggestion.suggests()) same = &rung;
  }
  return same;
}

// What the case's version of its procedure says; where it says nothing, what the last version before it did: a case may
// have come to a version that climbs no such rung and keeps no such register, while something waits or stands.
template <typename Find>
auto FindOrFormer(const Procedures& procedures, const CaseState& state, Find find)
    -> decltype(find(std::declval<const Procedure&>())) {
  for (uint32_t version = state.procedure_version(); version > 0; --version) {
    const Procedure* procedure = procedures.Find(state.procedure(), version);
    if (procedure == nullptr) continue;
    if (const auto found = find(*procedure); found != nullptr) return found;
  }
  return nullptr;
}

const LadderRung* RungOrFormer(const Procedures& procedures, const CaseState& state, const Suggestion& suggestion) {
  return FindOrFormer(procedures, state, [&](const Procedure& p) { return RungOf(p, suggestion); });
}

// Whether adopting would still do what was suggested, as the case's version says it, or never did more than be
// recorded.
bool StillMeant(const Procedures& procedures, const CaseState& state, const Suggestion& suggestion) {
  const Procedure* own = procedures.Find(state.procedure(), state.procedure_version());
  if (own != nullptr && RungOf(*own, suggestion) != nullptr) return true;
  const LadderRung* former = RungOrFormer(procedures, state, suggestion);
  return former == nullptr || (former->enters.empty() && !former->opens.has_value());
}

std::vector<std::string> AskedFor(const Context& context, const CaseState& state, const Suggestion& suggestion) {
  if (!suggestion.ask().empty()) return {suggestion.ask().begin(), suggestion.ask().end()};
  // Nobody could be asked when it fired; perhaps somebody has been appointed since.
  const LadderRung* rung = RungOrFormer(context.procedures, state, suggestion);
  return rung == nullptr ? std::vector<std::string>() : ResolveAsked(rung->ask, state, context.directory);
}

// The rung that made an entry, from the entry's name; where there is none at that instant any more, as above.
const LadderRung* RungOfEntry(const Procedure& procedure, const RegisterEntryState& entry) {
  const auto find = [&](auto same) {
    return FindOrigin(procedure,
                      [&](const LadderRung& rung) {
                        return rung.enters == entry.register_() && same(absl::StrCat(rung.enters, ":", RungName(rung)));
                      })
        .rung;
  };
  const auto what = [](absl::string_view name) { return name.substr(0, name.rfind('@')); };
  const LadderRung* exact = find([&](const std::string& name) { return name == entry.entry(); });
  return exact != nullptr ? exact : find([&](const std::string& name) { return what(name) == what(entry.entry()); });
}

// Who may lift an entry: those whom the rung that made it asks; nobody where a stage made it.
std::vector<std::string> AskedToLift(const Context& context, const CaseState& state, const RegisterEntryState& entry) {
  const LadderRung* rung =
      FindOrFormer(context.procedures, state, [&](const Procedure& p) { return RungOfEntry(p, entry); });
  return rung == nullptr ? std::vector<std::string>() : ResolveAsked(rung->ask, state, context.directory);
}

const Register* RegisterOf(const Procedures& procedures, const CaseState& state, absl::string_view name) {
  return FindOrFormer(procedures, state, [&](const Procedure& p) { return p.FindRegister(name); });
}

// The clock whose ladder suggests it.
const Clock* ClockThatSuggests(const Procedures& procedures, const CaseState& state, absl::string_view suggests) {
  return FindOrFormer(procedures, state, [&](const Procedure& p) {
    return FindOrigin(p, [&](const LadderRung& rung) { return rung.suggests == suggests; }).clock;
  });
}

// One such command.
class Deciding {
 public:
  Deciding(const Context& context, Draft& draft, CaseDraft& on, const Actor& actor, const v1::ActOnCaseRequest& command)
      : context_(context), draft_(draft), case_(on), actor_(actor), command_(command) {}

  Verdict Decide(const std::string& suggests, bool approved) {
    const Suggestion* waiting = Waiting(state(), suggests);
    // Whoever is not asked gets the same answer whether it waits or not.
    const Clock& origin = *ClockThatSuggests(context_.procedures, state(), suggests);
    const std::string clock = waiting != nullptr ? waiting->clock() : origin.name;
    const std::vector<std::string> asked =
        waiting != nullptr ? AskedFor(context_, state(), *waiting)
                           : ResolveAsked(RungIn(origin, suggests).ask, state(), context_.directory);
    const Outcome<Capacity> capacity = FindAsked(context_.directory, asked, ChargedWith(state(), clock), actor_);
    DUBAN_REQUIRE(capacity);
    if (waiting == nullptr) {
      return Reject(Kind::kState, "NO_SUCH_SUGGESTION",
                    absl::StrCat("现在没有等待决定的建议“", suggests, "”：可能尚未提出、已经决定或已失效"),
                    absl::StrCat("no suggestion \"", suggests,
                                 "\" waits: it has not been made yet, was decided, or has been overtaken"),
                    {{"suggests", suggests}});
    }
    if (context_.occurred < FromProto(waiting->at())) return OccurredTooEarly(context_.zone, FromProto(waiting->at()));
    if (!approved && command_.reason().empty()) return MissingReason();
    if (approved) DUBAN_REQUIRE(CheckStillMeant(*waiting));
    const Suggestion decided = *waiting;  // Folding the decision removes it from the state.
    v1::Event event;
    v1::SuggestionDecided& said = *event.mutable_suggestion_decided();
    said.set_clock(decided.clock());
    said.set_rung(decided.rung());
    said.set_suggests(suggests);
    said.set_approved(approved);
    Sign(context_, actor_, *capacity, command_.reason(), said);
    case_.Emit(std::move(event));
    return approved ? TakeEffect(decided) : Nothing{};
  }

  // Ends what this case has entered in a register before its time.
  Verdict Lift(const std::string& name) {
    std::vector<RegisterEntryState> standing;
    for (const RegisterEntryState& entry : state().entries()) {
      if (entry.register_() == name) standing.push_back(entry);
    }
    const Register& listed = *RegisterOf(context_.procedures, state(), name);
    if (standing.empty()) {
      return Reject(Kind::kState, "NOT_IN_REGISTER", absl::StrCat("本事项没有列入“", listed.title.zh(), "”的条目"),
                    absl::StrCat("no entry of this case stands in register \"", name, "\""), {{"register", name}});
    }
    Capacity capacity;
    Instant since = absl::InfinitePast();
    for (const RegisterEntryState& entry : standing) {
      const Outcome<Capacity> found =
          FindAsked(context_.directory, AskedToLift(context_, state(), entry), {entry.subject()}, actor_);
      DUBAN_REQUIRE(found);
      capacity = *found;
      since = std::max(since, FromProto(entry.from()));
    }
    if (context_.occurred < since) return OccurredTooEarly(context_.zone, since);
    if (command_.reason().empty()) return MissingReason();
    v1::Event event;
    v1::ActionTaken& taken = *event.mutable_action_taken();
    taken.set_action(command_.action());
    Sign(context_, actor_, capacity, command_.reason(), taken);
    taken.set_note(command_.note());
    case_.Emit(std::move(event));
    while (const RegisterEntryState* entry = FindEntry(name, ""))
      draft_.LeaveRegister(case_, *entry, context_.occurred);
    return Nothing{};
  }

 private:
  const CaseState& state() const { return case_.state; }
  const Procedure& procedure() const { return *case_.procedure; }

  // The first entry that stands in a register, of that name where one is given; null when none.
  const RegisterEntryState* FindEntry(const std::string& name, const std::string& called) const {
    for (const RegisterEntryState& entry : state().entries()) {
      if (entry.register_() == name && (called.empty() || entry.entry() == called)) return &entry;
    }
    return nullptr;
  }

  static const LadderRung& RungIn(const Clock& clock, const std::string& suggests) {
    return *absl::c_find_if(clock.ladder, [&](const LadderRung& rung) { return rung.suggests == suggests; });
  }

  // What the rules no longer provide for is not done, whatever they provided for when it was suggested.
  Verdict CheckStillMeant(const Suggestion& waiting) const {
    if (StillMeant(context_.procedures, state(), waiting)) return Nothing{};
    return Reject(Kind::kState, "SUGGESTION_DROPPED",
                  absl::StrCat("现行规程已取消“", waiting.title().zh(), "”这一级，不能再采纳；可以不采纳，写明理由"),
                  absl::StrCat("the version of the procedure under which the case goes on has no \"",
                               waiting.suggests(), "\" any more: it cannot be adopted, only refused, with a reason"),
                  {{"suggests", waiting.suggests()}});
  }

  Verdict TakeEffect(const Suggestion& decided) {
    const LadderRung* rung = RungOf(procedure(), decided);
    if (rung == nullptr) return Nothing{};
    if (!rung->enters.empty()) DUBAN_REQUIRE(Enter(decided, *rung));
    return rung->opens.has_value() ? draft_.OpenFollowUp(case_, *rung->opens) : Nothing{};
  }

  Verdict Enter(const Suggestion& decided, const LadderRung& rung) {
    const Register& listed = *procedure().FindRegister(rung.enters);
    const std::optional<Span>& keeps = rung.keeps.has_value() ? rung.keeps : listed.keeps;
    std::optional<Instant> until;
    if (keeps.has_value()) {
      const Outcome<Instant> last = context_.calendar.DueAfter(context_.occurred, *keeps, false, context_.zone);
      DUBAN_REQUIRE(last);
      until = *last;
    }
    const std::string name = absl::StrCat(rung.enters, ":", RungName(rung));
    // The same rung of an earlier round: from now on the newer entry stands in its place.
    if (const RegisterEntryState* old = FindEntry(rung.enters, name)) {
      draft_.LeaveRegister(case_, *old, context_.occurred);
    }
    const Clock* clock = procedure().FindClock(decided.clock());
    for (const std::string& subject : ChargedWith(state(), decided.clock())) {
      v1::Event event;
      v1::RegisterEntered& entered = *event.mutable_register_entered();
      entered.set_register_(rung.enters);
      entered.set_entry(name);
      entered.set_subject(subject);
      entered.set_subject_title(context_.directory.TitleOf(subject));
      const bool said = !command_.reason().empty();
      entered.mutable_reason()->set_zh(
          absl::StrCat(clock->title.zh(), "逾期，", decided.title().zh(), said ? "：" : "", command_.reason()));
      entered.mutable_reason()->set_en(absl::StrCat(EnglishOf(clock->title), " overdue, ", EnglishOf(decided.title()),
                                                    said ? ": " : "", command_.reason()));
      *entered.mutable_from() = ToProto(context_.occurred);
      if (until.has_value()) *entered.mutable_until() = ToProto(*until);
      case_.Emit(std::move(event));
    }
    return Nothing{};
  }

  static const std::string& EnglishOf(const v1::Text& text) { return text.en().empty() ? text.zh() : text.en(); }

  const Context& context_;
  Draft& draft_;
  CaseDraft& case_;
  const Actor& actor_;
  const v1::ActOnCaseRequest& command_;
};

}  // namespace

const LadderRung* FindRung(const Procedure& procedure, absl::string_view clock, absl::string_view rung) {
  const Clock* found = procedure.FindClock(clock);
  if (found == nullptr) return nullptr;
  const auto what = [](absl::string_view name) { return name.substr(0, name.rfind('@')); };
  const LadderRung* same = nullptr;
  for (const LadderRung& one : found->ladder) {
    const std::string name = RungName(one);
    if (name == rung) return &one;
    if (what(name) == what(rung) && (same == nullptr || same->suggests.empty())) same = &one;
  }
  return same;
}

std::vector<std::string> ResolveAsked(const std::vector<Role>& ask, const CaseState& state,
                                      const Directory& directory) {
  std::vector<std::string> ids;
  for (const Role& role : ask) {
    const v1::BoundParty* bound = FindBound(state, role.party);
    if (bound == nullptr) continue;
    for (const v1::BoundId& member : bound->bound()) {
      std::set<std::string> visited;
      if (role.head) {
        AddHeads(directory, member.unit(), visited, ids);
      } else if (role.superior) {
        const v1::Unit* unit = directory.FindUnit(member.unit());
        if (unit == nullptr) continue;
        for (const std::string& superior : unit->superiors()) AddHeads(directory, superior, visited, ids);
      } else {
        AddOnce(member.id(), ids);
      }
    }
  }
  return ids;
}

bool MaySuggest(const Procedure& procedure, absl::string_view clock, absl::string_view rung) {
  const LadderRung* declared = FindRung(procedure, clock, rung);
  return declared == nullptr ? absl::StrContains(rung, kRungAt) : !declared->suggests.empty();
}

bool NamesSuggestion(const Procedures& procedures, const CaseState& state, absl::string_view action) {
  if (absl::ConsumePrefix(&action, kLift)) return RegisterOf(procedures, state, action) != nullptr;
  if (!absl::ConsumePrefix(&action, kApprove) && !absl::ConsumePrefix(&action, kRefuse)) return false;
  return !action.empty() && ClockThatSuggests(procedures, state, action) != nullptr;
}

Verdict DecideSuggestion(const Context& context, Draft& draft, CaseDraft& on, const Actor& actor,
                         const v1::ActOnCaseRequest& command) {
  Deciding deciding(context, draft, on, actor, command);
  absl::string_view name = command.action();
  if (absl::ConsumePrefix(&name, kLift)) return deciding.Lift(std::string(name));
  const bool approved = absl::ConsumePrefix(&name, kApprove);
  return deciding.Decide(std::string(approved ? name : absl::StripPrefix(name, kRefuse)), approved);
}

std::vector<v1::CaseAction> SuggestedActionsOpenTo(const Context& context, const CaseState& state,
                                                   absl::string_view person) {
  const Actor actor{std::string(person), "", ""};
  std::vector<v1::CaseAction> out;
  const auto add = [&](absl::string_view prefix, const std::string& name, const v1::Text& title, const char* zh,
                       const char* en, bool reason) {
    v1::CaseAction& action = out.emplace_back();
    action.set_action(absl::StrCat(prefix, name));
    action.mutable_title()->set_zh(absl::StrCat(zh, title.zh()));
    action.mutable_title()->set_en(absl::StrCat(en, title.en()));
    if (reason) action.add_needs("reason");
  };
  std::set<std::string> named;
  for (const Suggestion& suggestion : state.suggestions()) {
    const std::vector<std::string> asked = AskedFor(context, state, suggestion);
    if (!FindAsked(context.directory, asked, ChargedWith(state, suggestion.clock()), actor).ok()) continue;
    if (!named.insert(suggestion.suggests()).second) continue;
    if (StillMeant(context.procedures, state, suggestion)) {
      add(kApprove, suggestion.suggests(), suggestion.title(), "采纳建议：", "Adopt: ", false);
    }
    add(kRefuse, suggestion.suggests(), suggestion.title(), "不采纳建议：", "Do not adopt: ", true);
  }
  for (const RegisterEntryState& entry : state.entries()) {
    const Register* listed = RegisterOf(context.procedures, state, entry.register_());
    const std::vector<std::string> asked = AskedToLift(context, state, entry);
    if (listed == nullptr || !FindAsked(context.directory, asked, {entry.subject()}, actor).ok()) continue;
    if (named.insert(absl::StrCat(kLift, listed->name)).second)
      add(kLift, listed->name, listed->title, "移出", "Lift: ", true);
  }
  return out;
}

Ids SeersOf(const Procedure& procedure, const CaseState& state, const Directory& directory, absl::string_view clock,
            absl::string_view rung) {
  Ids ids = {std::string("rights/") + kRightAudit};
  if (const LadderRung* declared = FindRung(procedure, clock, rung)) {
    for (const std::string& id : ResolveAsked(declared->ask, state, directory)) ids.push_back(id);
    for (const std::string& id : ResolveRoles(declared->tell, state, directory)) ids.push_back(id);
  }
  for (const Suggestion& suggestion : state.suggestions()) {
    if (suggestion.clock() != clock || suggestion.rung() != rung) continue;
    ids.insert(ids.end(), suggestion.ask().begin(), suggestion.ask().end());
  }
  if (const ClockState* known = FindClockState(state, clock)) {
    for (const auto& fired : known->fired()) {
      if (fired.rung() != rung) continue;
      ids.insert(ids.end(), fired.tell().begin(), fired.tell().end());
      for (const v1::ToldInstead& instead : fired.instead()) {
        ids.insert(ids.end(), instead.told().begin(), instead.told().end());
      }
    }
  }
  return Sorted(std::move(ids));
}

std::optional<Ids> KnownTo(const Procedure& procedure, const CaseState& state, const Directory& directory,
                           const v1::Event& event) {
  if (event.has_ballot_cast()) return TellersOf(procedure, state);
  Ids ids;
  if (event.has_rung_fired() && !event.rung_fired().rung().suggests().empty()) {
    const v1::Rung& rung = event.rung_fired().rung();
    ids = SeersOf(procedure, state, directory, event.rung_fired().clock(), rung.rung());
    ids.insert(ids.end(), rung.ask().begin(), rung.ask().end());
    ids.insert(ids.end(), rung.tell().begin(), rung.tell().end());
    for (const v1::ToldInstead& instead : rung.instead()) {
      ids.insert(ids.end(), instead.told().begin(), instead.told().end());
    }
  } else if (event.has_suggestion_decided() && !event.suggestion_decided().approved()) {
    const v1::SuggestionDecided& decided = event.suggestion_decided();
    ids = SeersOf(procedure, state, directory, decided.clock(), decided.rung());
    for (const std::string& person : {decided.person(), decided.entered_by(), decided.on_behalf_of()}) {
      if (!person.empty()) ids.push_back(person);
    }
  } else if (event.has_rung_suppressed() || event.has_rung_withdrawn()) {
    const bool withdrawn = event.has_rung_withdrawn();
    const std::string& clock = withdrawn ? event.rung_withdrawn().clock() : event.rung_suppressed().clock();
    const std::string& rung = withdrawn ? event.rung_withdrawn().rung() : event.rung_suppressed().rung();
    if (!MaySuggest(procedure, clock, rung)) return std::nullopt;
    ids = SeersOf(procedure, state, directory, clock, rung);
  } else if (event.has_document_filed()) {
    return AudienceOfDocument(event.document_filed().from(), event.document_filed().to());
  } else {
    return std::nullopt;
  }
  return Sorted(std::move(ids));
}

}  // namespace duban::engine
