#include "clients/cpp/whole_views.h"

#include <google/protobuf/util/message_differencer.h>

namespace duban::client {
namespace {

bool SameWords(v1::WatchTarget a, v1::WatchTarget b) {
  a.mutable_view()->clear_resume_token();
  b.mutable_view()->clear_resume_token();
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

}  // namespace

void NoteToken(const v1::WatchViewResponse& message, v1::WatchViewRequest* request) {
  if (message.has_mark() && !message.mark().resume_token().empty()) {
    request->set_resume_token(message.mark().resume_token());
  }
}

bool WholeSteps::Add(const v1::WatchViewResponse& message) {
  if (message.has_reset()) waiting_.clear();
  if (message.has_begin()) {
    // What waited came over a connection that broke; a Reset before a Begin is said with it.
    const bool reset = !waiting_.empty() && waiting_.back().has_reset();
    v1::WatchViewResponse why = reset ? waiting_.back() : v1::WatchViewResponse();
    waiting_.clear();
    if (reset) waiting_.push_back(std::move(why));
  }
  waiting_.push_back(message);
  return message.has_mark();
}

bool WholeViews::Next(v1::WatchViewResponse* message) {
  while (ready_.empty()) {
    v1::WatchViewResponse came;
    if (!stream_->Next(&came)) return false;
    if (!steps_.Add(came)) continue;
    for (v1::WatchViewResponse& one : steps_.Take()) ready_.push_back(std::move(one));
  }
  message->Swap(&ready_.front());
  ready_.pop_front();
  return true;
}

WantedTargets::WantedTargets(std::vector<v1::WatchTarget> targets, uint32_t heartbeat_s) {
  request_.set_heartbeat_s(heartbeat_s);
  for (v1::WatchTarget& target : targets) *request_.add_targets() = std::move(target);
}

const v1::WatchManyRequest& WantedTargets::NextConnection() {
  std::lock_guard<std::mutex> lock(mutex_);
  request_.set_session(Client::NewKey());
  sent_ = request_;
  return sent_;
}

v1::SetTargetsRequest WantedTargets::Set(std::vector<v1::WatchTarget> targets) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (v1::WatchTarget& target : targets) {
    for (const v1::WatchTarget& had : request_.targets()) {
      if (SameWords(target, had)) target.mutable_view()->set_resume_token(had.view().resume_token());
    }
  }
  request_.mutable_targets()->Assign(targets.begin(), targets.end());
  v1::SetTargetsRequest set;
  set.set_session(request_.session());
  *set.mutable_targets() = request_.targets();
  return set;
}

void WantedTargets::Note(const v1::WatchManyResponse& message) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!message.has_view()) return;
  for (v1::WatchTarget& target : *request_.mutable_targets()) {
    if (target.target() == message.target()) NoteToken(message.view(), target.mutable_view());
  }
}

bool WholeMany::Next(v1::WatchManyResponse* message) {
  while (ready_.empty()) {
    v1::WatchManyResponse came;
    if (!stream_->Next(&came)) return false;
    if (!came.has_view()) {
      steps_.erase(came.target());
      ready_.push_back(std::move(came));
      continue;
    }
    WholeSteps& steps = steps_[came.target()];
    if (!steps.Add(came.view())) continue;
    for (v1::WatchViewResponse& one : steps.Take()) {
      v1::WatchManyResponse& whole = ready_.emplace_back();
      whole.set_target(came.target());
      *whole.mutable_view() = std::move(one);
    }
  }
  message->Swap(&ready_.front());
  ready_.pop_front();
  return true;
}

}  // namespace duban::client
