#include "store/bounds.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "store/record.h"

namespace duban::store {
namespace {

absl::Status CheckSize(absl::string_view what, size_t size, size_t size_max) {
  if (size <= size_max) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, " of ", size, " bytes; at most ", size_max));
}

absl::Status CheckSpan(const StreamSpan& span) {
  if (span.stream.empty() || span.stream.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError("stream name is empty or holds a zero byte");
  }
  if (span.first_revision == 0 || span.count == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("stream ", span.stream, ": revisions start at 1, a span holds some"));
  }
  return CheckSize("stream name", span.stream.size(), kKeyBytesMax);
}

// Each stream once: a commit is one place in it.
absl::Status CheckStreams(const std::vector<StreamSpan>& spans) {
  std::vector<absl::string_view> names;
  names.reserve(spans.size());
  for (const StreamSpan& span : spans) {
    if (absl::Status status = CheckSpan(span); !status.ok()) return status;
    names.push_back(span.stream);
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("stream ", *twice, " occurs twice in one commit"));
}

absl::Status CheckCommit(const CommitBytes& commit) {
  if (absl::Status status = CheckSize("record", commit.record.size(), kRecordBytesMax); !status.ok()) return status;
  if (!ParseRecord(commit.record).ok())
    return absl::InvalidArgumentError("a record without its frame (store/record.h)");
  return CheckStreams(commit.streams);
}

absl::Status CheckRows(const std::vector<RowChange>& rows) {
  for (const RowChange& row : rows) {
    if (absl::Status status = CheckSize("row key", row.key.size(), kKeyBytesMax); !status.ok()) return status;
    if (absl::Status status = CheckSize("row", row.value.size(), kRowBytesMax); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckCurrent(const Heads& heads) {
  if (heads.applied >= heads.head) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("rows are at position ", heads.applied, ", the log at ", heads.head,
                                                    ": rebuild the rows before writing"));
}

absl::Status CheckApply(const Apply& apply) {
  if (absl::Status status = CheckRows(apply.rows); !status.ok()) return status;
  for (const TimerChange& timer : apply.timers) {
    if (absl::Status status = CheckSize("timer name", timer.name.size(), kKeyBytesMax); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckWrite(const Heads& heads, const Append& append, const Apply& apply) {
  if (absl::Status status = CheckCurrent(heads); !status.ok()) return status;
  if (append.expected_head != heads.head) {
    return absl::AbortedError(absl::StrCat("the log's head is ", heads.head, ", not ", append.expected_head));
  }
  if (apply.position != heads.head + append.commits.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "rows for position ", apply.position, " with a log that will end at ", heads.head + append.commits.size()));
  }
  for (const CommitBytes& commit : append.commits) {
    if (absl::Status status = CheckCommit(commit); !status.ok()) return status;
  }
  return CheckApply(apply);
}

absl::Status CheckWriteBeside(const Heads& heads, const std::vector<RowChange>& rows) {
  if (absl::Status status = CheckCurrent(heads); !status.ok()) return status;
  return CheckRows(rows);
}

absl::Status CheckRebuild(const Heads& heads, bool begin, const Apply& apply) {
  if (!begin && heads.applied == heads.head) return absl::FailedPreconditionError("no rebuild has begun");
  if (apply.position > heads.head || (!begin && apply.position < heads.applied)) {
    return absl::InvalidArgumentError(absl::StrCat("rebuild to position ", apply.position, " with rows at ",
                                                   begin ? 0 : heads.applied, " and the log at ", heads.head));
  }
  return CheckApply(apply);
}

}  // namespace duban::store
