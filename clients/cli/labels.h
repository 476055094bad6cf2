// What the contract's enumerations and lights are called, and how values are shown.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "clients/cli/table.h"
#include "clients/cli/words.h"
#include "duban/v1/event.pb.h"
#include "duban/v1/value.pb.h"
#include "duban/v1/view.pb.h"

namespace duban::cli {

v1::Text TimelinessText(v1::Timeliness timeliness);
v1::Text VerificationText(v1::Verification verification);
v1::Text TruthText(v1::Truth truth);
v1::Text EndKindText(v1::EndKind kind);
v1::Text SecrecyText(v1::Secrecy secrecy);
// 公开, 工作秘密, "work_secret" … as people write a grade; nothing for what is none. State secrets are grades too: the
// server says that it refuses them.
std::optional<v1::Secrecy> ReadSecrecy(absl::string_view written);
// "10 个工作日"; hours are counted in seconds.
v1::Text SpanText(v1::DayKind kind, int64_t count);
// 红, 黄, 绿; a scheme's other words stand as they are.
v1::Text LightText(const v1::Light& light);
Ink LightInk(const v1::Light& light);
// A built-in action's title; the name itself for others.
// "3 件，结束 1，逾期 1，33%，红灯".
v1::Text PartsText(const v1::PartsSum& sum);
// "评议结果 86.40；上级评 3/3（票少，均分不公布）；互评 9/10 88.00".
v1::Text CollectedText(const v1::CollectClosed& closed);
v1::Text BuiltInActionText(absl::string_view action);
// The action that goes by this title: the procedure's own, else one that every procedure has; else the text itself.
std::string ActionNamed(const ProcedureWords& words, const std::string& text);
// reminder, overdue, urge …; `otherwise` for what this build does not know.
v1::Text AlertKindText(absl::string_view kind, const v1::Text& otherwise);
// "remind:10wd", "due", "urge@5wd", as the engine names the instants of a clock.
v1::Text RungText(absl::string_view rung, const ProcedureWords& words);

// A value as people read it: a choice by its title, a reference by its name, what is sealed as ＊＊＊.
std::string ShowValue(const v1::Value& value, absl::string_view codes, const ProcedureWords& words, const Names& names,
                      absl::TimeZone zone);

// "on_time", "逾期" … as typed on the command line; UNSPECIFIED when there is no such.
v1::Timeliness ReadTimeliness(absl::string_view text);

}  // namespace duban::cli
