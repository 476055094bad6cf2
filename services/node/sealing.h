// Keeping personal data out of everything but a record's sealed part.
//
// A command's plaintext is replaced before it is decided: events, state, rows and answers only ever hold the public
// side (key, digest, slot). The key is made when the command has been accepted and before its commit is written, so
// that a refused command leaves no key behind and no commit lacks one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "duban/state/v1/sealed.pb.h"
#include "duban/v1/value.pb.h"
#include "engine/base/rejection.h"
#include "engine/procedure/procedure.h"
#include "services/node/random.h"
#include "store/key_vault.h"
#include "store/store.h"

namespace duban::node {

// The key that seals a case's values: "case:<id>" for "cases/<id>".
std::string SealKeyOf(absl::string_view case_name);

// A value on its way into a commit's sealed part.
struct Held {
  v1::Sealed shown;  // Its public side.
  std::string plaintext;
  std::string randomness;  // Salt and nonce: the same for the digest shown and the ciphertext kept.
};

// Its digest depends on salt and plaintext alone, so `trial_key`, a key of no worth, serves until the command is
// accepted.
Held Hold(const std::string& trial_key, std::string key_id, uint32_t slot, std::string plaintext, Random& random);
// Seals it into a record's part, under the key that its id names.
absl::Status AddSealed(const std::string& key, const Held& held, duban::state::v1::SealedPart& part);

// The sealed values of one command.
class Sealing {
 public:
  Sealing(std::string case_name, Random& random) : case_name_(std::move(case_name)), random_(random) {}

  // Replaces the values of sealed fields. A rejection when a value is no text, too long, or claims to be sealed
  // already.
  engine::Verdict Replace(const engine::Procedure& procedure,
                          google::protobuf::RepeatedPtrField<v1::FieldValue>& fields);

  bool empty() const { return held_.empty(); }

  // The sealed part of the record; empty when nothing was sealed. Makes the key durable first.
  absl::StatusOr<std::string> Finish(store::KeyVault& vault);

 private:
  const std::string case_name_;
  Random& random_;
  std::string trial_key_;
  std::vector<Held> held_;
};

// Opens sealed values for those who may see them.
class Unsealing {
 public:
  Unsealing(const store::Store& log, const store::KeyVault& vault) : log_(log), vault_(vault) {}

  // The plaintext of a value set by the event at `revision` of a case; nothing when its key has been destroyed. The
  // ciphertext lies in the commit that sealed it, which is an earlier one where an approval brought the value in, and
  // in another case's stream where it was taken over from there.
  std::optional<std::string> Open(absl::string_view case_name, uint64_t revision, const v1::Sealed& sealed) const;

 private:
  // The ciphertext with that digest in a stream, looked for from `revision` on.
  std::optional<std::string> Find(absl::string_view stream, uint64_t revision, const v1::Sealed& sealed) const;

  const store::Store& log_;
  const store::KeyVault& vault_;
};

}  // namespace duban::node
