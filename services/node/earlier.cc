#include "services/node/earlier.h"

#include "duban/state/v1/rows.pb.h"
#include "engine/views/tables.h"
#include "services/node/limits.h"
#include "services/node/refusals.h"

namespace duban::node {

Reply<std::optional<store::Position>> EarlierUnder(Batch& batch, const std::string& person, const std::string& key,
                                                   const std::string& mac, engine::Instant now, Vitals& vitals) {
  const std::optional<std::string> row = batch.Row(engine::Table::kDedup, DedupKey(person, key));
  if (!row) return std::optional<store::Position>();
  duban::state::v1::DedupEntry entry;
  if (!entry.ParseFromString(*row)) return absl::DataLossError("an idempotency row cannot be read");
  if (now - absl::FromUnixMillis(entry.recorded_ms()) > absl::Hours(24 * limits::kDedupWindowDays)) {
    vitals.Reached(Bound::kDedupWindow);
    return std::optional<store::Position>();
  }
  if (entry.request_mac() != mac) return KeyReused();
  return std::optional<store::Position>(entry.position());
}

}  // namespace duban::node
