#include "tests/city/watchers.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/city/values.h"

namespace duban::city {

Feed::Feed(client::Client& auditor) {
  v1::WatchEventsRequest request;
  request.set_beginning(true);
  watch_ = auditor.WatchEvents(request);
  thread_ = std::thread([this] { Read(); });
}

Feed::~Feed() {
  watch_->Cancel();
  thread_.join();
}

void Feed::Read() {
  for (v1::WatchEventsResponse message; watch_->Next(&message);) {
    if (message.events().empty()) continue;
    std::lock_guard<std::mutex> lock(mutex_);
    last_ = message.events().rbegin()->position();
    for (v1::EventRecord& record : *message.mutable_events()) records_.push_back(std::move(record));
    changed_.notify_all();
  }
  std::lock_guard<std::mutex> lock(mutex_);
  ended_ = absl::StrCat("the auditor's stream has ended: ", watch_->error().reason);
  changed_.notify_all();
}

std::vector<v1::EventRecord> Feed::TakeUpTo(const std::string& position, std::string* trouble) {
  std::unique_lock<std::mutex> lock(mutex_);
  const bool there =
      changed_.wait_for(lock, std::chrono::seconds(60), [&] { return last_ == position || !ended_.empty(); });
  if (!ended_.empty()) *trouble = ended_;
  if (!there) *trouble = "the auditor's stream does not come to the newest commit";
  return std::exchange(records_, {});
}

std::string Watcher::Said(const v1::LedgerRow& row) {
  return absl::StrCat(row.stage(), " ", row.revision(), " ", row.light().colour(), " ",
                      static_cast<int>(row.timeliness()), " ", row.round(), " ", row.parts().total(), "/",
                      row.parts().ended());
}

Watcher::Watcher(client::Client& client, std::string person, v1::View view, bool open_only, int cut_after)
    : client_(client), person_(std::move(person)), view_(view), open_only_(open_only), cut_after_(cut_after) {
  thread_ = std::thread([this] { Run(); });
}

Watcher::~Watcher() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    over_ = true;
    if (watch_ != nullptr) watch_->Cancel();
  }
  thread_.join();
}

void Watcher::Run() {
  std::string token;
  while (true) {
    v1::WatchViewRequest request;
    request.set_view(view_);
    request.set_resume_token(token);
    if (open_only_) (*request.mutable_rows()->mutable_labels())["state"] = "open";
    const std::unique_ptr<client::ViewWatch> watch = client_.WatchView(request);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (over_) return;
      watch_ = watch.get();
    }
    int marks = 0;
    bool cut = false;
    for (v1::WatchViewResponse message; !cut && watch->Next(&message);) {
      std::lock_guard<std::mutex> lock(mutex_);
      if (message.has_reset()) ++resets_[message.reset().reason()];
      for (const auto& change : message.changes().changes()) {
        if (change.row_case() == v1::WatchViewResponse::Change::ROW_NOT_SET) continue;
        ++rows_told_;
        if (TellsPersonalData(change.SerializeAsString())) trouble_ = "a row tells personal data";
        if (change.has_ledger()) {
          shown_.emplace_back(change.ledger().case_(), change.ledger().stage());
        } else {
          shown_.emplace_back(change.has_alert() ? change.alert().case_() : change.other().item().case_(), "");
        }
      }
      if (map_.Apply(message) && !map_.consistent()) trouble_ = "count and digest of a mark are not those of the rows";
      if (message.has_mark()) {
        token = message.mark().resume_token();
        cut = cut_after_ > 0 && ++marks >= cut_after_;
      }
    }
    std::lock_guard<std::mutex> lock(mutex_);
    watch_ = nullptr;
    if (over_) return;
    if (!cut) {
      trouble_ = absl::StrCat("the watch has ended: ", watch->error().reason, " ", watch->error().message.en());
      return;
    }
    ++cuts_;
  }
}

std::map<std::string, std::string> Watcher::Held() {
  std::lock_guard<std::mutex> lock(mutex_);
  std::map<std::string, std::string> held;
  for (const auto& [key, change] : map_.rows()) held[key] = change.has_ledger() ? Said(change.ledger()) : "";
  return held;
}

std::vector<std::pair<std::string, std::string>> Watcher::TakeShown() {
  std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(shown_, {});
}

int Watcher::cuts() {
  std::lock_guard<std::mutex> lock(mutex_);
  return cuts_;
}

int64_t Watcher::rows_told() {
  std::lock_guard<std::mutex> lock(mutex_);
  return rows_told_;
}

std::map<std::string, int> Watcher::resets() {
  std::lock_guard<std::mutex> lock(mutex_);
  return resets_;
}

std::string Watcher::trouble() {
  std::lock_guard<std::mutex> lock(mutex_);
  return trouble_;
}

Listener::Listener(client::Client& client, std::string person)
    : person_(std::move(person)), watch_(client.WatchEvents({})) {
  thread_ = std::thread([this] {
    for (v1::WatchEventsResponse message; watch_->Next(&message);) {
      std::lock_guard<std::mutex> lock(mutex_);
      for (const v1::EventRecord& record : message.events()) {
        if (absl::StartsWith(record.stream(), "cases/")) heard_.emplace_back(record.stream(), record.revision());
        if (TellsPersonalData(record.SerializeAsString()))
          trouble_ = "an event tells personal data of " + record.stream();
      }
    }
    std::lock_guard<std::mutex> lock(mutex_);
    if (!over_ && trouble_.empty()) trouble_ = absl::StrCat("the stream has ended: ", watch_->error().reason);
  });
}

Listener::~Listener() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    over_ = true;
  }
  watch_->Cancel();
  thread_.join();
}

std::vector<std::pair<std::string, uint64_t>> Listener::TakeHeard() {
  std::lock_guard<std::mutex> lock(mutex_);
  return std::exchange(heard_, {});
}

std::string Listener::trouble() {
  std::lock_guard<std::mutex> lock(mutex_);
  return trouble_;
}

}  // namespace duban::city
