// Tokens.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

// A token is a key to the door: nobody else on the machine may read its file.
bool WriteSecret(const std::string& path, const std::string& text) {
  int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0) return false;
  std::string line = text + "\n";
  bool written = fchmod(file, 0600) == 0 && write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  return close(file) == 0 && written;
}

}  // namespace

int RunToken(Session& session, const std::string& person, int days, const std::string& out) {
  const Console& console = session.console();
  v1::IssueTokenRequest request;
  if (absl::StartsWith(person, "persons/")) {
    request.set_person(person);
  } else {
    ReadValue read = ReadReference(person, "person", session.names());
    if (!read.ok()) return console.Fail(kExitRefused, read.fault.zh(), read.fault.en());
    request.set_person(read.value->reference());
  }
  request.set_days(days);
  int code = kExitOk;
  auto answer = session.Call(request, &code);
  if (answer == nullptr) return code;
  std::string until = session.Show(answer->has_expires_at(), answer->expires_at());
  if (!out.empty()) {
    if (!WriteSecret(out, answer->token())) {
      return console.Fail(kExitRefused, absl::StrCat("写不了文件 ", out, "。"),
                          absl::StrCat("Cannot write ", out, "."));
    }
    if (session.json()) {
      answer->clear_token();  // It is in the file, and nowhere else.
      console.PrintJson(*answer);
      return kExitOk;
    }
    console.Print(
        console.Say(absl::StrCat(request.person(), " 的令牌已写入 ", out, "，有效至 ", until, "。"),
                    absl::StrCat("token of ", request.person(), " written to ", out, ", good until ", until)));
    return kExitOk;
  }
  if (session.json()) {
    console.PrintJson(*answer);
  } else {
    console.Print(answer->token());
    console.Remark(absl::StrCat("有效至 ", until, "；只显示这一次，请妥善保存。"),
                   absl::StrCat("Good until ", until, "; shown only once, keep it safe."));
  }
  return kExitOk;
}

}  // namespace duban::cli
