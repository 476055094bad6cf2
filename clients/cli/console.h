// What a command writes with: language, colours, JSON, progress.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "clients/cli/table.h"
#include "duban/v1/value.pb.h"
#include "google/protobuf/message.h"

namespace duban::cli {

// How the process ends.
enum Exit : int {
  kExitOk = 0,
  kExitRefused = 1,      // The server, or the file, said no.
  kExitUsage = 2,        // The command line is wrong.
  kExitUnreachable = 3,  // No server answered.
};

// Which language texts are shown in.
enum class Lang { kZh, kEn, kBoth };

// Standard output and standard error.
class Console {
 public:
  Console(Lang lang, bool json);

  bool json() const { return json_; }
  bool colours() const { return colours_; }

  // A text in the chosen language; both: "中文 English". Falls back to what is there.
  std::string Say(const v1::Text& text) const;
  std::string Say(absl::string_view zh, absl::string_view en) const;
  // "逾期" or "overdue" standing inside a longer text: one language only, Chinese unless English was asked for.
  std::string Word(absl::string_view zh, absl::string_view en) const;

  // A line on standard output.
  void Print(absl::string_view line) const;
  // The same without the line's end: somebody types behind it.
  void Prompt(absl::string_view text) const;
  // A message as JSON on one line, with the field names of the contract.
  void PrintJson(const google::protobuf::Message& message) const;
  void PrintTable(const Table& table) const;
  // A remark on standard error: Chinese, then English.
  void Remark(const v1::Text& text) const;
  void Remark(std::string zh, std::string en) const;
  // The same for what makes the command fail; returns `code`.
  int Fail(Exit code, std::string zh, std::string en) const;

 private:
  Lang lang_;
  bool json_;
  bool colours_;
};

// Progress of something long, on standard error: one line that moves on a terminal, else a line every so many steps.
class Progress {
 public:
  // `what` in Chinese and English; `total` 0 when it is not known.
  Progress(const Console& console, v1::Text what, int64_t total);
  ~Progress();

  void Step(int64_t done, absl::string_view where = "");

 private:
  void Draw(absl::string_view where);

  const Console& console_;
  v1::Text what_;
  int64_t total_;
  int64_t done_ = 0;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point last_drawn_;
};

}  // namespace duban::cli
