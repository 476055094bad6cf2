// Ballot boxes as they lie on disk: in the sealed part of the commit of the newest ballot, under a key of that commit's
// own.
//
// With each ballot the node opens the box, and seals it anew with the ballot in it; once that is durable the key of the
// box before is destroyed (Sequencer::Write), so that nobody can compare two boxes and see what one person added. When
// collecting is over the last key goes too: what was counted stands in the event. A crash between a write and the
// destruction leaves a key; the node destroys it when it opens, before anything else is decided.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/cases/collecting.h"
#include "services/node/batch.h"
#include "services/node/random.h"
#include "services/node/sealing.h"
#include "store/key_vault.h"
#include "store/store.h"

namespace duban::node {

// The key that seals a case's box as its event at `revision` leaves it.
std::string BoxKeyOf(absl::string_view case_name, uint64_t revision);

// The boxes as one decision over a batch reads and seals them. Trouble in reading is told to the batch, which is not
// written then.
class SealedBoxes : public engine::BallotBoxes {
 public:
  SealedBoxes(Batch& batch, store::KeyVault& vault, Random& random) : batch_(batch), vault_(vault), random_(random) {}

  std::optional<v1::BallotBox> Open(const engine::CaseState& state) override;
  v1::Sealed Seal(const engine::CaseState& state, const v1::BallotBox& box) override;

  bool empty() const { return !held_.has_value(); }
  // The sealed part of the record, with the box that was sealed. Makes its key durable first. REQUIRES: not empty().
  absl::StatusOr<std::string> Finish();

 private:
  Batch& batch_;
  store::KeyVault& vault_;
  Random& random_;
  std::optional<Held> held_;  // The box that was sealed.
};

// Destroys what is left of the keys of boxes that were replaced or counted.
absl::Status DestroySpentBoxes(const store::Snapshot& rows, store::KeyVault& vault);

}  // namespace duban::node
