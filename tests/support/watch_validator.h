// What docs/watch.md promises of a watched view, checked message by message, by code that shares nothing with the
// server's: W1 to W6, W10 and W12 whenever a message or a mark comes, over one connection or many.
//
// Whoever uses it says when a connection breaks, and hands in what an independent reading (QueryView) says of the same
// rows. Failures name the guarantee.
#pragma once

#include <gtest/gtest.h>
#include <openssl/sha.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "duban/v1/view_service.pb.h"
#include "duban/v1/watch_service.pb.h"

namespace duban::testing {

// The rows of a view by key, each as bytes that are equal when the rows are.
using RowBytes = std::map<std::string, std::string>;

inline std::string BytesOf(v1::ViewRow row) {
  row.clear_key();
  return row.SerializeAsString();
}

inline std::string BytesOf(const v1::WatchViewResponse::Change& change) {
  v1::ViewRow row;
  if (change.has_ledger()) {
    *row.mutable_ledger() = change.ledger();
  } else if (change.has_alert()) {
    *row.mutable_alert() = change.alert();
  } else {
    row = change.other();
  }
  return BytesOf(std::move(row));
}

class ViewValidator {
 public:
  explicit ViewValidator(std::string name) : name_(std::move(name)) {}

  void Take(const v1::WatchViewResponse& message) {
    SCOPED_TRACE(name_);
    ++messages_;
    switch (message.kind_case()) {
      case v1::WatchViewResponse::kBegin:
        return Begin(message.begin().resumed());
      case v1::WatchViewResponse::kChanges:
        return Changes(message.changes());
      case v1::WatchViewResponse::kMark:
        return Mark(message.mark());
      case v1::WatchViewResponse::kReset:
        EXPECT_FALSE(reset_) << "a Reset is followed by a Begin";
        reset_ = true;
        fragment_ = false;
        pending_.clear();
        resets_.push_back(message.reset().reason());
        return;
      case v1::WatchViewResponse::KIND_NOT_SET:
        ADD_FAILURE() << "a message says something";
    }
  }

  // The connection broke: what came after the last mark does not count.
  void Disconnect() {
    connected_ = reset_ = fragment_ = snapshot_ = false;
    pending_.clear();
    touched_.clear();
  }

  // W3, W10: what the watcher holds at a mark is what a reader of the same rows sees.
  void ExpectHolds(const RowBytes& rows) const {
    SCOPED_TRACE(name_);
    RowBytes held;
    for (const auto& [key, row] : held_) held[key] = row.bytes;
    EXPECT_EQ(held == rows, true) << "W3, W10: he holds " << held.size() << " rows, the view has " << rows.size();
  }

  RowBytes rows() const {
    RowBytes held;
    for (const auto& [key, row] : held_) held[key] = row.bytes;
    return held;
  }
  bool Holds(const std::string& key) const { return held_.count(key) > 0; }
  // From which to go on; empty before the first mark.
  const std::string& token() const { return token_; }
  bool at_mark() const { return pending_.empty() && !snapshot_ && !reset_ && connected_; }
  const std::vector<std::string>& resets() const { return resets_; }
  int messages() const { return messages_; }
  int snapshots() const { return snapshots_; }
  int resumptions() const { return resumptions_; }
  int marks() const { return marks_; }
  // Changes taken over at marks, since the beginning.
  int changes() const { return changes_; }

 private:
  struct Row {
    std::string bytes;  // Empty: it left.
    uint64_t version = 0;
  };

  void Begin(bool resumed) {
    EXPECT_TRUE(!connected_ || reset_) << "a stream begins once, and after a Reset";
    EXPECT_FALSE(resumed && reset_) << "after a Reset nothing is resumed";
    EXPECT_FALSE(resumed && token_.empty()) << "nothing is resumed without a token";
    connected_ = true;
    reset_ = false;
    snapshot_ = !resumed;
    pending_.clear();
    touched_.clear();
    ++(resumed ? resumptions_ : snapshots_);
  }

  void Changes(const v1::WatchViewResponse::Changes& changes) {
    EXPECT_TRUE(connected_ && !reset_) << "changes come after a Begin";
    EXPECT_GT(changes.changes_size(), 0) << "a message says something";
    EXPECT_LE(changes.changes_size(), 500) << "W12: a message is bounded";
    EXPECT_TRUE(pending_.empty() || fragment_) << "W5: what is not a fragment is followed by a mark";
    fragment_ = changes.fragment();
    for (const auto& change : changes.changes()) {
      EXPECT_TRUE(touched_.insert(change.key()).second) << "W4: a key once between two marks: " << change.key();
      const bool leaves = change.row_case() == v1::WatchViewResponse::Change::ROW_NOT_SET;
      EXPECT_FALSE(snapshot_ && leaves) << "W1: a snapshot is rows alone";
      const auto held = held_.find(change.key());
      EXPECT_FALSE(!snapshot_ && leaves && held == held_.end()) << "W9: only what he holds leaves: " << change.key();
      const std::string bytes = leaves ? "" : BytesOf(change);
      if (!snapshot_ && !leaves && held != held_.end()) {
        EXPECT_FALSE(held->second.version == change.version() && held->second.bytes == bytes)
            << "W4: told twice: " << change.key();
      }
      const auto floor = newest_.find(change.key());
      if (floor != newest_.end()) {
        EXPECT_GE(change.version(), floor->second.version) << "W2, W7: back in time: " << change.key();
        if (!leaves && !floor->second.bytes.empty() && change.version() == floor->second.version) {
          EXPECT_EQ(bytes == floor->second.bytes, true) << "W2: one version, two rows: " << change.key();
        }
      }
      pending_[change.key()] = {bytes, change.version()};
    }
  }

  void Mark(const v1::Mark& mark) {
    EXPECT_TRUE(connected_ && !reset_) << "a mark comes after a Begin";
    EXPECT_FALSE(fragment_) << "W5: a fragment is followed by the rest of its commits";
    if (snapshot_) held_.clear();
    for (auto& [key, row] : pending_) {
      Row& newest = newest_[key];
      newest.version = row.version;
      if (!row.bytes.empty()) newest.bytes = row.bytes;
      if (row.bytes.empty()) {
        held_.erase(key);
      } else {
        held_[key] = row;
      }
      ++changes_;
    }
    pending_.clear();
    touched_.clear();
    snapshot_ = false;
    ++marks_;
    EXPECT_FALSE(mark.resume_token().empty()) << "W6: a mark can be resumed from";
    token_ = mark.resume_token();
    EXPECT_EQ(mark.item_count(), static_cast<int64_t>(held_.size())) << "W6, W10";
    uint64_t digest = 0;
    for (const auto& [key, row] : held_) digest += RowDigest(key, row.version);
    EXPECT_EQ(mark.set_digest(), digest) << "W6, W10";
  }

  static uint64_t RowDigest(const std::string& key, uint64_t version) {
    std::string text = key + std::string(1, '\0');
    for (int shift = 56; shift >= 0; shift -= 8) text.push_back(static_cast<char>(version >> shift));
    unsigned char hash[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash);
    uint64_t first = 0;
    for (int i = 0; i < 8; ++i) first = first << 8 | hash[i];
    return first;
  }

  const std::string name_;
  std::map<std::string, Row> held_;     // At the last mark.
  std::map<std::string, Row> newest_;   // Of every key ever held, the newest that was told at a mark.
  std::map<std::string, Row> pending_;  // Since.
  std::set<std::string> touched_;
  std::string token_;
  bool connected_ = false, reset_ = false, snapshot_ = false, fragment_ = false;
  std::vector<std::string> resets_;
  int messages_ = 0, snapshots_ = 0, resumptions_ = 0, marks_ = 0, changes_ = 0;
};

// The same of a stream of events.
class EventValidator {
 public:
  void Take(const v1::WatchEventsResponse& message) {
    EXPECT_TRUE(message.events_size() > 0 || message.has_mark()) << "a message says something";
    for (const v1::EventRecord& record : message.events()) {
      const std::string name =
          record.stream() + "@" + std::to_string(record.revision()) + "#" + std::to_string(record.index());
      EXPECT_TRUE(seen_.insert(name).second) << "W4: told twice: " << name;
      uint64_t& revision = revisions_[record.stream()];
      EXPECT_GE(record.revision(), revision) << "W2: back in time: " << name;
      revision = record.revision();
      if (record.position() != position_) {
        EXPECT_TRUE(positions_.insert(record.position()).second) << "W5: a commit told in two places: " << name;
      }
      position_ = record.position();
      names_.push_back(name);
    }
    EXPECT_TRUE(message.events().empty() || message.has_mark()) << "W6: whole commits end with a mark";
    if (message.has_mark() && !message.mark().resume_token().empty()) token_ = message.mark().resume_token();
  }

  // W3: what was told is what reading says.
  template <typename Records>
  void ExpectTold(const Records& records) const {
    std::vector<std::string> names;
    for (const v1::EventRecord& record : records) {
      names.push_back(record.stream() + "@" + std::to_string(record.revision()) + "#" + std::to_string(record.index()));
    }
    EXPECT_EQ(names_, names) << "W3";
  }

  const std::string& token() const { return token_; }
  size_t size() const { return names_.size(); }

 private:
  std::set<std::string> seen_;
  std::map<std::string, uint64_t> revisions_;
  std::set<std::string> positions_;
  std::string position_;
  std::vector<std::string> names_;
  std::string token_;
};

}  // namespace duban::testing
