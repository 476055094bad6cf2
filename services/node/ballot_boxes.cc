#include "services/node/ballot_boxes.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "duban/state/v1/sealed.pb.h"
#include "engine/base/check.h"
#include "engine/views/case_index.h"
#include "engine/views/rows.h"
#include "store/seal.h"

namespace duban::node {
namespace {

using duban::state::v1::SealedEntry;
using duban::state::v1::SealedPart;

constexpr size_t kKeyBytes = 32;
constexpr size_t kRandomnessBytes = 28;  // As store/seal.h asks.

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
  plaintext_ = box.SerializeAsString();
  randomness_ = random_.Bytes(kRandomnessBytes);
  // The digest depends on salt and content alone, so a key of no worth serves until the command is accepted.
  const absl::StatusOr<store::SealedBytes> sealed =
      store::SealValue(std::string(kKeyBytes, '\0'), plaintext_, randomness_);
  DUBAN_CHECK(sealed.ok(), "sealing in memory cannot fail");
  shown_.set_key_id(BoxKeyOf(state.name(), state.revision() + 1));
  shown_.set_digest(sealed->digest);
  return shown_;
}

absl::StatusOr<std::string> SealedBoxes::Finish() {
  const absl::StatusOr<std::string> key = vault_.Create(shown_.key_id());
  if (!key.ok()) return key.status();
  const absl::StatusOr<store::SealedBytes> sealed = store::SealValue(*key, plaintext_, randomness_);
  if (!sealed.ok()) return sealed.status();
  SealedPart part;
  SealedEntry& entry = *part.add_entries();
  entry.set_slot(shown_.slot());
  entry.set_key_id(shown_.key_id());
  entry.set_digest(sealed->digest);
  entry.set_ciphertext(sealed->ciphertext);
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
