#include "engine/cases/checks.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/cases/audience.h"
#include "engine/cases/built_in.h"
#include "engine/cases/draft.h"

namespace duban::engine {
namespace {

// Whose right it is that a person has by delegation alone; empty when it is his own, or he has none.
std::string LenderOf(const Directory& directory, const std::string& person, const std::string& right) {
  const auto carries = [&](const v1::Post* post) { return absl::c_linear_search(post->rights(), right); };
  const std::vector<const v1::Post*> own = directory.PostsOf(person);
  if (std::any_of(own.begin(), own.end(), carries)) return "";
  for (const LentPost& lent : directory.LentTo(person)) {
    if (carries(lent.post)) return lent.holder;
  }
  return "";
}

const char* Prefix(PartyKind kind) {
  switch (kind) {
    case PartyKind::kUnit:
      return "units/";
    case PartyKind::kPost:
      return "posts/";
    case PartyKind::kPerson:
      return "persons/";
  }
  return "";
}

}  // namespace

Outcome<v1::BoundId> Bind(const Directory& directory, const Party& party, const std::string& id) {
  v1::BoundId bound;
  bound.set_id(id);
  const bool right_kind = absl::StartsWith(id, Prefix(party.kind));
  if (const v1::Unit* unit = directory.FindUnit(id); right_kind && unit != nullptr) {
    bound.set_unit(id);
    bound.set_title(unit->title());
    return bound;
  }
  if (const v1::Post* post = directory.FindPost(id); right_kind && post != nullptr) {
    bound.set_unit(post->unit());
    bound.set_title(post->title());
    return bound;
  }
  if (const v1::Person* person = directory.FindPerson(id); right_kind && person != nullptr) {
    const std::vector<std::string> units = directory.UnitsOf(id);
    if (!units.empty()) bound.set_unit(units.front());
    bound.set_title(person->title());
    return bound;
  }
  return Reject(
      Kind::kInvalid, "PARTY_ID_UNKNOWN",
      absl::StrCat(party.title.zh(), "“", id, "”在机构目录中找不到，应为 ", Prefix(party.kind), "…"),
      absl::StrCat(party.name, ": \"", id, "\" is not in the directory; ", Prefix(party.kind), "… is expected"),
      {{"party", party.name}, {"id", id}});
}

Actor ActorOf(const Context& context) {
  Actor actor{context.entered_for.empty() ? context.actor : context.entered_for,
              context.entered_for.empty() ? "" : context.actor, ""};
  // Typing for others, and what happened earlier, takes the right `enter`: one's own, or that of somebody who lends it.
  const bool enters = !context.entered_for.empty() || context.occurred < context.now;
  if (enters && !context.actor.empty()) actor.lent_by = LenderOf(context.directory, context.actor, kRightEnter);
  return actor;
}

Outcome<Capacity> FindOpener(const Procedure& procedure, const CaseState& state, const Directory& directory,
                             const Actor& actor) {
  return FindCapacity(procedure, state, directory, OpenersOf(procedure), actor);
}

CaseState WithParties(const std::vector<v1::BoundParty>& parties) {
  CaseState bound;
  bound.set_round(1);
  for (const v1::BoundParty& party : parties) *bound.add_parties() = party;
  return bound;
}

Verdict CheckParties(const Procedure& procedure, const Directory& directory, const CaseState& bound) {
  for (const Party& party : procedure.parties) DUBAN_REQUIRE(CheckBinding(procedure, bound, directory, party));
  if (AudienceOf(procedure, bound).size() <= limits::kAudienceMax) return Nothing{};
  return Reject(
      Kind::kInvalid, "TOO_MANY_PARTIES", absl::StrCat("参与方总数超过 ", limits::kAudienceMax - 1, "，请减少"),
      absl::StrCat("more than ", limits::kAudienceMax - 1, " units, posts and persons take part; name fewer"));
}

Rejection UnknownField(const std::string& field) {
  return Reject(
      Kind::kInvalid, "UNKNOWN_FIELD", absl::StrCat("规程没有字段“", field, "”，请去掉，或改用规程中的字段名"),
      absl::StrCat("the procedure has no field \"", field, "\"; leave it out, or use a name that the procedure has"),
      {{"field", absl::StrCat("fields.", field)}});
}

Rejection FieldTwice(const Field& field) {
  return Reject(Kind::kInvalid, "FIELD_TWICE",
                absl::StrCat(field.title.zh(), "（", field.name, "）重复给出，请把它的值合在一处"),
                absl::StrCat("field ", field.name, " is given twice; give all its values in one entry"),
                {{"field", absl::StrCat("fields.", field.name)}});
}

Rejection OccurredTooEarly(const Zone& zone, Instant earliest) {
  const std::string shown = zone.Format(earliest + absl::Minutes(1) - kTick);  // A minute that will do.
  return Reject(Kind::kInvalid, "OCCURRED_TOO_EARLY",
                absl::StrCat("发生时间早于它所依据的事（", shown, "），请改为此后的时间"),
                absl::StrCat("occurred_at lies before what this follows from (", shown, "); give a later instant"),
                {{"field", "occurred_at"}, {"earliest", shown}});
}

Rejection CaseIsOver(const CaseState& state) {
  return Reject(Kind::kState, "CASE_ENDED", "事项已经结束，不能再办", "the case has ended; nothing more can be done",
                {{"case", state.name()}});
}

Rejection MissingReason() {
  return Reject(Kind::kInvalid, "MISSING_NEED", "请补充：理由", "missing: reason", {{"needs", "reason"}});
}

Verdict CheckRemarks(absl::string_view reason, absl::string_view note) {
  const bool reason_long = reason.size() > limits::kReasonBytesMax;
  if (!reason_long && note.size() <= limits::kReasonBytesMax) return Nothing{};
  return Reject(
      Kind::kInvalid, "TEXT_TOO_LONG",
      absl::StrCat(reason_long ? "理由" : "备注", "超过 ", limits::kReasonBytesMax, " 字节（约 ",
                   limits::kReasonBytesMax / 3, " 个汉字），请缩短"),
      absl::StrCat(reason_long ? "reason" : "note", " is longer than ", limits::kReasonBytesMax, " bytes; shorten it"),
      {{"field", reason_long ? "reason" : "note"}});
}

}  // namespace duban::engine
