// The working-day calendar: publish, show, add, count.
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/calendar_file.h"
#include "clients/cli/commands.h"
#include "clients/cli/csv.h"
#include "clients/cli/dates.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

v1::DayKind KindOf(const DayOptions& options) {
  return options.kind == "calendar" ? v1::DAY_KIND_CALENDAR : v1::DAY_KIND_WORKING;
}

// A date as the server wants it; "" after saying what is wrong.
std::string Date(const Console& console, const std::string& text) {
  auto day = ReadDay(text);
  if (day) return ShowDay(*day);
  console.Remark(absl::StrCat("“", text, "”不是日期，应写作 2026-10-08。"),
                 absl::StrCat("\"", text, "\" is not a date; write 2026-10-08."));
  return "";
}

const char* const kWeekdays[] = {"一", "二", "三", "四", "五", "六", "日"};

std::string Weekday(const std::string& date) {
  auto day = ReadDay(date);
  return day ? absl::StrCat("周", kWeekdays[static_cast<int>(absl::GetWeekday(*day))]) : "";
}

}  // namespace

std::vector<v1::CalendarYear> ReadCalendar(const CsvFile& file, const std::string& source,
                                           std::vector<Finding>* findings) {
  std::map<int, v1::CalendarYear> years;
  int date = file.Column("date"), type = file.Column("type"), name = file.Column("name");
  if (date < 0 || type < 0 || name < 0) {
    findings->push_back({1, "", "BAD_HEADING",
                         Both("表头须有 date、type、name 三列。", "The heading needs date, type and name."), true, ""});
    return {};
  }
  for (const CsvRecord& record : file.records) {
    auto wrong = [&](const char* column, v1::Text text) {
      findings->push_back({record.line, column, "BAD_VALUE", std::move(text), true, ""});
    };
    if (record.fields.size() != file.heading.size()) {
      wrong("", Both("列数与表头不符。", "The number of fields differs from the heading."));
      continue;
    }
    auto day = ReadDay(record.fields[date]);
    if (!day) {
      wrong("date", Both(absl::StrCat("“", record.fields[date], "”不是日期。"),
                         absl::StrCat("\"", record.fields[date], "\" is not a date.")));
      continue;
    }
    const std::string& kind = record.fields[type];
    if (kind != "holiday" && kind != "workday") {
      wrong("type", Both(absl::StrCat("类型只有 holiday（放假）和 workday（上班），没有“", kind, "”。"),
                         absl::StrCat("A type is holiday or workday, not \"", kind, "\".")));
      continue;
    }
    v1::CalendarYear& year = years[static_cast<int>(day->year())];
    year.set_year(static_cast<int>(day->year()));
    year.set_source(source);
    v1::CalendarDay* listed = year.add_days();
    listed->set_date(ShowDay(*day));
    listed->set_type(kind == "holiday" ? v1::DAY_TYPE_HOLIDAY : v1::DAY_TYPE_WORKDAY);
    listed->set_title(record.fields[name]);
  }
  std::vector<v1::CalendarYear> out;
  for (auto& [number, year] : years) out.push_back(std::move(year));
  return out;
}

int RunCalendarPublish(Session& session, const PublishOptions& options) {
  const Console& console = session.console();
  const std::string& file = options.file;
  auto text = ReadFile(file);
  if (!text) {
    return console.Fail(kExitUsage, absl::StrCat("读不了文件 ", file, "。"),
                        absl::StrCat("Cannot read the file ", file, "."));
  }
  std::vector<Finding> findings;
  v1::PublishCalendarRequest request;
  for (v1::CalendarYear& year : ReadCalendar(ParseCsv(*text), options.source, &findings))
    *request.add_years() = std::move(year);
  for (const Finding& finding : findings) {
    console.Remark(absl::StrCat(file, ":", finding.line, ": ", finding.column, " ", finding.text.zh()),
                   absl::StrCat(file, ":", finding.line, ": ", finding.column, " ", finding.text.en()));
  }
  if (!findings.empty()) return kExitRefused;  // A calendar with a hole would make deadlines wrong: all or nothing.
  if (request.years().empty()) {
    return console.Fail(kExitRefused, absl::StrCat(file, " 里没有一天。"), absl::StrCat(file, " holds no day."));
  }
  request.set_idempotency_key(options.key);
  request.set_validate_only(options.validate_only);
  int first = request.years(0).year(), last = request.years(request.years_size() - 1).year();
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*answer);
  } else if (options.validate_only) {
    console.Print(console.Say(
        absl::StrCat("仅预览，未发布：", first, "—", last, " 年，有变化 ", answer->changed(), " 年。"),
        absl::StrCat("preview, nothing published: ", first, "-", last, ", ", answer->changed(), " years differ")));
    PrintPreview(session, answer->preview());
  } else {
    console.Print(console.Say(absl::StrCat("工作日历 ", first, "—", last, " 年，有变化 ", answer->changed(),
                                           " 年，现为第 ", answer->version(), " 版。"),
                              absl::StrCat("calendar ", first, "-", last, ", ", answer->changed(),
                                           " years changed, version ", answer->version())));
    if (!answer->job().empty()) {
      console.Print(console.Say(
          absl::StrCat("正在重算运行中的期限：duban job show ", answer->job(), " --follow"),
          absl::StrCat("running deadlines are being counted again: duban job show ", answer->job(), " --follow")));
    }
  }
  return kExitOk;
}

int RunCalendarShow(Session& session, int year) {
  const Console& console = session.console();
  v1::GetCalendarYearRequest request;
  request.set_year(year);
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*answer);
    return kExitOk;
  }
  Table table({console.Say("日期", "date"), console.Say("星期", "weekday"), console.Say("安排", "type"),
               console.Say("名称", "name")});
  for (const v1::CalendarDay& day : answer->year().days()) {
    bool holiday = day.type() == v1::DAY_TYPE_HOLIDAY;
    table.Add({day.date(), Weekday(day.date()),
               holiday ? console.Say("放假", "holiday") : console.Say("上班", "workday"), day.title()});
  }
  console.PrintTable(table);
  console.Print(
      console.Say(absl::StrCat(year, " 年工作日 ", answer->working_days(), " 天；日历第 ", answer->version(),
                               " 版，覆盖 ", answer->first_year(), "—", answer->last_year(), " 年。"),
                  absl::StrCat(year, " has ", answer->working_days(), " working days; calendar version ",
                               answer->version(), " covers ", answer->first_year(), "-", answer->last_year())));
  return kExitOk;
}

int RunCalendarAdd(Session& session, const std::string& date, int days, const DayOptions& options) {
  const Console& console = session.console();
  v1::AddDaysRequest request;
  request.set_date(Date(console, date));
  if (request.date().empty()) return kExitUsage;
  request.set_days(days);
  request.set_kind(KindOf(options));
  request.set_count_first(options.count_first);
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*answer);
  } else {
    console.Print(absl::StrCat(answer->date(), " ", Weekday(answer->date())));
  }
  return kExitOk;
}

int RunCalendarCount(Session& session, const std::string& from, const std::string& to, const DayOptions& options) {
  const Console& console = session.console();
  v1::CountDaysRequest request;
  request.set_from(Date(console, from));
  request.set_to(Date(console, to));
  if (request.from().empty() || request.to().empty()) return kExitUsage;
  request.set_kind(KindOf(options));
  request.set_count_first(options.count_first);
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*answer);
  } else {
    console.Print(absl::StrCat(answer->days()));
  }
  return kExitOk;
}

}  // namespace duban::cli
