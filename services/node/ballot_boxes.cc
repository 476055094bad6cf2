#include "services/node/ballot_boxes.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "duban/state/v1/sealed.pb.h"
#include "engine/views/case_index.h"
#include "engine/views/rows.h"
#include "store/seal.h"

namespace duban::node {
namespace {

using duban::state::v1::SealedEntry;
using duban::state::v1::SealedPart;

constexpr size_t kKeyBytes = 32;

}  // namespace

std::string BoxKeyOf(absl::string_view case_name, uint64_t revision) {
  return absl::StrCat("ballots:", absl::StripPrefix(case_name, "cases/"), "/", revision);
}

std::optional<v1::BallotBox> SealedBoxes::Open(const engine::CaseState& state) {
  const duban::state::v1::Collecting& collecting = state.collecting();
  if (!collecting.has_box()) return v1::BallotBox();
  const absl::StatusOr<std::string> key = vault_.Get(collecting.box().key_id());
  if (absl::IsNotFound(key.status())) return std::nullopt;
  if (!key.ok()) {
    batch_.Trouble(key.status());
    return std::nullopt;
  }
  const absl::StatusOr<std::string> sealed_part = batch_.SealedPartAt(state.name(), collecting.box_revision());
  if (!sealed_part.ok()) {
    batch_.Trouble(sealed_part.status());
    return std::nullopt;
  }
  SealedPart part;
  if (part.ParseFromString(*sealed_part)) {
    for (const SealedEntry& entry : part.entries()) {
      if (entry.key_id() != collecting.box().key_id()) continue;
      const absl::StatusOr<std::string> plain = store::OpenSealed(*key, collecting.box().digest(), entry.ciphertext());
      v1::BallotBox box;
      if (plain.ok() && box.ParseFromString(*plain)) return box;
    }
  }
  batch_.Trouble(absl::DataLossError(absl::StrCat("the ballot box of ", state.name(), " cannot be read")));
  return std::nullopt;
}

v1::Sealed SealedBoxes::Seal(const engine::CaseState& state, const v1::BallotBox& box) {
  const std::string key_id = BoxKeyOf(state.name(), state.revision() + 1);
  held_ = Hold(std::string(kKeyBytes, '\0'), key_id, /*slot=*/0, box.SerializeAsString(), random_);
  return held_->shown;
}

absl::StatusOr<std::string> SealedBoxes::Finish() {
  const absl::StatusOr<std::string> key = vault_.Create(held_->shown.key_id());
  if (!key.ok()) return key.status();
  SealedPart part;
  if (absl::Status status = AddSealed(*key, *held_, part); !status.ok()) return status;
  return part.SerializeAsString();
}

absl::Status DestroySpentBoxes(const store::Snapshot& rows, store::KeyVault& vault) {
  std::vector<std::string> left;
  absl::Status trouble;
  const absl::Status scanned = rows.Scan(static_cast<uint8_t>(engine::Table::kBallotBox), "", "",
                                         [&](absl::string_view name, absl::string_view row) {
                                           for (const uint64_t revision : engine::SpentBoxes(row)) {
                                             std::string id = BoxKeyOf(name, revision);
                                             const absl::Status there = vault.Get(id).status();
                                             if (there.ok()) left.push_back(std::move(id));
                                             if (!there.ok() && !absl::IsNotFound(there)) trouble = there;
                                           }
                                           return trouble.ok();
                                         });
  if (!scanned.ok()) return scanned;
  if (!trouble.ok()) return trouble;
  return left.empty() ? absl::OkStatus() : vault.DestroyAll(left);
}

}  // namespace duban::node
