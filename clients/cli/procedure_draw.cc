// A procedure as a picture, from its file or as published; with a case, the way it has gone.
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "clients/cli/commands.h"
#include "clients/cli/procedure_files.h"
#include "clients/offline/picture.h"
#include "duban/v1/audit_service.pb.h"

namespace duban::cli {
namespace {

// Writes the picture, or says why there is none.
int Deliver(const Console& console, const offline::Drawn& drawn, const std::string& out) {
  if (!drawn.findings.empty()) {
    PrintFindings(console, drawn.findings);
    return kExitRefused;
  }
  if (drawn.svg.empty()) {
    return console.Fail(kExitRefused, "规程的环节和操作太多，画不成一张图。",
                        "The procedure has too many stages and actions for a picture.");
  }
  if (out.empty()) {
    console.Print(drawn.svg);
    return kExitOk;
  }
  std::ofstream file(out, std::ios::binary);
  file << drawn.svg;
  file.close();
  if (!file)
    return console.Fail(kExitUsage, absl::StrCat("写不了文件 ", out, "。"), absl::StrCat("Cannot write ", out, "."));
  return kExitOk;
}

int DrawFile(const Console& console, const DrawOptions& options) {
  const auto alone = ReadProcedureFiles(console, options.files);
  if (!alone) return kExitUsage;
  const std::string name = ProcedureIn(alone->front());
  offline::Drawn drawn;
  const auto draw = [&](const std::vector<v1::ProcedureFile>& files) {
    drawn = offline::Draw(files, name, {});
    return drawn.findings;
  };
  std::vector<v1::ProcedureFile> files = *alone;
  drawn.findings = LeanOnFolder(options.files, draw, &files);
  if (drawn.findings.empty() && name.empty()) {
    return console.Fail(kExitUsage, absl::StrCat(options.files.front(), " 不是规程（没有 procedure）。"),
                        absl::StrCat(options.files.front(), " is no procedure (it has no \"procedure\")."));
  }
  return Deliver(console, drawn, options.out);
}

// The history of a case, as far as the caller may see it; false after saying why not.
bool ReadHistory(Session& session, const std::string& name, std::vector<v1::EventRecord>* history, int* code) {
  v1::ReadEventsRequest request;
  request.set_stream(name);
  request.set_page_size(1000);
  do {
    auto page = session.Call(request, code);
    if (page == nullptr) return false;
    history->insert(history->end(), page->events().begin(), page->events().end());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return true;
}

int DrawCase(Session& session, const DrawOptions& options) {
  int code = kExitOk;
  v1::GetCaseRequest request;
  request.set_case_(options.case_name);
  const auto found = session.Call(std::move(request), &code);
  if (found == nullptr) return code;
  const v1::Case& c = found->case_();
  v1::GetProcedureRequest version;
  version.set_name(c.procedure());
  version.set_version(c.procedure_version());
  const auto published = session.Call(std::move(version), &code);
  if (published == nullptr) return code;
  const auto others = session.Call(v1::ListProceduresRequest(), &code);
  if (others == nullptr) return code;

  offline::Way way;
  way.title = absl::StrCat(c.number(), c.number().empty() ? "" : "  ", c.subject());
  way.zone = session.zone();
  way.name = [&](const std::string& id) { return session.names().Title(id); };
  if (!ReadHistory(session, c.name(), &way.history, &code)) return code;

  std::vector<v1::ProcedureFile> files;
  files.emplace_back().set_path(absl::StrCat(c.procedure(), ".yaml"));
  files.back().set_text(published->source());
  for (const std::string& text : published->shared()) {
    files.emplace_back().set_path(absl::StrCat("shared-", files.size(), ".yaml"));
    files.back().set_text(text);
  }
  std::vector<offline::Known> known;
  for (const v1::ProcedureVersion& one : others->procedures()) {
    known.push_back({std::string(absl::StripPrefix(one.name(), "procedures/")), one.title()});
  }
  return Deliver(session.console(), offline::Draw(files, ProcedureIn(files.front()), known, &way), options.out);
}

}  // namespace

int RunProcedureDraw(Session& session, const DrawOptions& options) {
  const Console& console = session.console();
  if (options.case_name.empty() == options.files.empty()) {
    return console.Fail(kExitUsage, "请给出一个文件，或用 --case 指明事项。", "Give a file, or a case by --case.");
  }
  return options.case_name.empty() ? DrawFile(console, options) : DrawCase(session, options);
}

}  // namespace duban::cli
