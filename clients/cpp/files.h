// Files over the wire: sent and fetched in pieces, over any number of broken connections.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "clients/cpp/client.h"
#include "clients/cpp/error.h"

namespace duban::client {

// Called with how many bytes of how many are there.
using OnBytes = std::function<void(int64_t done, int64_t total)>;

// Sends the file at `path` for a case ("cases/…" or its number; empty: for one that is to be opened) and gives the
// value by which a field refers to it, "files/…#title". Begins where an earlier try has stopped, also one of another
// process; what has been sent already is not sent again. Reads the file twice: once for its digest.
Result<std::string> UploadFile(Client& client, const std::string& case_name, const std::string& path,
                               const std::string& title, const OnBytes& on_bytes = nullptr);

// The same for a text that is in memory, which belongs to no case: a job is to read it.
Result<std::string> UploadText(Client& client, const std::string& text, const std::string& title,
                               const OnBytes& on_bytes = nullptr);

// Fetches a file of a case to `path`, which is there afterwards whole or not at all.
Error DownloadFile(Client& client, const std::string& case_name, const std::string& file, const std::string& path,
                   const OnBytes& on_bytes = nullptr);

}  // namespace duban::client
