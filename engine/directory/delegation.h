// Delegations (代办): which may be put, and what time does to them.
//
// A delegation is put, begins, ends: events of its own stream, so that nobody has to look at a clock. It is not changed
// once it has been put, only ended early. What it gives stands in directory/directory.h (LentTo, ViewerIds); that acts
// under it carry both names and that `never` holds for both, in cases/roles.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "duban/v1/directory.pb.h"
#include "duban/v1/event.pb.h"
#include "engine/base/rejection.h"
#include "engine/base/time.h"
#include "engine/directory/directory.h"

namespace duban::engine {

// What happens to one delegation; no events where it is there as it is.
struct DelegationChange {
  std::string name;
  std::vector<v1::Event> events;
};

// Puts delegations, in order, against the directory as it will be. One that begins now or has begun already begins with
// the same decision, at `now`; one put again with `ended` ends at `now`. Who may put them is the caller's to check.
Outcome<std::vector<DelegationChange>> DecideDelegations(Directory directory, const std::vector<v1::Delegation>& put,
                                                         Instant now);

// When it next begins or ends by itself; InfiniteFuture when never.
Instant NextDue(const Standing& standing);

// What is due at or before `until`: that it begins, or that it ends, at its own instant.
std::optional<v1::Event> DueEvent(const Standing& standing, Instant until);

// Who may know of it: the two, and those who keep or audit the directory. Sorted.
std::vector<std::string> AudienceOf(const v1::Delegation& delegation);

}  // namespace duban::engine
