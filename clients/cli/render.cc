#include "clients/cli/render.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/dates.h"
#include "clients/cli/labels.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

// A title out of a map; the name itself when it is not there.
v1::Text Title(const std::map<std::string, v1::Text>& titles, const std::string& name) {
  auto found = titles.find(name);
  v1::Text text = found == titles.end() ? Both(name, name) : found->second;
  if (text.en().empty()) text.set_en(name);
  return text;
}

v1::Text ActionTitle(const ProcedureWords& words, const std::string& name) {
  return words.actions.count(name) > 0 ? Title(words.actions, name) : BuiltInActionText(name);
}

// Adds to both languages at once.
void Append(v1::Text* text, absl::string_view zh, absl::string_view en) {
  text->set_zh(absl::StrCat(text->zh(), zh));
  text->set_en(absl::StrCat(text->en(), en));
}

void AppendReason(v1::Text* text, const std::string& reason, const std::string& note) {
  if (!reason.empty()) Append(text, absl::StrCat("；理由：", reason), absl::StrCat("; reason: ", reason));
  if (!note.empty()) Append(text, absl::StrCat("；备注：", note), absl::StrCat("; note: ", note));
}

// True when somebody else than the one who acted had asked for this: an approval lets an earlier request take effect.
bool TakesEffect(const v1::EventRecord& record) {
  const std::string& person = record.event().action_taken().person();
  return !person.empty() && person != record.actor() && person != record.entered_for();
}

// Whose duty it was, where somebody acted under a delegation.
std::string OnBehalfOf(const v1::Event& event) {
  if (event.has_action_taken()) return event.action_taken().on_behalf_of();
  if (event.has_approval_requested()) return event.approval_requested().on_behalf_of();
  if (event.has_approval_decided()) return event.approval_decided().on_behalf_of();
  if (event.has_suggestion_decided()) return event.suggestion_decided().on_behalf_of();
  return event.case_opened().on_behalf_of();
}

// What comes of a command rather than being asked for.
bool IsOutcome(const v1::EventRecord& record) {
  const v1::Event& event = record.event();
  if (event.has_action_taken()) return TakesEffect(record);
  return !event.has_case_opened() && !event.has_approval_requested() && !event.has_approval_decided();
}

v1::Text ClockTitle(const ProcedureWords& words, const std::string& clock) { return Title(words.clocks, clock); }

}  // namespace

Renderer::Renderer(const Names& names, WordsOf words_of, absl::TimeZone zone, bool name_cases)
    : names_(names), words_of_(std::move(words_of)), zone_(zone), name_cases_(name_cases) {}

void Renderer::Know(const std::string& stream, const std::string& number, const std::string& procedure,
                    uint32_t version) {
  cases_[stream] = {number, procedure, version};
}

v1::Text Renderer::Line(const v1::EventRecord& record) {
  if (record.event().has_case_opened()) {
    const v1::CaseOpened& opened = record.event().case_opened();
    Know(record.stream(), opened.number(), opened.procedure(), opened.procedure_version());
  }
  static const auto& no_words = *new ProcedureWords();
  auto about = cases_.find(record.stream());
  bool known = about != cases_.end();
  const ProcedureWords& words = known ? words_of_(about->second.procedure, about->second.version) : no_words;
  v1::Text said = Say(record, words);
  std::string head = At(record.recorded_at());
  if (name_cases_) {
    absl::StrAppend(&head, "  ", known && !about->second.number.empty() ? about->second.number : record.stream());
  }
  v1::Text line = Both(absl::StrCat(head, "  "), absl::StrCat(head, "  "));
  bool follows = record.position() == last_position_ && IsOutcome(record);
  last_position_ = record.position();
  if (follows) {
    Append(&line, "  → ", "  → ");
  } else if (record.actor().empty()) {
    Append(&line, "［定时］", "[timer] ");
  } else {
    Append(&line, names_.Title(record.actor()), absl::StrCat(names_.Title(record.actor()), " "));
    if (!record.entered_for().empty()) {
      Append(&line, absl::StrCat("（代录 ", names_.Title(record.entered_for()), "）"),
             absl::StrCat("(for ", names_.Title(record.entered_for()), ") "));
    }
    if (const std::string other = OnBehalfOf(record.event()); !other.empty()) {
      Append(&line, absl::StrCat("（代 ", names_.Title(other), "）"),
             absl::StrCat("(on behalf of ", names_.Title(other), ") "));
    }
    Append(&line, " ", "");
  }
  Append(&line, said.zh(), said.en());
  if (!follows && record.has_occurred_at() &&
      FromTimestamp(record.occurred_at()) < FromTimestamp(record.recorded_at())) {
    Append(&line, absl::StrCat("（补录，发生于 ", At(record.occurred_at()), "）"),
           absl::StrCat(" (entered later, occurred ", At(record.occurred_at()), ")"));
  }
  return line;
}

std::string Renderer::At(const google::protobuf::Timestamp& t) const { return ShowInstant(FromTimestamp(t), zone_); }

v1::Text Renderer::Fields(const google::protobuf::RepeatedPtrField<v1::FieldValue>& fields,
                          const ProcedureWords& words) const {
  std::vector<std::string> zh, en;
  for (const v1::FieldValue& field : fields) {
    auto found = words.fields.find(field.field());
    v1::Text title = Both(field.field(), field.field());
    std::string codes;
    if (found != words.fields.end()) {
      title.set_zh(found->second.title.zh());
      if (!found->second.title.en().empty()) title.set_en(found->second.title.en());
      codes = found->second.codes;
    }
    std::vector<std::string> shown;
    for (const v1::Value& value : field.values()) shown.push_back(ShowValue(value, codes, words, names_, zone_));
    zh.push_back(absl::StrCat(title.zh(), shown.empty() ? "（清空）" : absl::StrCat("＝", absl::StrJoin(shown, "、"))));
    en.push_back(
        absl::StrCat(title.en(), shown.empty() ? " cleared" : absl::StrCat(" = ", absl::StrJoin(shown, ", "))));
  }
  return Both(absl::StrJoin(zh, "；"), absl::StrJoin(en, "; "));
}

v1::Text Renderer::SayOpened(const v1::CaseOpened& opened, const ProcedureWords& words) const {
  std::string procedure = words.title.zh().empty() ? opened.procedure() : words.title.zh();
  std::string procedure_en = words.title.en().empty() ? opened.procedure() : words.title.en();
  v1::Text text = Both(absl::StrCat("立项：", procedure, "（第 ", opened.procedure_version(), " 版）"),
                       absl::StrCat("opened: ", procedure_en, " (version ", opened.procedure_version(), ")"));
  if (!opened.number().empty()) {
    Append(&text, absl::StrCat("，编号 ", opened.number()), absl::StrCat(", number ", opened.number()));
  }
  if (opened.secrecy() == v1::SECRECY_PUBLIC || opened.secrecy() == v1::SECRECY_WORK_SECRET) {
    const v1::Text secrecy = SecrecyText(opened.secrecy());
    Append(&text, absl::StrCat("，", secrecy.zh()), absl::StrCat(", ", secrecy.en()));
  }
  for (const v1::BoundParty& party : opened.parties()) {
    v1::Text title = Title(words.parties, party.party());
    std::vector<std::string> names;
    for (const v1::BoundId& bound : party.bound()) names.push_back(bound.title().empty() ? bound.id() : bound.title());
    Append(&text, absl::StrCat("，", title.zh(), " ", absl::StrJoin(names, "、")),
           absl::StrCat(", ", title.en(), " ", absl::StrJoin(names, ", ")));
    if (party.draw().empty()) continue;
    Append(&text, absl::StrCat("（抽自 ", party.draw(), "）"), absl::StrCat(" (drawn in ", party.draw(), ")"));
  }
  if (const std::string& reason = opened.burden().override_reason(); !reason.empty()) {
    Append(&text, absl::StrCat("，重复、超次仍立项：", reason),
           absl::StrCat(", though it asks a unit too much: ", reason));
  }
  return text;
}

v1::Text Renderer::SayAction(const v1::EventRecord& record, const ProcedureWords& words) const {
  const v1::ActionTaken& taken = record.event().action_taken();
  v1::Text title = ActionTitle(words, taken.action());
  v1::Text text = taken.person().empty()
                      ? Both(absl::StrCat("到时自动：", title.zh()), "moved on by itself: " + title.en())
                      : title;
  if (TakesEffect(record)) {
    std::string asker = names_.Title(taken.person());
    Append(&text, absl::StrCat("生效（", asker, "申请）"), absl::StrCat(" takes effect (asked by ", asker, ")"));
  } else if (!taken.party().empty()) {
    v1::Text party = Title(words.parties, taken.party());
    Append(&text, absl::StrCat("（以", party.zh(), "身份）"), absl::StrCat(" (as ", party.en(), ")"));
  } else if (!taken.through().empty()) {
    Append(&text, absl::StrCat("（依据", taken.through(), "）"), absl::StrCat(" (under ", taken.through(), ")"));
  }
  if (const v1::Text secrecy = SecrecyText(taken.secrecy()); !secrecy.zh().empty()) {
    Append(&text, absl::StrCat("为", secrecy.zh()), absl::StrCat(": ", secrecy.en()));
  }
  for (const v1::Text& finding : {VerificationText(taken.verifies()), TruthText(taken.finds())}) {
    // An action called 验收通过 need not say so twice.
    if (!finding.zh().empty() && finding.zh() != title.zh())
      Append(&text, absl::StrCat("，", finding.zh()), absl::StrCat(", ", finding.en()));
  }
  if (taken.objection() == v1::OBJECTION_RAISED) Append(&text, "，提出异议", ", an objection");
  if (taken.objection() == v1::OBJECTION_SETTLED) Append(&text, "，异议处理完毕", ", objections settled");
  for (const std::string& file : taken.files()) {
    const size_t mark = file.find('#');
    const bool erased = mark == std::string::npos;
    Append(&text, absl::StrCat("，", erased ? "（已擦除）" : file.substr(mark + 1)),
           absl::StrCat(", ", erased ? "(erased)" : file.substr(mark + 1)));
  }
  AppendReason(&text, taken.reason(), taken.note());
  return text;
}

v1::Text Renderer::SayRung(const v1::RungFired& fired, const ProcedureWords& words) const {
  const v1::Rung& rung = fired.rung();
  v1::Text clock = ClockTitle(words, fired.clock());
  v1::Text text;
  switch (rung.kind()) {
    case v1::RUNG_KIND_REMINDER:
      text = Both("提醒", "reminder");
      break;
    case v1::RUNG_KIND_OVERDUE:
      text = Both("逾期", "overdue");
      break;
    case v1::RUNG_KIND_LADDER:
      text = rung.suggests().empty() ? Both("升级督办", "ladder") : Both("提出建议，待决定", "suggested");
      break;
    default:
      text = Both("亮灯", "light");
      break;
  }
  bool ladder = rung.kind() == v1::RUNG_KIND_LADDER;
  if (ladder) Append(&text, absl::StrCat("：", clock.zh()), absl::StrCat(": ", clock.en()));
  // A rung's own title says more than its clock's; "整改时限逾期" names the clock already.
  const v1::Text& title = rung.title().zh().empty() ? clock : rung.title();
  Append(&text, absl::StrCat(ladder ? "，" : "：", title.zh()), absl::StrCat(ladder ? ", " : ": ", title.en()));
  if (!rung.light().colour().empty()) {
    v1::Text light = LightText(rung.light());
    Append(&text, absl::StrCat("，亮", light.zh(), "灯"), absl::StrCat(", light ", light.en()));
  }
  std::vector<std::string> told;
  for (const std::string& id : rung.tell()) told.push_back(names_.Title(id));
  if (!told.empty()) {
    Append(&text, absl::StrCat("，告知 ", absl::StrJoin(told, "、")),
           absl::StrCat(", told ", absl::StrJoin(told, ", ")));
  }
  for (const v1::ToldInstead& instead : rung.instead()) {
    std::vector<std::string> others;
    for (const std::string& id : instead.told()) others.push_back(names_.Title(id));
    const std::string vacant = names_.Title(instead.vacant());
    Append(&text, absl::StrCat("；", vacant, "空缺，另告知 ", absl::StrJoin(others, "、")),
           absl::StrCat("; ", vacant, " is vacant, told besides: ", absl::StrJoin(others, ", ")));
  }
  return text;
}

v1::Text Renderer::SayClock(const v1::Event& event, const ProcedureWords& words) const {
  switch (event.body_case()) {
    case v1::Event::kClockStarted: {
      const v1::ClockStarted& started = event.clock_started();
      v1::Text title = started.title().zh().empty() ? ClockTitle(words, started.clock()) : started.title();
      v1::Text span = SpanText(started.day_kind(), started.budget());
      v1::Text text = Both(absl::StrCat("开始计时：", title.zh(), "，期限 ", At(started.due())),
                           absl::StrCat("clock started: ", title.en(), ", due ", At(started.due())));
      if (started.budget() > 0) Append(&text, absl::StrCat("（", span.zh(), "）"), absl::StrCat(" (", span.en(), ")"));
      return text;
    }
    case v1::Event::kClockPaused: {
      v1::Text title = ClockTitle(words, event.clock_paused().clock());
      return Both(absl::StrCat("暂停计时：", title.zh()), absl::StrCat("clock paused: ", title.en()));
    }
    case v1::Event::kClockResumed: {
      v1::Text title = ClockTitle(words, event.clock_resumed().clock());
      std::string due = At(event.clock_resumed().due());
      return Both(absl::StrCat("恢复计时：", title.zh(), "，期限 ", due),
                  absl::StrCat("clock resumed: ", title.en(), ", due ", due));
    }
    case v1::Event::kClockMoved: {
      const v1::ClockMoved& moved = event.clock_moved();
      v1::Text title = ClockTitle(words, moved.clock());
      return Both(
          absl::StrCat("期限改为 ", At(moved.due()), "：", title.zh(), moved.stays_late() ? "（仍按逾期计）" : ""),
          absl::StrCat("due moved to ", At(moved.due()), ": ", title.en(),
                       moved.stays_late() ? " (still counts as late)" : ""));
    }
    case v1::Event::kClockStopped: {
      const v1::ClockStopped& stopped = event.clock_stopped();
      v1::Text title = ClockTitle(words, stopped.clock());
      // Whether a report or milestone was in time is told by its rungs.
      if (!stopped.fell_away() && words.on_the_way.count(stopped.clock()) > 0) {
        return Both(absl::StrCat("计时结束：", title.zh()), absl::StrCat("clock stopped: ", title.en()));
      }
      const char* zh = stopped.fell_away() ? "不再计时" : stopped.late() ? "计时结束，逾期" : "计时结束，按期";
      const char* en = stopped.fell_away() ? "clock fell away" : stopped.late() ? "clock stopped, late" : "clock met";
      return Both(absl::StrCat(zh, "：", title.zh()), absl::StrCat(en, ": ", title.en()));
    }
    case v1::Event::kRungFired:
      return SayRung(event.rung_fired(), words);
    case v1::Event::kRungSuppressed: {
      v1::Text title = ClockTitle(words, event.rung_suppressed().clock());
      v1::Text rung = RungText(event.rung_suppressed().rung(), words);
      return Both(absl::StrCat("早已过去，不再发出：", title.zh(), "，", rung.zh()),
                  absl::StrCat("long passed, nobody told: ", title.en(), ", ", rung.en()));
    }
    case v1::Event::kRungWithdrawn: {
      v1::Text title = ClockTitle(words, event.rung_withdrawn().clock());
      v1::Text rung = RungText(event.rung_withdrawn().rung(), words);
      return Both(absl::StrCat("据补录撤销：", title.zh(), "，", rung.zh()),
                  absl::StrCat("withdrawn by a later entry: ", title.en(), ", ", rung.en()));
    }
    default:
      return Both("", "");
  }
}

v1::Text Renderer::SayWorkspace(const v1::Event& event) const {
  switch (event.body_case()) {
    case v1::Event::kWorkspaceCreated:
      return Both(absl::StrCat("建立工作区：", event.workspace_created().name()),
                  absl::StrCat("workspace created: ", event.workspace_created().name()));
    case v1::Event::kTimeAdvanced:
      return Both(absl::StrCat("虚拟时钟拨到 ", At(event.time_advanced().to())),
                  absl::StrCat("virtual clock set to ", At(event.time_advanced().to())));
    case v1::Event::kProcedurePublished: {
      const v1::ProcedurePublished& published = event.procedure_published();
      return Both(absl::StrCat("发布规程 ", published.procedure(), " 第 ", published.version(), " 版"),
                  absl::StrCat("procedure ", published.procedure(), " version ", published.version(), " published"));
    }
    case v1::Event::kCalendarPublished:
      return Both(absl::StrCat("发布 ", event.calendar_published().year().year(), " 年工作日历"),
                  absl::StrCat("calendar of ", event.calendar_published().year().year(), " published"));
    case v1::Event::kUnitPut:
      return Both(absl::StrCat("登记单位：", event.unit_put().unit().title()),
                  absl::StrCat("unit: ", event.unit_put().unit().name()));
    case v1::Event::kPostPut:
      return Both(absl::StrCat("登记岗位：", event.post_put().post().title()),
                  absl::StrCat("post: ", event.post_put().post().name()));
    case v1::Event::kPersonPut:
      return Both(absl::StrCat("登记人员：", event.person_put().person().title()),
                  absl::StrCat("person: ", event.person_put().person().name()));
    case v1::Event::kRelationPut: {
      const v1::Relation& relation = event.relation_put().relation();
      const std::string ends = absl::StrCat(relation.from(), " — ", relation.to(), " (", relation.kind(), ")");
      return Both(absl::StrCat(relation.ended() ? "关系终止：" : "登记关系：", ends),
                  absl::StrCat(relation.ended() ? "relation ended: " : "relation: ", ends));
    }
    default:
      return Both("", "");
  }
}

v1::Text Renderer::Say(const v1::EventRecord& record, const ProcedureWords& words) const {
  const v1::Event& event = record.event();
  switch (event.body_case()) {
    case v1::Event::kCaseOpened:
      return SayOpened(event.case_opened(), words);
    case v1::Event::kFieldsSet: {
      v1::Text fields = Fields(event.fields_set().fields(), words);
      return Both(absl::StrCat("填报：", fields.zh()), absl::StrCat("set: ", fields.en()));
    }
    case v1::Event::kStageEntered: {
      const v1::StageEntered& entered = event.stage_entered();
      v1::Text title = Title(words.stages, entered.stage());
      v1::Text text = Both(absl::StrCat("进入“", title.zh(), "”"), absl::StrCat("entered ", title.en()));
      if (entered.has_moves_at()) {
        v1::Text next = Title(words.stages, entered.moves_to());
        Append(&text, absl::StrCat("，到 ", At(entered.moves_at()), " 转入“", next.zh(), "”"),
               absl::StrCat(", moves to ", next.en(), " at ", At(entered.moves_at())));
      }
      return text;
    }
    case v1::Event::kActionTaken:
      return SayAction(record, words);
    case v1::Event::kApprovalRequested: {
      const v1::ApprovalRequested& asked = event.approval_requested();
      v1::Text title = ActionTitle(words, asked.action());
      v1::Text fields = Fields(asked.proposed(), words);
      v1::Text text = Both(absl::StrCat("申请", title.zh()), absl::StrCat("asked for ", title.en()));
      if (!fields.zh().empty()) Append(&text, absl::StrCat("：", fields.zh()), absl::StrCat(": ", fields.en()));
      if (asked.after_due()) Append(&text, "（过期后提出，仍按逾期计）", " (after the due instant: counts as late)");
      AppendReason(&text, asked.reason(), "");
      return text;
    }
    case v1::Event::kApprovalDecided: {
      const v1::ApprovalDecided& decided = event.approval_decided();
      v1::Text title = ActionTitle(words, decided.action());
      v1::Text text = Both(absl::StrCat(decided.approved() ? "同意" : "不同意", title.zh()),
                           absl::StrCat(decided.approved() ? "approved " : "refused ", title.en()));
      AppendReason(&text, decided.reason(), "");
      return text;
    }
    case v1::Event::kCaseEnded: {
      v1::Text kind = EndKindText(event.case_ended().kind());
      bool late = event.case_ended().late();
      return Both(absl::StrCat("结束：", kind.zh(), late ? "，逾期" : "，按期"),
                  absl::StrCat("ended: ", kind.en(), late ? ", late" : ", on time"));
    }
    case v1::Event::kCaseReopened: {
      const v1::CaseReopened& reopened = event.case_reopened();
      v1::Text text =
          Both(absl::StrCat("重新办理，第 ", reopened.round(), " 轮", reopened.rebounded() ? "（问题反弹）" : ""),
               absl::StrCat("reopened, round ", reopened.round(), reopened.rebounded() ? " (rebounded)" : ""));
      AppendReason(&text, reopened.reason(), "");
      return text;
    }
    default: {
      v1::Text text = SayClock(event, words);
      if (text.zh().empty()) text = SayWorkspace(event);
      if (text.zh().empty()) text = SayOther(event, words);
      return text.zh().empty() ? Both("（本版本不认识的事件）", "(an event this version does not know)") : text;
    }
  }
}

}  // namespace duban::cli
