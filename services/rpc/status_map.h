// From an answer of the node to what gRPC carries: the only place that knows the wire's form of failures.
//
// A refusal travels as google.rpc.Status with ErrorInfo (for programs), LocalizedMessage in Chinese and English (for
// people) and, where fields are named, BadRequest. Trouble in the environment keeps its code and says what the caller
// can do; what it says of our inside goes to the server's log (services/rpc/calls.h), under the call's id, and never to
// the caller.
#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "engine/base/rejection.h"

namespace duban::rpc {

// Details are cut to this: clients accept 8 KiB of metadata by default, and the bytes travel in base64.
inline constexpr size_t kDetailsBytesMax = 4096;
// One message, one fact. Longer: cut at a character's end.
inline constexpr size_t kMessageBytesMax = 768;
inline constexpr size_t kFactBytesMax = 256;

// A refusal. Each fact named "field" becomes a BadRequest violation too.
grpc::Status ToStatus(const engine::Rejection& rejection);

// Trouble. A status whose message begins with a constant and a colon ("QUEUE_FULL: …") carries it as the reason; all
// other is answered in general words.
grpc::Status ToStatus(const absl::Status& status, const std::string& request_id);

// Whether a trouble is one that callers meet in ordinary days, for which there are words of its own.
bool IsKnown(const absl::Status& status);

// The reason that a status carries; empty when it carries none.
std::string ReasonOf(const grpc::Status& status);

}  // namespace duban::rpc
