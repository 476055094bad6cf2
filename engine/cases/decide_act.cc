// Acting on a case: actions, requests and their approval, extensions, what is built in.
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "engine/base/limits.h"
#include "engine/cases/built_in.h"
#include "engine/cases/checks.h"
#include "engine/cases/collecting.h"
#include "engine/cases/decide.h"
#include "engine/cases/draft.h"
#include "engine/cases/evolve.h"
#include "engine/cases/fields.h"
#include "engine/cases/guards.h"
#include "engine/cases/links.h"
#include "engine/cases/mandate.h"
#include "engine/cases/rebinding.h"
#include "engine/cases/requests.h"
#include "engine/cases/roles.h"
#include "engine/cases/secrecy.h"
#include "engine/cases/suggestions.h"
#include "engine/procedure/span.h"

namespace duban::engine {
namespace {

using duban::state::v1::ClockState;
using duban::state::v1::RequestState;

// One command on one case, on its way through the rules.
class Acting {
 public:
  Acting(const Context& context, const CaseState& state, const v1::ActOnCaseRequest& command)
      : context_(context), command_(command), draft_(context), case_(draft_.Take(state)), actor_(ActorOf(context)) {}

  Outcome<Decision> Run() {
    DUBAN_REQUIRE(CheckRevision());
    DUBAN_REQUIRE(CheckRemarks(command_.reason(), command_.note()));
    DUBAN_REQUIRE(CheckRemarks(command_.override_reason(), ""));
    draft_.OpensAllTheSame(command_.override_reason(), true);
    DUBAN_REQUIRE(CheckSecrecy(command_.secrecy()));
    DUBAN_REQUIRE(CheckOccurred());
    DUBAN_REQUIRE(Dispatch());
    DUBAN_REQUIRE(draft_.FireDue(case_, context_.now));
    return draft_.Finish();
  }

 private:
  const CaseState& state() const { return case_.state; }
  const Procedure& procedure() const { return *case_.procedure; }

  Verdict CheckRevision() const {
    if (!command_.has_expected_revision()) return Nothing{};
    const uint64_t expected = command_.expected_revision();
    if (expected >= state().settled_revision() && expected <= state().revision()) return Nothing{};
    return Reject(Kind::kConflict, "STALE_REVISION", "事项已有新的办理情况，请刷新后再办",
                  "the case has changed since; read it again and decide anew",
                  {{"expected", absl::StrCat(expected)}, {"actual", absl::StrCat(state().revision())}});
  }

  // What is entered late happened after what it follows from: the opening, and unless it changes nothing (a remark, an
  // urge) the beginning of the stage, the start of the clocks that run, the request that it decides. Otherwise papers
  // may be typed in any order.
  Verdict CheckOccurred() const {
    Instant earliest = FromProto(state().opened_at());
    // A decision about a suggestion follows from that alone (suggestions.cc).
    const bool remarks = command_.action() == kComment || command_.action() == kAttach;
    if (!remarks && command_.action() != kUrge && !NeedsMandate(command_) &&
        !NamesSuggestion(context_.procedures, state(), command_.action())) {
      earliest = std::max(earliest, FromProto(state().stage_since()));
      for (const ClockState& clock : state().clocks()) {
        const Clock* declared = procedure().FindClock(clock.clock());
        // A report's period may begin later than what is entered late.
        if (declared != nullptr && declared->every.has_value()) continue;
        if (clock.run() != ClockState::RUN_STOPPED) earliest = std::max(earliest, FromProto(clock.from()));
      }
      for (const RequestState& request : state().requests()) {
        const bool decides = command_.action() == absl::StrCat(kApprove, request.action()) ||
                             command_.action() == absl::StrCat(kRefuse, request.action());
        if (decides) earliest = std::max(earliest, FromProto(request.at()));
      }
    }
    if (context_.occurred >= earliest) return Nothing{};
    return OccurredTooEarly(context_.zone, earliest);
  }

  Verdict Dispatch() {
    const std::string& name = command_.action();
    const bool attaches = name == kAttach && procedure().FindAction(state().stage(), name) == nullptr;
    if (!command_.files().empty() && !attaches) return FilesNotTaken();
    if (name == kComment) return Remark(kComment);
    if (name == kUrge && command_.target().empty()) return Urge();
    if (const Action* action = procedure().FindAction(state().stage(), name)) return Take(*action);
    if (attaches) return Remark(kAttach);
    if (name == kVoid) return RequestVoid();
    if (NeedsMandate(command_)) {
      DUBAN_REQUIRE(RefuseFields());
      return DecideUnderMandate(context_, draft_, case_, actor_, command_);
    }
    if (name == kMarkSecrecy) {
      DUBAN_REQUIRE(RefuseFields());
      return DecideSecrecy(context_, draft_, case_, actor_, command_);
    }
    if (NamesCollecting(name) && state().has_collecting()) {
      return DecideCollecting(context_, draft_, case_, actor_, command_);
    }
    if (NamesLink(name)) {
      DUBAN_REQUIRE(RefuseFields());
      return DecideLink(context_, draft_, case_, actor_, command_);
    }
    if (NamesRebinding(name)) {
      DUBAN_REQUIRE(RefuseFields());
      return DecideRebinding(context_, draft_, case_, actor_, command_);
    }
    if (const Clock* clock = procedure().FindExtension(name)) return RequestExtension(*clock);
    for (const RequestState& request : state().requests()) {
      const bool approved = name == absl::StrCat(kApprove, request.action());
      if (!approved && name != absl::StrCat(kRefuse, request.action())) continue;
      const bool voids = request.action() == kVoid && FindAsked(procedure(), kVoid) == nullptr;
      return voids ? DecideVoid(request, approved) : Decide(request, approved);
    }
    if (NamesSuggestion(context_.procedures, state(), name)) {
      DUBAN_REQUIRE(RefuseFields());
      return DecideSuggestion(context_, draft_, case_, actor_, command_);
    }
    return NoSuchAction(name);
  }

  // What people call an action of some stage, an extension, or a decision of a request for one.
  v1::Text TitleOf(absl::string_view name) const {
    absl::string_view base = name;
    const bool approves = absl::ConsumePrefix(&base, kApprove), refuses = absl::ConsumePrefix(&base, kRefuse);
    v1::Text title = ActionTitle(procedure(), base);
    if (approves || refuses) {
      title.set_zh(absl::StrCat(approves ? "批准" : "不同意", title.zh()));
      title.set_en(absl::StrCat(approves ? "Approve: " : "Refuse: ", title.en()));
    }
    return title;
  }

  Rejection NoSuchAction(const std::string& name) const {
    std::vector<std::string> open, zh;
    const auto with_title = [](const std::string& title, const std::string& action) {
      return title.empty() ? action : absl::StrCat(title, "（", action, "）");
    };
    for (const v1::CaseAction& action : ActionsOpenTo(context_, state(), actor_.person)) {
      open.push_back(action.action());
      zh.push_back(with_title(action.title().zh(), action.action()));
    }
    const std::string list = open.empty() ? "-" : absl::StrJoin(open, ", ");
    const std::string list_zh = open.empty() ? "无" : absl::StrJoin(zh, "、");
    const Stage* stage = procedure().FindStage(state().stage());
    const absl::string_view base = absl::StripPrefix(absl::StripPrefix(name, kApprove), kRefuse);
    const bool elsewhere = std::any_of(procedure().stages.begin(), procedure().stages.end(),
                                       [&](const Stage& s) {
                                         return procedure().FindAction(s.name, base) != nullptr ||
                                                (NamesCollecting(name) && s.collect.has_value());
                                       }) ||
                           procedure().FindExtension(base) != nullptr;
    if (elsewhere) {
      const v1::Text title = TitleOf(name);
      return Reject(Kind::kState, "WRONG_STAGE",
                    absl::StrCat("当前环节“", stage->title.zh(), "”不能办理“", with_title(title.zh(), name),
                                 "”；您现在可办：", list_zh),
                    absl::StrCat(title.en().empty() ? "" : absl::StrCat("\"", title.en(), "\" "), "(", name,
                                 ") cannot be taken in stage ", stage->name, "; open to you now: ", list),
                    {{"action", name}, {"stage", stage->name}, {"open", list}});
    }
    return Reject(Kind::kInvalid, "UNKNOWN_ACTION", absl::StrCat("规程没有操作“", name, "”；您现在可办：", list_zh),
                  absl::StrCat("the procedure has no action \"", name, "\"; open to you now: ", list),
                  {{"action", name}, {"open", list}});
  }

  static Rejection FilesNotTaken() {
    return Reject(Kind::kInvalid, "FIELD_NOT_TAKEN", "只有“附件”（attach）带 files，其他操作的文件填在字段里",
                  "files go with the action \"attach\" alone; other actions take them in their fields",
                  {{"field", "files"}});
  }

  // What is left with the case: files that are there, and room for them.
  Verdict CheckAttached() const {
    if (command_.files().empty()) return MissingNeeds({"files"});
    Field field;
    field.name = "files";
    field.title.set_zh("附件");
    field.type = FieldType::kFile;
    field.many = true;
    v1::FieldValue given;
    for (const std::string& file : command_.files()) given.add_values()->set_file(file);
    DUBAN_REQUIRE(CheckValues(procedure(), field, given, context_.directory));
    const int most = limits::kAttachmentsMax;
    if (state().attachments_size() + command_.files_size() <= most) return Nothing{};
    return Reject(Kind::kState, "TOO_MANY_ATTACHMENTS", absl::StrCat("一件事项最多 ", most, " 个附件"),
                  absl::StrCat("a case takes at most ", most, " attached files"), {{"field", "files"}});
  }

  // Every party may remark on a case, and leave files with it, after its end too.
  Verdict Remark(const std::string& action) {
    if (action == kAttach) DUBAN_REQUIRE(CheckAttached());
    if (action == kComment && command_.note().empty()) return MissingNeeds({"note"});
    DUBAN_REQUIRE(RefuseFields());
    std::vector<Role> everybody;
    for (const Party& party : procedure().parties) everybody.push_back(Role{party.name, false});
    Outcome<Capacity> capacity = FindCapacity(procedure(), state(), context_.directory, everybody, actor_);
    if (!capacity.ok()) {
      // What somebody never may decide he may still remark on; and a clerk may type what came in on paper.
      const bool stranger = capacity.rejection().reason == "NOT_YOUR_PART";
      if (stranger && !context_.directory.HasRight(context_.actor, kRightEnter)) return capacity.rejection();
      capacity = Capacity{};
    }
    EmitTaken(action, *capacity, {}, actor_, command_.reason(), command_.note());
    return Nothing{};
  }

  // 督办: whoever may open such a case may press for it while it is open.
  Verdict Urge() {
    DUBAN_REQUIRE(RefuseFields());
    if (state().end_kind() != v1::END_KIND_UNSPECIFIED) {
      return Reject(Kind::kState, "WRONG_STAGE", "事项已办结，不再督办；如有反弹，请通过回头看重新开启",
                    "the case has ended and cannot be urged", {{"action", "urge"}, {"stage", state().stage()}});
    }
    Outcome<Capacity> capacity = FindOpener(procedure(), state(), context_.directory, actor_);
    DUBAN_REQUIRE(capacity);
    if (command_.reason().empty()) return MissingNeeds({"reason"});
    EmitTaken("urge", *capacity, {}, actor_, command_.reason(), command_.note());
    return Nothing{};
  }

  // 作废: one of those who may open such cases asks, another of them decides, and the case ends where it stands.
  Verdict RequestVoid() {
    if (state().end_kind() != v1::END_KIND_UNSPECIFIED) return CaseIsOver(state());
    DUBAN_REQUIRE(RefuseFields());
    const Outcome<Capacity> capacity = FindOpener(procedure(), state(), context_.directory, actor_);
    DUBAN_REQUIRE(capacity);
    if (command_.reason().empty()) return MissingNeeds({"reason"});
    return Request(kVoid, *capacity, false);
  }

  Verdict DecideVoid(const RequestState& pending, bool approved) {
    const RequestState request = pending;  // Folding the decision removes it from the state.
    const Outcome<Capacity> capacity = FindOpener(procedure(), state(), context_.directory, actor_);
    DUBAN_REQUIRE(capacity);
    DUBAN_REQUIRE(CheckDecision(request, *capacity, approved));
    EmitDecided(request, *capacity, approved);
    if (approved) draft_.End(case_, v1::END_KIND_CANCELLED, context_.occurred);
    return Nothing{};
  }

  Verdict Take(const Action& action) {
    // A case may end in a stage that does not say so: merged, made void.
    if (state().end_kind() != v1::END_KIND_UNSPECIFIED) return CaseIsOver(state());
    Outcome<Capacity> capacity = FindCapacity(procedure(), state(), context_.directory, action.by, actor_);
    DUBAN_REQUIRE(capacity);
    DUBAN_REQUIRE(CheckClaimed(*capacity));
    DUBAN_REQUIRE(CheckGuards(action));
    DUBAN_REQUIRE(CheckCap(action.name, action.title, action.at_most));
    DUBAN_REQUIRE(CheckGiven(action.needs, action.takes));
    const Hands hands = HandsIn(actor_, *capacity);
    DUBAN_REQUIRE(CheckSomebodyLeft(procedure(), state(), action.name, hands));
    if (!action.approved_by.empty()) {
      DUBAN_REQUIRE(CheckDeciderLeft(procedure(), state(), context_.directory, action.approved_by, hands));
      return Request(action.name, *capacity, false);
    }
    return TakeEffect(action, *capacity, Given(), actor_, command_.reason(), command_.note());
  }

  // What an action does, whether it was taken at once or approved later.
  Verdict TakeEffect(const Action& action, const Capacity& capacity, std::vector<v1::FieldValue> fields,
                     const Actor& by, const std::string& reason, const std::string& note) {
    if (!HasWay(procedure(), state(), action)) {
      return Reject(Kind::kState, "NO_PREVIOUS_STAGE",
                    absl::StrCat("本轮尚未经过别的环节，“", action.title.zh(), "”无处可回"),
                    absl::StrCat("the case has been in no other stage of this round, so \"", action.name,
                                 "\" has nowhere to go back to"),
                    {{"action", action.name}});
    }
    const std::string to = action.to == "previous" ? state().previous_stage() : action.to;
    for (const auto& [name, written] : action.sets) {
      const Field* field = procedure().FindField(name);
      Outcome<v1::Value> value = ParseWritten(*field, written);
      DUBAN_REQUIRE(value);
      v1::FieldValue& set = fields.emplace_back();
      set.set_field(name);
      *set.add_values() = std::move(*value);
    }
    const std::vector<v1::FieldValue> given = fields;
    DUBAN_REQUIRE(draft_.SetFields(case_, std::move(fields)));
    EmitTaken(action.name, capacity, action, by, reason, note);
    DUBAN_REQUIRE(PassToSuperior(context_, case_, action.rebinds_superior, command_.target(), reason));
    DUBAN_REQUIRE(draft_.MeetOnTheWay(case_, given, context_.occurred));
    DUBAN_REQUIRE(draft_.AfterAction(case_, action, context_.occurred));
    return to.empty() ? Nothing{} : draft_.EnterStage(case_, to, context_.occurred);
  }

  Verdict RequestExtension(const Clock& clock) {
    const ClockState* known = FindClockState(state(), clock.name);
    if (known == nullptr || known->run() == ClockState::RUN_STOPPED) {
      return Reject(
          Kind::kState, "CLOCK_NOT_RUNNING", absl::StrCat("“", clock.title.zh(), "”当前没有在计时，没有时限可延"),
          absl::StrCat("clock ", clock.name, " does not run, so it cannot be extended"), {{"clock", clock.name}});
    }
    const Extension& extend = *clock.extend;
    Outcome<Capacity> capacity = FindCapacity(procedure(), state(), context_.directory, extend.by, actor_);
    DUBAN_REQUIRE(capacity);
    DUBAN_REQUIRE(CheckClaimed(*capacity));
    DUBAN_REQUIRE(CheckCap(extend.action, extend.title, extend.at_most));
    DUBAN_REQUIRE(CheckGiven(extend.needs, {}));
    const v1::Value* due = ProposedDue(clock, command_.fields());
    if (due == nullptr) return MissingNeeds({clock.due_field.empty() ? "due" : clock.due_field});
    if (known->has_due() && DueOfValue(*due, context_.zone) <= FromProto(known->due())) {
      return Reject(Kind::kInvalid, "NOT_LATER", "延期后的时限应晚于现在的时限，请另择日期",
                    "the new due date must be later than the present one; choose another", {{"clock", clock.name}});
    }
    DUBAN_REQUIRE(CheckReach(clock, *known, *due, false));
    const bool after_due =
        known->stays_late() || (known->has_due() ? context_.occurred > FromProto(known->due()) : known->late());
    return Request(extend.action, *capacity, after_due);
  }

  // What one extension may reach, counted from the due instant that holds; of a clock that is suspended, from the one
  // that it would have if it went on now.
  Verdict CheckReach(const Clock& clock, const ClockState& known, const v1::Value& proposed, bool asked) const {
    if (!clock.extend->by_at_most.has_value()) return Nothing{};
    Instant due = FromProto(known.due());
    if (!known.has_due()) {
      const Outcome<Instant> with =
          context_.calendar.DueWith(context_.occurred, known.remaining(), known.day_kind(), context_.zone);
      DUBAN_REQUIRE(with);
      due = *with;
    }
    const Outcome<Instant> latest =
        context_.calendar.DueAfter(due, *clock.extend->by_at_most, /*count_first=*/false, context_.zone);
    DUBAN_REQUIRE(latest);
    if (DueOfValue(proposed, context_.zone) <= *latest) return Nothing{};
    const v1::Text span = SpanText(*clock.extend->by_at_most);
    const std::string now = context_.zone.Format(due), last = context_.zone.Format(*latest);
    return Reject(
        Kind::kState, "EXTENSION_TOO_LONG",
        absl::StrCat("“", clock.extend->title.zh(), "”一次不超过 ", span.zh(), "：现时限 ", now, "，最迟可延至 ", last,
                     asked ? "，请驳回该申请" : "，请另择日期"),
        absl::StrCat("one extension of ", clock.name, " takes at most ", span.en(), ": it is due at ", now,
                     " and may be put off to ", last, " at the latest; ", asked ? "refuse" : "choose another date"),
        {{"clock", clock.name}, {"by_at_most", span.en()}, {"due", now}, {"latest", last}});
  }

  // The value that says to when: the clock's own field, or the first date or instant proposed.
  const v1::Value* ProposedDue(const Clock& clock,
                               const google::protobuf::RepeatedPtrField<v1::FieldValue>& fields) const {
    for (const v1::FieldValue& given : fields) {
      if (given.values().empty() || (!clock.due_field.empty() && given.field() != clock.due_field)) continue;
      if (given.values(0).has_date() || given.values(0).has_instant()) return &given.values(0);
    }
    return nullptr;
  }

  Verdict Request(const std::string& action, const Capacity& capacity, bool after_due) {
    if (IsPending(state(), action)) {
      return Reject(Kind::kState, "REQUEST_PENDING", absl::StrCat("“", action, "”的申请正在等待审批，请等候审批"),
                    absl::StrCat("a request for \"", action, "\" waits for approval already; wait for the decision"),
                    {{"action", action}});
    }
    if (static_cast<size_t>(state().requests_size()) >= limits::kRequestsOpenMax) {
      return Reject(
          Kind::kState, "TOO_MANY_REQUESTS",
          absl::StrCat("待审批的申请已有 ", limits::kRequestsOpenMax, " 件，请等候审批"),
          absl::StrCat(limits::kRequestsOpenMax, " requests wait for approval already; wait for the decisions"));
    }
    v1::Event event;
    v1::ApprovalRequested& asked = *event.mutable_approval_requested();
    asked.set_action(action);
    Sign(context_, actor_, capacity, command_.reason(), asked);
    asked.set_party(capacity.party);
    *asked.mutable_proposed() = command_.fields();
    asked.set_after_due(after_due);
    case_.Emit(std::move(event));
    return Nothing{};
  }

  Verdict Decide(const RequestState& pending, bool approved) {
    const RequestState request = pending;  // Folding the decision removes it from the state.
    const Clock* clock = procedure().FindExtension(request.action());
    const Action* here = AskedForHere(procedure(), state(), request);
    const Action* action = here != nullptr ? here : FindAsked(procedure(), request.action());
    const std::vector<Role>& deciders = clock != nullptr ? clock->extend->approved_by : action->approved_by;
    Outcome<Capacity> capacity = FindCapacity(procedure(), state(), context_.directory, deciders, actor_);
    DUBAN_REQUIRE(capacity);
    DUBAN_REQUIRE(CheckClaimed(*capacity));
    DUBAN_REQUIRE(CheckDecision(request, *capacity, approved));
    if (approved && clock == nullptr && here == nullptr) {
      return NoSuchAction(command_.action());  // The case has moved on: the request can only be refused.
    }
    if (approved && clock == nullptr) {
      DUBAN_REQUIRE(CheckSomebodyLeft(procedure(), state(), request.action(), HandsIn(actor_, *capacity)));
    }
    EmitDecided(request, *capacity, approved);
    if (!approved) return Nothing{};
    const Actor asker{request.person(), request.entered_by(), ""};
    const Capacity asked{request.party(), "", request.on_behalf_of()};
    std::vector<v1::FieldValue> proposed(request.proposed().begin(), request.proposed().end());
    if (clock != nullptr) return Extend(*clock, request, std::move(proposed), asker);
    return TakeEffect(*action, asked, std::move(proposed), asker, request.reason(), "");
  }

  // Somebody else than who asked, with a reason where it is refused.
  Verdict CheckDecision(const RequestState& request, const Capacity& capacity, bool approved) const {
    DUBAN_REQUIRE(RefuseFields());
    if (HadAHandIn(request, actor_, capacity)) {
      return Reject(Kind::kForbidden, "FORBIDDEN_SAME_PERSON", "申请人不得审批本人的申请，请由他人审批",
                    "whoever asked may not decide; another person has to", {{"action", request.action()}});
    }
    if (!approved && command_.reason().empty()) return MissingNeeds({"reason"});
    return Nothing{};
  }

  void EmitDecided(const RequestState& request, const Capacity& capacity, bool approved) {
    v1::Event event;
    v1::ApprovalDecided& decided = *event.mutable_approval_decided();
    decided.set_action(request.action());
    decided.set_approved(approved);
    Sign(context_, actor_, capacity, command_.reason(), decided);
    decided.set_party(capacity.party);
    case_.Emit(std::move(event));
  }

  Verdict Extend(const Clock& clock, const RequestState& request, std::vector<v1::FieldValue> proposed,
                 const Actor& asker) {
    const ClockState* known = FindClockState(state(), clock.name);
    if (known == nullptr || known->run() == ClockState::RUN_STOPPED) {
      return Reject(Kind::kState, "CLOCK_NOT_RUNNING", absl::StrCat("“", clock.title.zh(), "”已停止计时，请驳回该申请"),
                    absl::StrCat("clock ", clock.name, " has stopped; refuse the request"), {{"clock", clock.name}});
    }
    const v1::Value due = *ProposedDue(clock, request.proposed());
    if (known->has_due() && DueOfValue(due, context_.zone) <= FromProto(known->due())) {
      const std::string present = context_.zone.Format(FromProto(known->due()));
      return Reject(Kind::kState, "EXTENSION_OVERTAKEN",
                    absl::StrCat("现在的时限（", present, "）已不早于申请的时限，请驳回该申请"),
                    absl::StrCat("the deadline is ", present, " by now, no earlier than what was asked for; refuse"),
                    {{"clock", clock.name}, {"due", present}});
    }
    DUBAN_REQUIRE(CheckReach(clock, *known, due, true));
    // Whatever else counts to the same date goes with it: a case has one of each.
    const Extending extending{clock, FromProto(request.at())};
    DUBAN_REQUIRE(draft_.SetFields(case_, std::move(proposed), &extending));
    const Capacity asked{request.party(), "", request.on_behalf_of()};
    EmitTaken(request.action(), asked, {}, asker, request.reason(), "");
    return draft_.MoveClock(case_, clock, DueOfValue(due, context_.zone), request.action(), request.after_due());
  }

  // Nobody acts for a party that waits to be claimed.
  Verdict CheckClaimed(const Capacity& capacity) const {
    const Party& party = *procedure().FindParty(capacity.party);
    if (!Unclaimed(party, state())) return Nothing{};
    return Reject(Kind::kState, "UNCLAIMED", absl::StrCat(party.title.zh(), "尚未认领，请先认领再办"),
                  absl::StrCat(party.name, " waits to be claimed; claim it first"), {{"party", party.name}});
  }

  // Names all that stand in the way, so that nobody learns of them one refusal at a time.
  Verdict CheckGuards(const Action& action) const {
    std::vector<std::string> zh, en, written;
    for (const Guard& guard : action.when) {
      if (Holds(guard, procedure(), state(), context_)) continue;
      const v1::Text why = WhyNot(guard, procedure());
      zh.push_back(why.zh());
      en.push_back(why.en());
      written.push_back(guard.written);
    }
    if (written.empty()) return Nothing{};
    return Reject(Kind::kState, "GUARD_FAILED",
                  absl::StrCat("现在不能办理“", action.title.zh(), "”：", absl::StrJoin(zh, "；"), "；请满足后再办"),
                  absl::StrCat("\"", action.name, "\" cannot be taken now: ", absl::StrJoin(en, "; "),
                               "; try again once this has changed"),
                  {{"action", action.name}, {"guard", absl::StrJoin(written, "; ")}});
  }

  Verdict CheckCap(const std::string& action, const v1::Text& title, const Cap& cap) const {
    if (!CapReached(state(), action, cap)) return Nothing{};
    return Reject(
        Kind::kState, "CAP_REACHED",
        absl::StrCat("“", title.zh(), "”", cap.per_round ? "每轮" : "每件", "最多 ", cap.count, " 次，已用完"),
        absl::StrCat("\"", action, "\" may be taken at most ", cap.count, " times per ",
                     cap.per_round ? "round" : "case"),
        {{"action", action}, {"at_most", absl::StrCat(cap.count)}});
  }

  // Every need is met, nothing is given that the action does not take, every value is right.
  Verdict CheckGiven(const std::vector<std::string>& needs, const std::vector<std::string>& takes) const {
    std::set<std::string> given;
    for (const v1::FieldValue& value : command_.fields()) {
      const Field* field = procedure().FindField(value.field());
      if (field == nullptr) return UnknownField(value.field());
      if (!given.insert(value.field()).second) return FieldTwice(*field);
      const auto names = [&](const std::vector<std::string>& list) {
        return absl::c_linear_search(list, value.field());
      };
      if (!names(needs) && !names(takes)) {
        return Reject(Kind::kInvalid, "FIELD_NOT_TAKEN",
                      absl::StrCat("此操作不填写", field->title.zh(), "（", field->name, "），请去掉"),
                      absl::StrCat("this action does not take field ", field->name, "; leave it out"),
                      {{"field", absl::StrCat("fields.", field->name)}});
      }
      DUBAN_REQUIRE(CheckValues(procedure(), *field, value, context_.directory));
      if (value.values().empty()) given.erase(value.field());
    }
    std::vector<std::string> missing;
    for (const std::string& need : needs) {
      const bool met = need == "reason" ? !command_.reason().empty()
                       : need == "note" ? !command_.note().empty()
                                        : given.count(need) > 0;
      if (!met) missing.push_back(need);
    }
    if (!missing.empty()) return MissingNeeds(missing);
    return Nothing{};
  }

  Verdict RefuseFields() const {
    if (command_.fields().empty()) return Nothing{};
    return CheckGiven({}, {});
  }

  Rejection MissingNeeds(const std::vector<std::string>& missing) const {
    std::vector<std::string> zh;
    for (const std::string& need : missing) {
      const Field* field = procedure().FindField(need);
      zh.push_back(need == "reason"   ? "理由"
                   : need == "note"   ? "备注"
                   : need == "files"  ? "附件"
                   : field != nullptr ? field->title.zh()
                                      : need);
    }
    return Reject(Kind::kInvalid, "MISSING_NEED", absl::StrCat("请补充：", absl::StrJoin(zh, "、")),
                  absl::StrCat("missing: ", absl::StrJoin(missing, ", ")), {{"needs", absl::StrJoin(missing, ",")}});
  }

  std::vector<v1::FieldValue> Given() const { return {command_.fields().begin(), command_.fields().end()}; }

  void EmitTaken(const std::string& name, const Capacity& capacity, const Action& action, const Actor& by,
                 const std::string& reason, const std::string& note) {
    v1::Event event;
    v1::ActionTaken& taken = *event.mutable_action_taken();
    taken.set_action(name);
    Sign(context_, by, capacity, reason, taken);
    taken.set_party(capacity.party);
    taken.set_note(note);
    taken.set_verifies(action.verifies);
    taken.set_finds(action.finds);
    taken.set_objection(action.objection);
    if (name == kAttach) *taken.mutable_files() = command_.files();
    case_.Emit(std::move(event));
  }

  const Context& context_;
  const v1::ActOnCaseRequest& command_;
  Draft draft_;
  CaseDraft& case_;
  const Actor actor_;
};

}  // namespace

Outcome<Decision> DecideAct(const Context& context, const CaseState& state, const v1::ActOnCaseRequest& command) {
  return Acting(context, state, command).Run();
}

Outcome<Decision> DecideTimers(const Context& context, const CaseState& state) {
  Draft draft(context);
  CaseDraft& drafted = draft.Take(state);
  DUBAN_REQUIRE(draft.FireDue(drafted, context.now));
  return draft.Finish();
}

Instant NextDue(const CaseState& state) {
  Instant next = absl::InfiniteFuture();
  if (MovesByItself(state)) next = FromProto(state.moves_at());
  for (const ClockState& clock : state.clocks()) {
    if (clock.run() != ClockState::RUN_RUNNING || clock.pending().empty()) continue;
    next = std::min(next, FromProto(clock.pending(0).at()));
  }
  for (const auto& entry : state.entries()) next = std::min(next, LeavesAt(entry));
  return next;
}

}  // namespace duban::engine
