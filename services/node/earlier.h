// What an idempotency key led to before: the one rule of how long it is remembered and what it then stands for.
#pragma once

#include <optional>
#include <string>

#include "engine/base/time.h"
#include "services/node/batch.h"
#include "services/node/node.h"
#include "services/node/vitals.h"

namespace duban::node {

// The commit that `person` caused under this key; nothing when there is none, or it is longer ago than
// limits::kDedupWindowDays. KEY_REUSED where the key stood for another request, whose MAC was another.
Reply<std::optional<store::Position>> EarlierUnder(Batch& batch, const std::string& person, const std::string& key,
                                                   const std::string& mac, engine::Instant now, Vitals& vitals);

}  // namespace duban::node
