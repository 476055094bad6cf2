// A party passes to another while the case runs: claimed by the first of its candidates, offered to another office and
// taken over with a receipt, passed to the superior.
#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/limits.h"
#include "engine/cases/audience.h"
#include "engine/cases/built_in.h"
#include "engine/cases/checks.h"
#include "engine/cases/evolve.h"
#include "engine/cases/rebinding.h"

namespace duban::engine {
namespace {

bool MayOpen(const Procedure& procedure, const std::string& party) {
  return absl::c_linear_search(procedure.may_open, party);
}

// The candidate for whom somebody claims: the one through whose post he acts, or himself.
std::string CandidateOf(const CaseState& state, const Directory& directory, const Capacity& capacity,
                        const std::string& person) {
  const v1::Post* post = directory.FindPost(capacity.post);
  for (const v1::BoundId& member : FindBound(state, capacity.party)->bound()) {
    const bool through = post != nullptr && (member.id() == post->name() || member.id() == post->unit());
    if (through || member.id() == person) return member.id();
  }
  return "";
}

// In which capacity somebody may answer an offer: as the one to whom it was made.
Outcome<Capacity> FindReceiver(const Context& context, const Procedure& procedure, const CaseState& state,
                               const Party& party, const Actor& actor) {
  const Outcome<v1::BoundId> receiver = Bind(context.directory, party, state.offer().to());
  DUBAN_REQUIRE(receiver);
  return FindCapacity(procedure, AsIfBound(state, party.name, *receiver), context.directory, {Role{party.name}}, actor);
}

class Rebinding {
 public:
  Rebinding(const Context& context, CaseDraft& on, const Actor& actor, const v1::ActOnCaseRequest& command)
      : context_(context), case_(on), actor_(actor), command_(command) {}

  Verdict Claim() {
    std::vector<Role> candidates;
    for (const Party& party : procedure().parties) {
      const bool meant = command_.party().empty() || command_.party() == party.name;
      if (meant && Unclaimed(party, state())) candidates.push_back(Role{party.name});
    }
    if (candidates.empty()) {
      return Reject(Kind::kState, "NOTHING_TO_CLAIM", "没有等待认领的参与方，可能已被认领",
                    "no party waits to be claimed; perhaps another was first");
    }
    const Outcome<Capacity> capacity = FindCapacity(procedure(), state(), context_.directory, candidates, actor_);
    DUBAN_REQUIRE(capacity);
    v1::Event event;
    v1::ActionTaken& taken = *event.mutable_action_taken();
    taken.set_action(kClaim);
    taken.set_party(capacity->party);
    taken.set_note(command_.note());
    Sign(context_, actor_, *capacity, command_.reason(), taken);
    const std::string candidate = CandidateOf(state(), context_.directory, *capacity, actor_.person);
    case_.Emit(std::move(event));
    return BindAlone(context_, case_, *procedure().FindParty(capacity->party), candidate, "");
  }

  Verdict Offer() {
    const Party* party = procedure().FindParty(command_.party());
    const v1::BoundParty* bound = FindBound(state(), command_.party());
    if (party == nullptr || bound == nullptr || bound->bound_size() != 1 || MayOpen(procedure(), party->name)) {
      return Reject(Kind::kInvalid, "PARTY_NOT_TRANSFERABLE",
                    "请用 party 指明要移送的参与方：发起方和现有几个成员的参与方不能移送",
                    "say in party which one passes on; those that may open, and those of several members, do not",
                    {{"party", command_.party()}});
    }
    if (party->drawn) {
      return Reject(Kind::kState, "PARTY_DRAWN",
                    absl::StrCat(party->title.zh(), "由抽取产生，不能移送；须换人的，请重抽后另行立项"),
                    absl::StrCat(party->name, " was drawn and does not pass on; draw again and open another case"),
                    {{"party", party->name}});
    }
    Outcome<Capacity> capacity = FindOpener(procedure(), state(), context_.directory, actor_);
    if (!capacity.ok()) {
      capacity = FindCapacity(procedure(), state(), context_.directory, {Role{party->name}}, actor_);
      DUBAN_REQUIRE(capacity);
      // 上级直接指定承办的不得退回，也不得自行移送他人。
      if (state().assigned_by_superior()) {
        return Reject(Kind::kForbidden, "ASSIGNED_BY_SUPERIOR", "上级交办的事项不得自行移送，请由交办方移送",
                      "what a superior assigned is passed on by him alone", {{"party", party->name}});
      }
    }
    if (command_.reason().empty()) return MissingReason();
    const Outcome<v1::BoundId> receiver = Bind(context_.directory, *party, command_.target());
    DUBAN_REQUIRE(receiver);
    if (Holds(*bound, command_.target())) {
      return Reject(Kind::kInvalid, "TARGET_IS_ITSELF", "移送对象就是现在的一方，请另行指定",
                    "it is theirs already; name another", {{"field", "target"}});
    }
    if (state().has_offer() && state().offer().to() == command_.target() && state().offer().party() == party->name) {
      return Reject(Kind::kState, "OFFER_PENDING", "已向该单位移送，正等待其接收或退回",
                    "it was offered to them already; wait for the answer", {{"to", command_.target()}});
    }
    std::vector<v1::PartyRebound> parts(1);
    parts.front().set_party(party->name);
    DUBAN_REQUIRE(CheckRebound(procedure(), AsIfBound(state(), party->name, *receiver), context_.directory, parts,
                               command_.target()));
    v1::Event event;
    v1::TransferOffered& offered = *event.mutable_transfer_offered();
    offered.set_party(party->name);
    offered.set_to(receiver->id());
    offered.set_to_title(receiver->title());
    Sign(context_, actor_, *capacity, command_.reason(), offered);
    case_.Emit(std::move(event));
    if (AudienceOf(procedure(), state()).size() <= limits::kAudienceMax) return Nothing{};
    return Reject(Kind::kInvalid, "TOO_MANY_PARTIES",
                  absl::StrCat("参与方总数将超过 ", limits::kAudienceMax - 1, "，不能移送"),
                  absl::StrCat("more than ", limits::kAudienceMax - 1, " units, posts and persons would take part"));
  }

  Verdict Answer(bool taken) {
    const Party* party = state().has_offer() ? procedure().FindParty(state().offer().party()) : nullptr;
    if (party == nullptr) {
      return Reject(Kind::kState, "NO_OFFER", "没有等待接收的移送：可能已接收、已退回或改送他人",
                    "no offer waits: it was answered, or made to another");
    }
    const Outcome<Capacity> capacity = FindReceiver(context_, procedure(), state(), *party, actor_);
    DUBAN_REQUIRE(capacity);
    if (!taken && command_.reason().empty()) return MissingReason();
    const v1::TransferOffered offer = state().offer();  // Folding the answer removes it from the state.
    v1::Event event;
    v1::TransferAnswered& answered = *event.mutable_transfer_answered();
    answered.set_party(offer.party());
    answered.set_to(offer.to());
    answered.set_taken(taken);
    Sign(context_, actor_, *capacity, command_.reason(), answered);
    case_.Emit(std::move(event));
    return taken ? BindAlone(context_, case_, *party, offer.to(), offer.reason()) : Nothing{};
  }

 private:
  const CaseState& state() const { return case_.state; }
  const Procedure& procedure() const { return *case_.procedure; }

  const Context& context_;
  CaseDraft& case_;
  const Actor& actor_;
  const v1::ActOnCaseRequest& command_;
};

}  // namespace

bool NamesRebinding(absl::string_view action) {
  return action == kTransfer || action == kTakeOver || action == kSendBack || action == kClaim;
}

Verdict DecideRebinding(const Context& context, Draft& draft, CaseDraft& on, const Actor& actor,
                        const v1::ActOnCaseRequest& command) {
  if (on.state.end_kind() != v1::END_KIND_UNSPECIFIED) return CaseIsOver(on.state);
  Rebinding rebinding(context, on, actor, command);
  if (command.action() == kClaim) return rebinding.Claim();
  if (command.action() == kTransfer) return rebinding.Offer();
  return rebinding.Answer(command.action() == kTakeOver);
}

std::vector<v1::CaseAction> RebindingsOpenTo(const Context& context, const Procedure& procedure, const CaseState& state,
                                             absl::string_view person) {
  std::vector<v1::CaseAction> out;
  if (state.end_kind() != v1::END_KIND_UNSPECIFIED) return out;
  const auto add = [&](const char* name) -> v1::CaseAction& {
    v1::CaseAction& action = out.emplace_back();
    action.set_action(name);
    *action.mutable_title() = BuiltInTitle(name);
    return action;
  };
  const Actor actor{std::string(person), "", ""};
  for (const Party& party : procedure.parties) {
    if (!Unclaimed(party, state)) continue;
    if (!FindCapacity(procedure, state, context.directory, {Role{party.name}}, actor).ok()) continue;
    add(kClaim);
    break;
  }
  const Party* offered = state.has_offer() ? procedure.FindParty(state.offer().party()) : nullptr;
  if (offered != nullptr && FindReceiver(context, procedure, state, *offered, actor).ok()) {
    add(kTakeOver);
    add(kSendBack).add_needs("reason");
  }
  return out;
}

Verdict PassToSuperior(const Context& context, CaseDraft& draft, const std::vector<std::string>& parties,
                       const std::string& chosen, const std::string& reason) {
  for (const std::string& name : parties) {
    const Party& party = *draft.procedure->FindParty(name);
    const v1::BoundParty* bound = FindBound(draft.state, name);
    if (bound == nullptr) continue;
    const v1::Unit* unit = context.directory.FindUnit(bound->bound(0).unit());
    std::vector<std::string> superiors;
    if (unit != nullptr) superiors.assign(unit->superiors().begin(), unit->superiors().end());
    if (!chosen.empty() && absl::c_linear_search(superiors, chosen)) {
      superiors = {chosen};
    }
    if (superiors.empty()) {
      return Reject(Kind::kState, "NO_SUPERIOR", absl::StrCat(party.title.zh(), "没有上级单位，不能上提"),
                    absl::StrCat(party.name, " has no superior unit to pass to"), {{"party", party.name}});
    }
    if (superiors.size() > 1) {
      const std::string list = absl::StrJoin(superiors, ", ");
      return Reject(Kind::kState, "SUPERIOR_AMBIGUOUS",
                    absl::StrCat(party.title.zh(), "有几个上级单位，请用 target 指明：", list),
                    absl::StrCat(party.name, " has several superior units; say in target which: ", list),
                    {{"party", party.name}, {"superiors", list}});
    }
    std::string to = superiors.front();
    if (party.kind == PartyKind::kPost) {
      const v1::Unit* above = context.directory.FindUnit(to);
      const std::string head = above == nullptr ? "" : above->head();
      if (head.empty()) {
        return Reject(Kind::kState, "SUPERIOR_WITHOUT_HEAD", "上级单位在机构目录中没有负责岗位，不能上提",
                      "the superior unit has no head's post in the directory", {{"unit", to}});
      }
      to = head;
    }
    DUBAN_REQUIRE(BindAlone(context, draft, party, to, reason));
  }
  return Nothing{};
}

}  // namespace duban::engine
