// Files of a case: list, fetch, erase; and sending one beside an action.
#include "clients/cli/files.h"

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/commands.h"
#include "clients/cpp/files.h"

namespace duban::cli {
namespace {

// A file that a case shows.
struct Held {
  std::string file;   // "files/…".
  std::string title;  // Empty: erased.
  std::string field;
};

// What the case shows; null after saying why it cannot be read.
std::unique_ptr<std::vector<Held>> Files(Session& session, const std::string& case_name, int* code) {
  v1::GetCaseRequest request;
  request.set_case_(case_name);
  auto answer = session.Call(std::move(request), code);
  if (answer == nullptr) return nullptr;
  auto held = std::make_unique<std::vector<Held>>();
  const auto add = [&](const std::string& file, const std::string& where) {
    if (!absl::StartsWith(file, "files/")) return;
    const size_t mark = std::min(file.find('#'), file.size());
    held->push_back({file.substr(0, mark), file.substr(std::min(mark + 1, file.size())), where});
  };
  for (const v1::CaseField& field : answer->case_().fields()) {
    const std::string where = field.title().zh().empty() ? field.field() : session.console().Say(field.title());
    for (const v1::Value& value : field.values()) add(value.file(), where);
  }
  for (const v1::Attachment& attachment : answer->case_().attachments()) {
    add(attachment.file(), session.console().Say("附件", "attached"));
  }
  return held;
}

// "files/…" for a name or a title; empty after saying what is wrong.
std::string Find(Session& session, const std::string& case_name, const std::string& named, int* code) {
  if (absl::StartsWith(named, "files/")) return named.substr(0, named.find('#'));
  auto held = Files(session, case_name, code);
  if (held == nullptr) return "";
  std::vector<std::string> found;
  for (const Held& one : *held) {
    if (one.title == named) found.push_back(one.file);
  }
  if (found.size() == 1) return found[0];
  const std::string list = absl::StrJoin(found, ", ");
  *code = found.empty()
              ? session.console().Fail(
                    kExitUsage, absl::StrCat("此事项没有名为“", named, "”的文件，请用 duban case file list 查看。"),
                    absl::StrCat("The case shows no file \"", named, "\"; see duban case file list."))
              : session.console().Fail(kExitUsage, absl::StrCat("“", named, "”不止一个：", list, "，请写明其编号。"),
                                       absl::StrCat("\"", named, "\" names more than one: ", list, "; give the id."));
  return "";
}

constexpr int64_t kKib = 1024;

}  // namespace

ReadValue SendFile(Session& session, const std::string& case_name, const std::string& path) {
  const std::string title = std::filesystem::path(path).filename().string();
  std::error_code ignored;
  const auto bytes = std::filesystem::file_size(path, ignored);
  Progress progress(session.console(), Both(absl::StrCat("上传 KiB ", title), absl::StrCat("sent KiB ", title)),
                    ignored ? 0 : static_cast<int64_t>(bytes) / kKib);
  auto sent = client::UploadFile(session.client(), case_name, path, title,
                                 [&](int64_t done, int64_t) { progress.Step(done / kKib); });
  if (!sent.ok()) {
    return {std::nullopt,
            Both(absl::StrCat("文件“", path, "”没有传上去：", sent.error().message.zh(), " ", sent.error().reason),
                 absl::StrCat("The file \"", path, "\" was not sent: ", sent.error().message.en()))};
  }
  v1::Value value;
  value.set_file(*sent);
  return {std::move(value), {}};
}

std::optional<std::string> SendText(Session& session, const std::string& text, const std::string& title) {
  Progress progress(session.console(), Both("上传 KiB", "sent KiB"), static_cast<int64_t>(text.size()) / kKib);
  auto sent =
      client::UploadText(session.client(), text, title, [&](int64_t done, int64_t) { progress.Step(done / kKib); });
  if (sent.ok()) return sent->substr(0, sent->find('#'));
  session.Fail(sent.error());
  return std::nullopt;
}

int RunFileList(Session& session, const std::string& case_name) {
  int code = kExitOk;
  auto held = Files(session, case_name, &code);
  if (held == nullptr) return code;
  const Console& console = session.console();
  Table table({console.Say("字段", "field"), console.Say("名称", "title"), console.Say("编号", "file")}, 96);
  for (const Held& one : *held) {
    table.Add({one.field, one.title.empty() ? console.Say("(已擦除)", "(erased)") : one.title, one.file});
  }
  console.PrintTable(table);
  return kExitOk;
}

int RunFileGet(Session& session, const std::string& case_name, const std::string& named, const std::string& out) {
  int code = kExitOk;
  const std::string file = Find(session, case_name, named, &code);
  if (file.empty()) return code;
  const Console& console = session.console();
  int64_t bytes = 0;
  std::unique_ptr<Progress> progress;
  const client::Error error =
      client::DownloadFile(session.client(), case_name, file, out, [&](int64_t done, int64_t total) {
        if (progress == nullptr) {
          progress = std::make_unique<Progress>(console, Both("下载 KiB", "fetched KiB"), total / kKib);
        }
        progress->Step(done / kKib);
        bytes = done;
      });
  progress.reset();
  if (!error.ok()) return session.Fail(error);
  console.Print(console.Say(absl::StrCat("已存为 ", out, "，", bytes, " 字节。"),
                            absl::StrCat("saved as ", out, ", ", bytes, " bytes")));
  return kExitOk;
}

int RunFileErase(Session& session, const std::string& case_name, const std::string& named, const std::string& reason,
                 const std::string& key) {
  int code = kExitOk;
  v1::EraseFileRequest request;
  request.set_case_(case_name);
  request.set_file(Find(session, case_name, named, &code));
  if (request.file().empty()) return code;
  request.set_reason(reason);
  request.set_idempotency_key(key);
  auto answer = session.Call(std::move(request), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    session.console().PrintJson(*answer);
  } else {
    session.console().Print(
        session.console().Say("已擦除，内容不能再恢复。", "erased; its content cannot be brought back"));
  }
  return kExitOk;
}

}  // namespace duban::cli
