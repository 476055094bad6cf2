// Watched views as whole steps, over broken connections: where to go on, and what to hold back until its mark is there.
// Inside the client only.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "clients/cpp/client.h"

namespace duban::client {

// Remembers from where a view goes on. A snapshot that is cut short is no place to go on from.
void NoteToken(const v1::WatchViewResponse& message, v1::WatchViewRequest* request);

// Messages of one view that wait for their mark.
class WholeSteps {
 public:
  // Takes a message in; true when those that wait may be given out now, in order.
  bool Add(const v1::WatchViewResponse& message);
  std::vector<v1::WatchViewResponse> Take() { return std::exchange(waiting_, {}); }

 private:
  std::vector<v1::WatchViewResponse> waiting_;
};

// A view, whole steps at a time.
class WholeViews final : public ViewWatch {
 public:
  explicit WholeViews(std::unique_ptr<ViewWatch> stream) : stream_(std::move(stream)) {}
  bool Next(v1::WatchViewResponse* message) override;
  void Cancel() override { stream_->Cancel(); }
  Error error() const override { return stream_->error(); }
  int reconnects() const override { return stream_->reconnects(); }

 private:
  const std::unique_ptr<ViewWatch> stream_;
  WholeSteps steps_;
  std::deque<v1::WatchViewResponse> ready_;
};

// The targets of a stream of several views, with where each goes on. Threads: any.
class WantedTargets {
 public:
  WantedTargets(std::vector<v1::WatchTarget> targets, uint32_t heartbeat_s);

  // The request of the next connection, with a session of its own; stands until the one after it.
  const v1::WatchManyRequest& NextConnection();
  // Takes over other targets; the request that tells the open connection.
  v1::SetTargetsRequest Set(std::vector<v1::WatchTarget> targets);
  void Note(const v1::WatchManyResponse& message);

 private:
  std::mutex mutex_;
  v1::WatchManyRequest request_;  // Guarded by mutex_.
  v1::WatchManyRequest sent_;     // The reader's.
};

// Several views, each whole steps at a time.
class WholeMany final : public ManyWatch {
 public:
  using SetCall = std::function<Error(const v1::SetTargetsRequest&)>;
  WholeMany(std::unique_ptr<Stream<v1::WatchManyResponse>> stream, std::shared_ptr<WantedTargets> wanted, SetCall set)
      : stream_(std::move(stream)), wanted_(std::move(wanted)), set_(std::move(set)) {}
  bool Next(v1::WatchManyResponse* message) override;
  Error SetTargets(std::vector<v1::WatchTarget> targets) override { return set_(wanted_->Set(std::move(targets))); }
  void Cancel() override { stream_->Cancel(); }
  Error error() const override { return stream_->error(); }
  int reconnects() const override { return stream_->reconnects(); }

 private:
  const std::unique_ptr<Stream<v1::WatchManyResponse>> stream_;
  const std::shared_ptr<WantedTargets> wanted_;
  const SetCall set_;
  std::map<std::string, WholeSteps> steps_;  // By target.
  std::deque<v1::WatchManyResponse> ready_;
};

}  // namespace duban::client
