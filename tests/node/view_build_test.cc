// A changed view is built beside the old one, which goes on answering, and is swapped in when it has caught up.
#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>

#include "engine/views/tables.h"
#include "services/node/limits.h"
#include "services/node/rebuild.h"
#include "services/node/view_builder.h"
#include "tests/node/support/bent_store.h"
#include "tests/node/support/random_work.h"
#include "tests/node/support/standing.h"
#include "tests/node/support/versions.h"

namespace duban::node {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

v1::ViewDescription Described(Office& office, v1::View view, const std::string& viewer = kOperatorPerson) {
  const v1::ListViewsResponse listed = Office::MustRead(office.node().ListViews(viewer, {}));
  for (const v1::ViewDescription& description : listed.views()) {
    if (description.view() == view) return description;
  }
  return {};
}

bool AllServe(Office& office, uint32_t version) {
  const v1::ListViewsResponse listed = Office::MustRead(office.node().ListViews(kOperatorPerson, {}));
  return std::all_of(listed.views().begin(), listed.views().end(), [&](const v1::ViewDescription& view) {
    return view.version() == version && view.building() == 0;
  });
}

// Rows by which a view could be told from one kept up from the beginning: all but what watches resume by, which says
// under which version each commit was followed.
Rows Comparable(Rows rows) {
  std::erase_if(rows, [](const auto& row) { return row.first.first == static_cast<int>(engine::Table::kChanged); });
  return rows;
}

void ExpectAsKeptFromTheBeginning(Office& office, const ViewList& views) {
  const absl::StatusOr<store::Apply> derived = DeriveRows(office.store(), views);
  ASSERT_TRUE(derived.ok()) << derived.status();
  ExpectSame(Comparable(RowsOf(office.store())), Comparable(RowsOf(*derived)));
}

// Which versions have rows or a mark.
std::set<int> VersionsThere(Office& office) {
  std::set<int> versions;
  for (const auto& [key, value] : RowsOf(office.store())) {
    if (key.first >= static_cast<int>(engine::Table::kViewRow) &&
        key.first <= static_cast<int>(engine::Table::kViewBuild)) {
      versions.insert(static_cast<uint8_t>(key.second[1]));
    }
  }
  return versions;
}

std::set<std::string> Subjects(Office& office) {
  std::set<std::string> subjects;
  const v1::QueryLedgerResponse ledger = office.Ledger(kAuditor);
  for (const v1::LedgerRow& row : ledger.rows()) subjects.insert(row.subject());
  return subjects;
}

// An office without threads: nothing happens but in Pump, so that every moment of a build can be looked at.
class ByHand : public testing::Test {
 protected:
  explicit ByHand(std::shared_ptr<store::Store> store = nullptr, uint64_t seed = 1)
      : office_({.seed = seed, .own_thread = false, .views = &AllAt(1)}, std::move(store)) {
    office_.options().build_slice_commits = 3;
  }

  // The next program.
  void Start(const ViewList& views) {
    views_ = views;
    office_.options().views = &views_;
    office_.Restart();
  }
  void PumpAll() {
    while (office_.node().Pump()) {
    }
  }
  void PumpUntil(const std::function<bool()>& reached) {
    while (!reached()) ASSERT_TRUE(office_.node().Pump());
  }
  uint64_t Built() { return Described(office_, v1::VIEW_LEDGER).built(); }

  ViewList views_;  // Outlives the node.
  Office office_;
};

using ViewBuild = ByHand;

class ViewBuildAnywhere : public ByHand, public testing::WithParamInterface<uint64_t> {
 protected:
  ViewBuildAnywhere() : ByHand(nullptr, GetParam()) {}
};

// Twenty seeds of fifty builds: a thousand places at which a version begins, is swapped in, and goes on.
TEST_P(ViewBuildAnywhere, EndsEqualToInlineUpdating) {
  std::mt19937_64 random(GetParam());
  for (uint32_t version = 2; version <= 51; ++version) {
    // Given work at random, and a program with the next version of every view.
    WorkAtRandom(office_, random(), static_cast<int>(random() % 6));
    office_.options().build_slice_commits = 1 + random() % 40;
    office_.options().random = SeededRandom(random());
    Start(Both(AllAt(version - 1), AllAt(version)));
    // When work goes on while it is built, which a restart may cut short.
    for (uint64_t turns = random() % 12; turns > 0; --turns) office_.node().Pump();
    if (random() % 4 == 0) office_.Restart();
    WorkAtRandom(office_, random(), static_cast<int>(random() % 4));
    PumpAll();
    WorkAtRandom(office_, random(), static_cast<int>(random() % 2));
    // Then every row of the workspace is what it would be had the new versions been there from the beginning, and of
    // the old ones nothing is left.
    ASSERT_TRUE(AllServe(office_, version));
    ASSERT_NO_FATAL_FAILURE(ExpectAsKeptFromTheBeginning(office_, AllAt(version))) << "version " << version;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ViewBuildAnywhere, testing::Range<uint64_t>(1, 21));

TEST_F(ViewBuild, TheOldVersionAnswersUntilTheSwap) {
  // Given orders, and a program that words their subjects anew and still knows the old words.
  office_.Open("units/zhujian", "甲");
  office_.Open("units/shuiwu", "乙");
  Start(Both(AllAt(1), AllAt(2, "新：")));
  // When it is built, with commands between.
  uint64_t built = 0;
  int turns = 0;
  while (Described(office_, v1::VIEW_LEDGER).version() == 1) {
    // Then the old version answers, what a command did is in it at once, and the building goes on.
    EXPECT_THAT(Subjects(office_), testing::Each(testing::Not(StartsWith("新："))));
    const v1::ViewDescription now = Described(office_, v1::VIEW_LEDGER);
    EXPECT_EQ(now.building(), 2u);
    EXPECT_GE(now.built(), built);
    EXPECT_LE(now.built(), now.commits());
    built = now.built();
    if (turns++ == 2) {
      office_.Open("units/zhujian", "丙");
      EXPECT_EQ(Subjects(office_).count("丙"), 1u);
    }
    ASSERT_TRUE(office_.node().Pump());
  }
  EXPECT_GT(turns, 3);
  // And the new one from one moment on.
  EXPECT_THAT(Subjects(office_), ElementsAre("新：丙", "新：乙", "新：甲"));
  EXPECT_EQ(Described(office_, v1::VIEW_LEDGER).building(), 0u);
  office_.Open("units/zhujian", "丁");
  EXPECT_EQ(Subjects(office_).count("新：丁"), 1u);
  // And in the end the old rows are gone.
  PumpAll();
  EXPECT_THAT(VersionsThere(office_), ElementsAre(2));
}

TEST_F(ViewBuild, AWatchBeginsAnewAtTheSwapAndMissesNothing) {
  office_.Open("units/zhujian", "甲");
  Start(Both(AllAt(1), AllAt(2, "新：")));
  // Given somebody who watches the ledger while it is built.
  v1::WatchViewRequest request;
  request.set_view(v1::VIEW_LEDGER);
  request.set_min_interval_ms(0);
  const auto watch = Office::MustRead(office_.node().WatchView(kAuditor, request, [] {}));
  std::vector<std::string> told;
  const auto pull = [&] {
    v1::WatchViewResponse message;
    while (watch->Next(&message) == ViewStream::Step::kMessage) {
      if (message.has_reset()) told.push_back(message.reset().reason());
      for (const auto& change : message.changes().changes()) told.push_back(change.ledger().subject());
    }
  };
  pull();
  EXPECT_THAT(told, ElementsAre("甲"));
  // When an order comes meanwhile.
  office_.Open("units/zhujian", "乙");
  pull();
  EXPECT_THAT(told, ElementsAre("甲", "乙"));
  // And the new version is swapped in.
  PumpAll();
  pull();
  // Then the watcher is told so, and gets everything as it stands.
  EXPECT_THAT(told, ElementsAre("甲", "乙", "VIEW_REBUILT", "新：乙", "新：甲"));
}

TEST_F(ViewBuild, ANewViewAnswersOnlyWhenItIsComplete) {
  // Given a workspace that knew no registers and no timeline.
  ViewList few;
  for (const engine::View* view : AllAt(1)) {
    const v1::View number = view->definition().number;
    if (number != v1::VIEW_REGISTERS && number != v1::VIEW_TIMELINE) few.push_back(view);
  }
  Start(few);
  PumpAll();
  const std::string name = office_.Open("units/zhujian", "甲").case_();
  // When a program comes that has them.
  Start(AllAt(1));
  v1::QueryViewRequest request;
  request.set_view(v1::VIEW_TIMELINE);
  (*request.mutable_filter()->mutable_labels())["case"] = name;
  const auto query = [&] { return office_.node().QueryView(kAuditor, request); };
  // Then they refuse until they are complete; the others answer.
  PumpUntil([&] {
    if (Described(office_, v1::VIEW_TIMELINE).version() == 1) return true;
    EXPECT_EQ(ReasonOf(query()), "VIEW_BUILDING");
    EXPECT_EQ(office_.Ledger(kAuditor).rows_size(), 1);
    return false;
  });
  EXPECT_GT(Office::MustRead(query()).rows_size(), 0);
  PumpAll();
  ExpectAsKeptFromTheBeginning(office_, AllAt(1));
}

TEST_F(ViewBuild, ARestartGoesOnFromTheMark) {
  WorkAtRandom(office_, 7, 60);
  Start(Both(AllAt(1), AllAt(2)));
  PumpUntil([&] { return Built() >= 30; });
  const uint64_t built = Built();
  const uint64_t rows = VersionsThere(office_).size();
  EXPECT_EQ(rows, 2u);
  // When the node is started again in the middle.
  office_.Restart();
  PumpUntil([&] { return Built() > 0; });
  // Then it has not begun anew.
  EXPECT_GE(Built(), built);
  PumpAll();
  ASSERT_TRUE(AllServe(office_, 2));
  ExpectAsKeptFromTheBeginning(office_, AllAt(2));
}

TEST_F(ViewBuild, ADeletionThatWasCutShortIsGoneOnWith) {
  // Given more rows than one step deletes.
  for (int i = 0; i < 70; ++i) office_.Open("units/zhujian", absl::StrCat("问题", i));
  Start(Both(AllAt(1), AllAt(2)));
  office_.options().build_slice_commits = 1000;
  office_.Restart();
  PumpUntil([&] { return AllServe(office_, 2); });
  const size_t rows = RowsOf(office_.store()).size();
  ASSERT_TRUE(office_.node().Pump());
  EXPECT_LT(RowsOf(office_.store()).size(), rows);
  EXPECT_THAT(VersionsThere(office_), ElementsAre(1, 2));
  // When the node is started again in the middle of the deletion, and even knows the old version.
  office_.Restart();
  // Then the rest goes, and the old version stays dead.
  PumpAll();
  EXPECT_TRUE(AllServe(office_, 2));
  EXPECT_THAT(VersionsThere(office_), ElementsAre(2));
  ExpectAsKeptFromTheBeginning(office_, AllAt(2));
}

TEST_F(ViewBuild, AProgramThatLacksAVersionRemovesIt) {
  WorkAtRandom(office_, 3, 30);
  // Given a new version that serves.
  Start(Both(AllAt(1), AllAt(2)));
  PumpAll();
  ASSERT_TRUE(AllServe(office_, 2));
  // When the program before is started again: it cannot keep the new version up.
  Start(AllAt(1));
  EXPECT_EQ(ReasonOf(office_.node().QueryLedger(kAuditor, {})), "VIEW_BUILDING");
  EXPECT_EQ(Described(office_, v1::VIEW_LEDGER).building(), 1u);
  // Then it builds its own and leaves nothing of the other.
  PumpAll();
  ASSERT_TRUE(AllServe(office_, 1));
  EXPECT_THAT(VersionsThere(office_), ElementsAre(1));
  WorkAtRandom(office_, 4, 10);
  ExpectAsKeptFromTheBeginning(office_, AllAt(1));
  // And the new program, coming back, builds beside as it did the first time.
  Start(Both(AllAt(1), AllAt(2)));
  EXPECT_EQ(Described(office_, v1::VIEW_LEDGER).version(), 1u);
  PumpAll();
  ASSERT_TRUE(AllServe(office_, 2));
  ExpectAsKeptFromTheBeginning(office_, AllAt(2));
}

TEST_F(ViewBuild, AVersionGivenUpHalfBuiltIsRemoved) {
  WorkAtRandom(office_, 5, 30);
  Start(Both(AllAt(1), AllAt(2)));
  PumpUntil([&] { return Built() >= 10; });
  // When a yet newer program comes before the version was complete.
  Start(Both(AllAt(1), AllAt(3)));
  PumpAll();
  EXPECT_TRUE(AllServe(office_, 3));
  EXPECT_THAT(VersionsThere(office_), ElementsAre(3));
  ExpectAsKeptFromTheBeginning(office_, AllAt(3));
}

TEST_F(ViewBuild, AViewThatNoProgramHasAnyMoreIsRemoved) {
  office_.Open("units/zhujian", "甲");
  Start({AllAt(1).begin(), AllAt(1).begin() + 3});
  PumpAll();
  EXPECT_EQ(Described(office_, v1::VIEW_UNITS).name(), "");
  ExpectAsKeptFromTheBeginning(office_, views_);
}

TEST_F(ViewBuild, OnlyWhoMayCountTheLogIsToldHowFarItIs) {
  Start(Both(AllAt(1), AllAt(2)));
  PumpUntil([&] { return Built() >= 3; });
  for (const char* viewer : {kAuditor, kOperatorPerson}) {
    EXPECT_GT(Described(office_, v1::VIEW_LEDGER, viewer).built(), 0u);
    EXPECT_EQ(Described(office_, v1::VIEW_LEDGER, viewer).commits(), office_.store().head());
  }
  const v1::ViewDescription described = Described(office_, v1::VIEW_LEDGER, kHousing);
  EXPECT_EQ(described.built(), 0u);
  EXPECT_EQ(described.commits(), 0u);
  EXPECT_EQ(described.building(), 2u);
  EXPECT_GT(described.labels_size(), 0);
}

class ViewBuildTrouble : public ByHand {
 protected:
  ViewBuildTrouble() : ViewBuildTrouble(std::make_shared<BentStore>()) {}
  explicit ViewBuildTrouble(std::shared_ptr<BentStore> store) : ByHand(store), store_(std::move(store)) {}

  // The old version answers and commands are taken; the reason can be read.
  void ExpectServing(const std::string& reason) {
    office_.Open("units/zhujian", office_.FreshKey());
    EXPECT_EQ(static_cast<size_t>(office_.Ledger(kAuditor).rows_size()), ++opened_);
    EXPECT_THAT(Described(office_, v1::VIEW_LEDGER).trouble(), HasSubstr(reason));
    EXPECT_THAT(Described(office_, v1::VIEW_LEDGER, kHousing).trouble(), IsEmpty());
    EXPECT_EQ(Described(office_, v1::VIEW_LEDGER).version(), 1u);
  }
  void ExpectMended() {
    PumpAll();
    EXPECT_TRUE(AllServe(office_, 2));
    EXPECT_THAT(Described(office_, v1::VIEW_LEDGER).trouble(), IsEmpty());
    ExpectAsKeptFromTheBeginning(office_, AllAt(2));
  }

  const std::shared_ptr<BentStore> store_;
  size_t opened_ = 0;
};

TEST_F(ViewBuildTrouble, ARecordThatCannotBeReadLeavesTheNodeServing) {
  Start(Both(AllAt(1), AllAt(2)));
  PumpUntil([&] { return Built() == 3; });
  store_->before_record = [](store::Position) { return absl::DataLossError("扇区坏了 a bad sector"); };
  PumpAll();
  ExpectServing("a bad sector");
  PumpAll();
  ExpectServing("a bad sector");
  EXPECT_EQ(Built(), 3u);
  store_->before_record = nullptr;
  ExpectMended();
}

TEST_F(ViewBuildTrouble, AWriteBesideThatFailsIsMadeAgain) {
  Start(Both(AllAt(1), AllAt(2)));
  PumpUntil([&] { return Built() == 3; });
  store_->before_beside = [](const auto&) { return absl::ResourceExhaustedError("磁盘已满 the disk is full"); };
  PumpAll();
  ExpectServing("the disk is full");
  store_->before_beside = nullptr;
  ExpectMended();
}

TEST_F(ViewBuildTrouble, ADeletionThatFailsIsMadeAgain) {
  // Given rows, and a disk that takes no deletion of the old ones.
  office_.Open("units/zhujian", "甲");
  store_->before_beside = [](const std::vector<store::RowChange>& rows) {
    const bool deletes = std::any_of(rows.begin(), rows.end(),
                                     [](const store::RowChange& row) { return row.deleted && row.key[1] == '\1'; });
    return deletes ? absl::ResourceExhaustedError("磁盘已满 the disk is full") : absl::OkStatus();
  };
  Start(Both(AllAt(1), AllAt(2)));
  PumpAll();
  // Then the new version serves all the same, and the old rows wait.
  EXPECT_TRUE(AllServe(office_, 2));
  office_.Open("units/zhujian", "乙");
  EXPECT_THAT(VersionsThere(office_), ElementsAre(1, 2));
  store_->before_beside = nullptr;
  ExpectMended();
}

TEST_F(ViewBuildTrouble, ASwapThatCannotBeWrittenStopsTheWriterAndChangesNothing) {
  office_.Open("units/zhujian", "甲");
  Start(Both(AllAt(1), AllAt(2, "新：")));
  store_->before_write = [](const store::Append&) { return absl::UnknownError("写盘失败 the write failed"); };
  PumpAll();
  // As after any failed write: reads go on, commands do not.
  EXPECT_THAT(office_.node().Writable().ToString(), HasSubstr("the write failed"));
  EXPECT_THAT(Subjects(office_), ElementsAre("甲"));
  EXPECT_THAT(Described(office_, v1::VIEW_LEDGER).trouble(), HasSubstr("the write failed"));
  // And after a restart the swap is made.
  store_->before_write = nullptr;
  office_.Restart();
  PumpAll();
  EXPECT_THAT(Subjects(office_), ElementsAre("新：甲"));
  ExpectAsKeptFromTheBeginning(office_, views_);
}

// Builds version 2 of all views with threads, as in a server. While a slice that has caught up is written, so many
// commands come, the first `times_max` times; how often that was.
int BuildWhileCommandsCome(size_t slice_commits, size_t commands, int times_max) {
  const auto store = std::make_shared<BentStore>();
  Office office({.views = &AllAt(1)}, store);
  const ViewList views = Both(AllAt(1), AllAt(2));
  office.options().views = &views;
  office.options().build_slice_commits = slice_commits;
  office.node().Shutdown();
  std::atomic<int> times{0};
  std::atomic<bool> open{false};  // The node may build before it is known by name here.
  store->before_beside = [&](const std::vector<store::RowChange>& rows) {
    duban::state::v1::ViewBuild mark;
    if (times == times_max || rows.empty() || !mark.ParseFromString(rows.back().value) ||
        mark.built() != store->head()) {
      return absl::OkStatus();
    }
    ++times;
    open.wait(false);
    for (size_t i = 0; i < commands; ++i) office.Open("units/zhujian", "甲");
    return absl::OkStatus();
  };
  office.Restart();
  open = true;
  open.notify_all();
  std::mutex mu;
  std::condition_variable changed;
  bool woken = false;
  v1::WatchViewRequest request;
  request.set_view(v1::VIEW_LEDGER);
  {
    const auto watch = Office::MustRead(office.node().WatchView(kAuditor, request, [&] {
      std::lock_guard<std::mutex> lock(mu);
      woken = true;
      changed.notify_one();
    }));
    while (!AllServe(office, 2)) {
      std::unique_lock<std::mutex> lock(mu);
      changed.wait(lock, [&] { return std::exchange(woken, false); });
    }
  }
  office.node().Shutdown();
  const absl::StatusOr<store::Apply> derived = DeriveRows(*store, AllAt(2));
  EXPECT_TRUE(derived.ok());
  if (!derived.ok()) return times;
  Rows rows = Comparable(RowsOf(*store));
  std::erase_if(rows, [](const auto& row) { return row.first.first >= 30 && row.first.second[1] == '\1'; });
  ExpectSame(rows, Comparable(RowsOf(*derived)));
  return times;
}

TEST(ViewBuildThreads, ABatchOfMoreThanASliceIsHandedOverAllTheSame) {
  // However long that goes on: the first hand-over takes what has come.
  EXPECT_EQ(BuildWhileCommandsCome(/*slice_commits=*/2, /*commands=*/65, /*times_max=*/3), 1);
}

TEST(ViewBuildThreads, ALogThatGrowsByMoreThanCanBeHandedOverIsFollowedFurther) {
  // The sequencer never takes over more than that, and nothing is missing.
  EXPECT_EQ(BuildWhileCommandsCome(/*slice_commits=*/100, limits::kHandOverCommits + 1, /*times_max=*/1), 1);
}

}  // namespace
}  // namespace duban::node
