// Sending a file beside an action.
#pragma once

#include <optional>
#include <string>

#include "clients/cli/session.h"
#include "clients/cli/values.h"

namespace duban::cli {

// Sends the file at `path` for a case (empty: for one that is being opened), with progress, going on where an earlier
// try stopped; the value that refers to it, or what went wrong.
ReadValue SendFile(Session& session, const std::string& case_name, const std::string& path);

// Sends a text that is no file here, for a job; "files/…", or nothing after saying why not.
std::optional<std::string> SendText(Session& session, const std::string& text, const std::string& title);

}  // namespace duban::cli
