// What tests of being cut short share: a store whose power fails, and what must be found afterwards.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/node/rebuild.h"
#include "store/record.h"
#include "tests/node/support/passing_store.h"
#include "tests/node/support/standing.h"

namespace duban::node {

// A store whose power fails at a chosen write: what was being written is there whole or not at all, and nothing can be
// written until it is opened again.
class CutStore : public PassingStore {
 public:
  void CutAt(int writes_from_now, bool written) {
    left_ = writes_from_now;
    written_ = written;
  }
  bool is_cut() const { return left_ == 0; }
  void Mend() { left_ = -1; }

  absl::Status Write(const store::Append& append, const store::Apply& apply) override {
    if (left_ > 0 && --left_ == 0 && written_) EXPECT_TRUE(below_->Write(append, apply).ok());
    if (left_ == 0) return absl::UnavailableError("the power has failed");
    return below_->Write(append, apply);
  }

 private:
  int left_ = -1;
  bool written_ = false;
};

inline std::vector<v1::Commit> LogOf(const store::Store& store) {
  std::vector<v1::Commit> log;
  EXPECT_TRUE(store
                  .Read(0,
                        [&](store::Position, absl::string_view record) {
                          const auto parts = store::ParseRecord(record);
                          EXPECT_TRUE(log.emplace_back().ParseFromString(std::string(parts->public_part)));
                          return true;
                        })
                  .ok());
  return log;
}

// The log, its random names (cases, jobs) told by the order in which they first occur.
inline std::vector<std::string> Told(const store::Store& store) {
  static const std::regex kName("(cases|jobs|files)/[0-9a-z]{13,}");
  std::map<std::string, std::string> names;
  std::vector<std::string> told;
  for (v1::Commit& commit : LogOf(store)) {
    // The MAC of a request covers the names in it.
    for (const v1::StreamPart& part : commit.parts()) {
      if (part.events(0).job_started().task().has_import()) commit.mutable_cause()->clear_request_mac();
    }
    const std::string bytes = commit.SerializeAsString();
    std::string& out = told.emplace_back();
    auto from = bytes.begin();
    for (std::sregex_iterator it(bytes.begin(), bytes.end(), kName), end; it != end; ++it) {
      const std::string& name = names.emplace(it->str(), absl::StrCat(names.size())).first->second;
      out.append(from, bytes.begin() + it->position()).append(name);
      from = bytes.begin() + it->position() + it->length();
    }
    out.append(from, bytes.end());
  }
  return told;
}

// Rows and timers are what the log alone leads to.
inline void ExpectDerived(const store::Store& store) {
  const absl::StatusOr<store::Apply> derived = DeriveRows(store);
  ASSERT_TRUE(derived.ok()) << derived.status();
  ExpectSame(RowsOf(store), RowsOf(*derived));
  Timers timers;
  for (const store::TimerChange& timer : derived->timers) {
    if (timer.new_due_ms != store::TimerChange::kNone) timers[timer.name] = timer.new_due_ms;
  }
  EXPECT_EQ(TimersOf(store), timers);
}

}  // namespace duban::node
