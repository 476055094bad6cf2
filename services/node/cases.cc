#include "services/node/cases.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/cases/evolve.h"
#include "store/record.h"

namespace duban::node {

bool IsCase(absl::string_view stream) { return absl::StartsWith(stream, "cases/"); }

absl::StatusOr<v1::Commit> ParseCommit(absl::string_view record) {
  absl::StatusOr<store::RecordParts> parts = store::ParseRecord(record);
  if (!parts.ok()) return parts.status();
  v1::Commit commit;
  if (!commit.ParseFromArray(parts->public_part.data(), static_cast<int>(parts->public_part.size()))) {
    return absl::DataLossError("a commit cannot be read");
  }
  return commit;
}

absl::StatusOr<v1::Commit> ReadCommit(const store::Store& log, store::Position position) {
  absl::StatusOr<std::string> record = log.ReadOne(position);
  if (!record.ok()) return record.status();
  return ParseCommit(*record);
}

absl::StatusOr<CasePtr> LoadCase(const store::Store& log, absl::string_view snapshot, absl::string_view name,
                                 store::Position before) {
  auto state = std::make_shared<CaseState>();
  if (!snapshot.empty()) {
    if (!state->ParseFromArray(snapshot.data(), static_cast<int>(snapshot.size()))) {
      return absl::DataLossError(absl::StrCat("the snapshot of ", name, " cannot be read"));
    }
    if (state->position() >= before) state->Clear();
  }
  std::vector<store::Position> tail;
  const absl::Status listed = log.ReadStream(name, state->revision() + 1, [&](uint64_t, store::Position position) {
    if (position < before) tail.push_back(position);
    return position < before;
  });
  if (!listed.ok()) return listed;
  for (store::Position position : tail) {
    absl::StatusOr<v1::Commit> commit = ReadCommit(log, position);
    if (!commit.ok()) return commit.status();
    for (const v1::StreamPart& part : commit->parts()) {
      if (absl::string_view(part.stream()) != name || part.first_revision() != state->revision() + 1) continue;
      engine::EvolvePart(*state, *commit, part);
    }
  }
  if (state->revision() == 0) return CasePtr();
  return CasePtr(state);
}

CasePtr CaseCache::Find(const std::string& name) {
  auto found = held_.find(name);
  if (found == held_.end()) return nullptr;
  order_.splice(order_.begin(), order_, found->second);
  return *found->second;
}

void CaseCache::Put(CasePtr state) {
  auto found = held_.find(state->name());
  if (found != held_.end()) {
    *found->second = std::move(state);
    order_.splice(order_.begin(), order_, found->second);
    return;
  }
  order_.push_front(std::move(state));
  held_[order_.front()->name()] = order_.begin();
  if (held_.size() > cases_max_) {
    held_.erase(order_.back()->name());
    order_.pop_back();
  }
}

}  // namespace duban::node
