// A store in memory, for tests and simulation: the reference of what the contract means.
#pragma once

#include <memory>

#include "store/store.h"

namespace duban::store {

std::unique_ptr<Store> NewMemoryStore();

}  // namespace duban::store
