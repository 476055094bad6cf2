#include "tests/sim/world.h"

#include <openssl/sha.h>

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/time.h"
#include "services/node/cases.h"
#include "services/node/limits.h"
#include "services/node/random.h"
#include "services/node/rebuild.h"
#include "store/key_vault.h"

namespace duban::sim {
namespace {

using node::Reply;
using node::Request;
using node::Response;

const absl::Time kBegin = absl::FromUnixSeconds(1788224400);  // 2026-09-01 09:00 in +08:00.
constexpr char kOperator[] = "persons/operator";
constexpr char kAuditor[] = "persons/shenji";

// Short, with everything that time can do: two clocks, reminders, a ladder, a suspension, a timed move, a second round.
constexpr char kProcedure[] = R"(procedure: order
title: {zh: 交办, en: Order}
may_open: [office]
numbers: 交办〔{year}〕{seq}号
subject: matter
parties:
  office: {kind: unit, title: {zh: 交办单位}}
  owner: {kind: unit, title: {zh: 责任单位}}
fields:
  matter: {title: {zh: 事项}, type: text, required: true}
  due: {title: {zh: 时限}, type: date}
stages:
  issued:
    title: {zh: 已交办}
    within: 1 working day
    actions:
      accept: {title: {zh: 签收}, by: owner, to: doing}
  doing:
    title: {zh: 办理中}
    actions:
      pause: {title: {zh: 中止}, by: office, to: paused}
      done: {title: {zh: 办结}, by: owner, to: notice}
  paused:
    title: {zh: 中止}
    no_deadline: 中止不计时
    actions: {resume: {title: {zh: 恢复}, by: office, to: doing}}
  notice:
    title: {zh: 公示}
    after: {3 days: closed}
    actions: {object: {title: {zh: 异议}, by: office, to: doing}}
  closed: {title: {zh: 办结}, end: done}
clocks:
  work:
    title: {zh: 办理时限}
    from: doing
    until: [notice, closed]
    budget: 5 days
    stops_in: [paused]
    remind: [2 days, 1 day]
    ladder:
      - {at: 1 day, raise: urge, title: {zh: 催办}, tell: [owner]}
      - {at: 3 days, raise: circulate, title: {zh: 通报}, tell: [office]}
    charged_to: owner
)";

void Name(v1::ApplyDirectoryRequest& directory, const std::string& unit, const std::string& title,
          const std::string& person, const char* right) {
  v1::Unit& u = *directory.add_units();
  u.set_name("units/" + unit);
  u.set_title(title);
  u.set_code(title);
  v1::Person& p = *directory.add_persons();
  p.set_name("persons/" + person);
  p.set_title(title + "承办人");
  v1::Post& post = *directory.add_posts();
  post.set_name("posts/" + person);
  post.set_title(title + "承办岗");
  post.set_unit(u.name());
  post.add_holders(p.name());
  if (right != nullptr) post.add_rights(right);
}

}  // namespace

class World::SimClock : public node::Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Time now = kBegin;
};

World::World(uint64_t seed, int steps)
    : seed_(seed),
      steps_(steps),
      random_(seed),
      clock_(std::make_shared<SimClock>()),
      store_(std::make_shared<SimStore>()) {
  options_.clock = clock_;
  options_.random = node::SeededRandom(seed);
  options_.own_thread = false;
  options_.title = "模拟";
  workspace_ = {store_, store::NewMemoryKeyVault(), options_.random->Bytes(node::kSecretBytes)};
}

World::~World() { watch_.reset(); }

void World::Wrong(const std::string& what) {
  if (wrong_.empty()) wrong_ = what;
}

void World::Trace(absl::string_view bytes) {
  // Folded at each step, so that a long life keeps a short trace.
  const std::string all = absl::StrCat(trace_, bytes.size(), ":", bytes);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(), digest);
  trace_.assign(reinterpret_cast<const char*>(digest), sizeof digest);
}

std::string World::TraceHash() const { return absl::BytesToHexString(trace_); }

std::string World::Run() {
  Restart();
  Furnish();
  for (int i = 0; i < steps_ && wrong_.empty(); ++i) {
    Step();
    CheckLog();
  }
  if (!wrong_.empty()) return wrong_;
  Restart();
  CheckPromises();
  CheckLog();
  CheckViews();
  CheckWatch();
  return wrong_;
}

void World::Restart() {
  watch_.reset();
  unsure_.clear();
  node_.reset();
  store_->Arm(SimStore::Fault::kNone);
  store_->Reopen();
  ++restarts_;
  options_.confirm_time = random_() % 3 != 0;
  if (store_->head() > 0 && random_() % 8 == 0) store_->LoseRows();
  absl::StatusOr<std::unique_ptr<node::Node>> opened = node::OpenNode(options_, workspace_);
  if (!opened.ok()) return Wrong(absl::StrCat("the node does not open: ", opened.status().ToString()));
  node_ = *std::move(opened);
}

void World::Send(const std::string& actor, Request request, bool must) {
  auto sent = std::make_shared<Sent>();
  sent->actor = actor;
  sent->request = request;
  sent_.push_back(sent);
  node_->Submit(actor, std::move(request), [this, sent, must](Reply<Response> reply) {
    if (sent->answered) Wrong("a command is answered twice");
    sent->answered = true;
    if (const auto* response = std::get_if<Response>(&reply)) {
      sent->promised = true;
      ++acknowledged_;
      sent->position = std::visit(
          [](const auto& r) -> std::string {
            if constexpr (requires { r.position(); }) return r.position();
            return "";
          },
          *response);
      if (const auto* opened = std::get_if<v1::OpenCaseResponse>(response)) cases_.push_back(opened->case_());
      Trace(std::visit([](const auto& r) { return r.SerializeAsString(); }, *response));
    } else if (const auto* rejection = std::get_if<engine::Rejection>(&reply)) {
      Trace(rejection->reason);
      if (must) Wrong(absl::StrCat("furnishing is refused: ", rejection->message.en()));
    } else {
      Trace(std::get<absl::Status>(reply).ToString());
    }
  });
}

void World::Pump() {
  while (wrong_.empty() && node_->Pump()) {
  }
}

void World::Furnish() {
  v1::ApplyDirectoryRequest directory;
  directory.set_idempotency_key("directory");
  Name(directory, "ducha", "督查", "ducha", "issue");
  Name(directory, "zhujian", "住建", "zhujian", nullptr);
  Name(directory, "shuiwu", "水务", "shuiwu", nullptr);
  Name(directory, "shenji", "审计", "shenji", "audit");
  Send(kOperator, directory, true);
  v1::PublishCalendarRequest calendar;
  calendar.set_idempotency_key("calendar");
  for (int year : {2026, 2027}) {
    v1::CalendarYear& of = *calendar.add_years();
    of.set_year(year);
    of.set_source("模拟");
    for (int day = 1; day <= 7; ++day) {
      v1::CalendarDay& off = *of.add_days();
      off.set_date(absl::StrCat(year, "-10-0", day));
      off.set_type(v1::DAY_TYPE_HOLIDAY);
      off.set_title("国庆节");
    }
  }
  Send(kOperator, calendar, true);
  v1::PublishProcedureRequest publish;
  publish.set_idempotency_key("order");
  v1::ProcedureFile& file = *publish.add_files();
  file.set_path("order.yaml");
  file.set_text(kProcedure);
  Send(kOperator, publish, true);
  Pump();
}

void World::Step() {
  switch (random_() % 16) {
    case 0:
    case 1:
    case 2:
      PassTime();
      break;
    case 3:
      store_->Arm(random_() % 2 == 0 ? SimStore::Fault::kLost : SimStore::Fault::kUnsaid);
      break;
    case 4:
      if (random_() % 4 == 0) Restart();
      break;
    case 5:
    case 6:
      Look();
      break;
    default:
      for (uint64_t commands = 1 + random_() % 5; commands > 0; --commands) Command();
  }
  if (random_() % 4 != 0) Pump();
  // The disk has failed: the node only reads now; somebody restarts it, sooner or later.
  if (!node_->Writable().ok() && random_() % 2 == 0) Restart();
}

void World::Command() {
  // The same words under the same key, as after a lost answer.
  if (sent_.size() > 4 && random_() % 6 == 0) {
    const Sent& again = *sent_[random_() % sent_.size()];
    return Send(again.actor, again.request);
  }
  const std::string key = absl::StrCat("key-", ++keys_);
  if (cases_.empty() || random_() % 6 == 0) {
    v1::OpenCaseRequest open;
    open.set_procedure("order");
    open.set_idempotency_key(key);
    for (const auto& [party, unit] : {std::pair("office", "units/ducha"),
                                      std::pair("owner", random_() % 2 == 0 ? "units/zhujian" : "units/shuiwu")}) {
      v1::PartyBinding& binding = *open.add_parties();
      binding.set_party(party);
      binding.add_ids(unit);
    }
    v1::FieldValue& matter = *open.add_fields();
    matter.set_field("matter");
    matter.add_values()->set_text(absl::StrCat("事项", random_() % 100));
    return Send("persons/ducha", open);
  }
  static constexpr const char* kActions[] = {"accept", "accept", "done", "pause", "resume", "object", "comment"};
  static constexpr const char* kActors[] = {"persons/ducha", "persons/zhujian", "persons/shuiwu"};
  v1::ActOnCaseRequest act;
  act.set_case_(cases_[random_() % cases_.size()]);
  act.set_action(kActions[random_() % std::size(kActions)]);
  act.set_note("备注");
  act.set_idempotency_key(key);
  Send(kActors[random_() % std::size(kActors)], act);
}

void World::PassTime() {
  const uint64_t how = random_() % 20;
  if (how == 0) {
    clock_->now += absl::Hours(24 * 15);  // Implausible: timers are held.
  } else if (how == 1) {
    clock_->now -= absl::Hours(static_cast<int64_t>(random_() % 48));
  } else if (how < 6) {
    clock_->now += absl::Hours(24 * static_cast<int64_t>(1 + random_() % 6));
  } else {
    clock_->now += absl::Minutes(static_cast<int64_t>(random_() % 900));
  }
  // A life is shorter than the window in which keys are remembered: afterwards the same key is another command.
  clock_->now = std::min(clock_->now, kBegin + absl::Hours(24 * node::limits::kDedupWindowDays - 1));
}

void World::Look() {
  if (watch_ == nullptr) {
    v1::WatchEventsRequest request;
    if (token_.empty()) {
      request.set_beginning(true);
    } else {
      request.set_after(token_);
    }
    auto opened = node_->WatchEvents(kAuditor, request, [] {});
    if (auto* stream = std::get_if<std::unique_ptr<node::EventStream>>(&opened)) watch_ = std::move(*stream);
    if (watch_ == nullptr) return;  // Before the auditor is in the directory.
  }
  for (uint64_t messages = random_() % 6; messages > 0; --messages) {
    v1::WatchEventsResponse message;
    if (watch_->Next(&message) != node::EventStream::Step::kMessage) break;
    for (const v1::EventRecord& record : message.events()) {
      unsure_.push_back(absl::StrCat(record.log_position(), "/", record.stream(), "/", record.revision()));
    }
    if (!message.has_mark()) continue;
    token_ = message.mark().resume_token();
    seen_.insert(seen_.end(), unsure_.begin(), unsure_.end());
    unsure_.clear();
  }
  if (random_() % 2 == 0) {  // The connection breaks: what came after the last mark will come again.
    watch_.reset();
    unsure_.clear();
  }
}

void World::CheckLog() {
  const absl::Status read = store_->Read(checked_, [&](store::Position position, absl::string_view record) {
    Trace(record);
    absl::StatusOr<v1::Commit> commit = node::ParseCommit(record);
    if (!commit.ok()) {
      Wrong("a record cannot be read");
      return false;
    }
    if (position != checked_ || commit->position() != position) Wrong("positions are not dense");
    ++checked_;
    const int64_t recorded_ms = absl::ToUnixMillis(engine::FromProto(commit->recorded_at()));
    if (recorded_ms < recorded_ms_) Wrong("recorded time went back");
    recorded_ms_ = recorded_ms;
    for (const v1::StreamPart& part : commit->parts()) {
      uint64_t& revision = revisions_[part.stream()];
      if (part.first_revision() != revision + 1) Wrong("a stream's revisions are not dense");
      revision += static_cast<uint64_t>(part.events_size());
      CheckFired(part, *commit);
    }
    return true;
  });
  if (!read.ok()) Wrong(absl::StrCat("the log cannot be read: ", read.ToString()));
  if (checked_ != store_->head()) Wrong("the log ends before its head");
}

void World::CheckFired(const v1::StreamPart& part, const v1::Commit& commit) {
  int64_t last = INT64_MIN;
  for (const v1::Event& event : part.events()) {
    const auto forget = [&](const std::string& clock) {
      const std::string prefix = absl::StrCat(part.stream(), "|", clock, "|");
      for (auto rung = rungs_.lower_bound(prefix); rung != rungs_.end() && rung->rfind(prefix, 0) == 0;) {
        rung = rungs_.erase(rung);
      }
    };
    if (event.has_clock_started()) forget(event.clock_started().clock());
    if (!event.has_rung_fired()) continue;
    ++fired_;
    const v1::RungFired& fired = event.rung_fired();
    const int64_t at = absl::ToUnixMillis(engine::FromProto(fired.rung().at()));
    if (at > absl::ToUnixMillis(engine::FromProto(commit.recorded_at()))) Wrong("a rung fired before its instant");
    if (at < last) Wrong("rungs of one commit fired out of order");
    last = at;
    if (!rungs_.insert(absl::StrCat(part.stream(), "|", fired.clock(), "|", fired.rung().rung())).second) {
      Wrong(absl::StrCat("a rung fired twice: ", fired.rung().rung()));
    }
  }
}

void World::CheckPromises() {
  std::map<std::string, std::string> promised;  // actor and key -> position
  for (const std::shared_ptr<Sent>& sent : sent_) {
    if (!sent->promised || sent->position.empty()) continue;
    const std::string key = std::visit([](const auto& r) { return r.idempotency_key(); }, sent->request);
    auto [known, fresh] = promised.emplace(absl::StrCat(sent->actor, "|", key), sent->position);
    if (!fresh && known->second != sent->position) Wrong("one command was promised at two positions");
  }
  std::set<std::string> positions;
  for (const auto& [key, position] : promised) {
    if (!positions.insert(position).second) Wrong("two commands were promised at one position");
  }
  // Asked again, each gives its first answer.
  const std::vector<std::shared_ptr<Sent>> before = sent_;
  for (const std::shared_ptr<Sent>& sent : before) {
    if (!sent->promised || sent->position.empty()) continue;
    Send(sent->actor, sent->request);
    Pump();
    const Sent& again = *sent_.back();
    if (!again.promised || again.position != sent->position) Wrong("an acknowledged command was lost");
  }
}

void World::CheckViews() {
  if (!node_->Writable().ok()) return;
  node_.reset();  // Rows are compared as they lie.
  const absl::StatusOr<store::Apply> derived = node::DeriveRows(*store_);
  if (!derived.ok()) return Wrong(absl::StrCat("rows cannot be derived: ", derived.status().ToString()));
  using Standing = std::map<std::pair<uint8_t, std::string>, std::string>;
  Standing wanted, stands;
  for (const store::RowChange& row : derived->rows) {
    if (!row.deleted) wanted[{row.table, row.key}] = row.value;
  }
  const auto snapshot = store_->NewSnapshot();
  for (uint8_t table = 1; table < 64; ++table) {
    const absl::Status scanned = snapshot->Scan(table, "", "", [&](absl::string_view key, absl::string_view value) {
      stands[{table, std::string(key)}] = std::string(value);
      return true;
    });
    if (!scanned.ok()) Wrong("rows cannot be read");
  }
  if (wanted != stands) Wrong("rows differ from those derived from the log");
  std::set<std::pair<int64_t, std::string>> due, armed;
  for (const store::TimerChange& timer : derived->timers) {
    if (timer.new_due_ms != store::TimerChange::kNone) due.insert({timer.new_due_ms, timer.name});
  }
  const absl::Status listed = store_->DueTimers(INT64_MAX, [&](const store::Timer& timer) {
    armed.insert({timer.due_ms, timer.name});
    return true;
  });
  if (!listed.ok() || due != armed) Wrong("timers differ from those derived from the log");
}

void World::CheckWatch() {
  if (node_ == nullptr) Restart();
  if (!wrong_.empty()) return;
  // To the end, breaking off no more.
  v1::WatchEventsRequest request;
  if (token_.empty()) {
    request.set_beginning(true);
  } else {
    request.set_after(token_);
  }
  auto opened = node_->WatchEvents(kAuditor, request, [] {});
  if (auto* stream = std::get_if<std::unique_ptr<node::EventStream>>(&opened)) {
    v1::WatchEventsResponse message;
    while ((*stream)->Next(&message) == node::EventStream::Step::kMessage) {
      for (const v1::EventRecord& record : message.events()) {
        seen_.push_back(absl::StrCat(record.log_position(), "/", record.stream(), "/", record.revision()));
      }
    }
  } else {
    return Wrong("the auditor cannot watch");
  }
  std::vector<std::string> read;
  v1::ReadEventsRequest page;
  page.set_page_size(1000);
  while (true) {
    auto reply = node_->ReadEvents(kAuditor, page);
    const auto* events = std::get_if<v1::ReadEventsResponse>(&reply);
    if (events == nullptr) return Wrong("the auditor cannot read");
    for (const v1::EventRecord& record : events->events()) {
      read.push_back(absl::StrCat(record.log_position(), "/", record.stream(), "/", record.revision()));
    }
    if (events->next_page_token().empty()) break;
    page.set_page_token(events->next_page_token());
  }
  if (read != seen_) Wrong(absl::StrCat("the watcher saw ", seen_.size(), " events, reading gives ", read.size()));
}

}  // namespace duban::sim
