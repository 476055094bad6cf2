// Delegations through the node: they begin and end by events at their own instants, whoever stands in sees and does
// what the other may meanwhile, his streams follow, and nobody else learns of it. Alerts that reach a superior, or a
// contact.
#include <algorithm>
#include <map>

#include "duban/state/v1/rows.pb.h"
#include "services/node/rebuild.h"
#include "tests/node/support/office.h"

namespace duban::node {
namespace {

constexpr char kDeputy[] = "persons/shuiwu";  // The water bureau's: no part in the housing bureau's matters.

v1::Delegation Lent(const std::string& name, const std::string& begins, const std::string& ends) {
  v1::Delegation out;
  out.set_name("delegations/" + name);
  out.set_from(kHousing);
  out.set_to(kDeputy);
  if (!begins.empty()) *out.mutable_begins_at() = engine::ToProto(At(begins));
  *out.mutable_ends_at() = engine::ToProto(At(ends));
  out.set_reason("外出培训");
  return out;
}

Reply<Response> Put(Office& office, const std::string& actor, const v1::Delegation& delegation) {
  v1::ApplyDirectoryRequest request;
  request.set_idempotency_key(office.FreshKey());
  *request.add_delegations() = delegation;
  return office.Call(actor, request);
}

void MustPut(Office& office, const std::string& actor, const v1::Delegation& delegation) {
  EXPECT_EQ(Office::Must<v1::ApplyDirectoryResponse>(Put(office, actor, delegation)).changed(), 1);
}

void PutPost(Office& office, const std::string& name, const std::string& unit, const std::vector<std::string>& holders,
             const std::vector<std::string>& areas = {}) {
  v1::ApplyDirectoryRequest request;
  request.set_idempotency_key(office.FreshKey());
  v1::Post& post = *request.add_posts();
  post.set_name(name);
  post.set_title(name);
  post.set_unit(unit);
  for (const std::string& holder : holders) {
    post.add_holders(holder);
    v1::Person& person = *request.add_persons();
    person.set_name(holder);
    person.set_title(holder);
  }
  for (const std::string& area : areas) post.add_areas(area);
  Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, request));
}

// "2026-09-02 09:00 DelegationBegan": what happened to delegations, with the instant at which it was recorded.
std::vector<std::string> Happened(Office& office, const std::string& viewer) {
  std::vector<std::string> out;
  for (const v1::EventRecord& record : office.Events(viewer)) {
    const v1::Event& event = record.event();
    const char* what = event.has_delegation_put()     ? "put"
                       : event.has_delegation_began() ? "began"
                       : event.has_delegation_ended() ? "ended"
                                                      : nullptr;
    if (what == nullptr) continue;
    out.push_back(absl::StrCat(engine::Zone(8 * 3600).Format(engine::FromProto(record.recorded_at())), " ", what, " ",
                               record.stream().substr(12)));
  }
  return out;
}

bool Sees(Office& office, const std::string& viewer, const std::string& name) {
  v1::GetCaseRequest request;
  request.set_case_(name);
  return std::holds_alternative<v1::GetCaseResponse>(office.node().GetCase(viewer, request));
}

std::vector<std::string> AlertsOf(Office& office, const std::string& viewer) {
  std::vector<std::string> out;
  const v1::ListAlertsResponse page = Office::MustRead(office.node().ListAlerts(viewer, {}));
  for (const v1::Alert& alert : page.alerts()) out.push_back(alert.clock() + "." + alert.rung());
  std::sort(out.begin(), out.end());
  return out;
}

int InboxOf(Office& office, const std::string& viewer) {
  return Office::MustRead(office.node().ListWorklist(viewer, {})).items_size();
}

std::vector<bool> HoldsOf(Office& office, const std::string& viewer) {
  const v1::ListDelegationsResponse listed = Office::MustRead(office.node().ListDelegations(viewer, {}));
  return {listed.holds().begin(), listed.holds().end()};
}

using Strings = std::vector<std::string>;

TEST(Delegations, BeginAndEndAtTheirOwnInstantsOnAVirtualClock) {
  Office office;
  const std::string order = office.Open("units/zhujian", "裸土未覆盖").case_();
  MustPut(office, kHousing, Lent("a", "2026-09-07 08:30", "2026-09-11 18:00"));
  EXPECT_FALSE(Sees(office, kDeputy, order));
  office.Advance(At("2026-09-07 08:29"));
  EXPECT_FALSE(Sees(office, kDeputy, order));
  EXPECT_EQ(HoldsOf(office, kDeputy), std::vector<bool>{false});

  EXPECT_EQ(office.Advance(At("2026-09-07 08:30")).fired(), 0) << "rungs and moves are counted, not beginnings";
  EXPECT_TRUE(Sees(office, kDeputy, order));
  EXPECT_EQ(HoldsOf(office, kDeputy), std::vector<bool>{true});
  EXPECT_EQ(InboxOf(office, kDeputy), 1) << "what waits for the other waits for him";
  office.Act(kDeputy, order, "acknowledge");

  office.Advance(At("2026-09-11 18:00"));
  EXPECT_TRUE(Sees(office, kDeputy, order)) << "the last moment still belongs to it";
  office.Advance(At("2026-09-12 09:00"));
  EXPECT_FALSE(Sees(office, kDeputy, order));
  EXPECT_EQ(InboxOf(office, kDeputy), 0);
  EXPECT_EQ(ReasonOf(office.Call(kDeputy, office.Submission(order))), "CASE_NOT_FOUND");
  EXPECT_EQ(Happened(office, kDeputy),
            (Strings{"2026-09-01 09:00 put a", "2026-09-07 08:30 began a", "2026-09-11 18:00 ended a"}));
}

TEST(Delegations, BothNamesStandInTheCasesHistoryAndTimeline) {
  Office office;
  const std::string order = office.Open("units/zhujian", "裸土未覆盖").case_();
  MustPut(office, kHousing, Lent("a", "", "2026-09-11 18:00"));
  office.Act(kDeputy, order, "acknowledge");
  int acts = 0;
  for (const v1::EventRecord& record : office.Events(kSupervisor, order)) {
    if (!record.event().has_action_taken()) continue;
    ++acts;
    EXPECT_EQ(record.event().action_taken().person(), kDeputy);
    EXPECT_EQ(record.event().action_taken().on_behalf_of(), kHousing);
    EXPECT_EQ(record.event().action_taken().post(), "posts/zhujian-chengban");
  }
  EXPECT_EQ(acts, 1);
  v1::QueryViewRequest timeline;
  timeline.set_view(v1::VIEW_TIMELINE);
  (*timeline.mutable_filter()->mutable_labels())["case"] = order;
  int lines = 0;
  const v1::QueryViewResponse shown = Office::MustRead(office.node().QueryView(kSupervisor, timeline));
  for (const v1::ViewRow& row : shown.rows()) {
    if (row.entry().kind() != "action") continue;
    ++lines;
    EXPECT_EQ(row.entry().person(), kDeputy);
    EXPECT_EQ(row.entry().on_behalf_of(), kHousing);
  }
  EXPECT_EQ(lines, 1);
}

TEST(Delegations, EverybodyDelegatesHisOwnDutiesAndTakesThemBack) {
  Office office;
  v1::Delegation own = Lent("a", "", "2026-09-11 18:00");
  EXPECT_EQ(ReasonOf(Put(office, kDeputy, own)), "RIGHT_REQUIRED") << "not for others";
  EXPECT_EQ(ReasonOf(Put(office, kSupervisor, own)), "RIGHT_REQUIRED");
  MustPut(office, kHousing, own);
  own.set_ended(true);
  EXPECT_EQ(ReasonOf(Put(office, kSupervisor, own)), "RIGHT_REQUIRED");
  MustPut(office, kHousing, own);
  EXPECT_EQ(HoldsOf(office, kHousing), std::vector<bool>{false});
  // Nobody has to keep what he was given: what the other may never decide he may not either while he stands in.
  v1::Delegation given = Lent("given", "", "2026-09-11 18:00");
  v1::Delegation invented = Lent("invented", "", "2026-09-11 18:00");
  invented.set_ended(true);
  EXPECT_EQ(ReasonOf(Put(office, kDeputy, invented)), "RIGHT_REQUIRED") << "there is nothing to give back";
  MustPut(office, kHousing, given);
  given.set_ended(true);
  MustPut(office, kDeputy, given);
  EXPECT_EQ(HoldsOf(office, kHousing), (std::vector<bool>{false, false}));
  MustPut(office, kOperatorPerson, Lent("b", "", "2026-09-11 18:00"));
  // Nothing else rides along with one's own duties.
  v1::ApplyDirectoryRequest more;
  more.set_idempotency_key("more");
  *more.add_delegations() = Lent("c", "", "2026-09-11 18:00");
  v1::Person& person = *more.add_persons();
  person.set_name(kHousing);
  person.set_title("改名");
  EXPECT_EQ(ReasonOf(office.Call(kHousing, more)), "RIGHT_REQUIRED");
  // A file may bring persons and what they delegate together.
  person.set_name("persons/new");
  more.mutable_delegations(0)->set_to("persons/new");
  EXPECT_EQ(Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, more)).changed(), 2);
  // The same call again gives the same answer, begun or not.
  EXPECT_EQ(Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, more)).changed(), 2);
}

TEST(Delegations, OnceGivenBackAreNotPressedOnSomebodyAgainByTheSameHandWhileTheirTimeLasts) {
  Office office;
  v1::Delegation given = Lent("given", "", "2026-09-11 18:00");
  MustPut(office, kHousing, given);
  given.set_ended(true);
  MustPut(office, kDeputy, given);
  // Neither that one nor another: it would bind him against his will.
  given.set_ended(false);
  EXPECT_EQ(ReasonOf(Put(office, kHousing, given)), "DELEGATION_FIXED");
  EXPECT_EQ(ReasonOf(Put(office, kHousing, Lent("again", "", "2026-09-20 18:00"))), "DELEGATION_GIVEN_BACK");
  EXPECT_EQ(ReasonOf(Put(office, kHousing, Lent("later", "2026-09-10 09:00", "2026-09-20 18:00"))),
            "DELEGATION_GIVEN_BACK");
  office.Restart();
  EXPECT_EQ(ReasonOf(Put(office, kHousing, Lent("again", "", "2026-09-20 18:00"))), "DELEGATION_GIVEN_BACK");
  EXPECT_EQ(HoldsOf(office, kDeputy), std::vector<bool>{false});
  // To somebody else he may; and who keeps the directory may assign it.
  v1::Delegation other = Lent("other", "", "2026-09-11 18:00");
  other.set_to(kReviewer);
  MustPut(office, kHousing, other);
  MustPut(office, kOperatorPerson, Lent("assigned", "", "2026-09-03 18:00"));
  // Once its time is over it is another matter.
  office.Advance(At("2026-09-11 18:01"));
  MustPut(office, kHousing, Lent("again", "", "2026-09-20 18:00"));
  // What the giver himself ended he may give again.
  v1::Delegation taken = Lent("again", "", "2026-09-20 18:00");
  taken.set_ended(true);
  MustPut(office, kHousing, taken);
  MustPut(office, kHousing, Lent("once-more", "", "2026-09-20 18:00"));
}

TEST(Delegations, AreKnownToTheTwoAndToThoseWhoKeepTheDirectoryAlone) {
  Office office;
  v1::WatchEventsRequest from_now;
  auto watching = Office::MustRead(office.node().WatchEvents(kReviewer, from_now, [] {}));
  MustPut(office, kHousing, Lent("a", "2026-09-07 08:30", "2026-09-11 18:00"));
  office.Advance(At("2026-09-12 09:00"));
  for (const char* other : {kReviewer, kSupervisor}) {
    EXPECT_EQ(Happened(office, other), Strings());
    EXPECT_EQ(Office::MustRead(office.node().ListDelegations(other, {})).delegations_size(), 0);
    v1::ReadEventsRequest stream;
    stream.set_stream("delegations/a");
    EXPECT_EQ(ReasonOf(office.node().ReadEvents(other, stream)), "STREAM_NOT_FOUND");
  }
  v1::WatchEventsResponse message;
  while (watching->Next(&message) == EventStream::Step::kMessage) EXPECT_EQ(message.events_size(), 0);
  for (const char* knows : {kHousing, kDeputy, kAuditor, kOperatorPerson}) {
    EXPECT_EQ(Happened(office, knows).size(), 3u) << knows;
    EXPECT_EQ(Office::MustRead(office.node().ListDelegations(knows, {})).delegations_size(), 1) << knows;
  }
  // A page ends at a visible one, and is the last when nothing visible follows.
  v1::Delegation other = Lent("b", "", "2026-09-18 18:00");
  other.set_from(kSupervisor);
  other.set_to(kReviewer);
  MustPut(office, kOperatorPerson, other);
  v1::ListDelegationsRequest one;
  one.set_page_size(1);
  EXPECT_EQ(Office::MustRead(office.node().ListDelegations(kHousing, one)).next_page_token(), "");
  const v1::ListDelegationsResponse first = Office::MustRead(office.node().ListDelegations(kAuditor, one));
  ASSERT_NE(first.next_page_token(), "");
  one.set_page_token(first.next_page_token());
  EXPECT_EQ(Office::MustRead(office.node().ListDelegations(kAuditor, one)).delegations(0).name(), "delegations/b");
}

TEST(Delegations, StreamsOfWhoStandsInFollowTheirBeginningAndTheirEnd) {
  Office office;
  const std::string order = office.Open("units/zhujian", "裸土未覆盖").case_();
  for (const v1::View view : {v1::VIEW_LEDGER, v1::VIEW_WORKLIST}) {
    v1::WatchViewRequest request;
    request.set_view(view);
    request.set_min_interval_ms(0);
    int woken = 0;
    auto stream = Office::MustRead(office.node().WatchView(kDeputy, request, [&] { ++woken; }));
    // Rows held, and why the stream began anew.
    const auto drain = [&] {
      int rows = -1;
      std::string resets;
      v1::WatchViewResponse message;
      while (stream->Next(&message) == ViewStream::Step::kMessage) {
        if (message.has_reset()) resets += message.reset().reason();
        if (message.has_mark()) rows = static_cast<int>(message.mark().item_count());
      }
      return absl::StrCat(resets, " ", rows);
    };
    EXPECT_EQ(drain(), " 0");
    v1::Delegation lent = Lent(absl::StrCat("v", view), "", "2026-12-31 18:00");
    MustPut(office, kHousing, lent);
    EXPECT_GT(woken, 0);
    EXPECT_EQ(drain(), "SCOPE_CHANGED 1");
    lent.set_ended(true);
    MustPut(office, kHousing, lent);
    EXPECT_EQ(drain(), "SCOPE_CHANGED 0");
    stream.reset();
  }
  EXPECT_FALSE(Sees(office, kDeputy, order));
}

TEST(Delegations, OutliveARestartAndARebuildAndGoOnWhereTheyWere) {
  Office office;
  const std::string order = office.Open("units/zhujian", "裸土未覆盖").case_();
  MustPut(office, kHousing, Lent("a", "", "2026-09-11 18:00"));
  MustPut(office, kHousing, Lent("b", "2026-09-14 08:30", "2026-09-18 18:00"));
  v1::Delegation over = Lent("c", "", "2026-09-11 18:00");
  MustPut(office, kHousing, over);
  over.set_ended(true);
  MustPut(office, kHousing, over);
  EXPECT_EQ(HoldsOf(office, kDeputy), (std::vector<bool>{true, false, false}));
  office.Restart();
  EXPECT_EQ(HoldsOf(office, kDeputy), (std::vector<bool>{true, false, false}));
  EXPECT_TRUE(Sees(office, kDeputy, order));
  over.set_ended(false);
  EXPECT_EQ(ReasonOf(Put(office, kHousing, over)), "DELEGATION_FIXED");

  // Rows and timers follow from the log alone.
  const auto derived = DeriveRows(office.store());
  ASSERT_TRUE(derived.ok()) << derived.status();
  int armed = 0;
  for (const store::TimerChange& timer : derived->timers) {
    armed += timer.name.find("delegations/") == std::string::npos ? 0 : 1;
  }
  EXPECT_EQ(armed, 2);

  office.Advance(At("2026-09-15 09:00"));
  EXPECT_EQ(HoldsOf(office, kDeputy), (std::vector<bool>{false, true, false}));
  office.Restart();
  office.Advance(At("2026-09-19 09:00"));
  EXPECT_EQ(HoldsOf(office, kDeputy), (std::vector<bool>{false, false, false}));
  EXPECT_FALSE(Sees(office, kDeputy, order));
}

TEST(Delegations, AfterDowntimeAllThatWasDueHappensInOrder) {
  Office office({.virtual_clock = false});
  MustPut(office, kHousing, Lent("later", "2026-09-04 08:30", "2026-09-08 18:00"));
  MustPut(office, kHousing, Lent("sooner", "2026-09-03 08:30", "2026-09-09 18:00"));
  office.clock().Set(At("2026-09-10 09:00"));
  office.Restart();
  // Any command is answered after what was due; the two have begun and ended in the order of their instants.
  office.Open("units/zhujian", "裸土未覆盖");
  while (Happened(office, kHousing).size() < 6) std::this_thread::yield();
  Strings names;
  for (const std::string& line : Happened(office, kHousing)) names.push_back(line.substr(17));
  EXPECT_EQ(names, (Strings{"put later", "put sooner", "began sooner", "began later", "ended later", "ended sooner"}));
  for (const v1::EventRecord& record : office.Events(kHousing, "delegations/later")) {
    if (record.event().has_delegation_ended()) {
      EXPECT_EQ(engine::FromProto(record.event().delegation_ended().at()), At("2026-09-08 18:00") + engine::kTick);
      EXPECT_EQ(engine::FromProto(record.recorded_at()), At("2026-09-10 09:00"));
    }
  }
}

TEST(Delegations, WhoActsAfterTheEndIsRefusedThoughNoTimerHasComeToIt) {
  // Given a writer that works only when it is told to, on real time.
  Office office({.virtual_clock = false});
  const std::string order = office.Open("units/zhujian", "裸土未覆盖").case_();
  MustPut(office, kHousing, Lent("a", "", "2026-09-01 18:00"));
  MustPut(office, kHousing, Lent("b", "2026-09-02 08:00", "2026-09-02 18:00"));
  office.options().own_thread = false;
  office.Restart();
  const auto ask = [&](const std::string& key) {
    v1::ActOnCaseRequest act = office.Action(order, "acknowledge");
    act.set_idempotency_key(key);
    act.set_validate_only(true);
    std::string reason = "?";
    office.node().Submit(kDeputy, act, [&](Reply<Response> reply) { reason = ReasonOf(reply); });
    office.node().Pump();
    return reason;
  };
  EXPECT_EQ(ask("1"), "");
  office.clock().Set(At("2026-09-01 18:00") + engine::kTick);
  EXPECT_EQ(ask("2"), "CASE_NOT_FOUND");
  office.clock().Set(At("2026-09-02 08:00"));
  EXPECT_EQ(ask("3"), "");
  office.clock().Set(At("2026-09-02 19:00"));
  EXPECT_EQ(ask("4"), "CASE_NOT_FOUND");
}

TEST(Posts, DutiesGoToANewHolderAtOnceAndHistoryKeepsTheEarlierName) {
  Office office;
  const std::string order = office.Open("units/zhujian", "裸土未覆盖", "2026-09-18").case_();
  office.Act(kHousing, order, "acknowledge");
  office.Advance(At("2026-09-21 09:00"));
  ASSERT_FALSE(AlertsOf(office, kHousing).empty());
  const size_t events = office.Events(kAuditor, order).size();
  const Strings alerts = AlertsOf(office, kHousing);
  v1::WatchViewRequest request;
  request.set_view(v1::VIEW_LEDGER);
  request.set_min_interval_ms(0);
  auto stream = Office::MustRead(office.node().WatchView(kHousing, request, [] {}));
  v1::WatchViewResponse message;
  while (stream->Next(&message) == ViewStream::Step::kMessage) {
  }

  PutPost(office, "posts/zhujian-chengban", "units/zhujian", {"persons/new"});
  EXPECT_EQ(AlertsOf(office, "persons/new"), alerts);
  EXPECT_EQ(InboxOf(office, "persons/new"), 1);
  EXPECT_EQ(AlertsOf(office, kHousing), Strings());
  EXPECT_EQ(InboxOf(office, kHousing), 0);
  EXPECT_FALSE(Sees(office, kHousing, order));
  ASSERT_EQ(stream->Next(&message), ViewStream::Step::kMessage);
  EXPECT_EQ(message.reset().reason(), "SCOPE_CHANGED");
  EXPECT_EQ(office.Events(kAuditor, order).size(), events) << "nothing in the case is rewritten";
  Office::Must<v1::ActOnCaseResponse>(office.Call("persons/new", office.Submission(order)));
  Strings persons;
  for (const v1::EventRecord& record : office.Events(kSupervisor, order)) {
    if (record.event().has_action_taken()) persons.push_back(record.event().action_taken().person());
  }
  EXPECT_EQ(persons, (Strings{kHousing, "persons/new"}));
}

constexpr char kTold[] = R"yaml(
procedure: told
title: {zh: 转办, en: Told}
may_open: [office]
parties:
  office: {kind: unit, title: {zh: 交办单位, en: Office}}
  other:  {kind: unit, title: {zh: 承办单位, en: Other}}
fields: {matter: {title: {zh: 事项, en: Matter}, type: text, required: true}}
stages:
  open:
    title: {zh: 办理, en: Open}
    actions:
      hide: {title: {zh: 转内部, en: Hide}, by: office, to: inside}
      end: {title: {zh: 办结, en: End}, by: other, to: done}
  inside:
    title: {zh: 内部, en: Inside}
    sees: [office]
    actions: {close: {title: {zh: 办结, en: Close}, by: office, to: done}}
  done: {title: {zh: 已办结, en: Done}, end: done}
clocks:
  answer: {title: {zh: 办理时限, en: Answer}, from: open, until: done, budget: 3 days, charged_to: other, ladder: lateness}
ladders:
  lateness: [{at: 1 days, raise: urge, title: {zh: 催办, en: Urge}, tell: [other.head]}]
)yaml";

TEST(Vacancies, OverdueMattersReachThoseAboveUntilAHeadIsFound) {
  Office office;
  v1::ApplyDirectoryRequest directory;
  directory.set_idempotency_key("above");
  v1::Unit& city = *directory.add_units();
  city.set_name("units/shi");
  city.set_title("市政府");
  city.set_head("posts/shizhang");
  v1::Post& mayor = *directory.add_posts();
  mayor.set_name("posts/shizhang");
  mayor.set_title("市长");
  mayor.set_unit("units/shi");
  mayor.add_holders("persons/shizhang");
  mayor.set_scope(v1::SCOPE_SUBTREE);
  v1::Person& person = *directory.add_persons();
  person.set_name("persons/shizhang");
  person.set_title("市长");
  v1::Unit& housing = *directory.add_units();
  housing.set_name("units/zhujian");
  housing.set_title("住房和城乡建设局");
  housing.set_code("住建");
  housing.add_superiors("units/shi");
  housing.set_head("posts/zhujian-juzhang");
  v1::Post& head = *directory.add_posts();
  head.set_name("posts/zhujian-juzhang");
  head.set_title("住建局局长");
  head.set_unit("units/zhujian");
  Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, directory));

  // Given a matter whose ladder tells the head alone; what units are told those above see by their scope.
  office.Publish("told", kTold);
  const auto open = [&] {
    const v1::OpenCaseRequest matter = office.Matter("told", "units/zhujian", "事项");
    return Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, matter)).case_();
  };
  const std::string first = open();
  office.Advance(At("2026-09-10 09:00"));
  EXPECT_EQ(AlertsOf(office, "persons/shizhang"), (Strings{"answer.due", "answer.urge@1d"}));
  EXPECT_EQ(AlertsOf(office, kHousing), Strings{"answer.due"}) << "those beside the missing are not told";
  EXPECT_EQ(InboxOf(office, "persons/shizhang"), 0) << "what he may not do does not wait for him";

  // When a head is found: what has been told stays told, and his own is what fires from now on.
  PutPost(office, "posts/zhujian-juzhang", "units/zhujian", {"persons/juzhang"});
  EXPECT_EQ(AlertsOf(office, "persons/juzhang"), (Strings{"answer.due", "answer.urge@1d"}));
  const std::string second = open();
  office.Advance(At("2026-09-20 09:00"));
  EXPECT_EQ(AlertsOf(office, "persons/juzhang"),
            (Strings{"answer.due", "answer.due", "answer.urge@1d", "answer.urge@1d"}));
  EXPECT_EQ(AlertsOf(office, "persons/shizhang"), (Strings{"answer.due", "answer.due", "answer.urge@1d"}));
  // With the matter it goes; and hidden from the unit it is hidden from those above.
  office.Act("persons/juzhang", first, "end");
  EXPECT_EQ(AlertsOf(office, "persons/shizhang"), Strings{"answer.due"});
  office.Act(kSupervisor, second, "hide");
  EXPECT_EQ(AlertsOf(office, "persons/shizhang"), Strings());
}

TEST(Vacancies, WhoDoesNotSeeTheMatterIsNotToldOfItNorCounted) {
  Office office;
  v1::ApplyDirectoryRequest directory;
  directory.set_idempotency_key("above");
  v1::Unit& city = *directory.add_units();
  city.set_name("units/shi");
  city.set_title("市政府");
  city.set_head("posts/shizhang");
  v1::Unit& housing = *directory.add_units();
  housing.set_name("units/zhujian");
  housing.set_title("住房和城乡建设局");
  housing.add_superiors("units/shi");
  housing.set_head("posts/zhujian-juzhang");
  for (const auto& [name, unit] :
       {std::pair("posts/shizhang", "units/shi"), {"posts/zhujian-juzhang", "units/zhujian"}}) {
    v1::Post& post = *directory.add_posts();
    post.set_name(name);
    post.set_title(name);
    post.set_unit(unit);
  }
  directory.mutable_posts(0)->add_holders(kReviewer);  // Sees his own unit alone.
  Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, directory));
  const std::string order = office.Open("units/zhujian", "裸土未覆盖", "2026-09-18").case_();
  office.Act(kHousing, order, "acknowledge");
  office.Advance(At("2026-09-21 09:00"));
  for (const v1::EventRecord& record : office.Events(kAuditor, order)) {
    if (record.event().has_rung_fired()) EXPECT_EQ(record.event().rung_fired().rung().instead_size(), 0);
  }
}

TEST(Contacts, AreToldOfTheirAreasAlertsAndOfNoOthersAndActForNobody) {
  Office office;
  office.Publish("told", kTold);
  PutPost(office, "posts/zhujian-juzhang", "units/zhujian", {"persons/juzhang"});
  v1::ApplyDirectoryRequest head;
  head.set_idempotency_key("head");
  v1::Unit& housing = *head.add_units();
  housing.set_name("units/zhujian");
  housing.set_title("住房和城乡建设局");
  housing.set_head("posts/zhujian-juzhang");
  Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, head));
  PutPost(office, "posts/lianxi", "units/ducha", {"persons/lianxi"}, {"units/zhujian"});
  PutPost(office, "posts/lianxi-wai", "units/shenji", {"persons/wai"}, {"units/zhujian"});
  const std::string order =
      Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, office.Matter("told", "units/zhujian", "事项")))
          .case_();
  Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, office.Matter("told", "units/shuiwu", "事项")));
  office.Advance(At("2026-09-10 09:00"));

  // Then the contact from outside is told what unit and head are told, of this unit alone, and may only look.
  EXPECT_EQ(AlertsOf(office, "persons/wai"), (Strings{"answer.due", "answer.urge@1d"}));
  EXPECT_EQ(AlertsOf(office, kHousing), Strings{"answer.due"})
      << "the unit's other people are not told what its head is";
  EXPECT_TRUE(Sees(office, "persons/wai", order));
  EXPECT_EQ(InboxOf(office, "persons/wai"), 0);
  EXPECT_EQ(ReasonOf(office.Call("persons/wai", office.Action(order, "end"))), "NOT_YOUR_PART");
  // A hand-over of the post moves them.
  PutPost(office, "posts/lianxi-wai", "units/shenji", {"persons/next"}, {"units/zhujian"});
  EXPECT_EQ(AlertsOf(office, "persons/wai"), Strings());
  EXPECT_FALSE(Sees(office, "persons/wai", order));
  EXPECT_EQ(AlertsOf(office, "persons/next"), (Strings{"answer.due", "answer.urge@1d"}));
  // What the unit may not see any more its contact may not either.
  office.Act(kSupervisor, order, "hide");
  EXPECT_EQ(AlertsOf(office, "persons/next"), Strings());
  EXPECT_FALSE(Sees(office, "persons/next", order));
}

}  // namespace
}  // namespace duban::node
