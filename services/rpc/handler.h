// The shape of every handler: sign in, hand the contract's own message to the node, turn its answer into gRPC's.
//
// Lifetimes: gRPC keeps context, request, response and reactor until Finish was called, whatever the client does
// meanwhile. So a command whose caller has gone is still answered, into the void.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <string>
#include <utility>
#include <variant>

#include "engine/base/check.h"
#include "services/node/node.h"
#include "services/rpc/auth.h"
#include "services/rpc/executor.h"
#include "services/rpc/status_map.h"

namespace duban::rpc {

// What handlers work with; outlives them.
struct Door {
  node::Node& node;
  Executor& executor;  // For streams.
  Executor& disk;      // For calls that write to the disk on their own thread, and take their time.
  // How long a reader may leave one message of a stream waiting. Longer: RESOURCE_EXHAUSTED (READER_STALLED).
  absl::Duration write_patience;
};

// The answer's value goes to `take`; gRPC's status for it comes back.
template <typename T, typename Take>
grpc::Status Settle(node::Reply<T>&& reply, const std::string& request_id, Take take) {
  if (auto* rejection = std::get_if<engine::Rejection>(&reply)) return ToStatus(*rejection);
  if (auto* trouble = std::get_if<absl::Status>(&reply)) {
    DUBAN_CHECK(!trouble->ok(), "trouble has a code");
    return ToStatus(*trouble, request_id);
  }
  take(std::get<T>(std::move(reply)));
  return grpc::Status::OK;
}

// A read: answered at once, on gRPC's thread.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* Read(const Door& door, grpc::CallbackServerContext* context, const Request* request,
                               Response* response,
                               node::Reply<Response> (node::Node::*method)(const std::string&, const Request&)) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto signed_in = SignIn(door.node, context);
  if (auto* refused = std::get_if<grpc::Status>(&signed_in)) {
    reactor->Finish(*refused);
    return reactor;
  }
  const Caller& caller = std::get<Caller>(signed_in);
  reactor->Finish(Settle((door.node.*method)(caller.person, *request), caller.request_id,
                         [response](Response&& value) { *response = std::move(value); }));
  return reactor;
}

// A call that works on the disk: signed in here, done and answered on a thread that may wait.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* Work(const Door& door, grpc::CallbackServerContext* context, const Request* request,
                               Response* response,
                               node::Reply<Response> (node::Node::*method)(const std::string&, const Request&)) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto signed_in = SignIn(door.node, context);
  if (auto* refused = std::get_if<grpc::Status>(&signed_in)) {
    reactor->Finish(*refused);
    return reactor;
  }
  door.disk.Post(
      [&node = door.node, method, caller = std::get<Caller>(std::move(signed_in)), reactor, request, response] {
        reactor->Finish(Settle((node.*method)(caller.person, *request), caller.request_id,
                               [response](Response&& value) { *response = std::move(value); }));
      });
  return reactor;
}

// A command: answered from the sequencer's thread, once it is durable.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* Submit(const Door& door, grpc::CallbackServerContext* context, const Request* request,
                                 Response* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto signed_in = SignIn(door.node, context);
  if (auto* refused = std::get_if<grpc::Status>(&signed_in)) {
    reactor->Finish(*refused);
    return reactor;
  }
  Caller& caller = std::get<Caller>(signed_in);
  auto done = [reactor, response, request_id = std::move(caller.request_id)](node::Reply<node::Response> reply) {
    reactor->Finish(Settle(std::move(reply), request_id, [response](node::Response&& value) {
      auto* mine = std::get_if<Response>(&value);
      DUBAN_CHECK(mine != nullptr, "a command's answer is of its own type");
      *response = std::move(*mine);
    }));
  };
  door.node.Submit(std::move(caller.person), node::Request(*request), std::move(done));
  return reactor;
}

}  // namespace duban::rpc
