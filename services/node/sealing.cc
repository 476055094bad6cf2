#include "services/node/sealing.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/check.h"
#include "engine/cases/fields.h"
#include "store/record.h"
#include "store/seal.h"

namespace duban::node {
namespace {

using duban::state::v1::SealedEntry;
using duban::state::v1::SealedPart;
using engine::Kind;
using engine::Reject;

constexpr size_t kKeyBytes = 32;
constexpr size_t kRandomnessBytes = 28;  // As store/seal.h asks.

engine::Rejection NotText(const engine::Field& field) {
  return Reject(Kind::kInvalid, "FIELD_KIND_WRONG", absl::StrCat(field.title.zh(), "应为文字"),
                absl::StrCat("field ", field.name, " takes text"), {{"field", absl::StrCat("fields.", field.name)}});
}

engine::Rejection SealedByCaller(const std::string& field) {
  return Reject(Kind::kInvalid, "SEALED_VALUE_GIVEN", absl::StrCat("字段", field, "请填写原文，加密由服务器完成"),
                absl::StrCat("field ", field, ": send the text itself; the server seals it"),
                {{"field", absl::StrCat("fields.", field)}});
}

}  // namespace

std::string SealKeyOf(absl::string_view case_name) {
  return absl::StrCat("case:", absl::StripPrefix(case_name, "cases/"));
}

Held Hold(const std::string& trial_key, std::string key_id, uint32_t slot, std::string plaintext, Random& random) {
  Held held;
  held.plaintext = std::move(plaintext);
  held.randomness = random.Bytes(kRandomnessBytes);
  const absl::StatusOr<store::SealedBytes> sealed = store::SealValue(trial_key, held.plaintext, held.randomness);
  DUBAN_CHECK(sealed.ok(), "sealing in memory cannot fail");
  held.shown.set_key_id(std::move(key_id));
  held.shown.set_digest(sealed->digest);
  held.shown.set_slot(slot);
  return held;
}

absl::Status AddSealed(const std::string& key, const Held& held, SealedPart& part) {
  const absl::StatusOr<store::SealedBytes> sealed = store::SealValue(key, held.plaintext, held.randomness);
  if (!sealed.ok()) return sealed.status();
  DUBAN_CHECK(sealed->digest == held.shown.digest(), "a digest depends on salt and text alone");
  SealedEntry& entry = *part.add_entries();
  entry.set_slot(held.shown.slot());
  entry.set_key_id(held.shown.key_id());
  entry.set_digest(sealed->digest);
  entry.set_ciphertext(sealed->ciphertext);
  return absl::OkStatus();
}

engine::Verdict Sealing::Replace(const engine::Procedure& procedure,
                                 google::protobuf::RepeatedPtrField<v1::FieldValue>& fields) {
  for (v1::FieldValue& given : fields) {
    const engine::Field* field = procedure.FindField(given.field());
    for (v1::Value& value : *given.mutable_values()) {
      if (value.has_sealed()) return SealedByCaller(given.field());
      if (field == nullptr || !field->sealed) continue;
      if (value.kind_case() != v1::Value::kText) return NotText(*field);
      if (engine::Verdict fits = engine::CheckPlaintext(*field, value.text()); !fits.ok()) return fits;
      if (trial_key_.empty()) trial_key_ = random_.Bytes(kKeyBytes);
      const auto slot = static_cast<uint32_t>(held_.size());
      held_.push_back(Hold(trial_key_, SealKeyOf(case_name_), slot, value.text(), random_));
      *value.mutable_sealed() = held_.back().shown;
    }
  }
  return engine::Nothing{};
}

absl::StatusOr<std::string> Sealing::Finish(store::KeyVault& vault) {
  if (held_.empty()) return std::string();
  absl::StatusOr<std::string> key = vault.Create(SealKeyOf(case_name_));
  if (!key.ok()) return key.status();
  SealedPart part;
  for (const Held& held : held_) {
    if (absl::Status status = AddSealed(*key, held, part); !status.ok()) return status;
  }
  return part.SerializeAsString();
}

std::optional<std::string> Unsealing::Open(absl::string_view case_name, uint64_t revision,
                                           const v1::Sealed& sealed) const {
  const absl::StatusOr<std::string> key = vault_.Get(sealed.key_id());
  if (!key.ok()) return std::nullopt;
  std::optional<std::string> ciphertext;
  if (sealed.key_id() == SealKeyOf(case_name)) ciphertext = Find(case_name, revision, sealed);
  if (!ciphertext) ciphertext = Find(absl::StrCat("cases/", absl::StripPrefix(sealed.key_id(), "case:")), 1, sealed);
  if (!ciphertext) return std::nullopt;
  absl::StatusOr<std::string> opened = store::OpenSealed(*key, sealed.digest(), *ciphertext);
  if (!opened.ok()) return std::nullopt;
  return *std::move(opened);
}

std::optional<std::string> Unsealing::Find(absl::string_view stream, uint64_t revision,
                                           const v1::Sealed& sealed) const {
  std::optional<std::string> found;
  const auto look_into = [&](uint64_t, store::Position position) {
    const absl::StatusOr<std::string> record = log_.ReadOne(position);
    if (!record.ok()) return true;
    const absl::StatusOr<store::RecordParts> parts = store::ParseRecord(*record);
    SealedPart part;
    if (!parts.ok() || !part.ParseFromArray(parts->sealed_part.data(), static_cast<int>(parts->sealed_part.size()))) {
      return true;
    }
    for (const SealedEntry& entry : part.entries()) {
      if (entry.key_id() == sealed.key_id() && entry.digest() == sealed.digest()) found = entry.ciphertext();
    }
    return !found.has_value();
  };
  // A failed scan and a lost ciphertext look the same to a reader: the value cannot be shown.
  if (!log_.ReadStream(stream, revision, look_into).ok()) return std::nullopt;
  return found;
}

}  // namespace duban::node
