// Who calls. No service of ours answers without a viewer; only grpc.health.v1 and reflection are open.
#pragma once

#include <grpcpp/server_context.h>

#include <string>
#include <variant>

#include "services/node/node.h"

namespace duban::rpc {

// Somebody signed in.
struct Caller {
  std::string person;      // "persons/…".
  std::string request_id;  // The caller's own x-request-id where it is fit to be logged, otherwise a new one.
};

// The caller behind `authorization: Bearer <token>`, or UNAUTHENTICATED with how to get a token. Either way the
// request id goes back in the trailing metadata x-request-id.
std::variant<Caller, grpc::Status> SignIn(node::Node& node, grpc::CallbackServerContext* context);

}  // namespace duban::rpc
