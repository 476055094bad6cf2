// The shape of every handler: sign in, hand the contract's own message to the node, turn its answer into gRPC's.
//
// Lifetimes: gRPC keeps context, request, response and reactor until Finish was called, whatever the client does
// meanwhile. So a command whose caller has gone is still answered, into the void.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "engine/base/check.h"
#include "services/node/node.h"
#include "services/rpc/auth.h"
#include "services/rpc/calls.h"
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
  Calls& calls;
};

// The answer's value goes to `take`; gRPC's status for it comes back.
template <typename T, typename Take>
grpc::Status Settle(const Door& door, const Call& call, node::Reply<T>&& reply, Take take) {
  if (auto* rejection = std::get_if<engine::Rejection>(&reply)) return ToStatus(*rejection);
  if (auto* trouble = std::get_if<absl::Status>(&reply)) {
    DUBAN_CHECK(!trouble->ok(), "trouble has a code");
    // Whose caller has gone has ended as it should.
    if (!IsKnown(*trouble) && !absl::IsCancelled(*trouble)) door.calls.Unexpected(call, *trouble);
    return ToStatus(*trouble, call.id);
  }
  take(std::get<T>(std::move(reply)));
  return grpc::Status::OK;
}

// A call begins, whoever makes it.
template <typename Request>
Call Begin(const Door& door, grpc::CallbackServerContext* context, Call::Kind kind) {
  door.calls.Begin();
  std::string method = Request::descriptor()->name();
  method.resize(method.size() - std::string("Request").size());
  return {TakeRequestId(context), std::move(method), kind};
}

// Who makes it; nobody when it has been answered by `end` already.
template <typename End>
std::optional<Caller> SignedIn(const Door& door, const Call& call, const grpc::CallbackServerContext& context,
                               End end) {
  auto signed_in = SignIn(door.node, context);
  if (auto* caller = std::get_if<Caller>(&signed_in)) return std::move(*caller);
  node::Reply<Caller> refused = std::get<absl::Status>(std::move(signed_in));
  if (absl::IsUnauthenticated(std::get<absl::Status>(refused))) door.calls.SignInFailed();
  end(Settle(door, call, std::move(refused), [](Caller&&) {}));
  return std::nullopt;
}

// A call answered at once, on gRPC's thread, by `answer`, which is given who asks.
template <typename Request, typename Response, typename Answer>
grpc::ServerUnaryReactor* AnswerNow(const Door& door, grpc::CallbackServerContext* context, Response* response,
                                    Answer answer) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const Call call = Begin<Request>(door, context, Call::Kind::kRead);
  const auto end = [&](const grpc::Status& status) {
    door.calls.End(call, status);
    reactor->Finish(status);
  };
  const std::optional<Caller> caller = SignedIn(door, call, *context, end);
  if (!caller) return reactor;
  end(Settle(door, call, answer(caller->person), [response](Response&& value) { *response = std::move(value); }));
  return reactor;
}

// A read.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* Read(const Door& door, grpc::CallbackServerContext* context, const Request* request,
                               Response* response,
                               node::Reply<Response> (node::Node::*method)(const std::string&, const Request&)) {
  return AnswerNow<Request>(door, context, response,
                            [&](const std::string& person) { return (door.node.*method)(person, *request); });
}

// A read that may take long: it is told when its caller has gone.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* ReadWhileWaitedFor(
    const Door& door, grpc::CallbackServerContext* context, const Request* request, Response* response,
    node::Reply<Response> (node::Node::*method)(const std::string&, const Request&, const node::Abandoned&)) {
  return AnswerNow<Request>(door, context, response, [&](const std::string& person) {
    return (door.node.*method)(person, *request, [context] { return context->IsCancelled(); });
  });
}

// A call that works on the disk: signed in here, done and answered on a thread that may wait.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* Work(const Door& door, grpc::CallbackServerContext* context, const Request* request,
                               Response* response,
                               node::Reply<Response> (node::Node::*method)(const std::string&, const Request&)) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto call = std::make_shared<const Call>(Begin<Request>(door, context, Call::Kind::kRead));
  const auto end = [door, call, reactor](const grpc::Status& status) {
    door.calls.End(*call, status);
    reactor->Finish(status);
  };
  const std::optional<Caller> caller = SignedIn(door, *call, *context, end);
  if (!caller) return reactor;
  door.disk.Post([door, call, end, method, person = caller->person, request, response] {
    end(Settle(door, *call, (door.node.*method)(person, *request),
               [response](Response&& value) { *response = std::move(value); }));
  });
  return reactor;
}

// A command: answered from the sequencer's thread, once it is durable.
template <typename Request, typename Response>
grpc::ServerUnaryReactor* Submit(const Door& door, grpc::CallbackServerContext* context, const Request* request,
                                 Response* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  auto call = std::make_shared<const Call>(Begin<Request>(door, context, Call::Kind::kCommand));
  const auto end = [door, call, reactor](const grpc::Status& status) {
    door.calls.End(*call, status);
    reactor->Finish(status);
  };
  std::optional<Caller> caller = SignedIn(door, *call, *context, end);
  if (!caller) return reactor;
  auto done = [door, call, end, response](node::Reply<node::Response> reply) {
    end(Settle(door, *call, std::move(reply), [response](node::Response&& value) {
      auto* mine = std::get_if<Response>(&value);
      DUBAN_CHECK(mine != nullptr, "a command's answer is of its own type");
      *response = std::move(*mine);
    }));
  };
  door.node.Submit(std::move(caller->person), node::Request(*request), std::move(done));
  return reactor;
}

}  // namespace duban::rpc
