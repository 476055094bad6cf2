// A small supervision office on a node in memory: two departments that answer for matters, an office that assigns and
// reviews them, the shipped procedures, the calendar of 2026 as far as the tests go. Time is virtual unless said
// otherwise and begins on 2026-09-01, 09:00 in the workspace's zone.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/base/time.h"
#include "services/node/clock.h"
#include "services/node/node.h"
#include "services/node/random.h"
#include "services/node/workspace.h"

namespace duban::node {

inline constexpr char kSupervisor[] = "persons/duchayi";  // 督查一科科长: assigns, approves.
inline constexpr char kReviewer[] = "persons/yanshou";    // 验收专员.
inline constexpr char kHousing[] = "persons/zhujian";     // 住建局承办人.
inline constexpr char kWater[] = "persons/shuiwu";        // 水务局承办人.
inline constexpr char kAuditor[] = "persons/shenji";      // Sees everything, positions too.
inline constexpr char kOperatorPerson[] = "persons/operator";
inline constexpr char kPhoto[] = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

// "2026-09-18 10:00" in +08:00.
inline absl::Time At(const std::string& text) {
  absl::Time out;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", text, absl::FixedTimeZone(8 * 3600), &out, &error)) << error;
  return out;
}

// A wall clock that tests set.
class SetClock : public Clock {
 public:
  explicit SetClock(absl::Time now) : now_(now) {}
  absl::Time Now() const override {
    std::lock_guard<std::mutex> lock(mu_);
    return now_;
  }
  void Set(absl::Time now) {
    std::lock_guard<std::mutex> lock(mu_);
    now_ = now;
  }

 private:
  mutable std::mutex mu_;
  absl::Time now_;
};

struct OfficeOptions {
  bool virtual_clock = true;
  uint64_t seed = 1;
  bool own_thread = true;  // False: whoever waits for an answer pumps.
  const std::vector<const engine::View*>* views = nullptr;
  std::string start = "2026-09-01 09:00";  // Where time begins.
  size_t job_lot_items = 0;                // As NodeOptions.
};

class Office {
 public:
  explicit Office(OfficeOptions options = {}, std::shared_ptr<store::Store> store = nullptr) {
    node_options_.virtual_clock = options.virtual_clock;
    node_options_.virtual_start = At(options.start);
    clock_ = std::make_shared<SetClock>(At(options.start));
    node_options_.clock = clock_;
    node_options_.random = SeededRandom(options.seed);
    node_options_.own_thread = options.own_thread;
    node_options_.views = options.views;
    node_options_.job_lot_items = options.job_lot_items;
    absl::StatusOr<Workspace> workspace = OpenWorkspace(node_options_, *node_options_.random);
    EXPECT_TRUE(workspace.ok()) << workspace.status();
    workspace_ = *workspace;
    if (store != nullptr) workspace_.store = std::move(store);
    Restart();
    Furnish();
  }

  Node& node() { return *node_; }
  SetClock& clock() { return *clock_; }
  store::Store& store() { return *workspace_.store; }
  store::KeyVault& vault() { return *workspace_.vault; }
  NodeOptions& options() { return node_options_; }

  // A new node on what the one before left.
  void Restart() {
    node_.reset();
    absl::StatusOr<std::unique_ptr<Node>> node = OpenNode(node_options_, workspace_);
    ASSERT_TRUE(node.ok()) << node.status();
    node_ = *std::move(node);
  }

  // Lets go of node and store; Reopen goes on with another store on what was left, and the same keys.
  void Close() {
    node_.reset();
    workspace_.store.reset();
  }
  void Reopen(std::shared_ptr<store::Store> store) {
    workspace_.store = std::move(store);
    Restart();
  }

  // The same store, and keys kept elsewhere from now on.
  void KeepKeysIn(std::shared_ptr<store::KeyVault> vault) {
    workspace_.vault = std::move(vault);
    Restart();
  }

  // Hands a command in and waits for its answer.
  Reply<Response> Call(const std::string& actor, Request request) {
    std::mutex mu;
    std::condition_variable there;
    std::optional<Reply<Response>> answer;
    node_->Submit(actor, std::move(request), [&](Reply<Response> reply) {
      std::lock_guard<std::mutex> lock(mu);
      answer = std::move(reply);
      there.notify_one();
    });
    if (!node_options_.own_thread) {
      while (!answer.has_value() && node_->Pump()) {
      }
    }
    std::unique_lock<std::mutex> lock(mu);
    there.wait(lock, [&] { return answer.has_value(); });
    return *std::move(answer);
  }

  std::string FreshKey() { return absl::StrCat("key-", ++keys_); }

  v1::OpenCaseRequest Order(const std::string& owner, const std::string& problem, const std::string& due = "") {
    v1::OpenCaseRequest request;
    request.set_procedure("rectification");
    Bind(request, "owner", owner);
    Bind(request, "reviewer", "posts/yanshou");
    SetField(request.mutable_fields(), "problem")->set_text(problem);
    if (!due.empty()) SetField(request.mutable_fields(), "due")->set_date(due);
    request.set_idempotency_key(FreshKey());
    return request;
  }

  v1::ActOnCaseRequest Action(const std::string& name, const std::string& action) {
    v1::ActOnCaseRequest request;
    request.set_case_(name);
    request.set_action(action);
    request.set_idempotency_key(FreshKey());
    return request;
  }

  v1::ActOnCaseRequest Submission(const std::string& name) {
    v1::ActOnCaseRequest request = Action(name, "submit");
    SetField(request.mutable_fields(), "result")->set_text("已完成");
    SetField(request.mutable_fields(), "evidence")->set_file(kPhoto);
    return request;
  }

  static void Bind(v1::OpenCaseRequest& request, const std::string& party, const std::string& id) {
    v1::PartyBinding& binding = *request.add_parties();
    binding.set_party(party);
    binding.add_ids(id);
  }

  static v1::Value* SetField(google::protobuf::RepeatedPtrField<v1::FieldValue>* fields, const std::string& field) {
    v1::FieldValue& value = *fields->Add();
    value.set_field(field);
    return value.add_values();
  }

  // Commands that must succeed.
  v1::OpenCaseResponse Open(const std::string& owner, const std::string& problem, const std::string& due = "") {
    return Must<v1::OpenCaseResponse>(Call(kSupervisor, Order(owner, problem, due)));
  }
  v1::ActOnCaseResponse Act(const std::string& actor, const std::string& name, const std::string& action) {
    return Must<v1::ActOnCaseResponse>(Call(actor, Action(name, action)));
  }
  // Publishes a procedure of the test's own.
  void Publish(const std::string& name, const std::string& text) {
    v1::PublishProcedureRequest publish;
    publish.set_idempotency_key(name);
    v1::ProcedureFile& file = *publish.add_files();
    file.set_path(name + ".yaml");
    file.set_text(text);
    Must<v1::PublishProcedureResponse>(Call(kOperatorPerson, publish));
  }
  // Opens a matter of such a procedure between the supervision office ("office") and another unit ("other").
  v1::OpenCaseRequest Matter(const std::string& procedure, const std::string& other, const std::string& matter) {
    v1::OpenCaseRequest request;
    request.set_procedure(procedure);
    request.set_idempotency_key(FreshKey());
    Bind(request, "office", "units/ducha");
    Bind(request, "other", other);
    SetField(request.mutable_fields(), "matter")->set_text(matter);
    return request;
  }
  v1::AdvanceClockResponse Advance(absl::Time to) {
    v1::AdvanceClockRequest request;
    *request.mutable_to() = engine::ToProto(to);
    request.set_idempotency_key(FreshKey());
    return Must<v1::AdvanceClockResponse>(Call(kOperatorPerson, request));
  }
  v1::Case Show(const std::string& viewer, const std::string& name) {
    v1::GetCaseRequest request;
    request.set_case_(name);
    return MustRead(node_->GetCase(viewer, request)).case_();
  }
  // Where a page shows everything its total is what it shows; that the counting cells say the same is looked at beside.
  v1::QueryLedgerResponse Ledger(const std::string& viewer, const v1::QueryLedgerRequest& request = {}) {
    v1::QueryLedgerResponse shown = MustRead(node_->QueryLedger(viewer, request));
    if (request.page_token().empty() && shown.next_page_token().empty() && shown.rows_size() > 1) {
      v1::QueryLedgerRequest first = request;
      first.set_page_size(1);
      const v1::QueryLedgerResponse counted = MustRead(node_->QueryLedger(viewer, first));
      EXPECT_EQ(counted.has_total_size() ? counted.total_size() : shown.rows_size(), shown.rows_size()) << viewer;
    }
    return shown;
  }
  std::vector<v1::EventRecord> Events(const std::string& viewer, const std::string& stream = "") {
    v1::ReadEventsRequest request;
    request.set_stream(stream);
    std::vector<v1::EventRecord> out;
    while (true) {
      const v1::ReadEventsResponse page = MustRead(node_->ReadEvents(viewer, request));
      out.insert(out.end(), page.events().begin(), page.events().end());
      if (page.next_page_token().empty()) return out;
      request.set_page_token(page.next_page_token());
    }
  }

  template <typename T>
  static T Must(Reply<Response> reply) {
    if (const auto* rejection = std::get_if<engine::Rejection>(&reply)) {
      ADD_FAILURE() << rejection->reason << ": " << rejection->message.en();
      return {};
    }
    if (const auto* status = std::get_if<absl::Status>(&reply)) {
      ADD_FAILURE() << *status;
      return {};
    }
    return std::get<T>(std::get<Response>(reply));
  }

  template <typename T>
  static T MustRead(Reply<T> reply) {
    if (const auto* rejection = std::get_if<engine::Rejection>(&reply)) {
      ADD_FAILURE() << rejection->reason << ": " << rejection->message.en();
      return {};
    }
    if (const auto* status = std::get_if<absl::Status>(&reply)) {
      ADD_FAILURE() << *status;
      return {};
    }
    return std::move(std::get<T>(reply));
  }

 private:
  void Furnish() {
    v1::ApplyDirectoryRequest directory;
    directory.set_idempotency_key("directory");
    for (const auto& [name, title, code] :
         {std::tuple("units/ducha", "督查室", "督查"), std::tuple("units/zhujian", "住房和城乡建设局", "住建"),
          std::tuple("units/shuiwu", "水务局", "水务"), std::tuple("units/shenji", "审计处", "审计")}) {
      v1::Unit& unit = *directory.add_units();
      unit.set_name(name);
      unit.set_title(title);
      unit.set_code(code);
    }
    directory.mutable_units(0)->set_head("posts/duchayi-kezhang");
    AddPost(directory, "posts/duchayi-kezhang", "督查一科科长", "units/ducha", kSupervisor).add_rights("issue");
    AddPost(directory, "posts/yanshou", "验收专员", "units/ducha", kReviewer).add_rights("issue");
    AddPost(directory, "posts/zhujian-chengban", "住建承办人", "units/zhujian", kHousing);
    AddPost(directory, "posts/shuiwu-chengban", "水务承办人", "units/shuiwu", kWater);
    AddPost(directory, "posts/shenji", "审计员", "units/shenji", kAuditor).add_rights("audit");
    Must<v1::ApplyDirectoryResponse>(Call(kOperatorPerson, directory));

    v1::PublishCalendarRequest calendar;
    calendar.set_idempotency_key("calendar");
    v1::CalendarYear& year = *calendar.add_years();
    year.set_year(2026);
    year.set_source("2026 年部分节假日安排");
    for (int day = 1; day <= 7; ++day) {
      v1::CalendarDay& off = *year.add_days();
      off.set_date(absl::StrCat("2026-10-0", day));
      off.set_type(v1::DAY_TYPE_HOLIDAY);
      off.set_title("国庆节");
    }
    Must<v1::PublishCalendarResponse>(Call(kOperatorPerson, calendar));

    v1::PublishProcedureRequest procedures;
    procedures.set_idempotency_key("procedures");
    for (const char* name : {"common", "rectification", "lookback", "task", "talk", "accountability"}) {
      v1::ProcedureFile& file = *procedures.add_files();
      file.set_path(absl::StrCat("procedures/", name, ".yaml"));
      std::ifstream in(absl::StrCat(DUBAN_SOURCE_DIR, "/procedures/", name, ".yaml"));
      std::stringstream text;
      text << in.rdbuf();
      file.set_text(text.str());
    }
    Must<v1::PublishProcedureResponse>(Call(kOperatorPerson, procedures));
  }

  static v1::Post& AddPost(v1::ApplyDirectoryRequest& directory, const std::string& name, const std::string& title,
                           const std::string& unit, const std::string& holder) {
    v1::Person& person = *directory.add_persons();
    person.set_name(holder);
    person.set_title(title);
    v1::Post& post = *directory.add_posts();
    post.set_name(name);
    post.set_title(title);
    post.set_unit(unit);
    post.add_holders(holder);
    post.set_scope(v1::SCOPE_OWN);
    return post;
  }

  NodeOptions node_options_;
  std::shared_ptr<SetClock> clock_;
  Workspace workspace_;
  std::unique_ptr<Node> node_;
  int keys_ = 0;
};

// The reason of a refusal; empty when it was none.
template <typename T>
std::string ReasonOf(const Reply<T>& reply) {
  const auto* rejection = std::get_if<engine::Rejection>(&reply);
  return rejection == nullptr ? "" : rejection->reason;
}

template <typename T>
absl::StatusCode CodeOf(const Reply<T>& reply) {
  const auto* status = std::get_if<absl::Status>(&reply);
  return status == nullptr ? absl::StatusCode::kOk : status->code();
}

}  // namespace duban::node
