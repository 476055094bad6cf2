// Who may see what, on a whole tree of units that changes: a seeded life of opening, acting, hidden look-backs,
// disclosure, closing, reopening, moves of units, changes of holders, contact areas, delegations that begin, end and
// are given back; after every step everything that viewers can ask for, of now and of the past, is compared with a
// second opinion.
//
// The second opinion knows the rules of ARCHITECTURE.md and the shipped procedures alone: it asks, upwards from each
// party, whether some post of the person reaches it. It takes facts (parties, stages, events) from the auditor and
// shares no code with the engine for audiences and viewers. DUBAN_TREE_STEPS and DUBAN_SEED make it longer and other.
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "tests/node/support/office.h"
#include "tests/node/support/tree.h"

namespace duban::node {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t by_default) {
  const char* value = std::getenv(name);
  return value == nullptr ? by_default : std::strtoull(value, nullptr, 10);
}

constexpr size_t kUnits = 30;
constexpr size_t kViewers = 500;
constexpr size_t kWatchers = 25;    // Hold a view and an event stream open.
constexpr size_t kAskedAStep = 25;  // Viewers asked after each step; all of them at a few.

using Names = std::set<std::string>;

// A case as the auditor sees it.
struct Known {
  std::string name, number, procedure, stage;
  std::map<std::string, std::vector<std::string>> parties;
  struct Event {
    std::string key;    // "cases/…#7"
    std::string stage;  // After its commit.
  };
  std::vector<Event> events;
};

// The parties for whom a stage is visible: what the shipped procedures say.
bool IsHiddenFrom(const Known& known, const std::string& stage, const std::string& party) {
  const bool alone = stage == "planned" || stage == "visited_on_site" || stage == "cancelled";
  return known.procedure == "lookback" && alone && party != "inspecting";
}

class World {
 public:
  explicit World(uint64_t seed) : random_(seed), office_({.virtual_clock = true, .seed = seed}) {
    tree_.now = now_;
    Plant();
    for (size_t i = 0; i < kWatchers; ++i) OpenWatch(Viewer(i * (kViewers / kWatchers)));
  }

  // One random step; what it was, or nothing where it was refused.
  std::string Step() {
    switch (Below(20)) {
      case 0:
      case 1:
      case 2:
        return Open();
      case 3:
        return Move();
      case 4:
        return ChangeHolder();
      case 5:
        return ChangeScope();
      case 6:
        return PassTime();
      case 7:
        return ChangeAreas();
      case 8:
      case 9:
        return Delegate();
      case 10:
        return EndDelegation();
      default:
        return Act();
    }
  }

  // Compares what `count` viewers can ask for with the second opinion; all streams too.
  void Compare(size_t count) {
    Learn();
    for (size_t i = 0; i < count && !::testing::Test::HasFailure(); ++i) {
      CompareViewer(Viewer(count >= kViewers ? i : Below(kViewers)));
    }
    for (Watcher& watcher : watchers_) CompareWatcher(watcher);
  }

  size_t hidden_seen() const { return hidden_seen_; }
  size_t lent_seen() const { return lent_seen_; }
  size_t hidden_then() const { return hidden_then_; }

 private:
  // A time of the past, by its position, and the stages in which cases then were.
  struct Moment {
    std::string position;
    std::map<std::string, std::string> stages;
  };
  struct Watcher {
    std::string person;
    std::unique_ptr<ViewStream> view;
    std::unique_ptr<EventStream> events;
    Names held;
  };

  uint64_t Below(uint64_t bound) { return random_() % bound; }
  template <typename T>
  const T& Any(const std::vector<T>& of) {
    return of[Below(of.size())];
  }
  static std::string UnitName(size_t i) { return absl::StrCat("units/t", i); }
  static std::string Viewer(size_t i) { return absl::StrCat("persons/v", i); }

  // --- The directory ------------------------------------------------------------------------------------------------

  void Apply(v1::ApplyDirectoryRequest request) {
    request.set_idempotency_key(office_.FreshKey());
    Office::Must<v1::ApplyDirectoryResponse>(office_.Call(kOperatorPerson, request));
    for (const v1::Unit& unit : request.units()) tree_.units[unit.name()] = unit;
    for (const v1::Post& post : request.posts()) tree_.posts[post.name()] = post;
    for (const v1::Delegation& delegation : request.delegations()) tree_.delegations[delegation.name()] = delegation;
  }

  // Superiors among the units before: one, sometimes two (dual leadership).
  void SetSuperiors(v1::Unit& unit, size_t index) {
    unit.clear_superiors();
    if (index == 0) return;
    const std::string first = UnitName(Below(std::min<size_t>(index, 8)));
    unit.add_superiors(first);
    const std::string second = UnitName(Below(index));
    if (Below(3) == 0 && second != first) unit.add_superiors(second);
  }

  void Plant() {
    v1::ApplyDirectoryRequest units;
    for (size_t i = 0; i < kUnits; ++i) {
      v1::Unit& unit = *units.add_units();
      unit.set_name(UnitName(i));
      unit.set_title(absl::StrCat("单位", i));
      unit.set_code(absl::StrCat("单", i));
      unit.set_level(i == 0 ? "city" : i < 8 ? "county" : "town");
      SetSuperiors(unit, i);
    }
    Apply(units);
    for (size_t from = 0; from < kViewers; from += 250) {
      v1::ApplyDirectoryRequest people;
      for (size_t i = from; i < std::min(kViewers, from + 250); ++i) {
        v1::Person& person = *people.add_persons();
        person.set_name(Viewer(i));
        person.set_title(absl::StrCat("工作人员", i));
      }
      Apply(people);
    }
    // Five posts for a unit: leaders see the subtree, the others their unit; a few may issue, two audit.
    v1::ApplyDirectoryRequest posts;
    for (size_t i = 0; i < kUnits * 5; ++i) {
      v1::Post& post = *posts.add_posts();
      post.set_name(absl::StrCat("posts/t", i));
      post.set_title(absl::StrCat("岗位", i));
      post.set_unit(UnitName(i % kUnits));
      post.set_scope(i < kUnits || Below(4) == 0 ? v1::SCOPE_SUBTREE : v1::SCOPE_OWN);
      if (i % 7 == 0) post.add_rights("issue");
      if (i == 40 || i == 93) post.add_rights("audit");
    }
    for (size_t i = 0; i < kViewers; ++i) {
      v1::Post& post = *posts.mutable_posts(static_cast<int>(Below(kUnits * 5)));
      if (Below(10) > 0) post.add_holders(Viewer(i));  // A tenth holds nothing.
      v1::Post& other = *posts.mutable_posts(static_cast<int>(Below(kUnits * 5)));
      if (Below(5) == 0 && other.name() != post.name()) other.add_holders(Viewer(i));
    }
    Apply(posts);
  }

  std::string Move() {
    const size_t index = 1 + Below(kUnits - 1);
    v1::ApplyDirectoryRequest request;
    v1::Unit& unit = *request.add_units();
    unit = tree_.units[UnitName(index)];
    SetSuperiors(unit, index);
    Apply(request);
    return "move";
  }

  v1::Post& AnyPost(v1::ApplyDirectoryRequest& request) {
    auto post = tree_.posts.begin();
    std::advance(post, static_cast<int64_t>(Below(tree_.posts.size())));
    return *request.add_posts() = post->second;
  }

  std::string ChangeHolder() {
    v1::ApplyDirectoryRequest request;
    v1::Post& post = AnyPost(request);
    post.clear_holders();
    for (uint64_t i = Below(4); i > 0; --i) {
      const std::string person = Viewer(Below(kViewers));
      if (std::count(post.holders().begin(), post.holders().end(), person) == 0) post.add_holders(person);
    }
    Apply(request);
    return "holder";
  }

  std::string ChangeScope() {
    v1::ApplyDirectoryRequest request;
    v1::Post& post = AnyPost(request);
    post.set_scope(post.scope() == v1::SCOPE_OWN ? v1::SCOPE_SUBTREE : v1::SCOPE_OWN);
    Apply(request);
    return "scope";
  }

  std::string ChangeAreas() {
    v1::ApplyDirectoryRequest request;
    v1::Post& post = AnyPost(request);
    post.clear_areas();
    for (uint64_t i = Below(3); i > 0; --i) {
      const std::string area = UnitName(1 + Below(kUnits - 1));
      if (std::count(post.areas().begin(), post.areas().end(), area) == 0) post.add_areas(area);
    }
    Apply(request);
    return "areas";
  }

  // From somebody who holds a post, for all of his or one; now or in a few days, for up to two weeks.
  std::string Delegate() {
    v1::ApplyDirectoryRequest request;
    v1::Delegation& delegation = *request.add_delegations();
    delegation.set_name(absl::StrCat("delegations/t", tree_.delegations.size()));
    delegation.set_from(Viewer(Below(kViewers)));
    delegation.set_to(Viewer(Below(kViewers)));
    if (!tree_.HoldsAny(delegation.from()) || delegation.from() == delegation.to()) return "";
    if (Below(2) == 0) {
      for (const auto& [name, post] : tree_.posts) {
        if (delegation.posts().empty() && Tree::Holds(delegation.from(), post)) delegation.add_posts(name);
      }
    }
    const absl::Time begins = now_ + absl::Hours(24 * static_cast<int>(Below(2) * 3));
    *delegation.mutable_begins_at() = engine::ToProto(begins);
    *delegation.mutable_ends_at() = engine::ToProto(begins + absl::Hours(24 * static_cast<int>(5 + Below(10))));
    delegation.set_reason("外出");
    Apply(request);
    return "delegate";
  }

  // By the keeper of the directory; a delegation that is over by time stays as it is.
  std::string EndDelegation() {
    std::vector<v1::Delegation> standing;
    for (const auto& [name, delegation] : tree_.delegations) {
      if (!delegation.ended() && now_ < engine::FromProto(delegation.ends_at())) standing.push_back(delegation);
    }
    if (standing.empty()) return "";
    v1::ApplyDirectoryRequest request;
    *request.add_delegations() = Any(standing);
    request.mutable_delegations(0)->set_ended(true);
    Apply(request);
    return "end";
  }

  // --- Cases --------------------------------------------------------------------------------------------------------

  // Holders of posts that satisfy; empty where there are none.
  template <typename Of>
  std::vector<std::string> Holders(Of of) const {
    std::vector<std::string> out;
    for (const auto& [name, post] : tree_.posts) {
      if (of(post)) out.insert(out.end(), post.holders().begin(), post.holders().end());
    }
    return out;
  }

  std::string Open() {
    const std::vector<std::string> issuers = Holders([](const v1::Post& post) { return post.rights_size() > 0; });
    if (issuers.empty()) return "";
    v1::OpenCaseRequest request = office_.Order(UnitName(Below(kUnits)), absl::StrCat("问题", ++problems_));
    request.mutable_parties(1)->set_ids(0, absl::StrCat("posts/t", Below(kUnits * 5)));
    if (Below(2) == 0) {
      const std::string helper = UnitName(Below(kUnits));
      if (helper != request.parties(0).ids(0)) Office::Bind(request, "helpers", helper);
    }
    if (Below(2) == 0) Office::SetField(request.mutable_fields(), "due")->set_date("2026-12-18");
    return Done(office_.Call(Any(issuers), request)) ? "open" : "";
  }

  std::string Act() {
    // What each stage is moved on by: the action and the party that takes it.
    static const std::map<std::string, std::vector<std::pair<std::string, std::string>>> kActions = {
        {"issued", {{"acknowledge", "owner"}}},
        {"rectifying", {{"submit", "owner"}, {"submit", "owner"}, {"report", "owner"}}},
        {"review", {{"accept", "reviewer"}, {"accept", "reviewer"}, {"reject", "reviewer"}}},
        {"planned", {{"visit", "inspecting"}, {"visit", "inspecting"}, {"cancel", "inspecting"}}},
        {"visited_on_site", {{"report", "inspecting"}, {"amend", "inspecting"}}},
        {"feedback", {{"rebound", "inspecting"}, {"hold", "inspecting"}, {"respond", "visited"}}},
    };
    std::vector<std::pair<const Known*, std::pair<std::string, std::string>>> open;
    for (const auto& [name, known] : cases_) {
      const auto actions = kActions.find(known.stage);
      if (actions != kActions.end()) open.emplace_back(&known, Any(actions->second));
    }
    if (open.empty()) return "";
    const auto& [known, action] = Any(open);
    const std::vector<std::string>& party = known->parties.at(action.second);
    const std::vector<std::string> actors = Holders([&](const v1::Post& post) {
      const bool may = action.second != "inspecting" || post.rights_size() > 0;
      return may && (post.unit() == party[0] || post.name() == party[0]);
    });
    if (actors.empty()) return "";
    v1::ActOnCaseRequest request = office_.Action(known->name, action.first);
    if (action.first == "submit") request = office_.Submission(known->name);
    auto set = [&](const char* field) { return Office::SetField(request.mutable_fields(), field); };
    if (action.first == "report" && known->procedure == "rectification") set("progress")->set_text("进展");
    if (action.first == "visit" || action.first == "amend") set("findings")->set_text("情况");
    if (action.first == "rebound") set("new_due")->set_date("2026-12-25");
    if (action.first == "reject" || action.first == "cancel" || action.first == "rebound") request.set_reason("理由");
    if (action.first == "respond") request.set_note("说明");
    return Done(office_.Call(Any(actors), request)) ? action.first : "";
  }

  std::string PassTime() {
    now_ += absl::Hours(24 * 5);
    if (now_ > At("2026-12-10 09:00")) return "";
    office_.Advance(now_);
    tree_.now = now_;
    return "time";
  }

  static bool Done(const Reply<Response>& reply) { return std::holds_alternative<Response>(reply); }

  // --- The second opinion -------------------------------------------------------------------------------------------

  // Takes the facts from the auditor.
  void Learn() {
    std::map<std::string, std::vector<v1::EventRecord>> events;
    for (v1::EventRecord& record : office_.Events(kAuditor)) {
      if (record.stream().rfind("cases/", 0) == 0) events[record.stream()].push_back(std::move(record));
    }
    for (const auto& [name, records] : events) {
      Known& known = cases_[name];
      if (known.events.size() == records.size()) continue;
      const v1::Case shown = office_.Show(kAuditor, name);
      known.name = name;
      known.number = shown.number();
      known.procedure = shown.procedure();
      known.stage = shown.stage();
      known.parties.clear();
      for (const v1::CaseParty& party : shown.parties()) {
        for (const v1::CasePartyMember& id : party.members()) known.parties[party.party()].push_back(id.id());
      }
      known.events.clear();
      std::string stage;
      for (size_t i = 0; i < records.size();) {
        size_t end = i;
        for (; end < records.size() && records[end].position() == records[i].position(); ++end) {
          if (records[end].event().has_stage_entered()) stage = records[end].event().stage_entered().stage();
        }
        for (; i < end; ++i) known.events.push_back({absl::StrCat(name, "#", records[i].revision()), stage});
      }
      EXPECT_EQ(stage, known.stage) << name;
    }
    Moment moment{office_.Ledger(kAuditor).position(), {}};
    for (const auto& [name, known] : cases_) moment.stages[name] = known.stage;
    moments_.push_back(std::move(moment));
  }

  bool Sees(const std::string& person, const Known& known, const std::string& stage) const {
    return Sees(tree_, person, known, stage);
  }
  static bool Sees(const Tree& tree, const std::string& person, const Known& known, const std::string& stage) {
    if (tree.Audits(person)) return true;
    for (const auto& [party, ids] : known.parties) {
      if (IsHiddenFrom(known, stage, party)) continue;
      for (const std::string& id : ids) {
        if (tree.Reaches(person, id)) return true;
      }
    }
    return false;
  }

  bool SeesByHimself(const std::string& person, const Known& known) const {
    Tree alone = tree_;
    alone.delegations.clear();
    return Sees(alone, person, known, known.stage);
  }

  Names Visible(const std::string& person, const std::string& procedure = "") const {
    Names out;
    for (const auto& [name, known] : cases_) {
      if ((procedure.empty() || known.procedure == procedure) && Sees(person, known, known.stage)) out.insert(name);
    }
    return out;
  }

  // Of the past one sees what was for him then, by who he is now, and is for him still.
  bool Saw(const std::string& person, const Known& known, const Moment& moment) const {
    const auto stage = moment.stages.find(known.name);
    return stage != moment.stages.end() && Sees(person, known, stage->second);
  }

  Names VisibleEvents(const std::string& person) const {
    Names out;
    for (const auto& [name, known] : cases_) {
      if (!Sees(person, known, known.stage)) continue;
      for (const Known::Event& event : known.events) {
        if (Sees(person, known, event.stage)) out.insert(event.key);
      }
    }
    return out;
  }

  // --- What is shown ------------------------------------------------------------------------------------------------

  // The ledger page by page; the total that each page states.
  Names Ledger(const std::string& person, const std::string& procedure, int64_t* total) {
    Names out;
    v1::QueryLedgerRequest request;
    request.set_page_size(7);
    request.mutable_filter()->set_procedure(procedure);
    while (true) {
      const v1::QueryLedgerResponse page = office_.Ledger(person, request);
      EXPECT_TRUE(page.has_total_size());
      *total = page.total_size();
      for (const v1::LedgerRow& row : page.rows()) EXPECT_TRUE(out.insert(row.case_()).second) << "twice";
      if (page.next_page_token().empty()) return out;
      request.set_page_token(page.next_page_token());
    }
  }

  // The ledger as it stood at some moment, page by page.
  void ComparePast(const std::string& person) {
    const Moment& moment = Any(moments_);
    v1::QueryViewRequest request;
    request.set_view(v1::VIEW_LEDGER);
    request.mutable_as_of()->set_position(moment.position);
    request.set_page_size(40);
    Names shown, expected;
    while (true) {
      const auto page = Office::MustRead(office_.node().QueryView(person, request));
      for (const v1::ViewRow& row : page.rows()) {
        EXPECT_TRUE(shown.insert(row.key()).second) << "twice";
        const auto stage = moment.stages.find(row.key());
        EXPECT_TRUE(stage != moment.stages.end() && row.ledger().stage() == stage->second) << "of then";
      }
      if (page.next_page_token().empty()) break;
      request.set_page_token(page.next_page_token());
    }
    for (const auto& [name, known] : cases_) {
      const bool saw = Saw(person, known, moment);
      if (saw && Sees(person, known, known.stage)) expected.insert(name);
      if (!saw && Sees(person, known, known.stage) && moment.stages.count(name) > 0) ++hidden_then_;
    }
    EXPECT_EQ(shown, expected) << "as of a moment of the past";
  }

  void CompareViewer(const std::string& person) {
    SCOPED_TRACE(person);
    ComparePast(person);
    for (const std::string procedure : {"", "lookback"}) {
      const Names expected = Visible(person, procedure);
      int64_t total = -1;
      EXPECT_EQ(Ledger(person, procedure, &total), expected) << procedure;
      EXPECT_EQ(total, static_cast<int64_t>(expected.size())) << procedure;
    }
    const Names visible = Visible(person);
    Names events;
    for (const v1::EventRecord& record : office_.Events(person)) {
      if (record.stream().rfind("cases/", 0) == 0) events.insert(absl::StrCat(record.stream(), "#", record.revision()));
    }
    EXPECT_EQ(events, VisibleEvents(person));
    const v1::ListWorklistResponse worklist = Office::MustRead(office_.node().ListWorklist(person, {}));
    for (const v1::WorklistItem& item : worklist.items()) {
      EXPECT_EQ(visible.count(item.case_()), 1u) << "worklist";
    }
    const v1::ListAlertsResponse alerts = Office::MustRead(office_.node().ListAlerts(person, {}));
    for (const v1::Alert& alert : alerts.alerts()) {
      EXPECT_EQ(visible.count(alert.case_()), 1u) << "alerts";
    }
    CompareCase(person, visible);
  }

  // One case by name, by number, and as of the past: shown to those who see it, to others as if it were not there.
  void CompareCase(const std::string& person, const Names& visible) {
    if (cases_.empty()) return;
    auto one = cases_.begin();
    std::advance(one, static_cast<int64_t>(Below(cases_.size())));
    const Known& known = one->second;
    const bool sees = visible.count(known.name) > 0;
    if (!sees && known.procedure == "lookback") ++hidden_seen_;
    lent_seen_ += sees && !SeesByHimself(person, known) ? 1 : 0;
    const Moment& moment = Any(moments_);
    for (const std::string& named : {known.name, known.number}) {
      if (named.empty()) continue;
      v1::GetCaseRequest request;
      request.set_case_(named);
      EXPECT_EQ(ReasonOf(office_.node().GetCase(person, request)), sees ? "" : "CASE_NOT_FOUND") << named;
      request.mutable_as_of()->set_position(moment.position);
      const bool saw = Saw(person, known, moment);
      EXPECT_EQ(ReasonOf(office_.node().GetCase(person, request)), !sees ? "CASE_NOT_FOUND"
                                                                   : saw ? ""
                                                                         : "CASE_NOT_FOUND_THEN")
          << named;
    }
    v1::ActOnCaseRequest comment = office_.Action(known.name, "comment");
    comment.set_note("备注");
    comment.set_validate_only(true);
    const std::string reason = ReasonOf(office_.Call(person, comment));
    EXPECT_EQ(reason == "CASE_NOT_FOUND", !sees) << reason;
  }

  // --- Streams ------------------------------------------------------------------------------------------------------

  void OpenWatch(const std::string& person) {
    v1::WatchViewRequest view;
    view.set_view(v1::VIEW_LEDGER);
    view.set_min_interval_ms(0);
    Watcher watcher{person,
                    Office::MustRead(office_.node().WatchView(person, view, [] {})),
                    Office::MustRead(office_.node().WatchEvents(person, {}, [] {})),
                    {}};
    watchers_.push_back(std::move(watcher));
  }

  void CompareWatcher(Watcher& watcher) {
    SCOPED_TRACE(watcher.person);
    v1::WatchViewResponse message;
    while (watcher.view->Next(&message) == ViewStream::Step::kMessage) {
      if (message.has_begin()) watcher.held.clear();
      for (const auto& change : message.changes().changes()) {
        if (change.has_ledger()) {
          watcher.held.insert(change.key());
        } else {
          watcher.held.erase(change.key());
        }
      }
    }
    EXPECT_EQ(watcher.held, Visible(watcher.person)) << "view stream";
    const Names expected = VisibleEvents(watcher.person);
    v1::WatchEventsResponse events;
    while (watcher.events->Next(&events) == EventStream::Step::kMessage) {
      for (const v1::EventRecord& record : events.events()) {
        if (record.stream().rfind("cases/", 0) != 0) continue;
        EXPECT_EQ(expected.count(absl::StrCat(record.stream(), "#", record.revision())), 1u) << "event stream";
      }
    }
  }

  std::mt19937_64 random_;
  Office office_;
  Tree tree_;
  std::map<std::string, Known> cases_;
  std::vector<Watcher> watchers_;
  absl::Time now_ = At("2026-09-01 09:00");
  int problems_ = 0;
  std::vector<Moment> moments_;
  size_t hidden_seen_ = 0;  // Look-backs asked for by those who do not see them.
  size_t lent_seen_ = 0;    // Cases shown to those who see them by a delegation alone.
  size_t hidden_then_ = 0;  // Cases seen now that were hidden then.
};

TEST(AudienceTree, EveryViewerIsShownExactlyWhatTheRulesSayWhateverChanges) {
  const uint64_t seed = FromEnvironment("DUBAN_SEED", 4);
  const uint64_t steps = FromEnvironment("DUBAN_TREE_STEPS", 120);
  World world(seed);
  std::map<std::string, int> done;
  // The life has to have all that the comparison is about: it goes on until it has, with fewer viewers asked.
  const auto has_all = [&] {
    for (const char* what :
         {"open", "submit", "accept", "visit", "move", "holder", "scope", "time", "areas", "delegate", "end"}) {
      if (done[what] == 0) return false;
    }
    return done["report"] + done["rebound"] + done["hold"] > 0 && world.hidden_seen() > 0 && world.lent_seen() > 0 &&
           world.hidden_then() > 0;
  };
  for (uint64_t step = 1; (step <= steps || (step <= 4 * steps && !has_all())) && !HasFailure(); ++step) {
    SCOPED_TRACE(absl::StrCat("seed ", seed, ", step ", step));
    const std::string what = world.Step();
    ++done[what];
    if (what.empty()) continue;
    SCOPED_TRACE(what);
    const bool all = step <= steps && step % std::max<uint64_t>(1, steps / 2) == 0;
    world.Compare(all ? kViewers : step <= steps ? kAskedAStep : 5);
  }
  if (HasFailure()) return;
  EXPECT_TRUE(has_all());
}

}  // namespace
}  // namespace duban::node
