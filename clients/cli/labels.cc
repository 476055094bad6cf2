#include "clients/cli/labels.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "clients/cli/dates.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

// "10wd", "24h", "3d" as the engine abbreviates spans; as it stands where it is something else.
v1::Text WrittenSpan(absl::string_view written) {
  size_t digits = 0;
  while (digits < written.size() && absl::ascii_isdigit(written[digits])) ++digits;
  absl::string_view unit = written.substr(digits);
  int64_t count = 0;
  bool known = unit == "wd" || unit == "h" || unit == "d";
  if (!known || !absl::SimpleAtoi(written.substr(0, digits), &count)) {
    return Both(std::string(written), std::string(written));
  }
  if (unit == "h") return SpanText(v1::DAY_KIND_HOURS, count * 3600);
  return SpanText(unit == "wd" ? v1::DAY_KIND_WORKING : v1::DAY_KIND_CALENDAR, count);
}

}  // namespace

v1::Text TimelinessText(v1::Timeliness timeliness) {
  switch (timeliness) {
    case v1::TIMELINESS_ON_TIME:
      return Both("未到期", "on time");
    case v1::TIMELINESS_DUE_SOON:
      return Both("临期", "due soon");
    case v1::TIMELINESS_OVERDUE:
      return Both("逾期", "overdue");
    case v1::TIMELINESS_ENDED_ON_TIME:
      return Both("按期办结", "ended on time");
    case v1::TIMELINESS_ENDED_LATE:
      return Both("逾期办结", "ended late");
    case v1::TIMELINESS_NO_DEADLINE:
      return Both("无期限", "no deadline");
    default:
      return Both("", "");  // Open enumerations of proto3 may hold what this build does not know.
  }
}

v1::Text VerificationText(v1::Verification verification) {
  switch (verification) {
    case v1::VERIFICATION_PASSED:
      return Both("验收通过", "passed");
    case v1::VERIFICATION_FAILED:
      return Both("验收不通过", "failed");
    case v1::VERIFICATION_REBOUNDED:
      return Both("反弹", "rebounded");
    default:
      return Both("", "");
  }
}

v1::Text TruthText(v1::Truth truth) {
  switch (truth) {
    case v1::TRUTH_CONFIRMED:
      return Both("属实", "confirmed");
    case v1::TRUTH_PARTLY:
      return Both("部分属实", "partly true");
    case v1::TRUTH_UNFOUNDED:
      return Both("不属实", "unfounded");
    default:
      return Both("", "");
  }
}

namespace {
struct Grade {
  v1::Secrecy secrecy;
  const char* zh;
  const char* en;
  const char* written;
};
constexpr Grade kGrades[] = {
    {v1::SECRECY_PUBLIC, "公开", "public", "public"},
    {v1::SECRECY_INTERNAL, "内部", "internal", "internal"},
    {v1::SECRECY_WORK_SECRET, "工作秘密", "work secret", "work_secret"},
    {v1::SECRECY_SECRET, "秘密", "state secret", "secret"},
    {v1::SECRECY_CONFIDENTIAL, "机密", "confidential state secret", "confidential"},
    {v1::SECRECY_TOP_SECRET, "绝密", "top secret", "top_secret"},
};
}  // namespace

v1::Text SecrecyText(v1::Secrecy secrecy) {
  for (const Grade& grade : kGrades) {
    if (grade.secrecy == secrecy) return Both(grade.zh, grade.en);
  }
  return {};
}

std::optional<v1::Secrecy> ReadSecrecy(absl::string_view written) {
  for (const Grade& grade : kGrades) {
    if (written == grade.zh || written == grade.written) return grade.secrecy;
  }
  return std::nullopt;
}

v1::Text EndKindText(v1::EndKind kind) {
  switch (kind) {
    case v1::END_KIND_DONE:
      return Both("办结", "done");
    case v1::END_KIND_CANCELLED:
      return Both("撤回", "cancelled");
    case v1::END_KIND_FAILED:
      return Both("未成", "failed");
    case v1::END_KIND_TRANSFERRED:
      return Both("移送", "transferred");
    case v1::END_KIND_MERGED:
      return Both("并案", "merged");
    default:
      return Both("", "");
  }
}

v1::Text SpanText(v1::DayKind kind, int64_t count) {
  switch (kind) {
    case v1::DAY_KIND_WORKING:
      return Both(absl::StrCat(count, " 个工作日"), absl::StrCat(count, " working days"));
    case v1::DAY_KIND_HOURS:
      return Both(absl::StrCat(count / 3600, " 小时"), absl::StrCat(count / 3600, " hours"));
    default:
      return Both(absl::StrCat(count, " 天"), absl::StrCat(count, " days"));
  }
}

v1::Text LightText(const v1::Light& light) {
  if (light.colour() == "red") return Both("红", "red");
  if (light.colour() == "yellow") return Both("黄", "yellow");
  if (light.colour() == "green") return Both("绿", "green");
  if (light.colour() == "orange") return Both("橙", "orange");
  if (light.colour() == "purple") return Both("紫", "purple");
  if (light.colour() == "blue") return Both("蓝", "blue");
  return Both(light.colour(), light.colour());
}

Ink LightInk(const v1::Light& light) {
  if (light.colour() == "red") return Ink::kRed;
  if (light.colour() == "yellow") return Ink::kYellow;
  return light.colour() == "green" ? Ink::kGreen : Ink::kNone;
}

v1::Text PartsText(const v1::PartsSum& sum) {
  const v1::Text light = LightText(sum.light());
  const std::string percent = absl::StrCat(sum.progress_permille() / 10, "%");
  return Both(absl::StrCat(sum.total(), " 件，结束 ", sum.ended(), "，逾期 ", sum.late(), "，", percent,
                           light.zh().empty() ? "" : absl::StrCat("，", light.zh(), "灯")),
              absl::StrCat(sum.total(), ": ", sum.ended(), " ended, ", sum.late(), " late, ", percent,
                           light.en().empty() ? "" : absl::StrCat(", ", light.en())));
}

v1::Text CollectedText(const v1::CollectClosed& closed) {
  v1::Text text;
  text.set_zh(closed.quorum() ? absl::StrCat("评议结果 ", closed.result()) : "评议参加人数不足，没有结果");
  text.set_en(closed.quorum() ? absl::StrCat("result of the rating: ", closed.result())
                              : "too few took part in the rating, no result");
  for (const v1::GroupResult& group : closed.groups()) {
    const std::string share = absl::StrCat(group.cast(), "/", group.electors());
    const std::string en = group.title().en().empty() ? group.title().zh() : group.title().en();
    absl::StrAppend(
        text.mutable_zh(), "；", group.title().zh(), " ", share,
        group.withheld() ? "（票少，均分不公布）" : absl::StrCat(group.mean().empty() ? "" : " ", group.mean()));
    absl::StrAppend(text.mutable_en(), "; ", en, " ", share,
                    group.withheld() ? " (few ballots, mean withheld)"
                                     : absl::StrCat(group.mean().empty() ? "" : " ", group.mean()));
  }
  return text;
}

v1::Text BuiltInActionText(absl::string_view action) {
  if (action == "comment") return Both("备注", "comment");
  if (action == "urge") return Both("督办", "urge");
  if (action == "link") return Both("归入", "make a part");
  if (action == "merge") return Both("并案", "merge");
  if (action == "void") return Both("作废", "void");
  if (action == "transfer") return Both("移送", "transfer");
  if (action == "take_over") return Both("接收移送", "take over");
  if (action == "send_back") return Both("退回移送", "send back");
  if (action == "claim") return Both("认领", "claim");
  if (action == "on_site") return Both("现场督办", "visited on site");
  if (action == "hear_report") return Both("听取汇报", "heard a report");
  if (action == "mark_secrecy") return Both("调整密级", "mark secrecy");
  if (action == "vote") return Both("评议投票", "vote");
  if (action == "close_collecting") return Both("提前计票", "count now");
  if (action == "approve_void") return Both("批准作废", "approve: void");
  if (action == "refuse_void") return Both("不同意作废", "refuse: void");
  return Both(std::string(action), std::string(action));
}

std::string ActionNamed(const ProcedureWords& words, const std::string& text) {
  if (std::string own = NameOf(words.actions, text); own != text) return own;
  for (const char* action :
       {"comment", "urge", "link", "merge", "void", "approve_void", "refuse_void", "transfer", "take_over", "send_back",
        "claim", "on_site", "hear_report", "mark_secrecy", "vote", "close_collecting"}) {
    const v1::Text title = BuiltInActionText(action);
    if (title.zh() == text || title.en() == text) return action;
  }
  return text;
}

v1::Text AlertKindText(absl::string_view kind, const v1::Text& otherwise) {
  if (kind == "reminder") return Both("提醒", "reminder");
  if (kind == "overdue") return Both("逾期", "overdue");
  if (kind == "urge") return Both("催办", "urge");
  return otherwise.zh().empty() ? Both(std::string(kind), std::string(kind)) : otherwise;
}

v1::Text RungText(absl::string_view rung, const ProcedureWords& words) {
  if (rung == "due") return Both("逾期", "overdue");
  if (absl::StartsWith(rung, "remind:")) {
    v1::Text span = WrittenSpan(rung.substr(7));
    return Both(absl::StrCat("提前 ", span.zh(), "提醒"), absl::StrCat("reminder ", span.en(), " before"));
  }
  if (absl::StartsWith(rung, "light:")) {
    v1::Light light;
    light.set_colour(std::string(rung.substr(6)));
    v1::Text text = LightText(light);
    return Both(absl::StrCat("亮", text.zh(), "灯"), absl::StrCat(text.en(), " light"));
  }
  if (absl::StartsWith(rung, "missed")) {  // Of a report or a milestone.
    const absl::string_view several = absl::StripPrefix(rung.substr(6), ":");
    return several.empty() || several == "1"
               ? Both("未按时", "not on time")
               : Both(absl::StrCat("连续 ", several, " 期未按时"), absl::StrCat(several, " in a row not on time"));
  }
  size_t at = rung.rfind('@');
  if (at == absl::string_view::npos) return Both(std::string(rung), std::string(rung));
  std::string raises(rung.substr(0, at));
  auto found = words.raises.find(raises);
  v1::Text title = AlertKindText(raises, found == words.raises.end() ? v1::Text() : found->second);
  v1::Text span = WrittenSpan(rung.substr(at + 1));
  return Both(absl::StrCat(title.zh(), "（逾期 ", span.zh(), "）"),
              absl::StrCat(title.en(), " (", span.en(), " late)"));
}

namespace {

std::string ShowBare(const v1::Value& value, absl::string_view codes, const ProcedureWords& words, const Names& names,
                     absl::TimeZone zone) {
  std::string about = value.approximate() && value.written().empty() ? "约" : "";
  switch (value.kind_case()) {
    case v1::Value::kText:
      return value.text();
    case v1::Value::kChoice: {
      auto table = words.codes.find(std::string(codes));
      if (table == words.codes.end()) return value.choice();
      auto title = table->second.find(value.choice());
      return title == table->second.end() ? value.choice() : title->second.zh();
    }
    case v1::Value::kNumber:
      return about + value.number();
    case v1::Value::kDate:
      return about + value.date();
    case v1::Value::kInstant:
      return about + ShowInstant(FromTimestamp(value.instant()), zone);
    case v1::Value::kReference:
      return names.Title(value.reference());
    case v1::Value::kFile: {
      size_t hash = value.file().find('#');
      if (hash == std::string::npos && absl::StartsWith(value.file(), "files/")) return "(已擦除)";
      return hash == std::string::npos ? value.file().substr(0, 19) : value.file().substr(hash + 1);
    }
    case v1::Value::kStanding:
      return "长期";
    case v1::Value::kSealed:
      return "＊＊＊";
    case v1::Value::KIND_NOT_SET:
      break;
  }
  return "";
}

}  // namespace

std::string ShowValue(const v1::Value& value, absl::string_view codes, const ProcedureWords& words, const Names& names,
                      absl::TimeZone zone) {
  std::string shown = ShowBare(value, codes, words, names, zone);
  return value.written().empty() ? shown : absl::StrCat(shown, "（", value.written(), "）");
}

v1::Timeliness ReadTimeliness(absl::string_view text) {
  v1::Timeliness timeliness = v1::TIMELINESS_UNSPECIFIED;
  if (v1::Timeliness_Parse(absl::StrCat("TIMELINESS_", absl::AsciiStrToUpper(text)), &timeliness)) return timeliness;
  for (int t = v1::Timeliness_MIN + 1; t <= v1::Timeliness_MAX; ++t) {
    const auto one = static_cast<v1::Timeliness>(t);
    if (v1::Timeliness_IsValid(t) && TimelinessText(one).zh() == text) return one;
  }
  return v1::TIMELINESS_UNSPECIFIED;
}

}  // namespace duban::cli
