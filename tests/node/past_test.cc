// The past of lists: what QueryView answers as of some time is what stood then, less what the viewer may not see today;
// whether it is read from what is kept, or made again from the log; after a crash too.
#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <set>

#include "duban/state/v1/rows.pb.h"
#include "engine/views/tables.h"
#include "services/node/limits.h"
#include "tests/node/support/bent_store.h"
#include "tests/node/support/journal.h"
#include "tests/node/support/life.h"

namespace duban::node {
namespace {

using duban::state::v1::ViewEntry;
using engine::Table;
using testing::ElementsAre;

v1::ViewFilter Filter(std::vector<std::pair<std::string, std::string>> labels) {
  v1::ViewFilter filter;
  for (const auto& [name, value] : labels) (*filter.mutable_labels())[name] = value;
  return filter;
}

struct Question {
  v1::View view;
  v1::ViewFilter filter;
};

std::vector<Question> Questions(Life& life) {
  return {{v1::VIEW_LEDGER, {}},
          {v1::VIEW_LEDGER, Filter({{"light", "red"}})},
          {v1::VIEW_LEDGER, Filter({{"procedure", "lookback"}})},
          {v1::VIEW_LEDGER, Filter({{"party", "units/shuiwu"}, {"state", "open"}})},
          {v1::VIEW_ALERTS, {}},
          {v1::VIEW_WORKLIST, {}},
          {v1::VIEW_REGISTERS, {}},
          {v1::VIEW_TIMELINE, Filter({{"case", life.cases()[life.Pick(life.cases().size())]}})}};
}

// Asks at random and compares with what stood. Returns how many rows were compared.
size_t AskAtRandom(Life& life, int times, std::set<v1::PastAnswer::Source>* sources) {
  size_t rows = 0;
  const std::vector<store::Position> recorded = life.Times();
  for (int i = 0; i < times; ++i) {
    const store::Position commits = recorded[life.Pick(recorded.size())];
    const std::string& viewer = kViewers[life.Pick(kViewers.size())];
    const std::vector<Question> questions = Questions(life);
    const Question& asked = questions[life.Pick(questions.size())];
    SCOPED_TRACE(absl::StrCat(viewer, " asks for ", v1::View_Name(asked.view), " after ", commits, " commits"));
    const v1::AsOf as_of = life.AsOf(commits);
    v1::PastAnswer::Source source = v1::PastAnswer::SOURCE_UNSPECIFIED;
    const int page_size = 1 + static_cast<int>(life.Pick(9));
    const Listed listed = life.Query(viewer, asked.view, asked.filter, &as_of, page_size, &source);
    EXPECT_EQ(listed, life.Expected(viewer, asked.view, asked.filter, commits));
    if (testing::Test::HasFailure()) return rows;
    sources->insert(source);
    rows += listed.size();
  }
  return rows;
}

class PastTest : public testing::TestWithParam<uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, PastTest, testing::Values(1, 2, 3));

constexpr int kSteps = 300;

TEST_P(PastTest, AsOfShowsWhatStoodThenLessWhatIsHiddenToday) {
  Life life(GetParam(), kSteps);
  std::set<v1::PastAnswer::Source> sources;
  EXPECT_GT(AskAtRandom(life, 300, &sources), 300u);
  EXPECT_THAT(sources, ElementsAre(v1::PastAnswer::SOURCE_KEPT));
}

TEST_P(PastTest, AsOfIsWhatTheSameViewerWasAnsweredThen) {
  Life life(GetParam(), kSteps);
  int compared = 0;
  size_t rows = 0;
  for (const store::Position commits : life.Times()) {
    const v1::AsOf as_of = life.AsOf(commits);
    for (const auto& [asked, answered] : life.Answered(commits)) {
      const auto& [viewer, number] = asked;
      const auto view = static_cast<v1::View>(number);
      if (life.Pick(6) != 0 || life.IdsThen(viewer, commits) != life.IdsNow(viewer)) continue;
      SCOPED_TRACE(absl::StrCat(viewer, " asks for ", v1::View_Name(view), " after ", commits, " commits"));
      ASSERT_EQ(life.Query(viewer, view, {}, &as_of, 50), life.StillSeen(viewer, view, commits, answered));
      ++compared;
      rows += answered.size();
    }
  }
  EXPECT_GT(compared, 200);
  EXPECT_GT(rows, 200u);
}

TEST_P(PastTest, BeforeTheHorizonTheLogIsReadAgainAndSaysTheSame) {
  Life life(GetParam(), kSteps);
  life.office().options().past_kept = 40;
  life.office().Restart();
  std::set<v1::PastAnswer::Source> sources;
  EXPECT_GT(AskAtRandom(life, 60, &sources), 60u);
  EXPECT_TRUE(sources.count(v1::PastAnswer::SOURCE_SCRATCH) == 1);
}

TEST_P(PastTest, AfterACrashThatLostWhatWasKeptLastItIsMadeAgain) {
  auto store = std::make_shared<Journal>();
  Life life(GetParam(), kSteps, store);
  life.office().node().Shutdown();
  const size_t beside = store->written_beside();
  ASSERT_GT(beside, 3u);
  // Given that anything from all to nothing of it was lost.
  for (const size_t kept : {beside, beside - 1, beside / 2, size_t{0}}) {
    SCOPED_TRACE(kept);
    life.office().Close();
    life.office().Reopen(store->Kept(kept));
    // When asked right away, or when it is mended.
    std::set<v1::PastAnswer::Source> sources;
    AskAtRandom(life, 40, &sources);
    ASSERT_FALSE(HasFailure());
    life.office().Open("units/zhujian", "重启之后");
  }
}

TEST_P(PastTest, BeyondTheMarkTheLogIsReadAgainAndSaysTheSame) {
  // Given that from the middle on nothing can be kept, and that the history goes on.
  auto store = std::make_shared<Journal>();
  Life life(GetParam(), kSteps, store, [&](Life& so_far, int step) {
    if (step != kSteps / 2) return;
    so_far.WaitUntilKept();
    store->RefuseBeside();
  });
  // Then both halves can be had.
  std::set<v1::PastAnswer::Source> sources;
  EXPECT_GT(AskAtRandom(life, 60, &sources), 60u);
  EXPECT_THAT(sources, ElementsAre(v1::PastAnswer::SOURCE_KEPT, v1::PastAnswer::SOURCE_SCRATCH));
}

TEST_P(PastTest, CountsOfThePastAreThoseOfTheCasesThatMayBeSeenToday) {
  Life life(GetParam(), kSteps);
  const std::vector<store::Position> recorded = life.Times();
  int64_t counted = 0;
  for (int i = 0; i < 60; ++i) {
    const store::Position commits = recorded[life.Pick(recorded.size())];
    const std::string& viewer = kViewers[life.Pick(kViewers.size())];
    SCOPED_TRACE(absl::StrCat(viewer, " after ", commits, " commits"));
    const v1::AsOf as_of = life.AsOf(commits);
    int64_t expected = 0, expected_open = 0;
    for (const auto& [cell, count] : life.ExpectedCounts(viewer, v1::VIEW_METRICS, commits)) expected += count;
    for (const auto& [cell, count] : life.ExpectedCounts(viewer, v1::VIEW_UNITS, commits)) {
      if (cell.back() == "open") expected_open += count;
    }
    v1::QueryViewRequest request;
    request.set_view(v1::VIEW_METRICS);
    *request.mutable_as_of() = as_of;
    request.set_page_size(500);
    int64_t sum = 0;
    const auto answered = Office::MustRead(life.office().node().QueryView(viewer, request));
    for (const v1::ViewRow& row : answered.rows()) sum += row.count().count();
    ASSERT_EQ(sum, expected);
    counted += sum;
    request.set_view(v1::VIEW_UNITS);
    int64_t open = 0;
    const auto units = Office::MustRead(life.office().node().QueryView(viewer, request));
    for (const v1::ViewRow& row : units.rows()) open += row.unit().open();
    ASSERT_EQ(open, expected_open);
  }
  EXPECT_GT(counted, 100);
}

TEST_P(PastTest, CompareIsTheDifferenceOfTwoTimes) {
  Life life(GetParam(), kSteps);
  const std::vector<store::Position> recorded = life.Times();
  size_t came = 0, changed = 0, went = 0;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 60; ++i) {
      store::Position from = recorded[life.Pick(recorded.size())], to = recorded[life.Pick(recorded.size())];
      if (from > to) std::swap(from, to);
      const std::string& viewer = kViewers[life.Pick(kViewers.size())];
      const std::vector<Question> questions = Questions(life);
      const Question& asked = questions[life.Pick(questions.size())];
      SCOPED_TRACE(absl::StrCat(viewer, " compares ", v1::View_Name(asked.view), " ", from, " with ", to));
      std::map<std::string, std::pair<std::string, std::string>> expected;
      for (const auto& [key, row] : life.Expected(viewer, asked.view, asked.filter, from)) expected[key].first = row;
      for (const auto& [key, row] : life.Expected(viewer, asked.view, asked.filter, to)) expected[key].second = row;
      for (auto row = expected.begin(); row != expected.end();) {
        row = row->second.first == row->second.second ? expected.erase(row) : std::next(row);
      }
      v1::CompareViewRequest request;
      request.set_view(asked.view);
      *request.mutable_filter() = asked.filter;
      *request.mutable_from() = life.AsOf(from);
      // The last recorded time is now.
      if (to != recorded.back() || life.Pick(2)) *request.mutable_to() = life.AsOf(to);
      request.set_page_size(1 + static_cast<int>(life.Pick(7)));
      std::map<std::string, std::pair<std::string, std::string>> got;
      while (true) {
        const auto page = Office::MustRead(life.office().node().CompareView(viewer, request));
        for (const v1::ViewDifference& one : page.differences()) {
          const bool fresh = got.emplace(one.key(), std::pair(one.has_before() ? one.before().SerializeAsString() : "",
                                                              one.has_after() ? one.after().SerializeAsString() : ""))
                                 .second;
          EXPECT_TRUE(fresh) << one.key() << " came twice";
          came += !one.has_before();
          went += !one.has_after();
          changed += one.has_before() && one.has_after();
        }
        if (page.next_page_token().empty()) break;
        request.set_page_token(page.next_page_token());
      }
      ASSERT_EQ(got, expected);
    }
    // The second round reads one side or both from the log.
    life.office().options().past_kept = 60;
    life.office().Restart();
  }
  EXPECT_GT(came, 20u);
  EXPECT_GT(changed, 20u);
  EXPECT_GT(went, 5u);
}

TEST(Past, OfADateIsTheEndOfThatDayInTheWorkspacesZone) {
  Office office;
  const std::string name = office.Open("units/zhujian", "裸土未覆盖", "2026-09-30").case_();
  office.Advance(At("2026-09-02 23:59"));
  office.Act(kHousing, name, "acknowledge");
  office.Advance(At("2026-09-03 00:00"));
  const auto stage = [&](const std::string& day) -> std::string {
    v1::QueryViewRequest request;
    request.set_view(v1::VIEW_LEDGER);
    request.mutable_as_of()->set_date(day);
    const auto page = Office::MustRead(office.node().QueryView(kHousing, request));
    return page.rows().empty() ? "" : page.rows(0).ledger().stage();
  };
  EXPECT_EQ(stage("2026-08-31"), "");
  EXPECT_EQ(stage("2026-09-01"), "issued");
  EXPECT_EQ(stage("2026-09-02"), "rectifying");
  EXPECT_EQ(stage("2026-09-03"), "rectifying");
}

TEST(Past, DoesNotSayWhenSomethingHappenedElsewhere) {
  Office office;
  office.Open("units/zhujian", "裸土未覆盖", "2026-09-30");
  office.Advance(At("2026-09-02 10:00"));
  office.Open("units/shuiwu", "管网渗漏");
  office.Advance(At("2026-09-02 18:00"));
  v1::QueryViewRequest request;
  request.set_view(v1::VIEW_LEDGER);
  // When the housing bureau asks hour by hour, then nothing in the answers tells of the water bureau's matter.
  std::set<std::string> answers;
  for (absl::Time then = At("2026-09-02 09:00"); then < At("2026-09-02 12:00"); then += absl::Minutes(30)) {
    *request.mutable_as_of()->mutable_instant() = engine::ToProto(then);
    answers.insert(Office::MustRead(office.node().QueryView(kHousing, request)).SerializeAsString());
  }
  EXPECT_EQ(answers.size(), 1u);
  EXPECT_TRUE(Office::MustRead(office.node().QueryView(kHousing, request)).past().position().empty());
  EXPECT_FALSE(Office::MustRead(office.node().QueryView(kAuditor, request)).past().position().empty());
}

TEST(Past, PagesAreOfOneMomentWhateverIsRecordedBetweenThem) {
  Office office;
  for (int i = 0; i < 6; ++i) office.Open("units/zhujian", absl::StrCat("问题", i));
  v1::QueryViewRequest request;
  request.set_view(v1::VIEW_LEDGER);
  request.mutable_as_of()->set_date("2026-09-01");
  request.set_page_size(2);
  const auto first = Office::MustRead(office.node().QueryView(kHousing, request));
  office.Open("units/zhujian", "后来的");
  request.set_page_token(first.next_page_token());
  request.set_page_size(50);
  const auto rest = Office::MustRead(office.node().QueryView(kHousing, request));
  EXPECT_EQ(rest.rows_size(), 4);
  request.clear_page_token();
  EXPECT_EQ(Office::MustRead(office.node().QueryView(kHousing, request)).total_size(), 7);
}

TEST(Past, IsKeptNoFurtherBackThanTheHorizon) {
  Office office;
  office.options().past_kept = 20;
  office.Restart();
  const std::string name = office.Open("units/zhujian", "裸土未覆盖").case_();
  for (int i = 0; i < 80; ++i) {
    v1::ActOnCaseRequest urge = office.Action(name, "urge");
    urge.set_reason("请抓紧");
    Office::Must<v1::ActOnCaseResponse>(office.Call(kSupervisor, urge));
  }
  office.node().Shutdown();
  while (office.node().Pump()) {
  }
  // Then of eighty versions of one row no more than the horizon and a quarter are left.
  const auto kept = [&] {
    int versions = 0;
    EXPECT_TRUE(office.store()
                    .NewSnapshot()
                    ->Scan(static_cast<uint8_t>(Table::kPastRow), engine::ViewPrefix(engine::LedgerView().definition()),
                           "", [&](absl::string_view, absl::string_view) { return ++versions > 0; })
                    .ok());
    return versions;
  };
  EXPECT_GE(kept(), 20);
  EXPECT_LE(kept(), 25);
  const auto views = Office::MustRead(office.node().ListViews(kAuditor, {}));
  EXPECT_FALSE(views.kept_from().empty());
  EXPECT_FALSE(views.kept_to().empty());
}

TEST(Past, APageLooksAtNoMoreThanItsBudgetAndTheNextGoesOnThere) {
  // Given a ledger of forty-five thousand rows, of which every thousandth is what is looked for.
  constexpr int kRows = 45'000;
  auto store = std::make_shared<Journal>();
  Office office({}, store);
  const engine::Definition& ledger = engine::LedgerView().definition();
  const std::string run = engine::ViewIndexRun(ledger, "", "") + engine::KeyText("units/zhujian");
  std::vector<store::RowChange> rows;
  for (int i = 0; i < kRows; ++i) {
    ViewEntry entry;
    entry.add_audience("units/zhujian");
    entry.set_place(engine::KeyNewest(static_cast<uint64_t>(i + 1'000'000)));
    const std::string key = absl::StrCat("cases/", i);
    entry.mutable_row()->set_key(key);
    entry.mutable_row()->mutable_ledger()->set_case_(key);
    entry.mutable_row()->mutable_ledger()->set_subject(i % 1000 == 7 ? "裸土未覆盖" : "其他");
    rows.push_back(
        {static_cast<uint8_t>(Table::kViewRow), engine::ViewPrefix(ledger) + key, entry.SerializeAsString()});
    rows.push_back({static_cast<uint8_t>(Table::kViewIndex), absl::StrCat(run, entry.place(), key), key});
  }
  ASSERT_TRUE(store->WriteBeside(rows).ok());
  office.Open("units/zhujian", "垃圾堆放");
  const std::string position = office.Ledger(kAuditor).position();
  office.Open("units/zhujian", "管网渗漏");
  // When somebody looks for it, now or as of then, by its text, which no index has.
  for (const bool then : {false, true}) {
    v1::QueryViewRequest request;
    request.set_view(v1::VIEW_LEDGER);
    request.mutable_filter()->set_text("裸土");
    if (then) request.mutable_as_of()->set_position(position);
    std::set<std::string> found;
    int short_pages = 0;
    while (true) {
      store->rows_read = store->entries_seen = 0;
      const auto page = Office::MustRead(office.node().QueryView(kHousing, request));
      // Then no page looks at more than the budget and a few that others read meanwhile.
      EXPECT_LE(store->entries_seen, limits::kScanBudget + 64);
      EXPECT_LE(store->rows_read, limits::kScanBudget + 128);
      for (const v1::ViewRow& row : page.rows()) EXPECT_TRUE(found.insert(row.key()).second);
      short_pages += page.budget_reached();
      EXPECT_EQ(page.budget_reached(), !page.next_page_token().empty());
      if (page.next_page_token().empty()) break;
      request.set_page_token(page.next_page_token());
    }
    // And all are found, each once.
    EXPECT_EQ(found.size(), static_cast<size_t>(kRows / 1000));
    EXPECT_EQ(short_pages, 2);
  }
}

TEST(Past, ReadingTheLogAgainEndsWhenNobodyWaitsForItsAnswerAnyMore) {
  // Given a time of which nothing is kept any more, behind more commits than are followed in one go.
  auto store = std::make_shared<BentStore>();
  Office office({}, store);
  const std::string name = office.Open("units/zhujian", "裸土未覆盖").case_();
  std::string then;
  while (store->head() < limits::kRebuildBatchMax + 60) {
    v1::ActOnCaseRequest urge = office.Action(name, "urge");
    urge.set_reason("请抓紧");
    const auto urged = Office::Must<v1::ActOnCaseResponse>(office.Call(kSupervisor, urge));
    if (store->head() <= limits::kRebuildBatchMax + 20) then = urged.position();
  }
  office.options().past_kept = 20;
  office.options().own_thread = false;
  office.Restart();
  while (office.node().Pump()) {
  }
  std::atomic<uint64_t> read{0};
  store->before_record = [&](store::Position) {
    ++read;
    return absl::OkStatus();
  };
  v1::QueryViewRequest request;
  request.set_view(v1::VIEW_LEDGER);
  request.mutable_as_of()->set_position(then);
  // When whoever asked leaves while it is read, then it is read no further.
  int asked = 0;
  const auto left = office.node().QueryView(kAuditor, request, [&] { return ++asked == 2; });
  EXPECT_EQ(CodeOf(left), absl::StatusCode::kCancelled);
  EXPECT_EQ(asked, 2);
  EXPECT_LE(read, limits::kRebuildBatchMax);
  v1::CompareViewRequest compare;
  compare.set_view(v1::VIEW_LEDGER);
  compare.mutable_from()->set_position(then);
  EXPECT_EQ(CodeOf(office.node().CompareView(kAuditor, compare, [] { return true; })), absl::StatusCode::kCancelled);
  // And the next who asks is answered.
  EXPECT_EQ(Office::MustRead(office.node().QueryView(kAuditor, request)).past().source(),
            v1::PastAnswer::SOURCE_SCRATCH);
  office.node().Shutdown();
  store->before_record = nullptr;
}

TEST(Past, WhatCannotBeComparedIsRefused) {
  Office office;
  v1::CompareViewRequest request;
  request.set_view(v1::VIEW_METRICS);
  request.mutable_from()->set_date("2026-09-01");
  EXPECT_EQ(ReasonOf(office.node().CompareView(kAuditor, request)), "VIEW_NOT_COMPARABLE");
  request.set_view(v1::VIEW_LEDGER);
  request.mutable_to()->set_date("2026-08-31");
  EXPECT_EQ(ReasonOf(office.node().CompareView(kAuditor, request)), "TIMES_REVERSED");
  request.mutable_to()->set_date("2026-02-30");
  EXPECT_EQ(ReasonOf(office.node().CompareView(kAuditor, request)), "WRONG_DATE");
  request.clear_to();
  request.set_page_token("AAAA");
  EXPECT_EQ(ReasonOf(office.node().CompareView(kAuditor, request)), "FOREIGN_PAGE_TOKEN");
}

TEST(Past, ViewsSayWhatTheyCanBeFilteredBy) {
  Office office;
  const auto views = Office::MustRead(office.node().ListViews(kHousing, {}));
  ASSERT_EQ(views.views_size(), static_cast<int>(engine::Views().size()));
  const v1::ViewDescription& ledger = views.views(0);
  EXPECT_EQ(ledger.view(), v1::VIEW_LEDGER);
  EXPECT_EQ(ledger.name(), "ledger");
  EXPECT_GE(ledger.version(), 1u);
  EXPECT_THAT(ledger.labels(), testing::Contains("light"));
  EXPECT_THAT(ledger.indexed(), testing::IsSubsetOf(ledger.labels()));
  EXPECT_THAT(ledger.counted(), testing::IsSubsetOf(ledger.labels()));
}

}  // namespace
}  // namespace duban::node
