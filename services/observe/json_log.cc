#include "services/observe/json_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace duban::observe {
namespace {

using node::Fact;
using node::Level;

const char* NameOf(Level level) {
  switch (level) {
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "";
}

void AppendText(absl::string_view text, std::string* line) {
  if (text.size() > kFactBytesMax) {
    size_t end = kFactBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  line->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      line->push_back('\\');
      line->push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(line, "\\u%04x", static_cast<unsigned char>(c));
    } else {
      line->push_back(c);
    }
  }
  line->push_back('"');
}

struct AppendValue {
  std::string* line;
  void operator()(bool value) const { line->append(value ? "true" : "false"); }
  void operator()(int64_t value) const { absl::StrAppend(line, value); }
  void operator()(double value) const {
    if (std::isfinite(value)) {
      absl::StrAppend(line, value);
    } else {
      line->append("null");
    }
  }
  void operator()(const std::string& value) const { AppendText(value, line); }
};

class JsonLog : public node::Log {
 public:
  JsonLog(int fd, bool owned, Level least, std::shared_ptr<node::Clock> clock)
      : fd_(fd), owned_(owned), least_(least), clock_(std::move(clock)) {}
  ~JsonLog() override {
    if (owned_) close(fd_);
  }

  void Write(Level level, const char* event, const std::vector<Fact>& facts) override {
    if (level < least_) return;
    std::string line =
        absl::StrCat("{\"time\":\"", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", clock_->Now(), absl::UTCTimeZone()),
                     "\",\"level\":\"", NameOf(level), "\",\"event\":\"", event, "\"");
    for (const Fact& fact : facts) {
      absl::StrAppend(&line, ",\"", fact.name, "\":");
      std::visit(AppendValue{&line}, fact.value);
    }
    line.append("}\n");
    // One call: with O_APPEND the lines of several threads do not mix. What does not fit on the disk is lost.
    while (write(fd_, line.data(), line.size()) < 0 && errno == EINTR) {
    }
  }

 private:
  const int fd_;
  const bool owned_;
  const Level least_;
  const std::shared_ptr<node::Clock> clock_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<node::Log>> OpenJsonLog(const std::string& path, Level least,
                                                       std::shared_ptr<node::Clock> clock) {
  if (path.empty()) return std::make_shared<JsonLog>(STDERR_FILENO, /*owned=*/false, least, std::move(clock));
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (fd < 0) return absl::UnavailableError(absl::StrCat(path, ": ", std::strerror(errno)));
  return std::make_shared<JsonLog>(fd, /*owned=*/true, least, std::move(clock));
}

}  // namespace duban::observe
