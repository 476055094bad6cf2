// What duband is told on its command line.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace duban::rpc {

// "2026-03-02", "2026-03-02T08:30", "2026-03-02 08:30:00", with or without an offset ("+08:00", "Z"). Without one it is
// read in the zone `offset_s` seconds east of UTC. Nothing for anything else.
std::optional<absl::Time> ParseStart(absl::string_view text, int offset_s);

// Whether only programs on this machine can reach "host:port": 127.0.0.0/8, [::1] or localhost. Of any other name it
// is not known, so it is not.
bool IsLoopback(absl::string_view address);

// Whether the text is "host:port" with a port from 0 to 65535. gRPC would take 99999 for another port, silently.
bool IsAddress(absl::string_view text);

}  // namespace duban::rpc
