// A history made at random, with all that stood after each step of it: what lists as of some time must show.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "duban/state/v1/rows.pb.h"
#include "engine/cases/audience.h"
#include "engine/views/tables.h"
#include "services/node/library.h"
#include "tests/node/support/journal.h"
#include "tests/node/support/office.h"

namespace duban::node {

inline const std::vector<std::string> kViewers = {kSupervisor, kReviewer, kHousing, kWater, kAuditor, kOperatorPerson};

// Rows by their keys, in the order in which they came.
using Listed = std::vector<std::pair<std::string, std::string>>;

// A history made at random, and what stood after each step of it.
class Life {
 public:
  using Entry = duban::state::v1::ViewEntry;
  using Counts = duban::state::v1::ViewCounts;

  // `before` is called before each step.
  Life(
      uint64_t seed, int steps, std::shared_ptr<store::Store> store = std::make_shared<Journal>(),
      const std::function<void(Life& life, int step)>& before = [](Life&, int) {})
      : random_(seed), office_({.seed = seed}, std::move(store)) {
    for (int step = 0; step < steps; ++step) {
      before(*this, step);
      Step(step);
      Record();
    }
  }

  Office& office() { return office_; }
  // Waits until what is kept of the past has reached the newest commit.
  void WaitUntilKept() {
    while (Office::MustRead(office_.node().GetStats(kOperatorPerson, {})).past_lag() > 0) std::this_thread::yield();
  }
  size_t Pick(size_t n) { return static_cast<size_t>(random_() % n); }

  // After which numbers of commits something was recorded.
  std::vector<store::Position> Times() const {
    std::vector<store::Position> times;
    for (const auto& [commits, at] : recorded_) times.push_back(commits);
    return times;
  }
  v1::AsOf AsOf(store::Position commits) const {
    v1::AsOf as_of;
    as_of.set_position(recorded_.at(commits).position);
    return as_of;
  }
  const std::vector<std::string>& cases() const { return cases_; }

  // What the view must answer, by looking at every row of then and of now.
  Listed Expected(const std::string& viewer, v1::View number, const v1::ViewFilter& filter, store::Position commits) {
    const engine::Ids ids = IdsOf(viewer, number);
    return List(number, filter, recorded_.at(commits).stood, [&](const std::string& key, const Entry& then) {
      return Admits(then.audience(), ids) && SeesToday(viewer, number, key, then);
    });
  }

  // What it answered when the log stood there, where no directory change lies between.
  const std::map<std::pair<std::string, int>, Listed>& Answered(store::Position commits) const {
    return recorded_.at(commits).answered;
  }
  // Of those, what may be seen today.
  Listed StillSeen(const std::string& viewer, v1::View number, store::Position commits, const Listed& listed) {
    Listed out;
    for (const auto& [key, row] : listed) {
      const auto found = recorded_.at(commits).stood.find(RowName(engine::Table::kViewRow, Prefix(number) + key));
      Entry then;
      if (found == recorded_.at(commits).stood.end() || !then.ParseFromString(*found->second)) continue;
      if (SeesToday(viewer, number, key, then)) out.emplace_back(key, row);
    }
    return out;
  }
  engine::Ids IdsThen(const std::string& viewer, store::Position commits) const {
    return recorded_.at(commits).ids.at(viewer);
  }
  engine::Ids IdsNow(const std::string& viewer) { return Directory().ViewerIds(viewer); }

  // The sums of a view that counts, by looking at every case.
  std::map<engine::Cell, int64_t> ExpectedCounts(const std::string& viewer, v1::View number, store::Position commits) {
    const engine::Ids ids = Directory().ViewerIds(viewer);
    std::map<engine::Cell, int64_t> cells;
    const std::string prefix = RowName(engine::Table::kViewKept, Prefix(number));
    const Stood& stood = recorded_.at(commits).stood;
    for (auto row = stood.lower_bound(prefix); row != stood.end() && row->first.rfind(prefix, 0) == 0; ++row) {
      Counts counts;
      EXPECT_TRUE(counts.ParseFromString(*row->second));
      if (!Admits(counts.audience(), ids) || !SeesCase(ids, row->first.substr(prefix.size()))) continue;
      for (const auto& cell : counts.cells()) ++cells[{cell.values().begin(), cell.values().end()}];
    }
    return cells;
  }

  Listed Query(const std::string& viewer, v1::View number, const v1::ViewFilter& filter, const v1::AsOf* as_of,
               int page_size, v1::PastAnswer::Source* source = nullptr) {
    v1::QueryViewRequest request;
    request.set_view(number);
    *request.mutable_filter() = filter;
    if (as_of != nullptr) *request.mutable_as_of() = *as_of;
    request.set_page_size(page_size);
    Listed out;
    std::optional<int64_t> total;
    while (true) {
      const auto page = Office::MustRead(office_.node().QueryView(viewer, request));
      for (const v1::ViewRow& row : page.rows()) out.emplace_back(row.key(), row.SerializeAsString());
      if (page.has_total_size()) total = page.total_size();
      if (source != nullptr) *source = page.past().source();
      if (page.next_page_token().empty()) break;
      request.set_page_token(page.next_page_token());
    }
    if (total.has_value()) {
      EXPECT_EQ(*total, static_cast<int64_t>(out.size()));
    }
    return out;
  }

 private:
  // Rows by table and key; what did not change is shared with the time before.
  using Stood = std::map<std::string, std::shared_ptr<const std::string>>;
  struct Recorded {
    std::string position;
    Stood stood;
    std::map<std::pair<std::string, int>, Listed> answered;
    std::map<std::string, engine::Ids> ids;
  };

  static const engine::View& ViewOf(v1::View number) {
    const auto& views = engine::Views();
    return **std::find_if(views.begin(), views.end(),
                          [&](const engine::View* view) { return view->definition().number == number; });
  }
  static std::string Prefix(v1::View number) { return engine::ViewPrefix(ViewOf(number).definition()); }
  template <typename Audience>
  static bool Admits(const Audience& audience, const engine::Ids& ids) {
    return engine::Admits({audience.begin(), audience.end()}, ids);
  }

  static std::string RowName(engine::Table table, absl::string_view key) {
    return absl::StrCat(std::string(1, static_cast<char>(table)), key);
  }

  const engine::Directory& Directory() {
    if (library_ == nullptr) {
      absl::StatusOr<LibraryPtr> library = LoadLibrary(*office_.store().NewSnapshot());
      EXPECT_TRUE(library.ok());
      library_ = *library;
    }
    return *library_->directory;
  }
  engine::Ids IdsOf(const std::string& viewer, v1::View number) {
    return number == v1::VIEW_WORKLIST ? Directory().OwnIds(viewer) : Directory().ViewerIds(viewer);
  }

  std::optional<Entry> Newest(v1::View number, const std::string& key) {
    const auto table = static_cast<uint8_t>(engine::Table::kViewRow);
    const auto bytes = office_.store().NewSnapshot()->Get(table, Prefix(number) + key);
    Entry entry;
    if (!bytes.ok() || !entry.ParseFromString(*bytes)) return std::nullopt;
    return entry;
  }
  bool SeesCase(const engine::Ids& ids, const std::string& name) {
    const std::optional<Entry> ledger = Newest(v1::VIEW_LEDGER, name);
    return ledger.has_value() && Admits(ledger->audience(), ids);
  }
  bool SeesToday(const std::string& viewer, v1::View number, const std::string& key, const Entry& then) {
    const std::optional<Entry> newest = Newest(number, key);
    if (newest.has_value() && !Admits(newest->audience(), IdsOf(viewer, number))) return false;
    const std::string& about = engine::CaseOf(then.row());
    return about.empty() || SeesCase(Directory().ViewerIds(viewer), about);
  }

  template <typename Sees>
  Listed List(v1::View number, const v1::ViewFilter& filter, const Stood& stood, Sees sees) {
    const engine::View& view = ViewOf(number);
    std::map<std::string, std::pair<std::string, std::string>> by_place;
    const bool owned = !view.definition().owner_label.empty();
    const std::string prefix = RowName(engine::Table::kViewRow, Prefix(number));
    for (auto row = stood.lower_bound(prefix); row != stood.end() && row->first.rfind(prefix, 0) == 0; ++row) {
      Entry entry;
      EXPECT_TRUE(entry.ParseFromString(*row->second));
      const std::string key = row->first.substr(prefix.size());
      bool matches = true;
      for (const auto& [name, wanted] : filter.labels()) {
        bool has = name == view.definition().owner_label && key.rfind(wanted + "/", 0) == 0;
        for (const engine::Label& label : view.LabelsOf(entry.row())) {
          has = has || (label.name == name && label.value == wanted);
        }
        matches = matches && has;
      }
      if (!matches || !sees(key, entry)) continue;
      by_place[(owned ? "" : entry.place()) + key] = {key, entry.row().SerializeAsString()};
    }
    Listed out;
    for (const auto& [place, row] : by_place) out.push_back(row);
    return out;
  }

  void Step(int step) {
    const size_t kind = Pick(12);
    if (cases_.empty() || kind == 0) {
      v1::OpenCaseRequest order = office_.Order(Pick(2) ? "units/zhujian" : "units/shuiwu", absl::StrCat("问题", step),
                                                Pick(3) ? absl::StrCat("2026-10-", 10 + Pick(20)) : "");
      if (Pick(2)) Office::SetField(order.mutable_fields(), "informant")->set_text("反映人");
      cases_.push_back(Office::Must<v1::OpenCaseResponse>(office_.Call(kSupervisor, order)).case_());
    } else if (kind == 1) {
      now_ += absl::Hours(1 + static_cast<int64_t>(Pick(60)));
      office_.Advance(now_);
      const v1::QueryLedgerResponse ledger = office_.Ledger(kAuditor);
      for (const v1::LedgerRow& row : ledger.rows()) {
        if (std::find(cases_.begin(), cases_.end(), row.case_()) == cases_.end()) cases_.push_back(row.case_());
      }
    } else if (kind == 2 && Pick(3) == 0) {
      ChangeDirectory();
    } else {
      ActAtRandom();
    }
  }

  // The water bureau comes under the supervision office or leaves it; the supervisor sees his unit or all below.
  void ChangeDirectory() {
    v1::ApplyDirectoryRequest change;
    change.set_idempotency_key(office_.FreshKey());
    if (Pick(2)) {
      v1::Unit& unit = *change.add_units();
      unit.set_name("units/shuiwu");
      unit.set_title("水务局");
      unit.set_code("水务");
      if (Pick(2)) unit.add_superiors("units/zhujian");
    } else {
      v1::Post& post = *change.add_posts();
      post.set_name("posts/zhujian-chengban");
      post.set_title("住建承办人");
      post.set_unit("units/zhujian");
      post.add_holders(kHousing);
      if (Pick(2)) post.add_holders(kWater);
      post.set_scope(Pick(2) ? v1::SCOPE_SUBTREE : v1::SCOPE_OWN);
    }
    Office::Must<v1::ApplyDirectoryResponse>(office_.Call(kOperatorPerson, change));
    library_ = nullptr;
  }

  void ActAtRandom() {
    const std::string& actor = kViewers[Pick(4)];
    const std::string& name = cases_[Pick(cases_.size())];
    v1::GetCaseRequest get;
    get.set_case_(name);
    const Reply<v1::GetCaseResponse> seen = office_.node().GetCase(actor, get);
    if (!std::holds_alternative<v1::GetCaseResponse>(seen)) return;
    const v1::Case& shown = std::get<v1::GetCaseResponse>(seen).case_();
    if (shown.actions().empty()) return;
    const v1::CaseAction& action = shown.actions(static_cast<int>(Pick(static_cast<size_t>(shown.actions_size()))));
    v1::ActOnCaseRequest act = office_.Action(name, action.action());
    for (const std::string& need : action.needs()) {
      if (need == "reason") {
        act.set_reason("随机");
      } else if (need == "note") {
        act.set_note("随机");
      } else if (need == "evidence") {
        Office::SetField(act.mutable_fields(), need)->set_file(kPhoto);
      } else if (need == "due" || need == "new_due") {
        Office::SetField(act.mutable_fields(), need)->set_date(absl::StrCat("2026-11-", 10 + Pick(20)));
      } else {
        Office::SetField(act.mutable_fields(), need)->set_text("随机");
      }
    }
    office_.Call(actor, act);  // Some are refused: as it should be.
  }

  void Record() {
    Recorded now;
    const auto rows = office_.store().NewSnapshot();
    if (recorded_.count(rows->applied()) != 0) return;
    const Stood* before = recorded_.empty() ? nullptr : &recorded_.rbegin()->second.stood;
    for (const engine::Table table : {engine::Table::kViewRow, engine::Table::kViewKept}) {
      EXPECT_TRUE(rows->Scan(static_cast<uint8_t>(table), "", "",
                             [&](absl::string_view key, absl::string_view value) {
                               const std::string name = RowName(table, key);
                               const auto same = before == nullptr ? Stood::const_iterator() : before->find(name);
                               const bool shared = before != nullptr && same != before->end() && *same->second == value;
                               now.stood[name] = shared ? same->second : std::make_shared<std::string>(value);
                               return true;
                             })
                      .ok());
    }
    now.position = office_.Ledger(kAuditor).position();
    for (const std::string& viewer : kViewers) {
      now.ids[viewer] = IdsNow(viewer);
      for (const v1::View view : {v1::VIEW_LEDGER, v1::VIEW_ALERTS, v1::VIEW_REGISTERS}) {
        now.answered[{viewer, view}] = Query(viewer, view, {}, nullptr, 500);
      }
    }
    recorded_.emplace(rows->applied(), std::move(now));
  }

  std::mt19937_64 random_;
  Office office_;
  LibraryPtr library_;  // Null: changed since.
  absl::Time now_ = At("2026-09-01 09:00");
  std::vector<std::string> cases_;
  std::map<store::Position, Recorded> recorded_;
};

}  // namespace duban::node
