// The commands of `duban`, one function each. What is asked for stands in plain structs, so that only main*.cc know how
// a command line is read. Every function returns an exit code (console.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clients/cli/session.h"

namespace duban::cli {

// ledger.cc: lists.
struct LedgerOptions {
  std::string procedure, stage, light, timeliness, party, text, due_by;
  bool open_only = false;
  bool all = false;     // Every page, not only the first.
  bool by_due = false;  // All, the earliest deadline first.
  int page_size = 50;
  std::string as_of;  // Empty: now.
};
int RunLedger(Session& session, const LedgerOptions& options);
int RunInbox(Session& session, bool all);
int RunAlerts(Session& session, bool all, const std::string& as_of);

// compare.cc: what differs between two times.
struct CompareOptions {
  std::string view = "ledger";  // ledger, alerts, inbox, registers.
  std::string from, to;         // Empty `to`: now.
  LedgerOptions filter;         // Its `all` and `page_size` are the comparison's; conditions are for the ledger.
};
int RunCompare(Session& session, const CompareOptions& options);

// cases.cc: one case.
struct OpenOptions {
  std::string procedure, reason, occurred, entered_for, key;
  std::string part_of;  // The whole; empty for none.
  int64_t weight = 0;
  std::string secrecy;  // As people say it; empty: as the procedure says.
  std::vector<std::string> parties, draws, fields;
  bool validate_only = false;
};
struct ActOptions {
  std::string case_name, action, reason, note, occurred, entered_for, key;
  std::string target, party;  // What a built-in action speaks of: another case, a unit; of which party.
  int64_t weight = 0;
  std::string secrecy;  // Of mark_secrecy.
  std::vector<std::string> fields;
  std::optional<uint64_t> expect;
  bool validate_only = false;
};
int RunOpen(Session& session, const OpenOptions& options);
int RunShow(Session& session, const std::string& case_name, const std::string& as_of);
int RunAct(Session& session, const ActOptions& options);

// files.cc: the files of a case. A file is named "files/…", or by its title where the case shows one of that title
// only.
int RunFileList(Session& session, const std::string& case_name);
int RunFileGet(Session& session, const std::string& case_name, const std::string& file, const std::string& out);
int RunFileErase(Session& session, const std::string& case_name, const std::string& file, const std::string& reason,
                 const std::string& key);

// registers.cc
struct RegisterOptions {
  std::string name, as_of;
};
int RunRegisterList(Session& session, const RegisterOptions& options);

// metrics.cc: figures.
struct MetricOptions {
  std::string name, period, compare, as_of;  // `compare`: yoy, mom, or empty.
  std::vector<std::string> by;
  uint32_t version = 0;  // 0: the newest.
};
// Recounts a table of published figures; needs no server.
int RunMetricCheck(Session& session, const std::string& file);
int RunMetricList(Session& session);
int RunMetricShow(Session& session, const MetricOptions& options);
int RunScoreboardShow(Session& session, const MetricOptions& options);

// balance.cc: what was set on a day against what has come of it.
struct BalanceOptions {
  std::string procedure, goal, done;  // Fields that the ledger shows, by name or title.
  std::string frozen, as_of;          // The day on which goals were set; when what was done is read, empty: now.
};
int RunBalance(Session& session, const BalanceOptions& options);

// watch.cc, replay.cc: streams.
struct WatchOptions {
  std::string view = "events";     // events, many, or a view's name.
  std::vector<std::string> views;  // Of many: their names.
  std::vector<std::string> where;  // "label=value".
  std::string from;                // "beginning", a token, or empty: from now on.
  std::string case_name;
  double until_idle_s = 0;  // 0: until interrupted.
  LedgerOptions filter;
};
struct ReplayOptions {
  std::string case_name;
  double speed = 0;
  double max_pause_s = 5;
  std::string until;
};
int RunWatch(Session& session, const WatchOptions& options);
int RunReplay(Session& session, const ReplayOptions& options);

// procedure.cc. Without a token files are checked here, with those of their folder.
int RunProcedureCheck(Session& session, const std::vector<std::string>& files);
// `if_changed`: nothing happens when the newest versions are these very files.
int RunProcedurePublish(Session& session, const std::vector<std::string>& files, const std::string& key,
                        const std::string& override_reason, bool if_changed);
int RunProcedureList(Session& session);
int RunProcedureShow(Session& session, const std::string& name, uint32_t version);

// procedure_draw.cc
struct DrawOptions {
  std::vector<std::string> files;  // The first is drawn; the others are those that it leans on.
  std::string case_name;           // Instead of files: the way of this case through its version of its procedure.
  std::string out;                 // Empty: standard output.
};
int RunProcedureDraw(Session& session, const DrawOptions& options);

// procedure_rehearse.cc
struct RehearseOptions {
  std::vector<std::string> files;          // The first is rehearsed; the others are those that it leans on.
  std::string script;                      // Empty: standard input.
  std::string calendar;                    // Empty: the example's, where it is there.
  std::string start = "2026-09-01 09:00";  // In the zone +08:00.
};
int RunProcedureRehearse(Session& session, const RehearseOptions& options);

// directory.cc
int RunDirectoryApply(Session& session, const std::string& file, const std::string& key);
int RunUnits(Session& session);
int RunPosts(Session& session);
int RunPersons(Session& session);
int RunRelations(Session& session);
int RunWhoAmI(Session& session);

// delegations.cc
struct DelegateOptions {
  std::string from;  // Empty: the caller.
  std::string to, begins, until, reason, name, key;
  std::vector<std::string> posts;
};
int RunDelegate(Session& session, const DelegateOptions& options);
int RunEndDelegation(Session& session, const std::string& name, const std::string& key);
int RunDelegations(Session& session);
// For whom somebody stands in now, a line each.
int PrintActsFor(Session& session, const std::string& person);

// calendar.cc
struct PublishOptions {
  std::string file, source, key;
  bool validate_only = false;
};
int RunCalendarPublish(Session& session, const PublishOptions& options);
int RunCalendarShow(Session& session, int year);
struct DayOptions {
  std::string kind = "working";  // working, calendar.
  bool count_first = false;
};
int RunCalendarAdd(Session& session, const std::string& date, int days, const DayOptions& options);
int RunCalendarCount(Session& session, const std::string& from, const std::string& to, const DayOptions& options);

// jobs.cc
int RunJobList(Session& session, bool all);
// `follow`: until it ends.
int RunJobShow(Session& session, const std::string& name, bool follow);
int RunJobCancel(Session& session, const std::string& name, const std::string& reason, const std::string& key);
// job_start.cc
struct StartOptions {
  std::string key;
  bool preview = false;  // Only what it would do.
  bool detach = false;   // Does not wait for its end.
};
int StartJob(Session& session, v1::JobTask task, const StartOptions& options);
int RunHandOver(Session& session, const std::string& from, const std::string& to, const std::string& reason,
                const StartOptions& options);
struct MigrateOptions {
  std::string procedure;
  int from = 0, to = 0;
  std::vector<std::string> stages;  // "old=new".
};
int RunMigrate(Session& session, const MigrateOptions& migrate, const StartOptions& options);
struct ForEachOptions {
  std::string procedure, party, below, level;
  std::vector<std::string> units, parties, fields;
};
int RunForEach(Session& session, const ForEachOptions& each, const StartOptions& options);
// What a job would do.
void PrintPreview(Session& session, const v1::JobPreview& preview);

// plan.cc
struct PlanPutOptions {
  std::string file, key, override_reason;
  bool preview = false;
};
int RunPlanPut(Session& session, const PlanPutOptions& options);
int RunPlanStop(Session& session, const std::string& name, const std::string& key);
int RunPlanList(Session& session);
int RunPlanBurden(Session& session, int year, const std::string& unit);

// draw.cc
struct DrawFreezeOptions {
  std::string title, per, share, redraws, reason, key;
  std::string kind;  // Of the candidates: unit, post, person, or so in Chinese; empty: any.
  std::vector<std::string> candidates, not_related_to;
  LedgerOptions cases;  // With a procedure: the cases that it shows.
  int count = 0;
  int at_least = 0;
};
int RunDrawFreeze(Session& session, const DrawFreezeOptions& options);
int RunDrawSeed(Session& session, const std::string& draw, const std::string& seed, const std::string& source,
                const std::string& key);
// `verify`: makes it again from what is written. `out`: the file to which it is written for others; empty: none.
int RunDrawShow(Session& session, const std::string& name, bool verify, const std::string& out);
// Makes a draw again from such a file; needs no server.
int RunDrawVerify(Session& session, const std::string& file);
int RunDrawList(Session& session);
// The name of a draw given by its name, or by its title: the newest that is called so. What there is none of goes on as
// it stands, for the server to say so.
std::string DrawNamed(Session& session, const std::string& text);

// documents.cc
struct DocumentIssueOptions {
  std::string document, key;
  std::vector<std::string> cases;
  LedgerOptions filter;  // With `all`: of what the ledger shows.
  bool all = false;
  bool preview = false;
};
struct DocumentListOptions {
  std::string to, from, document;
  bool unreceived = false;
};
struct DocumentReceiveOptions {
  std::string document, entered_for, occurred, reason, key;
};
int RunDocumentIssue(Session& session, const DocumentIssueOptions& options);
int RunDocumentList(Session& session, const DocumentListOptions& options);
int RunDocumentShow(Session& session, const std::string& named);
int RunDocumentReceive(Session& session, const DocumentReceiveOptions& options);
// Files to write: a page and a workbook; where both are empty, the terminal.
struct PrintOptions {
  std::string html, sheet;
};
int RunDocumentPrint(Session& session, const std::string& named, const PrintOptions& options);
struct ReportOptions {
  std::string name, period, from, to, key;
  PrintOptions print;
  bool issue = false;  // Else only what it would say.
};
int RunReport(Session& session, const ReportOptions& options);

// stats.cc, ops.cc, token.cc
int RunStats(Session& session);
int RunBackupCreate(Session& session, const std::string& name);

// views.cc
int RunViews(Session& session);
// "v2 40%" while a new version is being built, and why it stands still where it does; empty: nothing is built.
std::string BuildProgress(const v1::ViewDescription& view);
int RunClockAdvance(Session& session, const std::string& to, const std::string& key);
int RunToken(Session& session, const std::string& person, int days, const std::string& out);

// import.cc: both kinds of import; import_ledger.cc and import_log.cc do the work.
struct ImportOptions {
  std::string file, map, encoding, entered_for;
  bool preview = false;
  int limit = 0;        // 0: all.
  int show = 40;        // Remarks printed per reason; 0: all.
  bool job = false;     // The server plays the rows by itself.
  bool detach = false;  // Does not wait for the job's end.
};
int RunImport(Session& session, const ImportOptions& options);

}  // namespace duban::cli
