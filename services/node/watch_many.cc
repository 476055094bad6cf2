#include "services/node/watch_many.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <deque>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/node/limits.h"
#include "services/node/refusals.h"

namespace duban::node {
namespace {

using engine::Kind;
using engine::Reject;
using Targets = std::vector<v1::WatchTarget>;

constexpr size_t kSessionLeast = 16, kSessionMost = 64, kTargetMost = 32;
constexpr uint32_t kHeartbeatDefaultS = 15, kHeartbeatMaxS = 60;

// The same words, wherever it was to begin.
bool SameWatch(v1::WatchTarget a, v1::WatchTarget b) {
  a.mutable_view()->clear_resume_token();
  b.mutable_view()->clear_resume_token();
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

// What is wrong with a session's name or its targets taken together; what is wrong with one target ends that one.
template <typename Request>
std::optional<engine::Rejection> WrongWith(const Request& request) {
  const size_t length = request.session().size();
  if (length < kSessionLeast || length > kSessionMost) {
    return Reject(Kind::kInvalid, "WRONG_SESSION", "session 应为 16 至 64 个字节，由调用方随机取名",
                  "session must have 16 to 64 bytes; choose it at random", {{"field", "session"}});
  }
  if (request.targets_size() > limits::kWatchTargetsMax) {
    return Reject(
        Kind::kInvalid, "TOO_MANY_TARGETS", absl::StrCat("一条流最多订阅 ", limits::kWatchTargetsMax, " 个目标"),
        absl::StrCat("one stream watches at most ", limits::kWatchTargetsMax, " targets"), {{"field", "targets"}});
  }
  std::set<std::string> names;
  for (const v1::WatchTarget& target : request.targets()) {
    if (!target.target().empty() && target.target().size() <= kTargetMost && names.insert(target.target()).second) {
      continue;
    }
    return Reject(Kind::kInvalid, "WRONG_TARGET", "每个目标须有 1 至 32 个字节的名称，且互不相同",
                  "each target takes a name of 1 to 32 bytes, of its own", {{"field", "targets.target"}});
  }
  return std::nullopt;
}

// Rejections and statuses as the wire has them.
absl::StatusCode CodeOf(Kind kind) {
  switch (kind) {
    case Kind::kInvalid:
      return absl::StatusCode::kInvalidArgument;
    case Kind::kNotFound:
      return absl::StatusCode::kNotFound;
    case Kind::kForbidden:
      return absl::StatusCode::kPermissionDenied;
    case Kind::kConflict:
      return absl::StatusCode::kAborted;
    case Kind::kState:
      return absl::StatusCode::kFailedPrecondition;
    case Kind::kExists:
      return absl::StatusCode::kAlreadyExists;
    case Kind::kOutOfRange:
      return absl::StatusCode::kOutOfRange;
  }
  return absl::StatusCode::kUnknown;
}

class ManyWatch : public ManyStream {
 public:
  ManyWatch(const StreamSource& source, WatchSessions& sessions, WatchSessions::Name name,
            std::shared_ptr<WatchSession> session, std::shared_ptr<WatchHub::Watch> place, absl::Duration heartbeat)
      : source_(source),
        sessions_(sessions),
        name_(std::move(name)),
        session_(std::move(session)),
        place_(std::move(place)),
        heartbeat_(heartbeat) {}

  ~ManyWatch() override {
    session_->Silence();
    sessions_.Close(name_);
  }

  Step Next(v1::WatchManyResponse* message) override {
    if (source_.hub.closed()) return Step::kEnd;
    message->Clear();
    if (std::optional<Targets> wanted = session_->Take()) Change(*wanted);
    // Each gets its turn, whatever the others have to say.
    for (size_t left = targets_.size(); ended_.empty() && left > 0; --left) {
      if (turn_ >= targets_.size()) turn_ = 0;
      Target& target = targets_[turn_];
      switch (target.stream->Next(message->mutable_view())) {
        case ViewStream::Step::kMessage:
          message->set_target(target.words.target());
          target.said_at = source_.clock.Now();
          ++turn_;
          return Step::kMessage;
        case ViewStream::Step::kNothingNow:
          ++turn_;
          break;
        case ViewStream::Step::kEnd:
          End(target.words.target(), target.stream->status());
          targets_.erase(targets_.begin() + static_cast<std::ptrdiff_t>(turn_));
          break;
      }
    }
    message->Clear();
    if (ended_.empty()) return Mark(message) ? Step::kMessage : Step::kNothingNow;
    *message = std::move(ended_.front());
    ended_.pop_front();
    return Step::kMessage;
  }

  // Each target has marks of its own.
  v1::WatchManyResponse Heartbeat() override { return {}; }

  absl::Time NextAt() const override {
    absl::Time next = absl::InfiniteFuture();
    for (const Target& target : targets_) next = std::min({next, target.stream->NextAt(), target.said_at + heartbeat_});
    return next;
  }

  Reply<bool> status() const override { return StreamsEnd(); }

 private:
  struct Target {
    v1::WatchTarget words;
    std::unique_ptr<ViewStream> stream;
    absl::Time said_at;
  };

  void Change(const Targets& wanted) {
    std::vector<Target> kept;
    for (Target& target : targets_) {
      const bool stays = std::any_of(wanted.begin(), wanted.end(),
                                     [&](const v1::WatchTarget& words) { return SameWatch(words, target.words); });
      if (stays) {
        kept.push_back(std::move(target));
      } else {
        End(target.words.target(), true);
      }
    }
    targets_ = std::move(kept);
    for (const v1::WatchTarget& words : wanted) {
      const bool there = std::any_of(targets_.begin(), targets_.end(),
                                     [&](const Target& target) { return target.words.target() == words.target(); });
      if (there) continue;
      Reply<std::unique_ptr<ViewStream>> opened = OpenViewTarget(source_, name_.first, words.view(), place_);
      if (auto* stream = std::get_if<std::unique_ptr<ViewStream>>(&opened)) {
        targets_.push_back({words, std::move(*stream), source_.clock.Now()});
      } else if (auto* rejection = std::get_if<engine::Rejection>(&opened)) {
        End(words.target(), std::move(*rejection));
      } else {
        End(words.target(), std::get<absl::Status>(std::move(opened)));
      }
    }
  }

  // True: it was taken out.
  void End(const std::string& target, const Reply<bool>& why) {
    v1::WatchManyResponse& message = ended_.emplace_back();
    message.set_target(target);
    v1::WatchManyResponse::TargetEnded& ended = *message.mutable_ended();
    if (const auto* rejection = std::get_if<engine::Rejection>(&why)) {
      ended.set_code(static_cast<int32_t>(CodeOf(rejection->kind)));
      ended.set_reason(rejection->reason);
      ended.set_message(absl::StrCat(rejection->message.zh(), " ", rejection->message.en()));
    } else if (const auto* trouble = std::get_if<absl::Status>(&why)) {
      const std::string text(trouble->message());
      const size_t colon = text.find(": ");
      // A reason of our own begins the text; anything else is of our inside and not told.
      const bool known = colon != std::string::npos && colon > 2 &&
                         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
                           return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_';
                         });
      ended.set_code(static_cast<int32_t>(trouble->code()));
      ended.set_reason(known ? text.substr(0, colon) : "INTERNAL");
      ended.set_message(known ? text : "服务器内部出错 Something went wrong inside the server");
    }
  }

  // A mark of the target that has been quiet for longest, when it is time; a clock set back makes it time too.
  bool Mark(v1::WatchManyResponse* message) {
    const absl::Time now = source_.clock.Now();
    for (Target& target : targets_) {
      if (now < target.said_at + heartbeat_ && now >= target.said_at) continue;
      target.said_at = now;
      *message->mutable_view() = target.stream->Heartbeat();
      if (message->view().kind_case() == v1::WatchViewResponse::KIND_NOT_SET) continue;
      message->set_target(target.words.target());
      return true;
    }
    message->Clear();
    return false;
  }

  const StreamSource source_;
  WatchSessions& sessions_;
  const WatchSessions::Name name_;
  const std::shared_ptr<WatchSession> session_;
  const std::shared_ptr<WatchHub::Watch> place_;
  const absl::Duration heartbeat_;
  std::vector<Target> targets_;  // At most limits::kWatchTargetsMax.
  size_t turn_ = 0;
  std::deque<v1::WatchManyResponse> ended_;
};

}  // namespace

void WatchSession::Want(Targets targets) {
  std::lock_guard<std::mutex> lock(mu_);
  wanted_ = std::move(targets);
  if (wake_) wake_();
}

std::optional<Targets> WatchSession::Take() {
  std::lock_guard<std::mutex> lock(mu_);
  return std::exchange(wanted_, std::nullopt);
}

void WatchSession::Silence() {
  std::lock_guard<std::mutex> lock(mu_);
  wake_ = nullptr;
}

engine::Outcome<std::shared_ptr<WatchSession>> WatchSessions::Open(const Name& name, std::function<void()> wake) {
  std::lock_guard<std::mutex> lock(mu_);
  std::shared_ptr<WatchSession>& session = open_[name];
  if (session != nullptr) {
    return Reject(Kind::kExists, "SESSION_TAKEN", "您已有一条同名的订阅流；每次连接请另取一个 session",
                  "a stream of yours goes by that name; choose another session for each connection",
                  {{"field", "session"}});
  }
  session = std::make_shared<WatchSession>(std::move(wake));
  return session;
}

std::shared_ptr<WatchSession> WatchSessions::Find(const Name& name) const {
  std::lock_guard<std::mutex> lock(mu_);
  const auto found = open_.find(name);
  return found == open_.end() ? nullptr : found->second;
}

void WatchSessions::Close(const Name& name) {
  std::lock_guard<std::mutex> lock(mu_);
  open_.erase(name);
}

Reply<std::unique_ptr<ManyStream>> OpenManyWatch(const StreamSource& source, WatchSessions& sessions,
                                                 const std::string& viewer, const v1::WatchManyRequest& request,
                                                 std::function<void()> wake) {
  if (std::optional<engine::Rejection> wrong = WrongWith(request)) return *std::move(wrong);
  absl::StatusOr<std::shared_ptr<WatchHub::Watch>> place = source.hub.Open(viewer, v1::VIEW_LEDGER, wake);
  if (!place.ok()) return place.status();
  const WatchSessions::Name name{viewer, request.session()};
  engine::Outcome<std::shared_ptr<WatchSession>> session = sessions.Open(name, std::move(wake));
  if (!session.ok()) return session.rejection();
  (*session)->Want({request.targets().begin(), request.targets().end()});
  const uint32_t asked = request.heartbeat_s();
  const uint32_t heartbeat_s = asked == 0 ? kHeartbeatDefaultS : std::min(asked, kHeartbeatMaxS);
  return std::unique_ptr<ManyStream>(
      std::make_unique<ManyWatch>(source, sessions, name, *session, *std::move(place), absl::Seconds(heartbeat_s)));
}

Reply<v1::SetTargetsResponse> SetTargets(WatchSessions& sessions, const std::string& viewer,
                                         const v1::SetTargetsRequest& request) {
  if (std::optional<engine::Rejection> wrong = WrongWith(request)) return *std::move(wrong);
  const std::shared_ptr<WatchSession> session = sessions.Find({viewer, request.session()});
  if (session == nullptr) {
    return Reject(Kind::kNotFound, "SESSION_NOT_FOUND", "您没有这样一条打开的订阅流；请重新打开 WatchMany",
                  "you have no open stream of that name; open WatchMany again", {{"field", "session"}});
  }
  session->Want({request.targets().begin(), request.targets().end()});
  return v1::SetTargetsResponse();
}

}  // namespace duban::node
