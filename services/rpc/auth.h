// Who calls. No service of ours answers without a viewer; only grpc.health.v1 and reflection are open.
#pragma once

#include <grpcpp/server_context.h>

#include <string>
#include <variant>

#include "services/node/node.h"

namespace duban::rpc {

// The id of a call: the caller's own x-request-id where it is fit to be logged (at most 64 letters, digits and "-_.:"),
// otherwise a new one. It goes back in the trailing metadata x-request-id.
std::string TakeRequestId(grpc::CallbackServerContext* context);

// Who is signed in.
struct Caller {
  std::string person;  // "persons/…".
};

// The caller behind `authorization: Bearer <token>`, or what to answer: UNAUTHENTICATED with how to get a token.
std::variant<Caller, absl::Status> SignIn(node::Node& node, const grpc::CallbackServerContext& context);

}  // namespace duban::rpc
