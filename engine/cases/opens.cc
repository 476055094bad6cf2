// Cases that another case opens: one, or one for each of those meant.
//
// All of them stand in the commit of the act that opens them. Either every unit has its case, or none has and the act
// was refused: nobody finds half a campaign, and what asks about parts is right at once.
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/cases/checks.h"
#include "engine/cases/draft.h"
#include "engine/cases/evolve.h"
#include "engine/cases/parts.h"
#include "engine/cases/roles.h"
#include "engine/cases/secrecy.h"

namespace duban::engine {
namespace {

// Those for each of whom a case is opened: the members of a party, or what a field names.
std::vector<std::string> MembersOf(const CaseDraft& from, const std::string& of) {
  std::vector<std::string> members;
  if (from.procedure->FindParty(of) != nullptr) {
    const v1::BoundParty* bound = FindBound(from.state, of);
    if (bound == nullptr) return members;
    for (const v1::BoundId& member : bound->bound()) members.push_back(member.id());
    return members;
  }
  const auto* held = FindFieldState(from.state, of);
  if (held == nullptr) return members;
  for (const v1::Value& value : held->values()) {
    const bool again = absl::c_linear_search(members, value.reference());
    if (!again) members.push_back(value.reference());
  }
  return members;
}

// One of them stands in the way of all: who, and why.
Rejection EachNotOpened(const Procedure& procedure, const std::string& member, const std::string& title,
                        const Rejection& why) {
  const std::string& shown = title.empty() ? member : title;
  return Reject(
      why.kind, "EACH_NOT_OPENED",
      absl::StrCat("不能为“", shown, "”开启“", procedure.title.zh(), "”，因此一件也没有开启：", why.message.zh()),
      absl::StrCat("no case of \"", procedure.name, "\" can be opened for ", member,
                   ", so none was opened: ", why.message.en()),
      {{"member", member}, {"why", why.reason}});
}

// Neither a party nor a field names more than one act may open.
static_assert(limits::kIdsPerPartyMax <= limits::kOpenedAtOnceMax);
static_assert(limits::kReferencesPerFieldMax <= limits::kOpenedAtOnceMax);

// Those that become parts of a whole at once, beside those that are.
Verdict CheckParts(const Context& context, const Procedure& procedure, const CaseState& whole, size_t count,
                   LookUp look) {
  if (context.parts_of(whole.name()).size() + count <= limits::kPartsMax) {
    return CheckPart(context, procedure, nullptr, whole, 1, look);
  }
  return Reject(Kind::kState, "TOO_MANY_PARTS",
                absl::StrCat("一件事项最多直接分为 ", limits::kPartsMax, " 部分，请增加中间层次"),
                absl::StrCat("a case has at most ", limits::kPartsMax, " parts directly below; add a level between"));
}

}  // namespace

Verdict Draft::OpenFollowUp(CaseDraft& from, const Opens& opens) {
  const Procedure* procedure = context_.procedures.Newest(opens.procedure);
  if (procedure == nullptr) {
    return Reject(Kind::kState, "PROCEDURE_NOT_FOUND",
                  absl::StrCat("此操作要开启规程“", opens.procedure, "”的事项，而它尚未发布；请管理员先发布"),
                  absl::StrCat("procedure \"", opens.procedure,
                               "\", of which this opens a case, has not been published; have it published first"),
                  {{"procedure", opens.procedure}});
  }
  const size_t wanted = opens.each.empty() ? 1 : MembersOf(from, opens.of).size();
  if (opens.as == v1::LINK_KIND_PART && wanted > 0) {
    const Verdict fits =
        CheckParts(context_, *procedure, from.state, wanted, [this](absl::string_view other) { return Look(other); });
    // Whoever acts is told; time cannot be, and the case goes its way with a follow-up in place of a part.
    if (!fits.ok() && by_time_) {
      Opens beside = opens;
      beside.as = v1::LINK_KIND_FOLLOW_UP;
      return OpenFollowUp(from, beside);
    }
    DUBAN_REQUIRE(fits);
  }
  return opens.each.empty() ? OpenBound(from, opens, *procedure, nullptr) : OpenForEach(from, opens, *procedure);
}

Verdict Draft::OpenForEach(CaseDraft& from, const Opens& opens, const Procedure& procedure) {
  const Party* party = procedure.FindParty(opens.each);
  if (party == nullptr) {  // A newer version than the one that was checked.
    return Reject(Kind::kState, "UNKNOWN_PARTY",
                  absl::StrCat("规程“", procedure.title.zh(), "”的现行版没有参与方“", opens.each, "”，请管理员核对"),
                  absl::StrCat("the newest version of \"", procedure.name, "\" has no party \"", opens.each,
                               "\"; tell whoever maintains them"),
                  {{"party", opens.each}});
  }
  for (const std::string& member : MembersOf(from, opens.of)) {
    const Outcome<v1::BoundId> each = Bind(context_.directory, *party, member);
    const Verdict opened = each.ok() ? OpenBound(from, opens, procedure, &*each) : Verdict(each.rejection());
    if (!opened.ok()) {
      return EachNotOpened(procedure, member, context_.directory.TitleOf(member), opened.rejection());
    }
  }
  return Nothing{};
}

// `each`: the member for whom it is opened; null where it is the only one.
Verdict Draft::OpenBound(CaseDraft& from, const Opens& opens, const Procedure& procedure, const v1::BoundId* each) {
  std::vector<v1::BoundParty> parties;
  for (const auto& [theirs, ours] : opens.bind) {
    const v1::BoundParty* bound = FindBound(from.state, ours);
    const Party* party = procedure.FindParty(theirs);
    if (bound == nullptr || party == nullptr) continue;
    parties.push_back(*bound);
    parties.back().set_party(theirs);
    if (!party->drawn) parties.back().clear_draw();
  }
  if (each != nullptr) {
    v1::BoundParty& party = parties.emplace_back();
    party.set_party(opens.each);
    *party.add_bound() = *each;
    DUBAN_REQUIRE(CheckParties(procedure, context_.directory, WithParties(parties)));
  }
  std::vector<v1::FieldValue> fields;
  for (const auto& [theirs, ours] : opens.set) {
    const Field* field = from.procedure->FindField(ours);
    const auto* held = FindFieldState(from.state, ours);
    // Sealed values stay under the key of the case that holds them.
    if (held == nullptr || field == nullptr || field->sealed || procedure.FindField(theirs) == nullptr) continue;
    v1::FieldValue value;
    value.set_field(theirs);
    *value.mutable_values() = held->values();
    fields.push_back(std::move(value));
  }
  const Origin origin{from.state.name(), opens.as, opens.as == v1::LINK_KIND_PART ? 1 : 0,
                      Higher(from.state.secrecy(), procedure.secrecy)};
  std::string name;
  return Open(procedure, std::move(parties), std::move(fields), origin, from.state.assigned_by_superior(), &name);
}

}  // namespace duban::engine
