// What a workspace's secret vouches for: positions, page tokens, bearer tokens, and the marks of repeated requests.
//
// Everything handed out is opaque: a position says nothing about how much happened between two of them, a page token
// nothing about the rows it has passed. Each kind has a key of its own, derived from the one secret.
//
// Threads: any; immutable after construction, apart from the random source.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/node/random.h"

namespace duban::node {

// Bytes of a workspace's secret.
inline constexpr size_t kSecretBytes = 32;

class Tokens {
 public:
  // REQUIRES: `secret` has kSecretBytes.
  Tokens(absl::string_view secret, std::shared_ptr<Random> random);

  // A commit's position, encrypted: the same position gives the same text, and a made-up text is recognised.
  std::string Position(uint64_t position) const;
  std::optional<uint64_t> ParsePosition(absl::string_view token) const;

  // Where a page ended. `bound` names the method, the viewer and the filter: another one's token does not open.
  std::string Page(absl::string_view bound, absl::string_view place) const;
  std::optional<std::string> ParsePage(absl::string_view bound, absl::string_view token) const;

  // What a mark of a watch remembers; opens for that person alone. Two marks of one position do not look alike.
  std::string Mark(absl::string_view person, absl::string_view state) const;
  std::optional<std::string> ParseMark(absl::string_view person, absl::string_view token) const;

  // "duban1.<person and expiry>.<mac>", in base64url.
  std::string Bearer(absl::string_view person, absl::Time expires_at) const;
  // The person. UNAUTHENTICATED (TOKEN_INVALID) when it was not issued here or is over.
  absl::StatusOr<std::string> ParseBearer(absl::string_view token, absl::Time now) const;

  // The name of a file in the store, 26 letters and digits: from its digest, under a key of its case (or of whatever
  // stands for one) and of who sends it.
  std::string FileName(absl::string_view owner, absl::string_view person, absl::string_view sha256) const;

  // Tells a repeated request from another one under the same key.
  std::string RequestMac(absl::string_view request) const;

 private:
  const std::string position_key_;
  const std::string page_key_;
  const std::string mark_key_;
  const std::string bearer_key_;
  const std::string request_key_;
  const std::string file_key_;
  const std::shared_ptr<Random> random_;
};

}  // namespace duban::node
