// Rehearses a procedure by hand, without a server: reads its files, its script and the calendar of working days.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "clients/cli/calendar_file.h"
#include "clients/cli/commands.h"
#include "clients/cli/csv.h"
#include "clients/cli/dates.h"
#include "clients/cli/procedure_files.h"
#include "clients/cli/rehearse.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

constexpr char kExampleCalendar[] = "examples/calendar/workdays.csv";

// The calendar that was named, else the example's, from here or from beside the procedures' folder; "" for none.
std::string CalendarFile(const RehearseOptions& options) {
  if (!options.calendar.empty()) return options.calendar;
  namespace fs = std::filesystem;
  std::error_code ignored;
  for (const fs::path& from : {fs::path("."), fs::path(options.files.front()).parent_path() / ".."}) {
    const fs::path file = (from / kExampleCalendar).lexically_normal();
    if (fs::exists(file, ignored)) return file.string();
  }
  return "";
}

// Says which working days are counted by; false after saying what is wrong with the file.
bool ReadYears(const Console& console, const RehearseOptions& options, offline::Setting* setting) {
  const std::string path = CalendarFile(options);
  if (path.empty()) {
    console.Remark("没有工作日表，按周一至周五计；可用 --calendar 指明。",
                   "There is no calendar of working days: Monday to Friday count. Name one by --calendar.");
    return true;
  }
  const auto text = ReadFile(path);
  if (!text) {
    console.Remark(absl::StrCat("读不了文件 ", path, "。"), absl::StrCat("Cannot read the file ", path, "."));
    return false;
  }
  std::vector<Finding> findings;
  setting->years = ReadCalendar(ParseCsv(*text), path, &findings);
  for (const Finding& finding : findings) {
    console.Remark(absl::StrCat(path, ":", finding.line, ": ", finding.text.zh()),
                   absl::StrCat(path, ":", finding.line, ": ", finding.text.en()));
  }
  if (!findings.empty()) return false;
  if (setting->years.empty()) {
    console.Remark(absl::StrCat(path, " 里没有一天。"), absl::StrCat(path, " holds no day."));
    return false;
  }
  const int first = setting->years.front().year(), last = setting->years.back().year();
  console.Remark(
      absl::StrCat("工作日依 ", path, "（", first, "—", last, " 年），其余年份按周一至周五计。"),
      absl::StrCat("Working days are those of ", path, " (", first, "-", last, "); of other years Monday to Friday."));
  return true;
}

std::map<std::string, ProcedureWords> WordsOf(const std::vector<v1::ProcedureFile>& files) {
  std::vector<std::string> shared;
  for (const v1::ProcedureFile& file : files) {
    if (ProcedureIn(file).empty()) shared.push_back(file.text());
  }
  std::map<std::string, ProcedureWords> words;
  for (const v1::ProcedureFile& file : files) {
    if (const std::string name = ProcedureIn(file); !name.empty()) words[name] = ScanProcedure(file.text(), shared);
  }
  return words;
}

}  // namespace

int RunProcedureRehearse(Session& session, const RehearseOptions& options) {
  const Console& console = session.console();
  offline::Setting setting;
  const auto start = ReadInstant(options.start, absl::FixedTimeZone(8 * 3600));
  if (!start) {
    return console.Fail(kExitUsage, absl::StrCat("“", options.start, "”不是时刻，应写作 2026-09-01 09:00。"),
                        absl::StrCat("\"", options.start, "\" is no instant; write 2026-09-01 09:00."));
  }
  setting.start = *start;
  const auto alone = ReadProcedureFiles(console, options.files);
  if (!alone) return kExitUsage;
  setting.procedure = ProcedureIn(alone->front());
  if (setting.procedure.empty()) {
    return console.Fail(kExitUsage, absl::StrCat(options.files.front(), " 不是规程（没有 procedure）。"),
                        absl::StrCat(options.files.front(), " is no procedure (it has no \"procedure\")."));
  }
  std::ifstream script;
  if (!options.script.empty()) {
    script.open(options.script);
    if (!script) {
      return console.Fail(kExitUsage, absl::StrCat("读不了文件 ", options.script, "。"),
                          absl::StrCat("Cannot read the file ", options.script, "."));
    }
  }
  if (!ReadYears(console, options, &setting)) return kExitRefused;

  std::unique_ptr<offline::Rehearsal> rehearsal;
  const auto rehearse = [&](const std::vector<v1::ProcedureFile>& files) {
    setting.files = files;
    rehearsal = std::make_unique<offline::Rehearsal>(setting);
    return rehearsal->findings();
  };
  std::vector<v1::ProcedureFile> files = *alone;
  const auto findings = LeanOnFolder(options.files, rehearse, &files);
  if (!findings.empty()) {
    PrintFindings(console, findings);
    return kExitRefused;
  }
  Telling telling{WordsOf(setting.files), setting.procedure, options.script.empty() && isatty(STDIN_FILENO) == 1};
  return Rehearse(console, *rehearsal, telling, options.script.empty() ? std::cin : static_cast<std::istream&>(script));
}

}  // namespace duban::cli
