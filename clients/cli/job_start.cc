// Starting a job, or looking at what it would do: handing over, migrating, opening for each of a list of units.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cli/values.h"
#include "duban/v1/directory_service.pb.h"
#include "duban/v1/job_service.pb.h"

namespace duban::cli {
namespace {

// The one id that a text stands for; false after saying that there is none, or more.
bool ReadId(Session& session, const std::string& text, const std::string& kind, std::string* id) {
  const ReadValue read = ReadReference(text, kind, session.names());
  if (!read.ok()) {
    session.console().Remark(read.fault);
    return false;
  }
  *id = read.value->reference();
  return true;
}

// The units directly and further below one, by name; null after saying why they cannot be read.
std::unique_ptr<std::vector<std::string>> UnitsBelow(Session& session, const std::string& top, const std::string& level,
                                                     int* code) {
  std::vector<v1::Unit> all;
  v1::ListUnitsRequest request;
  do {
    auto page = session.Call(v1::ListUnitsRequest(request), code);
    if (page == nullptr) return nullptr;
    all.insert(all.end(), page->units().begin(), page->units().end());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  auto below = std::make_unique<std::vector<std::string>>();
  std::vector<std::string> reached = {top};
  for (size_t i = 0; i < reached.size(); ++i) {
    for (const v1::Unit& unit : all) {
      const bool under =
          std::find(unit.superiors().begin(), unit.superiors().end(), reached[i]) != unit.superiors().end();
      if (under && std::find(reached.begin(), reached.end(), unit.name()) == reached.end())
        reached.push_back(unit.name());
    }
  }
  for (const v1::Unit& unit : all) {
    const bool under = unit.name() != top && std::find(reached.begin(), reached.end(), unit.name()) != reached.end();
    if (under && (level.empty() || unit.level() == level)) below->push_back(unit.name());
  }
  return below;
}

}  // namespace

int StartJob(Session& session, v1::JobTask task, const StartOptions& options) {
  v1::StartJobRequest request;
  *request.mutable_task() = std::move(task);
  request.set_idempotency_key(options.key);
  request.set_validate_only(options.preview);
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (options.preview) {
    if (session.json()) {
      session.console().PrintJson(*answer);
    } else {
      PrintPreview(session, answer->preview());
    }
    return answer->preview().refused() > 0 ? kExitRefused : kExitOk;
  }
  return RunJobShow(session, answer->job(), /*follow=*/!options.detach);
}

int RunHandOver(Session& session, const std::string& from, const std::string& to, const std::string& reason,
                const StartOptions& options) {
  v1::JobTask task;
  v1::HandOver& over = *task.mutable_hand_over();
  if (!ReadId(session, from, "", over.mutable_from()) || !ReadId(session, to, "", over.mutable_to())) return kExitUsage;
  over.set_reason(reason);
  return StartJob(session, std::move(task), options);
}

int RunMigrate(Session& session, const MigrateOptions& migrate, const StartOptions& options) {
  v1::JobTask task;
  v1::Migration& migration = *task.mutable_migration();
  migration.set_procedure(session.ProcedureNamed(migrate.procedure));
  migration.set_from_version(static_cast<uint32_t>(migrate.from));
  migration.set_to_version(static_cast<uint32_t>(migrate.to));
  for (const std::string& pair : migrate.stages) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == pair.size()) {
      return session.console().Fail(kExitUsage, absl::StrCat("环节对应“", pair, "”应写作 旧环节=新环节。"),
                                    absl::StrCat("\"", pair, "\": write old_stage=new_stage."));
    }
    (*migration.mutable_stages())[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return StartJob(session, std::move(task), options);
}

int RunForEach(Session& session, const ForEachOptions& each, const StartOptions& options) {
  const Console& console = session.console();
  const std::string procedure = session.ProcedureNamed(each.procedure);
  const ProcedureWords& words = session.words(procedure);
  v1::JobTask task;
  v1::OpenForEach& open = *task.mutable_open_for_each();
  open.set_procedure(procedure);
  open.set_party(each.party.empty() ? words.answers : NameOf(words.parties, each.party));
  if (open.party().empty()) {
    return console.Fail(kExitUsage, "请用 --party 写明各单位作为哪个参与方。",
                        "Say with --party which part each unit takes.");
  }
  for (const std::string& unit : each.units) {
    if (!ReadId(session, unit, "unit", open.add_units())) return kExitUsage;
  }
  int code = kExitOk;
  if (!each.below.empty()) {
    std::string top;
    if (!ReadId(session, each.below, "unit", &top)) return kExitUsage;
    auto below = UnitsBelow(session, top, each.level, &code);
    if (below == nullptr) return code;
    for (std::string& unit : *below) open.add_units(std::move(unit));
  }
  std::vector<v1::PartyBinding> parties;
  std::vector<v1::FieldValue> fields;
  v1::Text fault;
  const Reading reading{words, session.names(), session.zone()};
  if (!ReadBindings(each.parties, reading, &parties, &fault) ||
      !ReadAssignments(each.fields, reading, &fields, &fault)) {
    console.Remark(fault);
    return kExitUsage;
  }
  for (v1::PartyBinding& party : parties) *open.add_parties() = std::move(party);
  for (v1::FieldValue& field : fields) *open.add_fields() = std::move(field);
  return StartJob(session, std::move(task), options);
}

}  // namespace duban::cli
