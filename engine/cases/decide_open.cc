// Opening a case: parties bound and allowed, fields right, the opener entitled.
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/cases/checks.h"
#include "engine/cases/decide.h"
#include "engine/cases/draft.h"
#include "engine/cases/drawing.h"
#include "engine/cases/evolve.h"
#include "engine/cases/fields.h"
#include "engine/cases/links.h"
#include "engine/cases/parts.h"
#include "engine/cases/roles.h"
#include "engine/cases/secrecy.h"

namespace duban::engine {
namespace {

// The parties as the command gives them.
Outcome<std::vector<v1::BoundParty>> BindGiven(const Context& context, const Procedure& procedure,
                                               const v1::OpenCaseRequest& command) {
  std::vector<v1::BoundParty> parties;
  std::set<std::string> seen;
  for (const v1::PartyBinding& given : command.parties()) {
    const Party* party = procedure.FindParty(given.party());
    if (party == nullptr) {
      return Reject(Kind::kInvalid, "UNKNOWN_PARTY",
                    absl::StrCat("规程没有参与方“", given.party(), "”，请去掉，或改用规程中的名字"),
                    absl::StrCat("the procedure has no party \"", given.party(),
                                 "\"; leave it out, or use a name that the procedure has"),
                    {{"party", given.party()}});
    }
    if (!seen.insert(given.party()).second) {
      return Reject(Kind::kInvalid, "PARTY_TWICE", absl::StrCat(party->title.zh(), "重复给出，请合在一处"),
                    absl::StrCat(party->name, " is given twice; give all its members in one entry"),
                    {{"party", party->name}});
    }
    const Outcome<std::vector<std::string>> members = MembersGiven(*party, given, context.draws);
    DUBAN_REQUIRE(members);
    const size_t most = party->many ? limits::kIdsPerPartyMax : 1;
    if (members->size() > most) {
      return Reject(Kind::kInvalid, "TOO_MANY_IDS", absl::StrCat(party->title.zh(), "最多 ", most, " 个，请减少"),
                    absl::StrCat(party->name, " takes at most ", most, "; name fewer"), {{"party", party->name}});
    }
    if (members->empty()) continue;
    v1::BoundParty& bound = parties.emplace_back();
    bound.set_party(party->name);
    bound.set_draw(given.draw());
    for (const std::string& id : *members) {
      Outcome<v1::BoundId> member = Bind(context.directory, *party, id);
      DUBAN_REQUIRE(member);
      *bound.add_bound() = std::move(*member);
    }
  }
  return parties;
}

// Adds the opener's own unit where the command leaves it out and there is no doubt; then nothing may be missing.
Verdict Complete(const Context& context, const Procedure& procedure, const std::string& opener,
                 std::vector<v1::BoundParty>& parties) {
  for (const Party& party : procedure.parties) {
    const bool given =
        std::any_of(parties.begin(), parties.end(), [&](const v1::BoundParty& b) { return b.party() == party.name; });
    if (given || party.optional) continue;
    const bool opens = absl::c_linear_search(procedure.may_open, party.name);
    const std::vector<std::string> units = context.directory.UnitsOf(opener);
    if (opens && party.kind == PartyKind::kUnit && units.size() == 1) {
      v1::BoundParty& bound = parties.emplace_back();
      bound.set_party(party.name);
      Outcome<v1::BoundId> member = Bind(context.directory, party, units.front());
      DUBAN_REQUIRE(member);
      *bound.add_bound() = std::move(*member);
      continue;
    }
    return Reject(Kind::kInvalid, "MISSING_PARTY",
                  absl::StrCat(party.drawn ? "请给出抽取：" : "请指定", party.title.zh(), "（", party.name,
                               party.drawn ? "=draws/…" : "", "）"),
                  absl::StrCat("party ", party.name, " must be given", party.drawn ? ", by its draw" : ""),
                  {{"party", party.name}});
  }
  return Nothing{};
}

Verdict CheckFields(const Context& context, const Procedure& procedure, const v1::OpenCaseRequest& command) {
  std::set<std::string> given;
  for (const v1::FieldValue& value : command.fields()) {
    const Field* field = procedure.FindField(value.field());
    if (field == nullptr) return UnknownField(value.field());
    if (!given.insert(value.field()).second) return FieldTwice(*field);
    DUBAN_REQUIRE(CheckValues(procedure, *field, value, context.directory));
  }
  for (const Field& field : procedure.fields) {
    const bool has = std::any_of(command.fields().begin(), command.fields().end(), [&](const v1::FieldValue& v) {
      return v.field() == field.name && !v.values().empty();
    });
    if (!field.required || has) continue;
    return Reject(Kind::kInvalid, "FIELD_REQUIRED", absl::StrCat("请填写", field.title.zh(), "（", field.name, "）"),
                  absl::StrCat("field ", field.name, " must be given"),
                  {{"field", absl::StrCat("fields.", field.name)}});
  }
  return Nothing{};
}

bool AssignedBySuperior(const Directory& directory, const Procedure& procedure, const CaseState& parties) {
  for (const std::string& opener : procedure.may_open) {
    const v1::BoundParty* from = FindBound(parties, opener);
    if (from == nullptr) continue;
    for (const v1::BoundParty& other : parties.parties()) {
      const Party* party = procedure.FindParty(other.party());
      if (other.party() == opener || party->kind != PartyKind::kUnit) continue;
      for (const v1::BoundId& below : other.bound()) {
        if (directory.IsAbove(from->bound(0).unit(), below.unit())) return true;
      }
    }
  }
  return false;
}

// From which case the new one comes: it follows up on one, or is to be a part, where the command says so; it is at
// least as secret as that.
Outcome<Origin> OriginOf(const Context& context, const Draft& draft, const Procedure& procedure, const Actor& actor,
                         const v1::OpenCaseRequest& command, const Opener& opener) {
  const std::string& follows = opener.follows;
  const Burden* burden = opener.burden.has_value() ? &*opener.burden : nullptr;
  const bool weighed = opener.weighed;
  const bool said = command.secrecy() != v1::SECRECY_UNSPECIFIED;
  const v1::Secrecy secrecy = said ? command.secrecy() : procedure.secrecy;
  if (!follows.empty()) {
    const Outcome<const CaseState*> before = FindOther(context, draft, actor, follows);
    DUBAN_REQUIRE(before);
    return Origin{follows, v1::LINK_KIND_FOLLOW_UP, 0, Higher(secrecy, (*before)->secrecy()), burden, weighed};
  }
  if (command.part_of().empty()) return Origin{"", v1::LINK_KIND_UNSPECIFIED, 0, secrecy, burden, weighed};
  const Outcome<const CaseState*> whole = FindOther(context, draft, actor, command.part_of());
  DUBAN_REQUIRE(whole);
  const CaseState& of = **whole;
  DUBAN_REQUIRE(
      FindOpener(*context.procedures.Find(of.procedure(), of.procedure_version()), of, context.directory, actor));
  DUBAN_REQUIRE(CheckPart(context, procedure, nullptr, of, command.weight(),
                          [&](absl::string_view name) { return draft.Look(name); }));
  return Origin{
      of.name(), v1::LINK_KIND_PART, std::max<int64_t>(1, command.weight()), Higher(secrecy, of.secrecy()), burden,
      weighed};
}

}  // namespace

Outcome<Decision> DecideOpen(const Context& context, const v1::OpenCaseRequest& command, const Opener& opener) {
  const Procedure* procedure = context.procedures.Newest(command.procedure());
  if (procedure == nullptr) {
    return Reject(
        Kind::kNotFound, "PROCEDURE_NOT_FOUND",
        absl::StrCat("没有规程“", command.procedure(), "”；已发布的规程可用 duban procedure list 查看"),
        absl::StrCat("there is no procedure \"", command.procedure(), "\"; duban procedure list shows those published"),
        {{"procedure", command.procedure()}});
  }
  DUBAN_REQUIRE(CheckRemarks(command.reason(), ""));
  DUBAN_REQUIRE(CheckRemarks(command.override_reason(), ""));
  DUBAN_REQUIRE(CheckSecrecy(command.secrecy()));
  const Actor actor = ActorOf(context);
  Outcome<std::vector<v1::BoundParty>> parties = BindGiven(context, *procedure, command);
  DUBAN_REQUIRE(parties);
  DUBAN_REQUIRE(Complete(context, *procedure, actor.person, *parties));

  const CaseState bound = WithParties(*parties);
  const Outcome<Capacity> capacity = FindOpener(*procedure, bound, context.directory, actor);
  DUBAN_REQUIRE(capacity);
  DUBAN_REQUIRE(CheckParties(*procedure, context.directory, bound));
  DUBAN_REQUIRE(CheckFields(context, *procedure, command));

  Draft draft(context);
  draft.OpensAllTheSame(command.override_reason(), !opener.read_by_others);
  const Outcome<Origin> origin = OriginOf(context, draft, *procedure, actor, command, opener);
  DUBAN_REQUIRE(origin);
  std::string name;
  std::vector<v1::FieldValue> fields;
  for (const v1::FieldValue& field : command.fields()) {
    if (!field.values().empty()) fields.push_back(field);
  }
  DUBAN_REQUIRE(draft.Open(*procedure, std::move(*parties), std::move(fields), *origin,
                           AssignedBySuperior(context.directory, *procedure, bound), &name, capacity->on_behalf_of));
  DUBAN_REQUIRE(draft.FireDue(*draft.Find(name), context.now));
  return draft.Finish();
}

}  // namespace duban::engine
