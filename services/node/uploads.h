// Files on their way: uploads that are not complete, and complete ones to which no commit refers yet.
//
// Whoever sees a case may send files for it; whoever is about to open one, for that. A file's name is derived from its
// content under a key of the case and of who sends it: the same bytes have another name in another case and from
// another person, so nobody can find out by sending a digest whether somebody else has that content. What no commit
// refers to within limits::kUploadLife is dropped.
//
// Once a commit refers to a file, rows say so (Table::kFile); before, only the entry here does, and the store's list of
// open files, from which the entries come back after a restart. Erasing follows the log: the commit first, then the key
// and the bytes; what a crash left in between is ended by the next Sweep.
//
// Threads: any. Begin, Add, Erase and Sweep touch the disk; Check and Claim do not and serve the sequencer.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "duban/v1/file_service.pb.h"
#include "engine/base/rejection.h"
#include "services/node/clock.h"
#include "services/node/node.h"
#include "services/node/random.h"
#include "services/node/reading.h"
#include "services/node/tokens.h"
#include "services/node/vitals.h"
#include "store/file_store.h"
#include "store/store.h"

namespace duban::node {

class Uploads {
 public:
  // All outlive it.
  Uploads(store::FileStore& files, const Tokens& tokens, Random& random, const Clock& clock, Vitals& vitals)
      : files_(files), tokens_(tokens), random_(random), clock_(clock), vitals_(vitals) {}

  // What was open when the node last stopped. Before anything else.
  absl::Status Load();

  Reply<v1::BeginUploadResponse> Begin(const Reading& reading, const v1::BeginUploadRequest& request);
  Reply<v1::UploadChunkResponse> Add(const std::string& person, const v1::UploadChunkRequest& request);

  // Whether what `person` does to a case may refer to this file: complete, and sent for that case or by that person for
  // one that was to be opened. `case_name` is empty while a case is being opened. Its life begins anew.
  engine::Verdict Check(const std::string& file, const std::string& case_name, const std::string& person);
  // A commit refers to it now, in that case.
  void Claim(const std::string& file, const std::string& case_name);

  // Whoever sent it needs it no more: it takes up none of his room, may stand nowhere, and the next Sweep drops it.
  void Release(const std::string& file);

  // Destroys the key, then the bytes; after the commit that says so. Again after an error.
  absl::Status Erase(const std::string& file);

  // Lets go of what the rows know, drops what nobody claimed in time, ends erasures that were cut short. While a file
  // is dropped nobody can begin it anew: UNAVAILABLE (FILE_EXPIRING). One that cannot be dropped is tried again by the
  // next call, and the error passes through.
  absl::Status Sweep(const store::Snapshot& rows);

  // Uploads that are not complete.
  int64_t open() const;

 private:
  struct Entry {
    std::string person;
    std::string case_name;  // Empty: for a case that is to be opened.
    std::string sha256;
    int64_t bytes = 0;
    int64_t received = 0;
    bool complete = false;
    std::string claimed_by;  // The case whose commit refers to it; empty: none.
    absl::Time touched;      // When it was last asked for.
    bool released = false;   // Nobody needs it any more.
    bool dropping = false;   // Its bytes are being removed; then it goes.
  };

  // The name under which the content is, or will be, found. Requires mu_.
  std::string NameFor(const Entry& entry);
  // Requires mu_. OK when there is room for one more.
  absl::Status CheckRoom(const Entry& entry) const;
  absl::Status CheckDisk(int64_t bytes) const;
  void Forget(const std::string& file);

  store::FileStore& files_;
  const Tokens& tokens_;
  Random& random_;
  const Clock& clock_;
  Vitals& vitals_;

  mutable std::mutex mu_;
  std::map<std::string, Entry> entries_;  // By "files/…". Guarded by mu_.
};

// "files/" away: the name in the store.
std::string StoredName(absl::string_view file);
// Whether a text may name a file.
bool IsFile(absl::string_view file);

// The same whether there is no such file or the asker may not know of it.
engine::Rejection FileNotFound(absl::string_view file);
engine::Rejection FileErased(absl::string_view file);

}  // namespace duban::node
