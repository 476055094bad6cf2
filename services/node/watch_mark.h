// What a mark of a watch remembers, so that the watch can go on from there: on another connection, after a restart.
//
// Everything is in the token, nothing on the server: where it was, what it was a watch of, by which rules, and a check
// of the record at that place, so that a history that went another way is noticed. Sealed by Tokens::Mark: opaque,
// authenticated, bound to the person; every token of a kind has one length, and two of one position do not look alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/node/reading.h"
#include "services/node/view_reads.h"

namespace duban::node {

// Of a stream of events.
struct EventMark {
  store::Position position = 0;  // The last commit that was looked at.
  uint64_t check = 0;            // Of the record there.
};

// Of a watched view.
struct ViewMark {
  uint64_t view = 0;
  uint64_t version = 0;         // Of the view's definition.
  uint64_t ledger_version = 0;  // Of the ledger's, which says whose cases the viewer sees.
  uint64_t filter = 0;          // Digest of the conditions.
  uint64_t scope = 0;           // Digest of the ids with which the viewer sees.
  store::Position position = 0;
  uint64_t check = 0;
  uint64_t count = 0;   // Rows that the watcher holds.
  uint64_t digest = 0;  // Over them, as v1::Mark has it.
};

std::string TokenOf(const Tokens& tokens, absl::string_view person, const EventMark& mark);
std::string TokenOf(const Tokens& tokens, absl::string_view person, const ViewMark& mark);
// Nothing when it was not made here, for that person, for that kind of watch.
std::optional<EventMark> ParseEventMark(const Tokens& tokens, absl::string_view person, absl::string_view token);
std::optional<ViewMark> ParseViewMark(const Tokens& tokens, absl::string_view person, absl::string_view token);

// The check of the record at a position of the log.
absl::StatusOr<uint64_t> CheckAt(const store::Store& log, store::Position position);

// What a mark says of the watch itself, with neither place nor rows.
ViewMark MarkOf(const Reading& reading, const ViewQuery& query);

// What one row adds to a mark's set_digest.
uint64_t RowDigest(absl::string_view key, uint64_t version);

}  // namespace duban::node
