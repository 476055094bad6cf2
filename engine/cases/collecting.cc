#include "engine/cases/collecting.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/cases/built_in.h"
#include "engine/cases/checks.h"
#include "engine/cases/counting.h"
#include "engine/cases/evolve.h"
#include "engine/cases/fields.h"

namespace duban::engine {
namespace {

const Collect& CollectOf(const Procedure& procedure, const CaseState& state) {
  const Stage* stage = procedure.FindStage(state.collecting().began().collect());
  DUBAN_CHECK(stage != nullptr && stage->collect.has_value(), "a case keeps its procedure's version while it collects");
  return *stage->collect;
}

// The persons that roles stand for now. A vacant post is nobody: nobody else rates, or is rated, in its place.
std::vector<std::string> PersonsOf(const std::vector<Role>& roles, const CaseState& state, const Directory& directory) {
  std::vector<std::string> persons;
  const auto add_holders = [&](absl::string_view post_name) {
    const v1::Post* post = directory.FindPost(post_name);
    if (post != nullptr) persons.insert(persons.end(), post->holders().begin(), post->holders().end());
  };
  const auto add_head = [&](absl::string_view unit_name) {
    const v1::Unit* unit = directory.FindUnit(unit_name);
    if (unit != nullptr) add_holders(unit->head());
  };
  for (const Role& role : roles) {
    const v1::BoundParty* bound = FindBound(state, role.party);
    if (bound == nullptr) continue;
    for (const v1::BoundId& member : bound->bound()) {
      const v1::Unit* unit = directory.FindUnit(member.unit());
      if (role.head) {
        add_head(member.unit());
      } else if (role.superior && unit != nullptr) {
        for (const std::string& superior : unit->superiors()) add_head(superior);
      } else if (directory.FindUnit(member.id()) != nullptr) {
        for (const auto& [name, post] : directory.posts()) {
          if (post.unit() == member.id()) add_holders(name);
        }
      } else if (directory.FindPerson(member.id()) != nullptr) {
        persons.push_back(member.id());
      } else {
        add_holders(member.id());
      }
    }
  }
  return persons;
}

const v1::ElectorGroup* GroupOf(const v1::CollectBegan& began, absl::string_view person) {
  for (const v1::ElectorGroup& group : began.groups()) {
    if (std::binary_search(group.electors().begin(), group.electors().end(), person)) return &group;
  }
  return nullptr;
}

bool HasVoted(const CaseState& state, absl::string_view person) {
  const auto& cast = state.collecting().cast();
  return std::binary_search(cast.begin(), cast.end(), person);
}

// Whom the groups come to; each person in the first that has him.
void FillGroups(const Context& context, const Collect& collect, const CaseState& state, v1::CollectBegan& began) {
  const std::vector<std::string> rated = PersonsOf({collect.rated}, state, context.directory);
  std::set<std::string> taken(rated.begin(), rated.end());
  for (const RaterGroup& group : collect.groups) {
    v1::ElectorGroup& out = *began.add_groups();
    out.set_group(group.name);
    *out.mutable_title() = group.title;
    out.set_weight(group.weight);
    std::set<std::string> electors;
    for (std::string& person : PersonsOf(group.of, state, context.directory)) {
      if (taken.insert(person).second) electors.insert(std::move(person));
    }
    for (const std::string& person : electors) out.add_electors(person);
  }
}

Verdict CheckElectorate(const Collect& collect, const v1::CollectBegan& began) {
  const auto electors = static_cast<size_t>(ElectorsIn(began));
  for (const v1::ElectorGroup& group : began.groups()) {
    if (!group.electors().empty() || (collect.renormalise && electors > 0)) continue;
    return Reject(
        Kind::kState, "NOBODY_TO_RATE",
        absl::StrCat("评议主体“", group.title().zh(),
                     "”现在没有人（岗位空缺，或只有被评议人本人），不能开始评议；"
                     "请先核对参与方与名录"),
        absl::StrCat("group \"", group.group(),
                     "\" has nobody now (vacant posts, or only the one who is rated); look at the parties and "
                     "the directory first"),
        {{"group", group.group()}});
  }
  if (electors > limits::kElectorsMax) {
    return Reject(Kind::kState, "TOO_MANY_ELECTORS",
                  absl::StrCat("参加评议的有 ", electors, " 人，最多 ", limits::kElectorsMax, " 人；请分开评议"),
                  absl::StrCat(electors, " persons would rate; at most ", limits::kElectorsMax, ": split it"),
                  {{"electors", absl::StrCat(electors)}});
  }
  if (collect.secret && electors < static_cast<size_t>(collect.smallest_group)) {
    return Reject(Kind::kState, "TOO_FEW_ELECTORS",
                  absl::StrCat("参加评议的只有 ", electors, " 人，少于 ", collect.smallest_group,
                               " 人，无法不记名；请增加评议主体的人员"),
                  absl::StrCat("only ", electors, " would rate; with fewer than ", collect.smallest_group,
                               " ballots are not secret: have more of them"),
                  {{"electors", absl::StrCat(electors)}, {"least", absl::StrCat(collect.smallest_group)}});
  }
  return Nothing{};
}

// Whoever is rated does not see who has voted: he is none of those who open the case, nor above them.
Verdict CheckRated(const Context& context, const Procedure& procedure, const Collect& collect, const CaseState& state) {
  const Party& party = *procedure.FindParty(collect.rated.party);
  const std::vector<std::string> rated = PersonsOf({collect.rated}, state, context.directory);
  if (rated.empty()) {
    return Reject(Kind::kState, "NOBODY_TO_RATE",
                  absl::StrCat("被评议的", party.title.zh(), "现在空缺，不能开始评议；请先核对名录"),
                  absl::StrCat("who is to be rated (", party.name, ") is vacant; look at the directory first"),
                  {{"party", party.name}});
  }
  Ids tellers = TellersOf(procedure, state);
  std::erase_if(tellers, [](const std::string& id) { return absl::StartsWith(id, "rights/"); });
  for (const std::string& person : rated) {
    if (!Admits(tellers, context.directory.ViewerIds(person))) continue;
    return Reject(
        Kind::kState, "RATED_WOULD_SEE",
        absl::StrCat("被评议的", party.title.zh(), "属于发起单位或在其之上，会看到谁已投票；请由其他单位组织评议"),
        absl::StrCat("who is rated (", party.name,
                     ") belongs to those who open the case or stands above them, and would see who has voted; "
                     "let another office hold it"),
        {{"party", party.name}});
  }
  return Nothing{};
}

Verdict CheckHimself(const Context& context, const v1::CollectBegan& began, const CaseState& state,
                     const Actor& actor) {
  if (!actor.entered_by.empty() || context.occurred < context.now) {
    return Reject(Kind::kForbidden, "BALLOT_NOT_IN_PERSON", "评议须由本人当时投票，不能代录、代办或补录",
                  "a ballot is handed in by the person himself, now: not typed by another and not entered late");
  }
  if (GroupOf(began, actor.person) == nullptr) {
    return Reject(Kind::kForbidden, "NOT_AN_ELECTOR",
                  "您不在本次评议的人员之列：人员在评议开始时已确定，被评议人不参加，代办也不带来投票权",
                  "you are none of those who rate: they were fixed when it began, the one rated is none of them, and "
                  "standing in for one gives no vote");
  }
  if (!HasVoted(state, actor.person)) return Nothing{};
  return Reject(Kind::kExists, "ALREADY_VOTED", "您已投过票；每人一票，投出后不能更改",
                "you have voted already: one ballot each, and it cannot be changed");
}

Rejection TakesNo(absl::string_view zh, absl::string_view field) {
  return Reject(Kind::kInvalid, "FIELD_NOT_TAKEN", absl::StrCat("评议票不填写", zh, "，请去掉"),
                absl::StrCat("a ballot takes no ", field, "; leave it out"), {{"field", std::string(field)}});
}

// The answers as the box keeps them, in the order of the questions.
Outcome<v1::Ballot> ReadBallot(const Context& context, const Procedure& procedure, const Collect& collect,
                               const v1::ActOnCaseRequest& command) {
  if (!command.reason().empty()) return TakesNo("理由", "reason");
  if (!command.note().empty()) return TakesNo("备注", "note");
  std::vector<const v1::FieldValue*> given(collect.asks.size(), nullptr);
  for (const v1::FieldValue& answer : command.fields()) {
    const auto ask = std::find_if(collect.asks.begin(), collect.asks.end(),
                                  [&](const Field& one) { return one.name == answer.field(); });
    if (ask == collect.asks.end()) return UnknownField(answer.field());
    const v1::FieldValue*& place = given[static_cast<size_t>(ask - collect.asks.begin())];
    if (place != nullptr) return FieldTwice(*ask);
    DUBAN_REQUIRE(CheckValues(procedure, *ask, answer, context.directory));
    if (!answer.values().empty()) place = &answer;
  }
  v1::Ballot ballot;
  std::vector<std::string> missing_zh, missing;
  for (size_t i = 0; i < given.size(); ++i) {
    const Field& ask = collect.asks[i];
    if (given[i] == nullptr) {
      missing_zh.push_back(ask.title.zh());
      missing.push_back(ask.name);
      continue;
    }
    std::optional<std::string> answer = AnswerInBox(given[i]->values(0).number());
    if (!answer.has_value()) {
      return Reject(Kind::kInvalid, "FIELD_VALUE_INVALID",
                    absl::StrCat("“", ask.title.zh(), "”最多 ", limits::kAnswerDecimalsMax, " 位小数"),
                    absl::StrCat("\"", ask.name, "\" takes at most ", limits::kAnswerDecimalsMax, " decimal places"),
                    {{"field", absl::StrCat("fields.", ask.name)}});
    }
    v1::FieldValue& kept = *ballot.add_answers();
    kept.set_field(ask.name);
    kept.add_values()->set_number(*std::move(answer));
  }
  if (missing.empty()) return ballot;
  return Reject(Kind::kInvalid, "MISSING_NEED", absl::StrCat("请补充：", absl::StrJoin(missing_zh, "、")),
                absl::StrCat("missing: ", absl::StrJoin(missing, ", ")), {{"needs", absl::StrJoin(missing, ",")}});
}

Verdict Vote(const Context& context, CaseDraft& on, const Actor& actor, const v1::ActOnCaseRequest& command) {
  const v1::CollectBegan& began = on.state.collecting().began();
  const Collect& collect = CollectOf(*on.procedure, on.state);
  DUBAN_REQUIRE(CheckHimself(context, began, on.state, actor));
  Outcome<v1::Ballot> ballot = ReadBallot(context, *on.procedure, collect, command);
  DUBAN_REQUIRE(ballot);
  ballot->set_group(GroupOf(began, actor.person)->group());
  if (!began.secret()) ballot->set_person(actor.person);
  std::optional<v1::BallotBox> box = context.boxes->Open(on.state);
  if (!box.has_value()) {
    return Reject(
        Kind::kState, "BALLOT_BOX_LOST",
        "票箱的密钥已不在，此前的票无法再打开，不能继续投票；请发起单位结束本次评议后重新组织",
        "the key of the ballot box is gone: what was handed in cannot be opened any more. Those who opened the "
        "case have to end this and begin again");
  }
  *box->add_ballots() = *std::move(ballot);
  std::sort(box->mutable_ballots()->pointer_begin(), box->mutable_ballots()->pointer_end(),
            [](const v1::Ballot* a, const v1::Ballot* b) { return a->SerializeAsString() < b->SerializeAsString(); });
  v1::Event event;
  v1::BallotCast& cast = *event.mutable_ballot_cast();
  cast.set_collect(began.collect());
  cast.set_person(actor.person);
  *cast.mutable_at() = ToProto(context.occurred);
  *cast.mutable_box() = context.boxes->Seal(on.state, *box);
  on.Emit(std::move(event));
  return Nothing{};
}

Verdict CloseEarly(const Context& context, Draft& draft, CaseDraft& on, const Actor& actor,
                   const v1::ActOnCaseRequest& command) {
  const Outcome<Capacity> capacity = FindOpener(*on.procedure, on.state, context.directory, actor);
  DUBAN_REQUIRE(capacity);
  if (!command.fields().empty()) return UnknownField(command.fields(0).field());
  // It is the timed move, come early: what holds that holds this.
  if (on.state.objections() > 0) {
    return Reject(Kind::kState, "OBJECTION_STANDS", "有异议尚未处理，不能计票；请先处理异议",
                  "an objection stands, so nothing is counted yet; settle it first",
                  {{"objections", absl::StrCat(on.state.objections())}});
  }
  if (!AllVoted(on.state)) {
    return Reject(Kind::kState, "NOT_ALL_VOTED", "还有人没有投票，请等全部投完或到截止时间",
                  "not everybody has voted; wait until all have, or for the close",
                  {{"missing", absl::StrCat(NotVoted(on.state).size())}});
  }
  Closing closing = CountNow(context, on, context.occurred);
  v1::Event event;
  v1::ActionTaken& taken = *event.mutable_action_taken();
  taken.set_action(kCloseCollecting);
  Sign(context, actor, *capacity, command.reason(), taken);
  taken.set_party(capacity->party);
  taken.set_note(command.note());
  on.Emit(std::move(event));
  return CloseCollecting(draft, on, std::move(closing), context.occurred);
}

}  // namespace

std::optional<v1::BallotBox> OpenBoxes::Open(const CaseState& state) {
  if (!state.collecting().has_box()) return v1::BallotBox();
  const auto found = boxes_.find(state.collecting().box().key_id());
  if (found == boxes_.end()) return std::nullopt;
  return found->second;
}

v1::Sealed OpenBoxes::Seal(const CaseState& state, const v1::BallotBox& box) {
  v1::Sealed sealed;
  sealed.set_key_id(absl::StrCat(state.name(), "/", state.revision() + 1));
  boxes_[sealed.key_id()] = box;
  return sealed;
}

Verdict BeginCollecting(const Context& context, CaseDraft& draft, const Stage& stage, Instant at) {
  const Collect& collect = *stage.collect;
  v1::Event event;
  v1::CollectBegan& began = *event.mutable_collect_began();
  began.set_collect(stage.name);
  *began.mutable_at() = ToProto(at);
  began.set_secret(collect.secret);
  FillGroups(context, collect, draft.state, began);
  DUBAN_REQUIRE(CheckRated(context, *draft.procedure, collect, draft.state));
  DUBAN_REQUIRE(CheckElectorate(collect, began));
  if (FindFieldState(draft.state, collect.result) != nullptr) {
    v1::Event cleared;
    cleared.mutable_fields_set()->add_fields()->set_field(collect.result);
    draft.Emit(std::move(cleared));
  }
  draft.Emit(std::move(event));
  return Nothing{};
}

Closing CountNow(const Context& context, const CaseDraft& draft, Instant at) {
  const duban::state::v1::Collecting& collecting = draft.state.collecting();
  const Collect& collect = CollectOf(*draft.procedure, draft.state);
  DUBAN_CHECK(context.boxes != nullptr, "who counts has been given the boxes");
  // A box that nobody can open any more is one in which too few lie.
  const v1::BallotBox box = context.boxes->Open(draft.state).value_or(v1::BallotBox());
  Closing closing;
  closing.closed = CountBallots(collect, collecting.began(), box);
  closing.closed.set_collect(collecting.began().collect());
  *closing.closed.mutable_at() = ToProto(at);
  closing.to = closing.closed.quorum() ? draft.procedure->FindStage(collecting.began().collect())->after->to
                                       : collect.below_quorum;
  return closing;
}

Verdict CloseCollecting(Draft& draft, CaseDraft& on, Closing closing, Instant at) {
  std::vector<v1::FieldValue> fields;
  if (closing.closed.quorum()) {
    v1::FieldValue& result = fields.emplace_back();
    result.set_field(CollectOf(*on.procedure, on.state).result);
    result.add_values()->set_number(closing.closed.result());
  }
  v1::Event event;
  *event.mutable_collect_closed() = std::move(closing.closed);
  on.Emit(std::move(event));
  DUBAN_REQUIRE(draft.SetFields(on, std::move(fields)));
  return draft.EnterStage(on, closing.to, at);
}

bool NamesCollecting(absl::string_view action) { return action == kVote || action == kCloseCollecting; }

Verdict DecideCollecting(const Context& context, Draft& draft, CaseDraft& on, const Actor& actor,
                         const v1::ActOnCaseRequest& command) {
  DUBAN_CHECK(context.boxes != nullptr, "who votes and counts has been given the boxes");
  return command.action() == kVote ? Vote(context, on, actor, command) : CloseEarly(context, draft, on, actor, command);
}

std::vector<v1::CaseAction> CollectingActionsOpenTo(const Context& context, const Procedure& procedure,
                                                    const CaseState& state, absl::string_view person) {
  std::vector<v1::CaseAction> out;
  if (!state.has_collecting()) return out;
  const auto add = [&](const char* name) -> v1::CaseAction& {
    v1::CaseAction& action = out.emplace_back();
    action.set_action(name);
    *action.mutable_title() = BuiltInTitle(name);
    return action;
  };
  if (GroupOf(state.collecting().began(), person) != nullptr && !HasVoted(state, person)) {
    v1::CaseAction& vote = add(kVote);
    for (const Field& ask : CollectOf(procedure, state).asks) vote.add_needs(ask.name);
  }
  const Actor actor{std::string(person), "", ""};
  const bool closes = AllVoted(state) && state.objections() == 0;
  if (closes && FindOpener(procedure, state, context.directory, actor).ok()) add(kCloseCollecting);
  return out;
}

int ElectorsIn(const v1::CollectBegan& began) {
  int electors = 0;
  for (const v1::ElectorGroup& group : began.groups()) electors += group.electors_size();
  return electors;
}

std::vector<std::string> NotVoted(const CaseState& state) {
  std::vector<std::string> out;
  for (const v1::ElectorGroup& group : state.collecting().began().groups()) {
    for (const std::string& person : group.electors()) {
      if (!HasVoted(state, person)) out.push_back(person);
    }
  }
  return out;
}

bool AllVoted(const CaseState& state) {
  return state.has_collecting() && state.collecting().cast_size() == ElectorsIn(state.collecting().began());
}

Ids TellersOf(const Procedure& procedure, const CaseState& state) {
  Ids ids = {std::string("rights/") + kRightAudit};
  for (const std::string& party : procedure.may_open) {
    const v1::BoundParty* bound = FindBound(state, party);
    if (bound == nullptr) continue;
    for (const v1::BoundId& id : bound->bound()) ids.push_back(id.id());
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

v1::CaseCollecting PresentCollecting(const Procedure& procedure, const CaseState& state, const Ids& viewer) {
  const duban::state::v1::Collecting& collecting = state.collecting();
  const bool teller = Admits(TellersOf(procedure, state), viewer);
  v1::CaseCollecting out;
  out.set_secret(collecting.began().secret());
  for (const v1::ElectorGroup& group : collecting.began().groups()) {
    v1::CaseElectors& shown = *out.add_groups();
    shown.set_group(group.group());
    *shown.mutable_title() = group.title();
    shown.set_weight(group.weight());
    shown.set_count(group.electors_size());
    if (teller) *shown.mutable_electors() = group.electors();
  }
  for (const Field& ask : CollectOf(procedure, state).asks) {
    v1::CaseAsk& shown = *out.add_asks();
    shown.set_field(ask.name);
    *shown.mutable_title() = ask.title;
    shown.set_min(ask.min.value_or(""));
    shown.set_max(ask.max.value_or(""));
  }
  for (const std::string& id : viewer) {
    if (absl::StartsWith(id, "persons/")) out.set_cast(out.cast() || HasVoted(state, id));
  }
  if (!teller) return out;
  out.set_ballots(collecting.cast_size());
  for (std::string& person : NotVoted(state)) out.add_missing(std::move(person));
  return out;
}

void MaskCollecting(const Procedure& procedure, const CaseState& state, const Ids& viewer, v1::Event& event) {
  if (event.has_collect_began() && !Admits(TellersOf(procedure, state), viewer)) {
    for (v1::ElectorGroup& group : *event.mutable_collect_began()->mutable_groups()) group.clear_electors();
  }
  if (event.has_ballot_cast()) event.mutable_ballot_cast()->clear_box();
  if (event.has_collect_closed()) MaskCollected(procedure, state, viewer, *event.mutable_collect_closed());
}

void MaskCollected(const Procedure& procedure, const CaseState& state, const Ids& viewer, v1::CollectClosed& closed) {
  const Stage* stage = procedure.FindStage(closed.collect());
  const Field* result =
      stage == nullptr || !stage->collect.has_value() ? nullptr : procedure.FindField(stage->collect->result);
  const bool sees =
      result != nullptr && (result->sees.empty() || Admits(AudienceOfField(procedure, *result, state), viewer));
  if (sees) return;
  closed.clear_result();
  closed.clear_ballots();
  for (v1::GroupResult& group : *closed.mutable_groups()) group.clear_mean();
}

}  // namespace duban::engine
