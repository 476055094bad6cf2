// One case: open it, show it, act on it.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "clients/cli/commands.h"
#include "clients/cli/dates.h"
#include "clients/cli/files.h"
#include "clients/cli/labels.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

bool NeedsNames(const std::vector<std::string>& assignments, const ProcedureWords& words) {
  for (const std::string& assignment : assignments) {
    auto field = words.fields.find(FieldNamed(words, assignment.substr(0, assignment.find_first_of(":="))));
    if (field == words.fields.end()) return true;
    const std::string& type = field->second.type;
    if (type == "unit" || type == "post" || type == "person") return true;
  }
  return false;
}

// The part that opening and acting share. Returns false after saying what is wrong.
template <typename Request, typename Options>
bool FillCommon(Session& session, const Options& options, const ProcedureWords& words, const std::string& case_name,
                Request* request) {
  static const auto& no_names = *new Names();
  const Names& names = NeedsNames(options.fields, words) ? session.names() : no_names;
  std::vector<v1::FieldValue> fields;
  v1::Text fault;
  Reading reading{words, names, session.zone()};
  if (!options.validate_only) {  // What is only checked sends nothing.
    reading.attach = [&](const std::string& path) { return SendFile(session, case_name, path); };
  }
  if (!ReadAssignments(options.fields, reading, &fields, &fault)) {
    session.console().Remark(fault);
    return false;
  }
  for (v1::FieldValue& field : fields) *request->add_fields() = std::move(field);
  request->set_reason(options.reason);
  if (!options.secrecy.empty()) {
    const std::optional<v1::Secrecy> secrecy = ReadSecrecy(options.secrecy);
    if (!secrecy.has_value()) {
      session.console().Remark(
          Both(absl::StrCat("“", options.secrecy, "”不是密级：写公开、内部或工作秘密。"),
               absl::StrCat("\"", options.secrecy, "\" is no grade: write public, internal or work_secret.")));
      return false;
    }
    request->set_secrecy(*secrecy);
  }
  request->set_idempotency_key(options.key);
  request->set_validate_only(options.validate_only);
  if (!options.occurred.empty() && !session.ReadWhen(options.occurred, request->mutable_occurred_at())) return false;
  return options.entered_for.empty() || session.ReadPerson(options.entered_for, request->mutable_entered_for());
}

// A case as it stands; whoever a case is transferred to, or raised to, by name.
bool ReadTarget(Session& session, const ActOptions& options, v1::ActOnCaseRequest* request) {
  const std::string& action = request->action();
  const bool of_case =
      action == "link" || action == "merge" || action == "urge" || action == "on_site" || action == "hear_report";
  if (options.target.empty() || of_case) {
    request->set_target(options.target);
    return true;
  }
  ReadValue to = ReadReference(options.target, "", session.names());
  if (!to.ok()) {
    session.console().Remark(to.fault);
    return false;
  }
  request->set_target(to.value->reference());
  return true;
}

std::string Titled(const Console& console, const v1::Text& title, const std::string& name) {
  std::string shown = console.Say(title);
  return shown.empty() ? name : shown;
}

// "问题整改  整改中  黄灯  逾期  第 2 轮".
std::string Standing(const Console& console, const v1::Case& c) {
  std::vector<std::string> parts = {Titled(console, c.stage_title(), c.stage())};
  v1::Text colour = LightText(c.light());
  if (!colour.zh().empty()) {
    std::string light = console.Say(absl::StrCat(colour.zh(), "灯"), colour.en());
    parts.push_back(console.colours() ? Coloured(light, LightInk(c.light())) : light);
  }
  for (const v1::Text& text : {TimelinessText(c.timeliness()), VerificationText(c.verification()), TruthText(c.truth()),
                               EndKindText(c.end_kind())}) {
    if (!text.zh().empty()) parts.push_back(console.Say(text));
  }
  if (c.secrecy() != v1::SECRECY_INTERNAL) {
    if (const v1::Text text = SecrecyText(c.secrecy()); !text.zh().empty()) parts.push_back(console.Say(text));
  }
  if (c.round() > 1)
    parts.push_back(console.Say(absl::StrCat("第 ", c.round(), " 轮"), absl::StrCat("round ", c.round())));
  return absl::StrJoin(parts, "  ");
}

// What an action asks for, as it is typed, and what people call it.
std::string NeedsText(const Console& console, const v1::CaseAction& action, const ProcedureWords& words) {
  std::vector<std::string> out;
  for (const std::string& need : action.needs()) {
    const auto field = words.fields.find(need);
    const std::string title = field == words.fields.end() ? "" : console.Say(field->second.title);
    out.push_back(title.empty() || title == need ? need : absl::StrCat(need, " ", title));
  }
  return absl::StrJoin(out, "，");
}

void PrintActions(Session& session, const v1::Case& c) {
  const Console& console = session.console();
  if (c.actions().empty()) {
    console.Print(console.Say("您现在没有可办的操作。", "Nothing is open to you now."));
    return;
  }
  Table table({console.Say("可办", "open to you"), console.Say("名称", "title"), console.Say("须填", "needs")});
  for (const v1::CaseAction& action : c.actions()) {
    const ProcedureWords& words = session.words(c.procedure(), c.procedure_version());
    table.Add({action.action(), Titled(console, action.title(), ""), NeedsText(console, action, words)});
  }
  console.PrintTable(table);
}

// The values as the server words them; instants in the workspace's zone, which the server leaves to its clients.
std::string ShownField(Session& session, const v1::CaseField& field) {
  if (field.masked()) return session.console().Say("＊＊＊（不公开）", "*** (not for you)");
  std::vector<std::string> shown(field.shown().begin(), field.shown().end());
  for (size_t i = 0; i < shown.size() && i < static_cast<size_t>(field.values_size()); ++i) {
    const v1::Value& value = field.values(static_cast<int>(i));
    if (value.has_instant()) shown[i] = ShowValue(value, "", {}, Names(), session.zone());
  }
  return absl::StrJoin(shown, "、");
}

void PrintFacts(Session& session, const v1::Case& c) {
  const Console& console = session.console();
  Table facts({console.Say("项目", "item"), console.Say("内容", "content")}, 96, true);
  for (const v1::CaseParty& party : c.parties()) {
    std::vector<std::string> members;
    for (const v1::CasePartyMember& member : party.members()) {
      members.push_back(absl::StrCat(member.title(), "（", member.id(), "）"));
    }
    const std::string drawn =
        party.draw().empty() ? "" : absl::StrCat(console.Word("  抽自 ", "  drawn in "), party.draw());
    facts.Add({Titled(console, party.title(), party.party()), absl::StrCat(absl::StrJoin(members, "、"), drawn)});
  }
  for (const v1::CaseField& field : c.fields()) {
    facts.Add({Titled(console, field.title(), field.field()), ShownField(session, field)});
  }
  if (!facts.empty()) console.PrintTable(facts);
}

// What its parts come to, and those that this person may see.
void PrintSums(Session& session, const v1::Case& c) {
  const Console& console = session.console();
  if (c.has_parts())
    console.Print(absl::StrCat(console.Word("组成部分：", "parts: "), console.Say(PartsText(c.parts()))));
  Table parts({console.Say("组成部分", "part"), console.Say("内容", "subject"), console.Say("环节", "stage"),
               console.Say("灯", "light"), console.Say("时效", "timeliness"), console.Say("其下", "its parts")});
  for (const v1::LedgerRow& row : c.part_rows()) {
    parts.Add({row.number().empty() ? row.case_() : row.number(),
               row.subject(),
               row.end_kind() == v1::END_KIND_MERGED ? console.Say(EndKindText(row.end_kind()))
                                                     : Titled(console, row.stage_title(), row.stage()),
               {console.Say(LightText(row.light())), LightInk(row.light())},
               console.Say(TimelinessText(row.timeliness())),
               row.has_parts() ? console.Say(PartsText(row.parts())) : ""});
  }
  if (!parts.empty()) console.PrintTable(parts);
  if (c.counted() > 1) {
    console.Print(absl::StrCat(console.Word("并入的重复件：", "duplicates merged into it: "), c.counted() - 1,
                               c.duplicates().empty() ? "" : "  ", absl::StrJoin(c.duplicates(), "、")));
  }
  if (!c.merged_into().empty()) {
    console.Print(absl::StrCat(console.Word("已并入 ", "merged into "), c.merged_into()));
  }
}

void PrintClocks(Session& session, const v1::Case& c) {
  const Console& console = session.console();
  Table clocks({console.Say("时限", "clock"), console.Say("状态", "state"), console.Say("起算", "from"),
                console.Say("期限", "due"), console.Say("灯", "light"), console.Say("已触发", "fired")});
  for (const v1::CaseClock& clock : c.clocks()) {
    std::string state;
    switch (clock.state()) {
      case v1::CaseClock::STATE_RUNNING:
        state = clock.late() ? console.Say("计时中，已逾期", "running, late") : console.Say("计时中", "running");
        break;
      case v1::CaseClock::STATE_PAUSED:
        state = absl::StrCat(console.Word("暂停，剩 ", "paused, left "),
                             console.Say(SpanText(clock.day_kind(), clock.remaining())));
        break;
      case v1::CaseClock::STATE_STOPPED:
        state =
            clock.late() ? console.Say("已止，逾期", "stopped, late") : console.Say("已止，按期", "stopped, on time");
        break;
      default:
        break;
    }
    std::vector<std::string> fired;
    for (const std::string& rung : clock.fired())
      fired.push_back(console.Say(RungText(rung, session.words(c.procedure(), c.procedure_version()))));
    clocks.Add({Titled(console, clock.title(), clock.clock()),
                state,
                session.Show(clock.has_from(), clock.from()),
                session.Show(clock.has_due(), clock.due()),
                {console.Say(LightText(clock.light())), LightInk(clock.light())},
                absl::StrJoin(fired, "，")});
  }
  if (!clocks.empty()) console.PrintTable(clocks);
}

void PrintRequests(Session& session, const v1::Case& c) {
  const Console& console = session.console();
  const ProcedureWords& words = session.words(c.procedure(), c.procedure_version());
  for (const v1::CaseRequest& request : c.requests()) {
    auto title = words.actions.find(request.action());
    std::vector<std::string> proposed;
    for (const v1::FieldValue& field : request.proposed()) {
      auto known = words.fields.find(field.field());
      std::string codes = known == words.fields.end() ? "" : known->second.codes;
      for (const v1::Value& value : field.values()) {
        proposed.push_back(absl::StrCat(known == words.fields.end() ? field.field() : console.Say(known->second.title),
                                        "＝", ShowValue(value, codes, words, session.names(), session.zone())));
      }
    }
    console.Print(absl::StrCat(
        console.Word("待审批：", "waits for approval: "),
        title == words.actions.end() ? request.action() : console.Say(title->second), "  ",
        session.names().Title(request.person()),
        request.on_behalf_of().empty()
            ? ""
            : absl::StrCat(console.Word("（代 ", " (on behalf of "), session.names().Title(request.on_behalf_of()),
                           console.Word("）", ")")),
        "  ", session.Show(request.has_at(), request.at()), proposed.empty() ? "" : "  ", absl::StrJoin(proposed, "；"),
        request.reason().empty() ? "" : console.Word("；理由：", "; reason: "), request.reason()));
  }
}

void PrintSuggestions(Session& session, const v1::Case& c) {
  const Console& console = session.console();
  for (const v1::CaseSuggestion& suggestion : c.suggestions()) {
    std::vector<std::string> asked;
    for (const std::string& id : suggestion.ask()) asked.push_back(session.names().Title(id));
    console.Print(absl::StrCat(console.Word("待决定的建议：", "suggested: "), console.Say(suggestion.title()), "  ",
                               session.Show(suggestion.has_at(), suggestion.at()), "  ", console.Word("由 ", "asked: "),
                               absl::StrJoin(asked, "、"), "  approve_", suggestion.suggests(), " / refuse_",
                               suggestion.suggests()));
  }
}

// What is being collected, and what it came to.
void PrintCollecting(Session& session, const v1::Case& c) {
  const Console& console = session.console();
  if (c.has_collecting()) {
    const v1::CaseCollecting& collecting = c.collecting();
    std::vector<std::string> groups, asks, missing;
    for (const v1::CaseElectors& group : collecting.groups()) {
      groups.push_back(absl::StrCat(Titled(console, group.title(), group.group()), " ", group.count()));
    }
    for (const v1::CaseAsk& ask : collecting.asks()) {
      asks.push_back(absl::StrCat(ask.field(), "（", Titled(console, ask.title(), ask.field()), " ", ask.min(), "–",
                                  ask.max(), "）"));
    }
    for (const std::string& person : collecting.missing()) missing.push_back(session.names().Title(person));
    console.Print(absl::StrCat(collecting.secret() ? console.Word("不记名评议：", "secret rating: ")
                                                   : console.Word("记名评议：", "rating by name: "),
                               absl::StrJoin(groups, "、"), "  ", absl::StrJoin(asks, "、"),
                               collecting.cast() ? console.Word("  您已投票", "  you have voted") : ""));
    if (!missing.empty()) {
      console.Print(absl::StrCat(console.Word("未投票：", "not voted yet: "), absl::StrJoin(missing, "、")));
    }
  }
  if (c.has_collected()) console.Print(console.Say(CollectedText(c.collected())));
}

// What it came from: by number and procedure where that has one and this person sees it.
std::string ParentText(Session& session, const std::string& parent) {
  v1::GetCaseRequest request;
  request.set_case_(parent);
  const auto above = session.client().Call(request);
  if (!above.ok()) return parent;
  const v1::Case& c = above->case_();
  return absl::StrCat(Titled(session.console(), c.procedure_title(), c.procedure()), "“", c.subject(), "”（",
                      c.number().empty() ? c.name() : c.number(), "）");
}

void PrintCase(Session& session, const v1::GetCaseResponse& answer, bool past) {
  const Console& console = session.console();
  const v1::Case& c = answer.case_();
  std::string name = c.number().empty() ? c.name() : absl::StrCat(c.number(), "  ", c.name());
  console.Print(
      absl::StrCat(name, "  ", Titled(console, c.procedure_title(), c.procedure()), " v", c.procedure_version()));
  if (!c.subject().empty()) console.Print(c.subject());
  console.Print(Standing(console, c));
  console.Print(absl::StrCat(
      console.Word("立项 ", "opened "), session.Show(c.has_opened_at(), c.opened_at()),
      c.has_ended_at() ? absl::StrCat(console.Word("  结束 ", "  ended "), session.Show(true, c.ended_at())) : "",
      c.has_moves_at()
          ? absl::StrCat(console.Word("  自动转入下一环节 ", "  moves on at "), session.Show(true, c.moves_at()))
          : "",
      console.Word("  版次 ", "  revision "), c.revision(),
      c.parent().empty() ? "" : absl::StrCat(console.Word("  来自 ", "  from "), ParentText(session, c.parent()))));
  if (c.objections() > 0) {
    console.Print(console.Say(absl::StrCat("待处理的异议 ", c.objections(), " 件，到时流转暂停"),
                              absl::StrCat("objections that stand: ", c.objections(), "; timed moves wait")));
  }
  console.Print("");
  PrintFacts(session, c);
  PrintSums(session, c);
  if (!c.clocks().empty()) console.Print("");
  PrintClocks(session, c);
  PrintRequests(session, c);
  PrintSuggestions(session, c);
  for (const v1::DocumentFiled& filed : c.documents()) {
    console.Print(absl::StrCat(console.Word("文书：", "document: "), console.Say(filed.template_title()), "  ",
                               filed.number(), "  ", session.Show(filed.has_at(), filed.at())));
  }
  if (c.has_offer()) {
    console.Print(absl::StrCat(console.Word("移送待接收：", "offered, not answered yet: "), c.offer().to_title(), "  ",
                               session.Show(c.offer().has_at(), c.offer().at()), "  ", c.offer().reason()));
  }
  PrintCollecting(session, c);
  if (!past) {
    console.Print("");
    PrintActions(session, c);
  }
  console.Print(absl::StrCat(console.Word("\n截至 ", "\nas of "),
                             session.Show(answer.has_timers_fired_to(), answer.timers_fired_to()),
                             answer.virtual_clock() ? console.Word("（虚拟时钟）", " (virtual clock)") : ""));
}

// After a refused action: what may be done instead.
void PrintOpenActions(Session& session, const std::string& case_name) {
  v1::GetCaseRequest request;
  request.set_case_(case_name);
  auto answer = session.client().Call(request);
  if (!answer.ok()) return;
  const Console& console = session.console();
  if (answer->case_().actions().empty()) {
    console.Remark(absl::StrCat("现处“", answer->case_().stage_title().zh(), "”，您现在没有可办的操作。"),
                   absl::StrCat("In stage ", answer->case_().stage(), "; nothing is open to you now."));
    return;
  }
  console.Remark(absl::StrCat("现处“", answer->case_().stage_title().zh(), "”，可办："),
                 absl::StrCat("In stage ", answer->case_().stage(), "; open to you:"));
  for (const v1::CaseAction& action : answer->case_().actions()) {
    std::string needs = absl::StrJoin(action.needs(), ", ");
    console.Remark(absl::StrCat("  ", action.action(), "  ", action.title().zh(),
                                needs.empty() ? "" : absl::StrCat("  须填 needs: ", needs)),
                   "");
  }
}

}  // namespace

int RunOpen(Session& session, const OpenOptions& options) {
  const Console& console = session.console();
  const std::string procedure = session.ProcedureNamed(options.procedure);
  const ProcedureWords& words = session.words(procedure);
  v1::OpenCaseRequest request;
  request.set_procedure(procedure);
  request.set_part_of(options.part_of);
  request.set_weight(options.weight);
  if (!FillCommon(session, options, words, "", &request)) return kExitUsage;
  std::vector<v1::PartyBinding> parties;
  v1::Text fault;
  if (!options.parties.empty() &&
      !ReadBindings(options.parties, {words, session.names(), session.zone()}, &parties, &fault)) {
    console.Remark(fault);
    return kExitUsage;
  }
  for (const std::string& drawn : options.draws) {
    const std::pair<std::string, std::string> parted = absl::StrSplit(drawn, absl::MaxSplits('=', 1));
    if (parted.first.empty() || parted.second.empty()) {
      return console.Fail(kExitUsage, absl::StrCat("“", drawn, "”应写作 参与方=抽取，例如 inspectors=draws/…。"),
                          absl::StrCat("Write \"", drawn, "\" as party=draw, for example inspectors=draws/…."));
    }
    v1::PartyBinding& party = parties.emplace_back();
    party.set_party(NameOf(words.parties, parted.first));
    party.set_draw(DrawNamed(session, parted.second));
  }
  for (v1::PartyBinding& party : parties) *request.add_parties() = std::move(party);
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*answer);
  } else if (options.validate_only) {
    console.Print(console.Say("可以立项（未作改动）。", "It could be opened (nothing was changed)."));
  } else {
    console.Print(absl::StrCat(console.Word(answer->repeated_call() ? "此前已立项：" : "已立项：",
                                            answer->repeated_call() ? "opened before: " : "opened: "),
                               answer->number(), "  ", answer->case_()));
  }
  return kExitOk;
}

int RunShow(Session& session, const std::string& case_name, const std::string& as_of) {
  v1::GetCaseRequest request;
  request.set_case_(case_name);
  if (!as_of.empty() && !session.ReadAsOf(as_of, request.mutable_as_of())) return kExitUsage;
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    session.console().PrintJson(*answer);
  } else {
    PrintCase(session, *answer, !as_of.empty());
  }
  return kExitOk;
}

int RunAct(Session& session, const ActOptions& options) {
  const Console& console = session.console();
  v1::ActOnCaseRequest request;
  request.set_case_(options.case_name);
  request.set_action(options.action);
  request.set_note(options.note);
  request.set_weight(options.weight);
  if (options.expect) request.set_expected_revision(*options.expect);
  static const auto& no_words = *new ProcedureWords();
  const ProcedureWords* words = &no_words;
  const bool typed = !IsAscii(options.action) || !IsAscii(options.party);  // By title, perhaps.
  if (!options.fields.empty() || typed) {
    v1::GetCaseRequest which;
    which.set_case_(options.case_name);
    int code = kExitOk;
    auto found = session.Call(which, &code);
    if (found == nullptr) return code;
    words = &session.words(found->case_().procedure(), found->case_().procedure_version());
    request.set_action(ActionNamed(*words, options.action));
    for (const v1::CaseAction& action : found->case_().actions()) {  // Of two with one title, that which is open.
      if (request.action() == options.action && action.title().zh() == options.action)
        request.set_action(action.action());
    }
  }
  request.set_party(NameOf(words->parties, options.party));
  if (!ReadTarget(session, options, &request)) return kExitUsage;
  if (!FillCommon(session, options, *words, options.case_name, &request)) return kExitUsage;
  auto answer = session.client().Call(std::move(request));
  if (!answer.ok()) {
    int code = session.Fail(answer.error());
    if (code == kExitRefused && answer.error().code != absl::StatusCode::kUnauthenticated) {
      PrintOpenActions(session, options.case_name);
    }
    return code;
  }
  if (session.json()) {
    console.PrintJson(*answer);
    return kExitOk;
  }
  if (options.validate_only) {
    console.Print(console.Say("可以办理（未作改动）。", "It could be done (nothing was changed)."));
    return kExitOk;
  }
  v1::GetCaseRequest now;
  now.set_case_(answer->case_());
  auto shown = session.client().Call(now);
  console.Print(absl::StrCat(console.Word(answer->repeated_call() ? "此前已办。" : "已办。",
                                          answer->repeated_call() ? "done before." : "done."),
                             "  ", shown.ok() ? Standing(console, shown->case_()) : "",
                             console.Word("  版次 ", "  revision "), answer->revision()));
  return kExitOk;
}

}  // namespace duban::cli
