// What a command says of itself in its commit; who gave it, and when, is added where it is staged.
#pragma once

#include <string>

#include "duban/v1/event.pb.h"
#include "engine/base/time.h"

namespace duban::node {

template <typename R>
v1::Cause CauseOf(const char* command, const R& request, const std::string& mac) {
  v1::Cause cause;
  cause.set_command(command);
  cause.set_idempotency_key(request.idempotency_key());
  cause.set_request_mac(mac);
  return cause;
}

// The same of one that may have been entered for another, or later than it happened.
template <typename R>
v1::Cause CauseOfEntry(const char* command, const R& request, const std::string& mac) {
  v1::Cause cause = CauseOf(command, request, mac);
  cause.set_entered_for(request.entered_for());
  if (request.has_occurred_at()) {
    *cause.mutable_occurred_at() = engine::ToProto(engine::FromProto(request.occurred_at()));
  }
  return cause;
}

}  // namespace duban::node
