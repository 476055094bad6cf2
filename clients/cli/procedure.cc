// Procedures, and the plans beside them: check, publish, list, show.
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/commands.h"
#include "clients/cli/procedure_files.h"
#include "clients/offline/check.h"
#include "duban/v1/plan_service.pb.h"

namespace duban::cli {
namespace {

// Reads the files into a request; false after saying which cannot be read.
template <typename Request>
bool FillFiles(const Console& console, const std::vector<std::string>& paths, Request* request) {
  auto files = ReadProcedureFiles(console, paths);
  if (!files) return false;
  for (v1::ProcedureFile& file : *files) *request->add_files() = std::move(file);
  return true;
}

// True when the newest version of every procedure and plan among the files is what its file says, with the same shared
// files.
bool IsPublished(Session& session, const v1::PublishProcedureRequest& request) {
  std::set<std::string> shared, plans;
  bool any = false;
  for (const v1::ProcedureFile& file : request.files()) {
    if (!PlanIn(file).empty()) {
      plans.insert(file.text());
    } else if (ProcedureIn(file).empty()) {
      shared.insert(file.text());
    }
  }
  for (const v1::ProcedureFile& file : request.files()) {
    v1::GetProcedureRequest newest;
    newest.set_name(ProcedureIn(file));
    if (newest.name().empty()) continue;
    any = true;
    auto published = session.client().Call(newest);
    if (!published.ok() || published->source() != file.text() ||
        std::set<std::string>(published->shared().begin(), published->shared().end()) != shared) {
      return false;
    }
  }
  if (plans.empty()) return any;  // Shared definitions alone cannot be asked for.
  auto put = session.client().Call(v1::ListPlansRequest());
  if (!put.ok() || (!any && !shared.empty())) return false;
  for (const v1::PlanStatus& plan : put->plans()) {
    if (!plan.plan().stopped()) plans.erase(plan.plan().source());
  }
  return plans.empty();
}

// Without a token: here, with the files of the folder, and without what some server has published.
std::unique_ptr<v1::CheckProcedureResponse> CheckHere(const Console& console, const std::vector<std::string>& paths,
                                                      const v1::CheckProcedureRequest& request) {
  std::vector<v1::ProcedureFile> files(request.files().begin(), request.files().end());
  auto answer = std::make_unique<v1::CheckProcedureResponse>();
  for (v1::ProcedureFinding& finding : LeanOnFolder(paths, offline::Check, &files)) {
    *answer->add_findings() = std::move(finding);
  }
  for (const v1::ProcedureFile& file : request.files()) {
    if (const std::string name = ProcedureIn(file); !name.empty()) answer->add_procedures(name);
    if (const std::string name = PlanIn(file); !name.empty()) answer->add_plans(absl::StrCat("plans/", name));
  }
  console.Remark("没有令牌，未连服务器：只对照同一文件夹里的文件，不问已发布的规程。",
                 "No token, so no server is asked: checked with the files of its folder, not with what is published.");
  return answer;
}

}  // namespace

int RunProcedureCheck(Session& session, const std::vector<std::string>& files) {
  const Console& console = session.console();
  v1::CheckProcedureRequest request;
  if (!FillFiles(console, files, &request)) return kExitUsage;
  int code = kExitOk;
  std::unique_ptr<v1::CheckProcedureResponse> answer;
  if (session.signed_in()) {
    answer = session.Call(std::move(request), &code);
  } else if (session.Ready(&code, false)) {
    answer = CheckHere(console, files, request);
  }
  if (answer == nullptr) return code;
  int errors = 0;
  for (const auto& finding : answer->findings()) errors += finding.warning() ? 0 : 1;
  if (session.json()) {
    console.PrintJson(*answer);
  } else {
    PrintFindings(console, answer->findings());
    std::vector<std::string> defined(answer->procedures().begin(), answer->procedures().end());
    defined.insert(defined.end(), answer->plans().begin(), answer->plans().end());
    const std::string names = absl::StrJoin(defined, ", ");
    console.Print(errors == 0 ? names.empty()
                                    ? console.Say("没有错误（只有共用定义）。", "no errors (shared definitions only)")
                                    : console.Say(absl::StrCat("没有错误：", names), absl::StrCat("no errors: ", names))
                              : console.Say(absl::StrCat(errors, " 处错误"), absl::StrCat(errors, " errors")));
  }
  return errors == 0 ? kExitOk : kExitRefused;
}

int RunProcedurePublish(Session& session, const std::vector<std::string>& files, const std::string& key,
                        const std::string& override_reason, bool if_changed) {
  const Console& console = session.console();
  v1::PublishProcedureRequest request;
  if (!FillFiles(console, files, &request)) return kExitUsage;
  if (if_changed && IsPublished(session, request)) {
    if (session.json()) {
      console.PrintJson(v1::PublishProcedureResponse());
    } else {
      console.Print(console.Say("与最新版相同，没有发布。", "The newest versions are these very files."));
    }
    return kExitOk;
  }
  request.set_idempotency_key(key);
  request.set_override_reason(override_reason);
  v1::CheckProcedureRequest check;
  *check.mutable_files() = request.files();
  auto answer = session.client().Call(std::move(request));
  if (!answer.ok()) {
    int code = session.Fail(answer.error());
    // A refusal says how many things are wrong; the check says which.
    auto found = session.client().Call(std::move(check));
    if (found.ok() && !session.json()) PrintFindings(console, found->findings());
    return code;
  }
  if (session.json()) {
    console.PrintJson(*answer);
    return kExitOk;
  }
  PrintFindings(console, answer->findings());
  if (answer->versions().empty() && answer->plans().empty()) {
    console.Print(
        console.Say("已发布共用定义（指标、赛马榜）。", "Shared definitions (metrics, scoreboards) are published."));
  }
  for (const v1::ProcedureVersion& version : answer->versions()) {
    console.Print(absl::StrCat(console.Word("已发布 ", "published "), version.name(), " v", version.version(), "  ",
                               console.Say(version.title())));
  }
  for (const std::string& plan : answer->plans()) {
    console.Print(absl::StrCat(console.Word("已登记计划 ", "put the plan "), plan));
  }
  return kExitOk;
}

int RunProcedureList(Session& session) {
  const Console& console = session.console();
  int code = kExitOk;
  auto answer = session.Call(v1::ListProceduresRequest(), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*answer);
    return kExitOk;
  }
  Table table({console.Say("规程", "procedure"), console.Say("名称", "title"), console.Say("版本", "version"),
               console.Say("发布时间", "published")});
  for (const v1::ProcedureVersion& version : answer->procedures()) {
    table.Add({version.name(), console.Say(version.title()), absl::StrCat(version.version()),
               session.Show(version.has_published_at(), version.published_at())});
  }
  console.PrintTable(table);
  return kExitOk;
}

int RunProcedureShow(Session& session, const std::string& name, uint32_t version) {
  const Console& console = session.console();
  v1::GetProcedureRequest request;
  request.set_name(name);
  request.set_version(version);
  int code = kExitOk;
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*answer);
  } else {
    console.Print(answer->source());
  }
  return kExitOk;
}

}  // namespace duban::cli
