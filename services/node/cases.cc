#include "services/node/cases.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

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

namespace {

// The length-delimited field that begins at `in`'s place, as bytes.
bool TakeBytes(google::protobuf::io::CodedInputStream& in, absl::string_view& out) {
  uint32_t size = 0;
  const void* data = nullptr;
  int there = 0;
  if (!in.ReadVarint32(&size)) return false;
  if (size == 0) {
    out = "";
    return true;
  }
  if (!in.GetDirectBufferPointer(&data, &there) || static_cast<uint32_t>(there) < size) return false;
  out = absl::string_view(static_cast<const char*>(data), size);
  return in.Skip(static_cast<int>(size));
}

// The stream of a part, which is its first field.
absl::string_view StreamOf(absl::string_view part) {
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(part.data()),
                                            static_cast<int>(part.size()));
  absl::string_view stream;
  constexpr uint32_t kTag = v1::StreamPart::kStreamFieldNumber << 3 | 2;
  return in.ReadTag() == kTag && TakeBytes(in, stream) ? stream : absl::string_view();
}

// A commit with the parts of one stream alone: one that changed many cases costs little more than one that changed one.
absl::StatusOr<v1::Commit> ReadCommitOf(const store::Store& log, store::Position position, absl::string_view name) {
  absl::StatusOr<std::string> record = log.ReadOne(position);
  if (!record.ok()) return record.status();
  const absl::StatusOr<store::RecordParts> parts = store::ParseRecord(*record);
  if (!parts.ok()) return parts.status();
  const absl::string_view bytes = parts->public_part;
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  constexpr uint32_t kParts = v1::Commit::kPartsFieldNumber << 3 | 2;
  std::string kept;
  for (;;) {
    const int begins = in.CurrentPosition();
    const uint32_t tag = in.ReadTag();
    if (tag == 0) break;
    absl::string_view part;
    const bool whole =
        tag == kParts ? TakeBytes(in, part) : google::protobuf::internal::WireFormatLite::SkipField(&in, tag);
    if (!whole) return absl::DataLossError(absl::StrCat("commit ", position, " cannot be read"));
    if (tag == kParts && StreamOf(part) != name) continue;
    absl::StrAppend(&kept,
                    bytes.substr(static_cast<size_t>(begins), static_cast<size_t>(in.CurrentPosition() - begins)));
  }
  v1::Commit commit;
  if (!commit.ParseFromString(kept)) return absl::DataLossError(absl::StrCat("commit ", position, " cannot be read"));
  return commit;
}

}  // namespace

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
    absl::StatusOr<v1::Commit> commit = ReadCommitOf(log, position, name);
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
