// Who sees what: nothing that a viewer reads, counts, watches or is refused depends on what is hidden from him.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <regex>

#include "tests/node/support/office.h"

namespace duban::node {
namespace {

// All that a person can get out of a node, as one text; random names by order of appearance.
class Protocol {
 public:
  void Note(const std::string& what, const google::protobuf::Message& message) {
    absl::StrAppend(&text_, "## ", what, "\n", message.DebugString());
  }
  template <typename T>
  void Note(const std::string& what, const Reply<T>& reply) {
    if (const auto* value = std::get_if<T>(&reply)) {
      if constexpr (std::is_same_v<T, Response>) {
        std::visit([&](const auto& response) { Note(what, response); }, *value);
      } else {
        Note(what, *value);
      }
    } else if (const auto* rejection = std::get_if<engine::Rejection>(&reply)) {
      absl::StrAppend(&text_, "## ", what, "\n", rejection->reason, rejection->message.DebugString());
      for (const auto& [key, value] : rejection->facts) absl::StrAppend(&text_, key, "=", value, "\n");
    } else {
      absl::StrAppend(&text_, "## ", what, "\n", std::get<absl::Status>(reply).ToString(), "\n");
    }
  }

  std::string Normal() const {
    static const std::regex kRandom(
        "cases/[a-z0-9]{13}|(position|resume_token|page_token): \"([^\"]*)\"|(set_digest): [0-9]+");
    std::map<std::string, std::string> names;
    std::string out, rest = text_;
    for (std::smatch match; std::regex_search(rest, match, kRandom); rest = match.suffix()) {
      out += match.prefix();
      out += match[3].matched   ? match[3].str()
             : match[1].matched ? absl::StrCat(match[1].str(), ": ", match[2].length(), " bytes")
                                : names.emplace(match.str(), absl::StrCat("case-", names.size() + 1)).first->second;
    }
    return out + rest;
  }

 private:
  std::string text_;
};

// The same weeks, with or without matters of the water bureau; what the housing bureau sees of them.
class Weeks {
 public:
  explicit Weeks(bool others) : others_(others) {}

  std::string Play() {
    v1::WatchEventsRequest events;
    events.set_beginning(true);
    auto event_watch = Office::MustRead(office_.node().WatchEvents(kHousing, events, [] {}));
    v1::WatchViewRequest view;
    view.set_view(v1::VIEW_LEDGER);
    view.set_min_interval_ms(0);
    auto view_watch = Office::MustRead(office_.node().WatchView(kHousing, view, [] {}));
    view.set_view(v1::VIEW_ALERTS);
    auto alert_watch = Office::MustRead(office_.node().WatchView(kHousing, view, [] {}));
    const auto drain = [&](const std::string& when) {
      v1::WatchEventsResponse event;
      while (event_watch->Next(&event) == EventStream::Step::kMessage) protocol_.Note(when + ": watched", event);
      v1::WatchViewResponse row;
      for (ViewStream* stream : {view_watch.get(), alert_watch.get()}) {
        while (stream->Next(&row) == ViewStream::Step::kMessage) {
          // Changes of one message come in the order of names, which are random.
          if (!row.has_changes()) {
            protocol_.Note(when + ": row", row);
            continue;
          }
          auto& changes = *row.mutable_changes()->mutable_changes();
          std::sort(changes.begin(), changes.end(),
                    [](const auto& a, const auto& b) { return Subject(a) < Subject(b); });
          protocol_.Note(when + ": row", row);
        }
      }
    };
    Other([&] { other_ = office_.Open("units/shuiwu", "排口未截污", "2026-09-18").case_(); });
    drain("hidden opening");
    const std::string mine = office_.Open("units/zhujian", "裸土未覆盖", "2026-09-18").case_();
    for (int i = 0; i < 5; ++i) {
      Other([&] { office_.Open("units/shuiwu", absl::StrCat("别处", i), "2026-09-30"); });
      office_.Open("units/zhujian", absl::StrCat("此处", i), "2026-09-30");
    }
    drain("opened");
    LookAt("opened");
    office_.Act(kHousing, mine, "acknowledge");
    Other([&] { office_.Act(kWater, other_, "acknowledge"); });
    drain("received");
    office_.Advance(At("2026-09-22 09:00"));
    drain("overdue");
    LookAt("overdue");
    Office::Must<v1::ActOnCaseResponse>(office_.Call(kHousing, office_.Submission(mine)));
    office_.Act(kReviewer, mine, "accept");
    Other([&] {
      Office::Must<v1::ActOnCaseResponse>(office_.Call(kWater, office_.Submission(other_)));
      office_.Act(kReviewer, other_, "accept");
    });
    // Both close by themselves, and look-backs open that neither visited unit sees.
    office_.Advance(At("2026-10-20 09:00"));
    drain("closed");
    LookAt("closed");
    for (int i = 0; i < 30; ++i) {
      Other([&] { office_.Open("units/shuiwu", absl::StrCat("末尾", i)); });
    }
    drain("nothing of mine");
    LookAt("the end");
    Probe();
    return protocol_.Normal();
  }

 private:
  template <typename F>
  void Other(F f) {
    if (others_) f();
  }

  static std::string Subject(const v1::WatchViewResponse::Change& change) {
    return change.ledger().subject() + change.alert().subject() + change.alert().rung();
  }

  void LookAt(const std::string& when) {
    Node& node = office_.node();
    v1::QueryLedgerRequest ledger;
    ledger.set_page_size(3);
    for (int page = 0; page < 10; ++page) {
      const Reply<v1::QueryLedgerResponse> answer = node.QueryLedger(kHousing, ledger);
      protocol_.Note(when + ": ledger", answer);
      ledger.set_page_token(std::get<v1::QueryLedgerResponse>(answer).next_page_token());
      if (ledger.page_token().empty()) break;
    }
    for (const char* light : {"green", "yellow", "red"}) {
      v1::QueryLedgerRequest by_light;
      by_light.mutable_filter()->set_light(light);
      protocol_.Note(when + ": " + light, node.QueryLedger(kHousing, by_light));
    }
    v1::QueryLedgerRequest foreign;
    foreign.mutable_filter()->set_party("units/shuiwu");
    protocol_.Note(when + ": the other's", node.QueryLedger(kHousing, foreign));
    protocol_.Note(when + ": worklist", node.ListWorklist(kHousing, {}));
    protocol_.Note(when + ": alerts", node.ListAlerts(kHousing, {}));
    v1::ReadEventsRequest events;
    events.set_page_size(7);
    for (int page = 0; page < 100; ++page) {
      const Reply<v1::ReadEventsResponse> answer = node.ReadEvents(kHousing, events);
      protocol_.Note(when + ": events", answer);
      events.set_page_token(std::get<v1::ReadEventsResponse>(answer).next_page_token());
      if (events.page_token().empty()) break;
    }
    auto replay = Office::MustRead(node.Replay(kHousing, {}, [] {}));
    v1::ReplayResponse step;
    while (replay->Next(&step) == ReplayStream::Step::kMessage) protocol_.Note(when + ": replay", step);
  }

  // Asks for what is hidden in one world and not there in the other.
  void Probe() {
    Node& node = office_.node();
    const std::string hidden = others_ ? other_ : "cases/bbbbbbbbbbbbb";
    for (const std::string& name : {hidden, std::string("交办〔2026〕水务1号")}) {
      v1::GetCaseRequest get;
      get.set_case_(name);
      protocol_.Note("probe: get", node.GetCase(kHousing, get));
      get.mutable_as_of()->set_date("2026-09-10");
      protocol_.Note("probe: get then", node.GetCase(kHousing, get));
      v1::ReadEventsRequest read;
      read.set_stream(name);
      protocol_.Note("probe: events", node.ReadEvents(kHousing, read));
      v1::WatchEventsRequest watch;
      watch.set_stream(name);
      auto refused = node.WatchEvents(kHousing, watch, [] {});
      ASSERT_TRUE(std::holds_alternative<engine::Rejection>(refused));
      protocol_.Note("probe: watch", Reply<v1::Text>(std::get<engine::Rejection>(refused)));
      v1::ReplayRequest replay;
      replay.set_stream(name);
      auto not_replayed = node.Replay(kHousing, replay, [] {});
      ASSERT_TRUE(std::holds_alternative<engine::Rejection>(not_replayed));
      protocol_.Note("probe: replay", Reply<v1::Text>(std::get<engine::Rejection>(not_replayed)));
      for (const char* action : {"acknowledge", "comment", "no_such_action"}) {
        v1::ActOnCaseRequest act = office_.Action(name, action);
        act.set_expected_revision(3);
        protocol_.Note("probe: act", office_.Call(kHousing, act));
      }
    }
    v1::OpenCaseRequest not_mine = office_.Order("units/shuiwu", "越权");
    Office::Bind(not_mine, "issuer", "units/ducha");
    protocol_.Note("probe: open", office_.Call(kHousing, not_mine));
  }

  const bool others_;
  Office office_;
  std::string other_;
  Protocol protocol_;
};

TEST(Visibility, TwoUnitsLearnNothingOfEachOther) {
  const std::string alone = Weeks(false).Play();
  const std::string beside = Weeks(true).Play();
  EXPECT_GT(alone.size(), 20'000u);
  // Long texts: show where they part.
  const auto parted = std::mismatch(alone.begin(), alone.end(), beside.begin(), beside.end());
  const size_t at = static_cast<size_t>(parted.first - alone.begin());
  EXPECT_EQ(alone == beside, true) << "they part at\n"
                                   << alone.substr(at < 300 ? 0 : at - 300, 600) << "\n--- beside ---\n"
                                   << beside.substr(at < 300 ? 0 : at - 300, 600);
}

TEST(Visibility, TheVisitedLearnsOfALookBackOnlyWithTheFeedback) {
  Office office;
  const std::string order = office.Open("units/zhujian", "裸土未覆盖", "2026-09-18").case_();
  office.Act(kHousing, order, "acknowledge");
  Office::Must<v1::ActOnCaseResponse>(office.Call(kHousing, office.Submission(order)));
  office.Act(kReviewer, order, "accept");
  office.Advance(At("2026-09-20 09:00"));
  v1::QueryLedgerRequest lookbacks;
  lookbacks.mutable_filter()->set_procedure("lookback");
  const v1::QueryLedgerResponse seen = office.Ledger(kSupervisor, lookbacks);
  ASSERT_EQ(seen.rows_size(), 1);
  const std::string lookback = seen.rows(0).case_();
  EXPECT_EQ(office.Ledger(kHousing, lookbacks).total_size(), 0);
  EXPECT_EQ(office.Show(kSupervisor, lookback).parent(), order);

  // When feedback is given the visited sees the case from now on, and of its past only what was open to it then.
  v1::ActOnCaseRequest visit = office.Action(lookback, "visit");
  Office::SetField(visit.mutable_fields(), "findings")->set_text("现场情况");
  Office::Must<v1::ActOnCaseResponse>(office.Call(kSupervisor, visit));
  office.Act(kSupervisor, lookback, "report");
  EXPECT_EQ(office.Ledger(kHousing, lookbacks).total_size(), 1);
  EXPECT_EQ(office.Show(kHousing, lookback).stage(), "feedback");
  for (const v1::EventRecord& record : office.Events(kHousing, lookback)) {
    EXPECT_FALSE(record.event().has_case_opened()) << "it could not see the opening then";
  }
  v1::GetCaseRequest then;
  then.set_case_(lookback);
  then.mutable_as_of()->set_date("2026-09-19");
  EXPECT_EQ(ReasonOf(office.node().GetCase(kHousing, then)), "CASE_NOT_FOUND_THEN");
}

// A case that is open to both at first and then to the office alone.
constexpr char kWithdrawn[] = R"(procedure: withdrawn
title: {zh: 收回, en: Withdrawn}
may_open: [office]
subject: matter
parties:
  office: {kind: unit, title: {zh: 经办单位, en: Office}}
  other:  {kind: unit, title: {zh: 相关单位, en: Other}}
fields:
  matter: {title: {zh: 事项, en: Matter}, type: text, required: true}
stages:
  shared:
    title: {zh: 共同办理, en: Shared}
    no_deadline: 测试
    actions:
      close_off: {title: {zh: 收回, en: Close off}, by: office, to: alone}
  alone:
    title: {zh: 单独办理, en: Alone}
    sees: [office]
    no_deadline: 测试
    actions:
      finish: {title: {zh: 办结, en: Finish}, by: office, to: done}
  done: {title: {zh: 已办结, en: Done}, end: done, sees: [office]}
)";

TEST(Visibility, WhatIsHiddenNowIsHiddenInItsPastToo) {
  Office office;
  office.Publish("withdrawn", kWithdrawn);
  const v1::OpenCaseRequest request = office.Matter("withdrawn", "units/zhujian", "事项");
  const std::string name = Office::Must<v1::OpenCaseResponse>(office.Call(kSupervisor, request)).case_();
  v1::WatchViewRequest view;
  view.set_view(v1::VIEW_LEDGER);
  view.set_min_interval_ms(0);
  auto watch = Office::MustRead(office.node().WatchView(kHousing, view, [] {}));
  v1::WatchViewResponse message;
  std::vector<v1::WatchViewResponse::Change> changes;
  const auto drain = [&] {
    changes.clear();
    while (watch->Next(&message) == ViewStream::Step::kMessage) {
      changes.insert(changes.end(), message.changes().changes().begin(), message.changes().changes().end());
    }
  };
  drain();
  EXPECT_EQ(changes.size(), 1u);
  const std::string before = office.Events(kHousing, name).back().position();
  const size_t seen = office.Events(kHousing).size();
  // When it is closed off.
  office.Act(kSupervisor, name, "close_off");
  // Then nothing of it is left for the other: not the row, not its past, not what he was shown once.
  drain();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].key(), name);
  EXPECT_EQ(changes[0].row_case(), v1::WatchViewResponse::Change::ROW_NOT_SET);
  EXPECT_LT(office.Events(kHousing).size(), seen);
  for (const v1::EventRecord& record : office.Events(kHousing)) EXPECT_NE(record.stream(), name);
  v1::ReadEventsRequest read;
  read.set_stream(name);
  EXPECT_EQ(ReasonOf(office.node().ReadEvents(kHousing, read)), "STREAM_NOT_FOUND");
  v1::GetCaseRequest get;
  get.set_case_(name);
  get.mutable_as_of()->set_position(before);
  EXPECT_EQ(ReasonOf(office.node().GetCase(kHousing, get)), "CASE_NOT_FOUND");
  EXPECT_EQ(office.Ledger(kHousing).total_size(), 0);
  EXPECT_EQ(office.Show(kSupervisor, name).stage(), "alone");
}

TEST(Visibility, PositionsAreOpaqueAndOnlyAuditorsSeeNumbers) {
  Office office;
  const v1::OpenCaseResponse opened = office.Open("units/zhujian", "x");
  for (const v1::EventRecord& record : office.Events(kHousing)) {
    EXPECT_FALSE(record.has_log_position());
    EXPECT_EQ(record.position().size(), 22u);
  }
  EXPECT_TRUE(office.Events(kAuditor).back().has_log_position());
  // A made-up position is refused, a true one works.
  v1::GetCaseRequest get;
  get.set_case_(opened.case_());
  get.mutable_as_of()->set_position("AAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_EQ(ReasonOf(office.node().GetCase(kHousing, get)), "UNKNOWN_POSITION");
  get.mutable_as_of()->set_position(opened.position());
  EXPECT_EQ(Office::MustRead(office.node().GetCase(kHousing, get)).case_().stage(), "issued");
}

TEST(Visibility, APageTokenIsBoundToItsViewerItsMethodAndItsFilter) {
  Office office;
  for (int i = 0; i < 5; ++i) office.Open("units/zhujian", absl::StrCat("第", i, "件"));
  v1::QueryLedgerRequest request;
  request.set_page_size(2);
  const v1::QueryLedgerResponse first = office.Ledger(kHousing, request);
  request.set_page_token(first.next_page_token());
  EXPECT_EQ(office.Ledger(kHousing, request).rows_size(), 2);
  // Another page size is the same query.
  request.set_page_size(3);
  EXPECT_EQ(office.Ledger(kHousing, request).rows_size(), 3);
  EXPECT_EQ(ReasonOf(office.node().QueryLedger(kSupervisor, request)), "FOREIGN_PAGE_TOKEN");
  v1::ListAlertsRequest alerts;
  alerts.set_page_token(first.next_page_token());
  EXPECT_EQ(ReasonOf(office.node().ListAlerts(kHousing, alerts)), "FOREIGN_PAGE_TOKEN");
  request.mutable_filter()->set_stage("issued");
  EXPECT_EQ(ReasonOf(office.node().QueryLedger(kHousing, request)), "FOREIGN_PAGE_TOKEN");
  request.clear_filter();
  request.set_page_token("nonsense");
  EXPECT_EQ(ReasonOf(office.node().QueryLedger(kHousing, request)), "FOREIGN_PAGE_TOKEN");
}

TEST(Visibility, PagesShowEachRowOnceWhateverTheirSize) {
  Office office;
  for (int i = 0; i < 23; ++i) office.Open(i % 2 ? "units/zhujian" : "units/shuiwu", absl::StrCat("第", i, "件"));
  for (int size : {1, 2, 7, 22, 23, 24}) {
    v1::QueryLedgerRequest request;
    request.set_page_size(size);
    std::vector<std::string> subjects;
    do {
      const v1::QueryLedgerResponse page = office.Ledger(kSupervisor, request);
      EXPECT_EQ(page.total_size(), 23);
      for (const v1::LedgerRow& row : page.rows()) subjects.push_back(row.subject());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    ASSERT_EQ(subjects.size(), 23u) << "page size " << size;
    for (int i = 0; i < 23; ++i) EXPECT_EQ(subjects[static_cast<size_t>(i)], absl::StrCat("第", 22 - i, "件"));
  }
}

TEST(Visibility, AChangeOfPostsChangesWhatIsSeenWithoutTouchingARow) {
  Office office;
  office.Open("units/shuiwu", "排口未截污");
  EXPECT_EQ(office.Ledger(kHousing).total_size(), 0);
  // When the housing clerk also gets the water bureau's post.
  v1::ApplyDirectoryRequest directory;
  directory.set_idempotency_key("both");
  const v1::ListPostsResponse posts = Office::MustRead(office.node().ListPosts(kHousing, {}));
  for (const v1::Post& post : posts.posts()) {
    if (post.name() == "posts/shuiwu-chengban") *directory.add_posts() = post;
  }
  directory.mutable_posts(0)->add_holders(kHousing);
  Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, directory));
  EXPECT_EQ(office.Ledger(kHousing).total_size(), 1);
}

TEST(Visibility, TheWorkspacesOwnStreamIsForOperatorsAndAuditors) {
  Office office;
  office.Advance(At("2026-09-02 09:00"));
  v1::ReadEventsRequest request;
  request.set_stream("workspace");
  EXPECT_EQ(ReasonOf(office.node().ReadEvents(kHousing, request)), "STREAM_NOT_FOUND");
  EXPECT_EQ(office.Events(kAuditor, "workspace").size(), 2u);
  EXPECT_EQ(office.Events(kOperatorPerson, "workspace").size(), 2u);
  // The directory is everybody's.
  EXPECT_EQ(office.Events(kHousing, "units/shuiwu").size(), 1u);
}

TEST(Visibility, RelationsAreShownToThoseWhoKeepOrAuditThemAlone) {
  Office office;
  v1::ApplyDirectoryRequest request;
  request.set_idempotency_key("relations");
  v1::Relation& relation = *request.add_relations();
  relation.set_name("relations/a");
  relation.set_kind("kin");
  relation.set_from(kSupervisor);
  relation.set_to(kWater);
  // Given a commit that also changes what everybody sees.
  v1::Person& person = *request.add_persons();
  person.set_name(kHousing);
  person.set_title("住建经办人");
  v1::WatchEventsRequest from_now;
  auto watching = Office::MustRead(office.node().WatchEvents(kHousing, from_now, [] {}));
  EXPECT_EQ(Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, request)).changed(), 2);

  // Then both ends and all others get that change, and nothing of the relation.
  v1::ReadEventsRequest stream;
  stream.set_stream("relations/a");
  for (const char* other : {kSupervisor, kWater, kHousing}) {
    for (const v1::EventRecord& record : office.Events(other)) {
      EXPECT_FALSE(record.event().has_relation_put());
      EXPECT_EQ(record.stream().rfind("relations/", 0), std::string::npos);
    }
    EXPECT_EQ(office.Events(other, kHousing).size(), 2u);
    EXPECT_EQ(ReasonOf(office.node().ReadEvents(other, stream)), "STREAM_NOT_FOUND");
    EXPECT_EQ(ReasonOf(office.node().ListRelations(other, {})), "RIGHT_REQUIRED");
  }
  v1::WatchEventsResponse message;
  int watched = 0;
  while (watching->Next(&message) == EventStream::Step::kMessage) {
    for (const v1::EventRecord& record : message.events()) {
      ++watched;
      EXPECT_TRUE(record.event().has_person_put());
    }
  }
  EXPECT_EQ(watched, 1);
  for (const char* keeper : {kAuditor, kOperatorPerson}) {
    EXPECT_EQ(office.Events(keeper, "relations/a").size(), 1u);
    const v1::ListRelationsResponse listed = Office::MustRead(office.node().ListRelations(keeper, {}));
    ASSERT_EQ(listed.relations_size(), 1);
    EXPECT_EQ(listed.relations(0).SerializeAsString(), relation.SerializeAsString());
  }
  // Put again as it is, it changes nothing; and it outlives a restart.
  request.set_idempotency_key("again");
  EXPECT_EQ(Office::Must<v1::ApplyDirectoryResponse>(office.Call(kOperatorPerson, request)).changed(), 0);
  watching.reset();
  office.Restart();
  EXPECT_EQ(Office::MustRead(office.node().ListRelations(kAuditor, {})).relations_size(), 1);
}

TEST(Visibility, TokensNameTheirPersonUntilTheyEnd) {
  Office office;
  v1::IssueTokenRequest request;
  request.set_person(kHousing);
  request.set_days(10);
  const v1::IssueTokenResponse issued = Office::MustRead(office.node().IssueToken(kOperatorPerson, request));
  EXPECT_EQ(*office.node().Authenticate(issued.token()), kHousing);
  std::string forged = issued.token();
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  forged[10] = forged[10] == 'A' ? 'B' : 'A';
  EXPECT_EQ(office.node().Authenticate(forged).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(office.node().Authenticate("").status().code(), absl::StatusCode::kUnauthenticated);
  office.clock().Set(At("2026-09-11 09:00"));
  EXPECT_EQ(office.node().Authenticate(issued.token()).status().code(), absl::StatusCode::kUnauthenticated);
  request.set_person("persons/nobody");
  EXPECT_EQ(ReasonOf(office.node().IssueToken(kOperatorPerson, request)), "PERSON_NOT_FOUND");
  request.set_person(kHousing);
  request.set_days(366);
  EXPECT_EQ(ReasonOf(office.node().IssueToken(kOperatorPerson, request)), "OUT_OF_BOUNDS");
}

}  // namespace
}  // namespace duban::node
