#include "engine/plan/recurrence.h"

#include <libical/ical.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "engine/procedure/reader.h"

namespace duban::engine {
namespace {

using language::Both;

icaltimetype DateOf(Day day) {
  icaltimetype date = icaltime_null_date();
  date.year = static_cast<int>(day.year());
  date.month = day.month();
  date.day = day.day();
  date.hour = date.minute = date.second = 0;  // A null date has none, and a rule would count on from there.
  return date;
}

constexpr char kFrequenciesZh[] = "DAILY 每日、WEEKLY 每周、MONTHLY 每月、YEARLY 每年";
constexpr char kFrequenciesEn[] = "DAILY, WEEKLY, MONTHLY, YEARLY";
constexpr char kDaysZh[] = "MO 周一、TU 周二、WE 周三、TH 周四、FR 周五、SA 周六、SU 周日";
constexpr char kDaysEn[] = "MO, TU, WE, TH, FR, SA, SU";
constexpr const char* kDays[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

// Parts whose values are whole numbers, several with commas between.
struct NumberPart {
  const char* key;
  int most;       // From 1 on.
  bool from_end;  // Negative ones count from the end: -1 is the last.
  bool several;
  const char* zh;
  const char* en;
};
constexpr NumberPart kNumberParts[] = {
    {"INTERVAL", 999, false, false, "每隔几次", "every how many"},
    {"BYMONTH", 12, false, true, "月份", "months"},
    {"BYMONTHDAY", 31, true, true, "当月第几日", "days of the month"},
    {"BYYEARDAY", 366, true, true, "当年第几日", "days of the year"},
    {"BYWEEKNO", 53, true, true, "当年第几周", "weeks of the year"},
    {"BYSETPOS", 366, true, true, "其中第几个", "which of those"},
};

bool IsWhole(absl::string_view text, int most, bool from_end) {
  int number = 0;
  if (absl::StrContains(text, ' ') || !absl::SimpleAtoi(text, &number) || number > most) return false;
  return number >= 1 || (from_end && number <= -1 && number >= -most);
}

v1::Text WhyWrongNumbers(const NumberPart& part, const std::string& value) {
  const std::vector<std::string> numbers =
      part.several ? std::vector<std::string>(absl::StrSplit(value, ',')) : std::vector<std::string>{value};
  for (const std::string& number : numbers) {
    if (IsWhole(number, part.most, part.from_end)) continue;
    return Both(
        absl::StrCat(part.key, "（", part.zh, "）的“", number, "”不可用，只能是 1 至 ", part.most, " 的整数",
                     part.from_end ? absl::StrCat("，或倒数的 -1 至 -", part.most) : "",
                     part.several ? "；几个之间用半角逗号。" : "。"),
        absl::StrCat(part.key, " (", part.en, ") cannot be \"", number, "\": it is a whole number from 1 to ",
                     part.most, part.from_end ? absl::StrCat(", or from -1 to -", part.most, " from the end") : "",
                     part.several ? "; commas stand between several." : "."));
  }
  return {};
}

bool IsDay(absl::string_view text) { return std::find(std::begin(kDays), std::end(kDays), text) != std::end(kDays); }

// "MO", "1MO" the first Monday, "-1FR" the last Friday.
v1::Text WhyWrongDays(const std::string& value) {
  for (const absl::string_view one : absl::StrSplit(value, ',')) {
    const absl::string_view which = one.substr(0, one.size() - std::min<size_t>(one.size(), 2));
    if (IsDay(one.substr(which.size())) && (which.empty() || IsWhole(which, 53, true))) continue;
    return Both(absl::StrCat("BYDAY（星期几）的“", one, "”不可用，只能是：", kDaysZh,
                             "；前面可写第几个，如 1MO 第一个周一、-1FR 最后一个周五；几个之间用半角逗号。"),
                absl::StrCat("BYDAY (days of the week) cannot be \"", one, "\": it is one of ", kDaysEn,
                             ", with a number before it for the first (1MO) or last (-1FR); commas stand between "
                             "several."));
  }
  return {};
}

// One part, in capitals.
v1::Text WhyWrongPart(const std::string& key, const std::string& value) {
  if (key == "COUNT" || key == "UNTIL") {
    return Both(absl::StrCat("不写 ", key, "：到哪天为止写在 until 中。"),
                absl::StrCat("Leave out ", key, ": the last day is said in \"until\"."));
  }
  if (key == "BYHOUR" || key == "BYMINUTE" || key == "BYSECOND") {
    return Both(absl::StrCat("不写 ", key, "：当日几点写在 at 中。"),
                absl::StrCat("Leave out ", key, ": the time of day is said in \"at\"."));
  }
  if (key == "FREQ") {
    const std::vector<std::string> known = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
    if (absl::c_linear_search(known, value)) return {};
    const v1::Text nearest = language::Suggest(value, known);
    return Both(
        absl::StrCat("FREQ（多久一次）的“", value, "”不可用，只能是：", kFrequenciesZh, "。", nearest.zh()),
        absl::StrCat("FREQ (how often) cannot be \"", value, "\": it is one of ", kFrequenciesEn, ".", nearest.en()));
  }
  if (key == "BYDAY") return WhyWrongDays(value);
  if (key == "WKST") {
    if (IsDay(value)) return {};
    return Both(absl::StrCat("WKST（一周从哪天起）的“", value, "”不可用，只能是：", kDaysZh, "。"),
                absl::StrCat("WKST (on which day weeks begin) cannot be \"", value, "\": it is one of ", kDaysEn, "."));
  }
  std::vector<std::string> known = {"FREQ", "BYDAY", "WKST"};
  for (const NumberPart& part : kNumberParts) {
    if (key == part.key) return WhyWrongNumbers(part, value);
    known.emplace_back(part.key);
  }
  const v1::Text nearest = language::Suggest(key, known);
  return Both(absl::StrCat("没有“", key, "”这一项，可写：", absl::StrJoin(known, "、"), "。", nearest.zh()),
              absl::StrCat("There is no part \"", key, "\"; known: ", absl::StrJoin(known, ", "), ".", nearest.en()));
}

}  // namespace

v1::Text WhyWrongRule(const std::string& rule) {
  std::set<std::string> seen;
  for (const absl::string_view part : absl::StrSplit(absl::StripSuffix(rule, ";"), ';')) {
    const std::pair<std::string, std::string> split =
        absl::StrSplit(absl::AsciiStrToUpper(part), absl::MaxSplits('=', 1));
    const auto& [key, value] = split;
    if (!absl::StrContains(part, '=')) {
      return Both(absl::StrCat("“", part, "”应写作“项=值”，各项之间用半角分号。"),
                  absl::StrCat("\"", part, "\" should read PART=VALUE, with semicolons between the parts."));
    }
    if (v1::Text wrong = WhyWrongPart(key, value); !wrong.zh().empty()) return wrong;
    if (!seen.insert(key).second) {
      return Both(absl::StrCat(key, " 写了两次，请删去一个。"), absl::StrCat(key, " is written twice; remove one."));
    }
  }
  if (seen.count("FREQ") == 0) {
    return Both(absl::StrCat("缺少 FREQ（多久一次），只能是：", kFrequenciesZh, "。"),
                absl::StrCat("FREQ (how often) is missing; it is one of ", kFrequenciesEn, "."));
  }
  return {};
}

std::vector<Day> DaysOf(const std::string& rule, Day from, Day until, size_t most) {
  std::vector<Day> out;
  const icalrecurrencetype parsed = icalrecurrencetype_from_string(rule.c_str());
  if (parsed.freq == ICAL_NO_RECURRENCE) return out;
  const std::unique_ptr<icalrecur_iterator, decltype(&icalrecur_iterator_free)> days(
      icalrecur_iterator_new(parsed, DateOf(from)), &icalrecur_iterator_free);
  if (days == nullptr) return out;
  while (out.size() < most) {
    const icaltimetype next = icalrecur_iterator_next(days.get());
    if (icaltime_is_null_time(next)) break;
    const Day day(next.year, next.month, next.day);
    if (day > until) break;
    if (day >= from) out.push_back(day);
  }
  return out;
}

}  // namespace duban::engine
