// The C++ client: one door to a server.
//
//   auto client = Client::Connect({.target = "127.0.0.1:18733", .token = token});
//   v1::ActOnCaseRequest request;
//   ...
//   auto done = client->Call(request);                // Result<v1::ActOnCaseResponse>
//   if (!done.ok()) std::cerr << done.error().message.zh();
//
//   auto watch = client->WatchEvents({});             // Goes on over broken connections.
//   for (v1::WatchEventsResponse message; watch->Next(&message);) { ... }
//
// Calls are retried while the server is away: a mutating request without an idempotency key gets a fresh one first, so
// that a retry is never a second command. Threads: everything may be called from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "clients/cpp/error.h"
#include "clients/cpp/methods.h"
#include "duban/v1/watch_service.pb.h"

namespace duban::client {

// Bounds; what happens at each.
namespace limits {
inline constexpr std::chrono::seconds kCallTimeDefault{30};      // A unary call with its retries: DEADLINE_EXCEEDED.
inline constexpr std::chrono::seconds kRetryForDefault{5};       // Retries within that time; then the failure stands.
inline constexpr std::chrono::milliseconds kBackoffFirst{100};   // Pause before the first retry; doubles.
inline constexpr std::chrono::milliseconds kBackoffMax{3000};    // The longest pause.
inline constexpr std::chrono::minutes kReconnectForDefault{10};  // A watch that cannot reconnect for so long ends.
inline constexpr int kHeartbeatDefaultS = 15;                    // As in WatchEventsRequest.
inline constexpr int kHeartbeatsMissed = 3;            // A stream silent for so many heartbeats is connected anew.
inline constexpr std::chrono::minutes kSilenceMax{1};  // A download silent for so long is connected anew.
inline constexpr int kMessageBytesMax = 64 << 20;      // A larger message: RESOURCE_EXHAUSTED.
}  // namespace limits

// How to reach a server.
struct Options {
  std::string target = {};  // "host:port".
  std::string token = {};   // As issued by `duban token`.
  std::chrono::milliseconds call_time = limits::kCallTimeDefault;
  std::chrono::milliseconds retry_for = limits::kRetryForDefault;
  std::chrono::milliseconds reconnect_for = limits::kReconnectForDefault;
};

// Messages that arrive. One thread reads; Cancel may come from any other.
template <typename Message>
class Stream {
 public:
  virtual ~Stream() = default;
  // Waits for the next message. False: the stream has ended, error() says why (OK: a replay's end, or Cancel).
  virtual bool Next(Message* message) = 0;
  // Ends the stream; Next returns false soon.
  virtual void Cancel() = 0;
  // Why it ended.
  virtual Error error() const = 0;
  // How often the connection was made anew.
  virtual int reconnects() const = 0;
};
using EventWatch = Stream<v1::WatchEventsResponse>;
using ViewWatch = Stream<v1::WatchViewResponse>;
using Replay = Stream<v1::ReplayResponse>;
using Download = Stream<v1::DownloadFileResponse>;

// Several views on one stream. Each target is delivered as WatchView delivers a view. The client outlives it.
class ManyWatch : public Stream<v1::WatchManyResponse> {
 public:
  // All targets from now on, also after reconnects. Those that are there with the same words go on undisturbed. From
  // any thread. An error leaves the connection as it was; the targets take effect with the next one.
  virtual Error SetTargets(std::vector<v1::WatchTarget> targets) = 0;
};

class Client {
 public:
  // Does not wait for the server: a wrong address shows in the first call.
  static std::unique_ptr<Client> Connect(Options options);
  virtual ~Client() = default;

  // Any unary method, by its request.
  template <typename Request>
  Result<typename Method<Request>::Response> Call(Request request) {
    if constexpr (requires { request.idempotency_key(); }) {
      if (request.idempotency_key().empty()) request.set_idempotency_key(NewKey());
    }
    typename Method<Request>::Response response;
    Error error = CallRaw(Method<Request>::kPath, request, &response);
    if (!error.ok()) return error;
    return response;
  }

  // Events without gap and without duplicate, over any number of reconnects: each goes on from the last mark, and what
  // had already arrived after it is left out.
  virtual std::unique_ptr<EventWatch> WatchEvents(v1::WatchEventsRequest request) = 0;
  // A view's rows, whole steps at a time: what the server says between two marks is given out once the second mark is
  // there, and what a broken connection left unfinished is left out. After a reconnect it goes on from the last mark;
  // a Begin that is not resumed means: forget what you hold. ViewMap (view_map.h) keeps the rows.
  virtual std::unique_ptr<ViewWatch> WatchView(v1::WatchViewRequest request) = 0;
  // Several views on one stream, at most 16. `heartbeat_s`: 1 to 60; 0: 15.
  virtual std::unique_ptr<ManyWatch> WatchMany(std::vector<v1::WatchTarget> targets, uint32_t heartbeat_s = 0) = 0;
  // History again. A broken connection ends it.
  virtual std::unique_ptr<Replay> ReplayEvents(v1::ReplayRequest request) = 0;
  // A file's bytes; after a reconnect it goes on with the byte after the last (files.h does the rest).
  virtual std::unique_ptr<Download> DownloadFile(v1::DownloadFileRequest request) = 0;

  // A fresh idempotency key: 128 random bits in hexadecimal.
  static std::string NewKey();

 private:
  virtual Error CallRaw(const char* path, const google::protobuf::Message& request,
                        google::protobuf::Message* response) = 0;
};

}  // namespace duban::client
