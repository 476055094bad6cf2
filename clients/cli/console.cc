#include "clients/cli/console.h"

#include <google/protobuf/util/json_util.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/values.h"

namespace duban::cli {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(200);  // On a terminal.
constexpr auto kReport = std::chrono::seconds(10);        // Elsewhere: a log wants few lines.

void Write(std::FILE* to, absl::string_view text) { std::fwrite(text.data(), 1, text.size(), to); }

}  // namespace

Console::Console(Lang lang, bool json) : lang_(lang), json_(json) {
  const char* no_colour = std::getenv("NO_COLOR");
  colours_ = isatty(STDOUT_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

std::string Console::Say(const v1::Text& text) const { return Say(text.zh(), text.en()); }

std::string Console::Say(absl::string_view zh, absl::string_view en) const {
  if (en.empty() || zh == en || lang_ == Lang::kZh) return std::string(zh.empty() ? en : zh);
  if (zh.empty() || lang_ == Lang::kEn) return std::string(en);
  return absl::StrCat(zh, " ", en);
}

std::string Console::Word(absl::string_view zh, absl::string_view en) const {
  return std::string(lang_ == Lang::kEn && !en.empty() ? en : zh);
}

void Console::Print(absl::string_view line) const {
  Write(stdout, absl::StrCat(line, "\n"));
  std::fflush(stdout);
}

void Console::Prompt(absl::string_view text) const {
  Write(stdout, text);
  std::fflush(stdout);
}

void Console::PrintJson(const google::protobuf::Message& message) const {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) json = "{}";
  Print(json);
}

void Console::PrintTable(const Table& table) const {
  winsize size{};
  const bool terminal = isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  Write(stdout, table.Text(colours_, terminal ? size.ws_col : 0));
  std::fflush(stdout);
}

void Console::Remark(const v1::Text& text) const {
  std::fflush(stdout);
  if (lang_ != Lang::kEn || text.en().empty()) Write(stderr, absl::StrCat(text.zh(), "\n"));
  if (!text.en().empty()) Write(stderr, absl::StrCat(text.en(), "\n"));
}

void Console::Remark(std::string zh, std::string en) const { Remark(Both(std::move(zh), std::move(en))); }

int Console::Fail(Exit code, std::string zh, std::string en) const {
  Remark(std::move(zh), std::move(en));
  return code;
}

Progress::Progress(const Console& console, v1::Text what, int64_t total)
    : console_(console),
      what_(std::move(what)),
      total_(total),
      terminal_(isatty(STDERR_FILENO) == 1),
      began_(std::chrono::steady_clock::now()),
      last_drawn_(began_) {}

Progress::~Progress() {
  if (!drawn_) return;
  Draw("");
  if (terminal_) Write(stderr, "\n");
}

void Progress::Step(int64_t done, absl::string_view where) {
  done_ = done;
  auto now = std::chrono::steady_clock::now();
  if (now - last_drawn_ < (terminal_ ? std::chrono::nanoseconds(kRedraw) : std::chrono::nanoseconds(kReport))) return;
  last_drawn_ = now;
  drawn_ = true;
  Draw(where);
}

void Progress::Draw(absl::string_view where) {
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  std::string line = absl::StrCat(console_.Say(what_), " ", done_);
  if (total_ > 0) absl::StrAppendFormat(&line, "/%d (%d%%)", total_, done_ * 100 / total_);
  if (seconds > 0) absl::StrAppendFormat(&line, "  %.0f/s", done_ / seconds);
  if (!where.empty()) absl::StrAppend(&line, "  ", where);
  Write(stderr, terminal_ ? absl::StrCat("\r\x1b[K", line) : absl::StrCat(line, "\n"));
}

}  // namespace duban::cli
