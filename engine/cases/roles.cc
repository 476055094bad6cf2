#include "engine/cases/roles.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/cases/built_in.h"
#include "engine/cases/evolve.h"
#include "engine/cases/requests.h"

namespace duban::engine {
namespace {

using duban::state::v1::CaseState;

// Whether one bound belongs to a unit: by what was said when it was bound, a person also by all the posts held now.
bool BelongsTo(const Directory& directory, const v1::BoundId& member, const std::string& unit) {
  return member.unit() == unit || absl::c_linear_search(directory.UnitsOf(member.id()), unit);
}

// With what somebody acts: his own posts, or those of another for whom he stands in.
struct Hand {
  std::vector<const v1::Post*> posts;
  std::string self;          // Who a party that is a person may be bound to; nobody, for another.
  std::string on_behalf_of;  // Empty for his own.
};

Hand OwnHand(const Directory& directory, const std::string& person) { return {directory.PostsOf(person), person, ""}; }

// His own first, then one for each for whom he stands in.
std::vector<Hand> HandsOf(const Directory& directory, const std::string& person) {
  std::vector<Hand> hands = {OwnHand(directory, person)};
  for (const LentPost& lent : directory.LentTo(person)) {
    auto hand = std::find_if(hands.begin(), hands.end(), [&](const Hand& h) { return h.on_behalf_of == lent.holder; });
    if (hand == hands.end()) hand = hands.insert(hands.end(), Hand{{}, "", lent.holder});
    if (!absl::c_linear_search(hand->posts, lent.post)) {
      hand->posts.push_back(lent.post);
    }
  }
  return hands;
}

bool Carries(const v1::Post& post, const std::string& right) {
  return right.empty() || absl::c_linear_search(post.rights(), right);
}

// The post through which a hand fills a role; nullopt when not at all. With a `right`, only posts that carry it count.
std::optional<std::string> PostFor(const CaseState& state, const Directory& directory, const Role& role,
                                   const Hand& hand, const std::string& right = "") {
  const v1::BoundParty* bound = FindBound(state, role.party);
  if (bound == nullptr) return std::nullopt;
  const bool entitled = right.empty() || std::any_of(hand.posts.begin(), hand.posts.end(),
                                                     [&](const v1::Post* post) { return Carries(*post, right); });
  for (const v1::BoundId& member : bound->bound()) {
    if (!role.head && member.id() == hand.self && entitled) return "";
    for (const v1::Post* post : hand.posts) {
      if (!Carries(*post, right)) continue;
      if (role.head) {
        const v1::Unit* unit = directory.FindUnit(member.unit());
        if (unit != nullptr && unit->head() == post->name()) return post->name();
      } else if (post->name() == member.id() || post->unit() == member.id()) {
        return post->name();
      }
    }
  }
  return std::nullopt;
}

// The units to which somebody belongs, those for which he stands in included.
std::vector<std::string> UnitsServed(const Directory& directory, const std::string& person) {
  std::vector<std::string> units = directory.UnitsOf(person);
  for (const LentPost& lent : directory.LentTo(person)) {
    if (!absl::c_linear_search(units, lent.post->unit())) units.push_back(lent.post->unit());
  }
  return units;
}

Rejection LacksRight(const Party& party) {
  return Reject(Kind::kForbidden, "RIGHT_REQUIRED",
                absl::StrCat("以", party.title.zh(), "身份办理需要权限 ", party.right,
                             ",您在该单位的岗位没有;请由有此权限的岗位办理"),
                absl::StrCat("acting as ", party.name, " takes the right \"", party.right,
                             "\", which your post there does not carry; somebody whose post does has to"),
                {{"right", party.right}, {"party", party.name}});
}

// Relations are personal data: which party, and who in it, is not said, only what the procedure asks of everybody.
Verdict CheckRelations(const Procedure& procedure, const CaseState& state, const Directory& directory,
                       const Party& party, const std::string& person) {
  for (const std::string& other : party.never_related_to) {
    const v1::BoundParty* bound = FindBound(state, other);
    if (bound == nullptr) continue;
    if (std::none_of(bound->bound().begin(), bound->bound().end(),
                     [&](const v1::BoundId& member) { return directory.Related(person, member.id()); })) {
      continue;
    }
    std::vector<std::string> titles;
    for (const std::string& named : party.never_related_to) titles.push_back(procedure.FindParty(named)->title.zh());
    return Reject(Kind::kForbidden, "FORBIDDEN_RELATED",
                  absl::StrCat(party.title.zh(), "与", absl::StrJoin(titles, "、"), "之间有须回避的关系，请由他人办理"),
                  absl::StrCat(party.name, " may have no relation to ", absl::StrJoin(party.never_related_to, ", "),
                               "; another person has to do this"),
                  {{"party", party.name}});
  }
  return Nothing{};
}

// Whether the person has taken the action, or approved it, in this round.
bool HadAHand(const CaseState& state, const std::string& action, const std::string& person) {
  return std::any_of(state.acts().begin(), state.acts().end(), [&](const auto& act) {
    return act.round() == state.round() && act.person() == person &&
           (act.action() == action || act.action() == absl::StrCat(kApprove, action));
  });
}

Verdict CheckNever(const Procedure& procedure, const CaseState& state, const Directory& directory, const Party& party,
                   const std::string& person) {
  const std::vector<std::string> units = UnitsServed(directory, person);
  for (const std::string& other : party.never_unit_of) {
    const v1::BoundParty* bound = FindBound(state, other);
    if (bound == nullptr) continue;
    for (const v1::BoundId& member : bound->bound()) {
      const auto shared = std::find_if(units.begin(), units.end(),
                                       [&](const auto& unit) { return BelongsTo(directory, member, unit); });
      if (shared == units.end()) continue;
      return Reject(
          Kind::kForbidden, "FORBIDDEN_SAME_UNIT",
          absl::StrCat(party.title.zh(), "不得由", procedure.FindParty(other)->title.zh(), "的人员（", member.title(),
                       "）担任，请由他人办理"),
          absl::StrCat(party.name, " may never be somebody of ", other, " (", member.id(), "); another person has to"),
          {{"party", party.name}, {"other", other}, {"unit", *shared}});
    }
  }
  for (const std::string& other : party.never_person_of) {
    const v1::BoundParty* bound = FindBound(state, other);
    if (bound == nullptr) continue;
    const std::vector<Hand> hands = HandsOf(directory, person);
    if (std::none_of(hands.begin(), hands.end(), [&](const Hand& hand) {
          return PostFor(state, directory, Role{other, false}, hand).has_value();
        })) {
      continue;
    }
    return Reject(
        Kind::kForbidden, "FORBIDDEN_SAME_PERSON",
        absl::StrCat(party.title.zh(), "与", procedure.FindParty(other)->title.zh(), "不得为同一人，请由他人办理"),
        absl::StrCat(party.name, " and ", other, " must be different persons; another person has to do this"),
        {{"party", party.name}, {"other", other}});
  }
  if (Verdict apart = CheckRelations(procedure, state, directory, party, person); !apart.ok()) return apart;
  for (const std::string& action : party.never_acted_in) {
    if (!HadAHand(state, action, person)) continue;
    const std::string title = ActionTitle(procedure, action).zh();
    return Reject(Kind::kForbidden, "FORBIDDEN_SAME_PERSON",
                  absl::StrCat("本轮办理或批准过“", title.empty() ? action : title, "”的人不得再以", party.title.zh(),
                               "身份办理，请由他人办理"),
                  absl::StrCat("whoever has taken or approved \"", action, "\" in this round may not act as ",
                               party.name, "; another person has to"),
                  {{"party", party.name}, {"action", action}});
  }
  return Nothing{};
}

}  // namespace

Outcome<Capacity> FindCapacity(const Procedure& procedure, const CaseState& state, const Directory& directory,
                               const std::vector<Role>& roles, const Actor& actor) {
  std::optional<Rejection> forbidden;
  for (const Hand& hand : HandsOf(directory, actor.person)) {
    for (const Role& role : roles) {
      const Party* party = procedure.FindParty(role.party);
      const std::optional<std::string> post = PostFor(state, directory, role, hand, party->right);
      if (!post.has_value()) {
        if (PostFor(state, directory, role, hand).has_value()) forbidden = LacksRight(*party);
        continue;
      }
      Verdict allowed = Nothing{};
      for (const std::string& one : {actor.person, actor.entered_by, actor.lent_by, hand.on_behalf_of}) {
        if (allowed.ok() && !one.empty()) allowed = CheckNever(procedure, state, directory, *party, one);
      }
      if (allowed.ok()) return Capacity{role.party, *post, hand.on_behalf_of};
      forbidden = allowed.rejection();
    }
  }
  if (forbidden.has_value()) return *forbidden;
  std::vector<std::string> zh;
  std::vector<std::string> en;
  for (const Role& role : roles) {
    const Party* party = procedure.FindParty(role.party);
    zh.push_back(absl::StrCat(party->title.zh(), role.head ? "负责人" : ""));
    en.push_back(absl::StrCat(role.party, role.head ? ".head" : ""));
  }
  return Reject(Kind::kForbidden, "NOT_YOUR_PART", absl::StrCat("此操作只能由", absl::StrJoin(zh, "、"), "办理"),
                absl::StrCat("only ", absl::StrJoin(en, ", "), " may do this"), {{"parties", absl::StrJoin(en, ",")}});
}

Hands HandsIn(const Actor& actor, const Capacity& capacity) {
  Hands hands = {actor.person, actor.entered_by, capacity.on_behalf_of};
  hands.erase("");
  return hands;
}

Verdict CheckSomebodyLeft(const Procedure& procedure, const CaseState& state, const std::string& action,
                          const Hands& hands) {
  for (const Party& party : procedure.parties) {
    const v1::BoundParty* bound = FindBound(state, party.name);
    if (party.kind != PartyKind::kPerson || bound == nullptr || !absl::c_linear_search(party.never_acted_in, action))
      continue;
    const auto is_hand = [&](const v1::BoundId& member) { return hands.count(member.id()) != 0; };
    const auto excluded = [&](const v1::BoundId& member) {
      return is_hand(member) || absl::c_any_of(party.never_acted_in, [&](const std::string& other) {
               return HadAHand(state, other, member.id());
             });
    };
    const auto& members = bound->bound();
    if (std::none_of(members.begin(), members.end(), is_hand) ||
        !std::all_of(members.begin(), members.end(), excluded)) {
      continue;
    }
    const v1::Text title = ActionTitle(procedure, action);
    return Reject(
        Kind::kForbidden, "LEAVES_NOBODY",
        absl::StrCat("您是本事项的", party.title.zh(), "，办理或批准“", title.zh().empty() ? action : title.zh(),
                     "”之后就须回避，再没有人能以", party.title.zh(), "身份办理；请由他人办理"),
        absl::StrCat("you are ", party.name, " here and may not be once you have taken or approved \"",
                     title.en().empty() ? action : title.en(), "\"; nobody would be left to act as ", party.name,
                     ": another person has to do this"),
        {{"party", party.name}, {"action", action}});
  }
  return Nothing{};
}

Verdict CheckDeciderLeft(const Procedure& procedure, const CaseState& state, const Directory& directory,
                         const std::vector<Role>& deciders, const Hands& hands) {
  std::set<std::string> able;
  for (const Role& role : deciders) {
    const Party& party = *procedure.FindParty(role.party);
    const v1::BoundParty* bound = FindBound(state, role.party);
    if (bound == nullptr) continue;
    if (party.kind == PartyKind::kUnit && !role.head) return Nothing{};
    for (const v1::BoundId& member : bound->bound()) {
      const v1::Unit* unit = role.head ? directory.FindUnit(member.unit()) : nullptr;
      const std::set<std::string> behind = directory.PersonsBehind(unit != nullptr ? unit->head() : member.id());
      if (behind.empty()) return Nothing{};
      able.insert(behind.begin(), behind.end());
    }
  }
  if (able.empty() || !std::includes(hands.begin(), hands.end(), able.begin(), able.end())) return Nothing{};
  return Reject(Kind::kForbidden, "SOLE_DECIDER",
                "能批准这项申请的只有您（或您所代的人）自己，本人的申请须由他人批准；请由他人申请",
                "only you, or the one for whom you act, could approve this, and nobody decides his own request; let "
                "another person ask");
}

bool Unclaimed(const Party& party, const CaseState& state) {
  const v1::BoundParty* bound = FindBound(state, party.name);
  return party.claimable && bound != nullptr && bound->bound_size() > 1;
}

Verdict CheckBinding(const Procedure& procedure, const CaseState& state, const Directory& directory,
                     const Party& party) {
  const v1::BoundParty* bound = FindBound(state, party.name);
  if (bound == nullptr) return Nothing{};
  for (const v1::BoundId& member : bound->bound()) {
    for (const std::string& other : party.never_unit_of) {
      const v1::BoundParty* against = FindBound(state, other);
      if (against == nullptr) continue;
      for (const v1::BoundId& theirs : against->bound()) {
        std::vector<std::string> units = directory.UnitsOf(member.id());
        units.push_back(member.unit());
        const auto shared = std::find_if(units.begin(), units.end(),
                                         [&](const auto& unit) { return BelongsTo(directory, theirs, unit); });
        if (shared == units.end()) continue;
        return Reject(Kind::kForbidden, "PARTY_NOT_ALLOWED",
                      absl::StrCat(party.title.zh(), "“", member.title(), "”与", procedure.FindParty(other)->title.zh(),
                                   "同属一个单位，请另行指定"),
                      absl::StrCat(party.name, " ", member.id(), " belongs to the unit of ", other, "; choose another"),
                      {{"party", party.name}, {"other", other}, {"unit", *shared}});
      }
    }
    for (const std::string& other : party.never_person_of) {
      const v1::BoundParty* against = FindBound(state, other);
      if (against == nullptr || directory.FindUnit(member.id()) != nullptr) continue;  // A unit is nobody alone.
      // Nobody of a post in their unit ever may, whoever holds it; of another nobody whose own posts are theirs.
      const v1::Post* post = directory.FindPost(member.id());
      const bool lies_there =
          post != nullptr && std::any_of(against->bound().begin(), against->bound().end(),
                                         [&](const v1::BoundId& theirs) { return theirs.id() == post->unit(); });
      const std::set<std::string> persons = directory.PersonsBehind(member.id());
      const bool all_theirs = std::all_of(persons.begin(), persons.end(), [&](const std::string& person) {
        return PostFor(state, directory, Role{other, false}, OwnHand(directory, person)).has_value();
      });
      if (!lies_there && (persons.empty() || !all_theirs)) continue;
      return Reject(Kind::kForbidden, "PARTY_NOT_ALLOWED",
                    absl::StrCat(party.title.zh(), "“", member.title(), "”与", procedure.FindParty(other)->title.zh(),
                                 "是同一人，或是其人员，请另行指定"),
                    absl::StrCat(party.name, " ", member.id(), " is the same person as ", other,
                                 ", or one of theirs; choose another"),
                    {{"party", party.name}, {"other", other}, {"person", persons.empty() ? "" : *persons.begin()}});
    }
    // A post may get another holder; a person stays who he is, and could never act.
    if (party.kind == PartyKind::kPerson) {
      if (Verdict apart = CheckRelations(procedure, state, directory, party, member.id()); !apart.ok()) return apart;
    }
  }
  return Nothing{};
}

}  // namespace duban::engine
