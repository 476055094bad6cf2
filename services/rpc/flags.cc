#include "services/rpc/flags.h"

#include <arpa/inet.h>

#include "absl/strings/numbers.h"

namespace duban::rpc {

std::optional<absl::Time> ParseStart(absl::string_view text, int offset_s) {
  static constexpr const char* kForms[] = {"%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%E*S",
                                           "%Y-%m-%d %H:%M:%E*S"};
  absl::Time time;
  std::string error;
  for (const char* form : kForms) {
    if (absl::ParseTime(form, text, absl::FixedTimeZone(offset_s), &time, &error)) return time;
    if (absl::ParseTime(std::string(form) + "%Ez", text, &time, &error)) return time;
  }
  return std::nullopt;
}

bool IsLoopback(absl::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos) return false;
  absl::string_view host = address.substr(0, colon);
  if (host == "localhost" || host == "[::1]") return true;
  in_addr parsed{};
  return inet_pton(AF_INET, std::string(host).c_str(), &parsed) == 1 && (ntohl(parsed.s_addr) >> 24) == 127;
}

bool IsAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  int port = -1;
  return colon != absl::string_view::npos && colon > 0 && absl::SimpleAtoi(text.substr(colon + 1), &port) &&
         port >= 0 && port <= 65535;
}

}  // namespace duban::rpc
