#include "clients/cpp/view_map.h"

#include <openssl/evp.h>

namespace duban::client {

uint64_t RowDigest(const std::string& key, uint64_t version) {
  std::string text = key;
  text.push_back('\0');
  for (int shift = 56; shift >= 0; shift -= 8) text.push_back(static_cast<char>(version >> shift));
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int n = 0;
  if (EVP_Digest(text.data(), text.size(), hash, &n, EVP_sha256(), nullptr) != 1) return 0;
  uint64_t first = 0;
  for (int i = 0; i < 8; ++i) first = first << 8 | hash[i];
  return first;
}

bool ViewMap::Apply(const v1::WatchViewResponse& message) {
  if (message.has_begin() || message.has_reset()) {
    pending_.clear();
    anew_ = !message.begin().resumed();
  }
  for (const Change& change : message.changes().changes()) pending_.push_back(change);
  if (!message.has_mark()) return false;
  if (anew_) rows_.clear();
  anew_ = false;
  for (Change& change : pending_) {
    if (change.row_case() == Change::ROW_NOT_SET) {
      rows_.erase(change.key());
    } else {
      rows_[change.key()] = std::move(change);
    }
  }
  pending_.clear();
  uint64_t digest = 0;
  for (const auto& [key, row] : rows_) digest += RowDigest(key, row.version());
  consistent_ =
      message.mark().item_count() == static_cast<int64_t>(rows_.size()) && message.mark().set_digest() == digest;
  return true;
}

}  // namespace duban::client
