// What a store promises, whichever it is (store/store.h). MemoryStore is the reference, RocksStore the product.
#include <atomic>
#include <limits>
#include <thread>

#include "store/memory_store.h"
#include "store/rocks_store.h"
#include "tests/store/support.h"

namespace duban::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using Code = absl::StatusCode;

enum class Kind { kMemory, kRocks };

class StoreContract : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    store_.reset();
    if (GetParam() == Kind::kMemory) {
      store_ = NewMemoryStore();
      return;
    }
    auto store = OpenRocksStore(directory_.path() + "/workspace");
    ASSERT_OK(store.status());
    store_ = std::move(*store);
  }

  // One commit with these changes, at the head.
  void Commit(std::vector<RowChange> rows, std::vector<TimerChange> timers = {}) {
    const Position head = store_->head();
    ASSERT_OK(store_->Write(Commits(head, {"commit"}), {head + 1, std::move(rows), std::move(timers)}));
  }

  void CommitStream(const std::string& stream, uint64_t first_revision, uint64_t count) {
    const Position head = store_->head();
    Append append{head, {{Record("commit"), {{stream, first_revision, count}}}}};
    ASSERT_OK(store_->Write(append, {head + 1, {}, {}}));
  }

  TempDir directory_;
  std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, ::testing::Values(Kind::kMemory, Kind::kRocks),
                         [](const auto& info) { return info.param == Kind::kMemory ? "Memory" : "Rocks"; });

// ---- the log

TEST_P(StoreContract, ANewStoreIsEmpty) {
  EXPECT_EQ(store_->head(), 0u);
  EXPECT_EQ(store_->applied(), 0u);
  EXPECT_THAT(AllRecords(*store_), IsEmpty());
  EXPECT_THAT(store_->ReadOne(0).status(), HasCode(Code::kNotFound));
  EXPECT_EQ(store_->NewSnapshot()->applied(), 0u);
}

TEST_P(StoreContract, CommitsGetDensePositionsInOrder) {
  ASSERT_OK(store_->Write(Commits(0, {"a", "b"}), {2, {}, {}}));
  ASSERT_OK(store_->Write(Commits(2, {"c"}), {3, {}, {}}));

  EXPECT_EQ(store_->head(), 3u);
  EXPECT_EQ(store_->applied(), 3u);
  EXPECT_THAT(AllRecords(*store_), ElementsAre(Record("a"), Record("b"), Record("c")));
  EXPECT_THAT(AllRecords(*store_, 2), ElementsAre(Record("c")));
  EXPECT_THAT(AllRecords(*store_, 3), IsEmpty());
  EXPECT_THAT(AllRecords(*store_, 99), IsEmpty());
  EXPECT_EQ(store_->ReadOne(1).value(), Record("b"));
  EXPECT_THAT(store_->ReadOne(3).status(), HasCode(Code::kNotFound));
}

TEST_P(StoreContract, OrderHoldsBeyondOneByteOfPosition) {
  std::vector<std::string> texts;
  for (int i = 0; i < 600; ++i) texts.push_back(std::to_string(i));
  ASSERT_OK(store_->Write(Commits(0, texts), {600, {}, {}}));

  const auto records = AllRecords(*store_);
  ASSERT_EQ(records.size(), 600u);
  for (int i = 0; i < 600; ++i) EXPECT_EQ(records[i], Record(texts[i]));
}

TEST_P(StoreContract, ReadingStopsWhenTheVisitorHasEnough) {
  ASSERT_OK(store_->Write(Commits(0, {"a", "b", "c"}), {3, {}, {}}));
  int seen = 0;
  EXPECT_OK(store_->Read(0, [&](Position, absl::string_view) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

TEST_P(StoreContract, AppendingElsewhereThanAtTheHeadIsAbortedAndChangesNothing) {
  Commit({Row(1, "k", "old")}, {Arm("t", 5)});

  for (Position wrong : {Position{0}, Position{2}}) {
    Append append{wrong, {{Record("intruder"), {{"s", 1, 1}}}}};
    EXPECT_THAT(store_->Write(append, {wrong + 1, {Row(1, "k", "new")}, {Disarm("t", 5)}}), HasCode(Code::kAborted));
  }

  EXPECT_THAT(AllRecords(*store_), ElementsAre(Record("commit")));
  EXPECT_EQ(store_->NewSnapshot()->Get(1, "k").value(), "old");
  EXPECT_THAT(Due(*store_, 10), ElementsAre(Pair(5, "t")));
  EXPECT_THAT(Spans(*store_, "s"), IsEmpty());
  Commit({});  // An aborted write does not close the store.
}

// ---- bounds

TEST_P(StoreContract, WhatExceedsABoundIsRefusedWholeAndTheStoreGoesOn) {
  const std::string long_key(kKeyBytesMax + 1, 'k');
  const auto refuses = [&](Append append, Apply apply) {
    EXPECT_THAT(store_->Write(append, apply), HasCode(Code::kInvalidArgument));
    EXPECT_EQ(store_->head(), 0u);
    EXPECT_THAT(ScanAll(*store_->NewSnapshot(), 1), IsEmpty());
  };
  const RowChange good = Row(1, "k", "v");

  refuses({0, {{Record(std::string(kRecordBytesMax, 'r')), {}}}}, {1, {good}, {}});
  refuses({0, {{"no frame", {}}}}, {1, {good}, {}});
  refuses({0, {{"", {}}}}, {1, {good}, {}});
  refuses(Commits(0, {"a"}), {1, {good, Row(1, long_key, "v")}, {}});
  refuses(Commits(0, {"a"}), {1, {good, Row(1, "k", std::string(kRowBytesMax + 1, 'v'))}, {}});
  refuses(Commits(0, {"a"}), {1, {good}, {Arm(long_key, 1)}});
  refuses({0, {{Record("a"), {{long_key, 1, 1}}}}}, {1, {good}, {}});
  refuses({0, {{Record("a"), {{"", 1, 1}}}}}, {1, {good}, {}});
  refuses({0, {{Record("a"), {{std::string("a\0b", 3), 1, 1}}}}}, {1, {good}, {}});
  refuses({0, {{Record("a"), {{"s", 0, 1}}}}}, {1, {good}, {}});
  refuses({0, {{Record("a"), {{"s", 1, 0}}}}}, {1, {good}, {}});
  refuses({0, {{Record("a"), {{"s", 1, 1}, {"t", 1, 1}, {"s", 2, 1}}}}}, {1, {good}, {}});
  refuses(Commits(0, {"a"}), {0, {good}, {}});  // Rows for another position than the log's end.
  refuses(Commits(0, {"a"}), {2, {good}, {}});

  Commit({good});
  EXPECT_EQ(store_->head(), 1u);
}

TEST_P(StoreContract, TheLargestRecordRowAndKeyAreKept) {
  const std::string key(kKeyBytesMax, 'k');
  const std::string value(kRowBytesMax, 'v');
  const std::string record = Record(std::string(kRecordBytesMax - Record("").size(), 'r'));
  ASSERT_OK(store_->Write({0, {{record, {{key, 1, 1}}}}}, {1, {Row(255, key, value)}, {Arm(key, 1)}}));

  EXPECT_EQ(store_->ReadOne(0).value(), record);
  EXPECT_EQ(store_->NewSnapshot()->Get(255, key).value(), value);
  EXPECT_THAT(Spans(*store_, key), ElementsAre(Pair(1, 0)));
  EXPECT_THAT(Due(*store_, 1), ElementsAre(Pair(1, key)));
}

// ---- rows

TEST_P(StoreContract, RowsAreOverwrittenInPlaceAndDeleted) {
  Commit({Row(1, "a", "1"), Row(1, "b", "1"), Row(2, "a", "other table")});
  Commit({Row(1, "a", "2"), NoRow(1, "b"), NoRow(1, "never there")});

  const auto snapshot = store_->NewSnapshot();
  EXPECT_EQ(snapshot->Get(1, "a").value(), "2");
  EXPECT_THAT(snapshot->Get(1, "b").status(), HasCode(Code::kNotFound));
  EXPECT_EQ(snapshot->Get(2, "a").value(), "other table");
  EXPECT_THAT(ScanAll(*snapshot, 1), ElementsAre(Pair("a", "2")));
}

TEST_P(StoreContract, WithinOneWriteTheLastChangeOfARowStands) {
  Commit({Row(1, "a", "1"), Row(1, "a", "2"), NoRow(1, "b"), Row(1, "b", "3"), Row(1, "c", "4"), NoRow(1, "c")});
  EXPECT_THAT(ScanAll(*store_->NewSnapshot(), 1), ElementsAre(Pair("a", "2"), Pair("b", "3")));
}

TEST_P(StoreContract, EmptyKeysAndValuesAreRowsToo) {
  Commit({Row(0, "", "nothing"), Row(0, "a", "")});
  EXPECT_THAT(ScanAll(*store_->NewSnapshot(), 0), ElementsAre(Pair("", "nothing"), Pair("a", "")));
}

TEST_P(StoreContract, AScanShowsOnePrefixOfOneTableInKeyOrder) {
  const std::string top = "\xff";
  Commit({Row(1, "b", "b"), Row(1, "b/2", "b2"), Row(1, "b/1", "b1"), Row(1, "b0", "b0"), Row(1, "a", "a"),
          Row(1, top, "t"), Row(1, top + top, "tt"), Row(2, "b/3", "x"), Row(0, "b/4", "x"), Row(255, top, "last")});

  const auto snapshot = store_->NewSnapshot();
  EXPECT_THAT(ScanAll(*snapshot, 1, "b/"), ElementsAre(Pair("b/1", "b1"), Pair("b/2", "b2")));
  EXPECT_THAT(ScanAll(*snapshot, 1, "b"),
              ElementsAre(Pair("b", "b"), Pair("b/1", "b1"), Pair("b/2", "b2"), Pair("b0", "b0")));
  EXPECT_THAT(ScanAll(*snapshot, 1, top), ElementsAre(Pair(top, "t"), Pair(top + top, "tt")));
  EXPECT_THAT(ScanAll(*snapshot, 1, "zzz"), IsEmpty());
  EXPECT_THAT(ScanAll(*snapshot, 3), IsEmpty());
  EXPECT_THAT(ScanAll(*snapshot, 255), ElementsAre(Pair(top, "last")));
  EXPECT_EQ(ScanAll(*snapshot, 1).size(), 7u);
}

TEST_P(StoreContract, AScanMayBeginInTheMiddleOfItsPrefix) {
  Commit({Row(1, "a1", ""), Row(1, "b1", ""), Row(1, "b3", ""), Row(1, "b5", ""), Row(1, "c1", "")});
  const auto snapshot = store_->NewSnapshot();
  EXPECT_THAT(ScanAll(*snapshot, 1, "b", "b3"), ElementsAre(Pair("b3", ""), Pair("b5", "")));
  EXPECT_THAT(ScanAll(*snapshot, 1, "b", "b4"), ElementsAre(Pair("b5", "")));
  EXPECT_THAT(ScanAll(*snapshot, 1, "b", "a"), ElementsAre(Pair("b1", ""), Pair("b3", ""), Pair("b5", "")));
  EXPECT_THAT(ScanAll(*snapshot, 1, "b", "c"), IsEmpty());
  EXPECT_THAT(ScanAll(*snapshot, 1, "", "b5"), ElementsAre(Pair("b5", ""), Pair("c1", "")));

  int seen = 0;
  EXPECT_OK(snapshot->Scan(1, "b", "", [&](absl::string_view, absl::string_view) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

TEST_P(StoreContract, ASnapshotDoesNotSeeLaterWrites) {
  Commit({Row(1, "a", "then"), Row(1, "b", "then")});
  const auto snapshot = store_->NewSnapshot();
  Commit({Row(1, "a", "now"), NoRow(1, "b"), Row(1, "c", "now")});

  EXPECT_EQ(snapshot->applied(), 1u);
  EXPECT_EQ(snapshot->Get(1, "a").value(), "then");
  EXPECT_THAT(snapshot->Get(1, "c").status(), HasCode(Code::kNotFound));
  EXPECT_THAT(ScanAll(*snapshot, 1), ElementsAre(Pair("a", "then"), Pair("b", "then")));
  EXPECT_EQ(store_->NewSnapshot()->applied(), 2u);
  EXPECT_THAT(ScanAll(*store_->NewSnapshot(), 1), ElementsAre(Pair("a", "now"), Pair("c", "now")));
}

TEST_P(StoreContract, ASnapshotTakenWhileSomebodyWritesShowsWholeWrites) {
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 1; i <= 200; ++i) Commit({Row(1, "x", std::to_string(i)), Row(1, "y", std::to_string(i))});
    done = true;
  });
  while (!done) {
    const auto snapshot = store_->NewSnapshot();
    const auto rows = ScanAll(*snapshot, 1);
    if (snapshot->applied() == 0) {
      EXPECT_THAT(rows, IsEmpty());
    } else {
      const std::string expected = std::to_string(snapshot->applied());
      EXPECT_THAT(rows, ElementsAre(Pair("x", expected), Pair("y", expected)));
    }
  }
  writer.join();
}

// ---- streams

TEST_P(StoreContract, AStreamLeadsToItsCommits) {
  CommitStream("a", 1, 2);
  CommitStream("ab", 1, 1);
  CommitStream("a", 3, 1);
  CommitStream("a", 4, 5);

  EXPECT_THAT(Spans(*store_, "a"), ElementsAre(Pair(1, 0), Pair(3, 2), Pair(4, 3)));
  EXPECT_THAT(Spans(*store_, "a", 0), ElementsAre(Pair(1, 0), Pair(3, 2), Pair(4, 3)));
  EXPECT_THAT(Spans(*store_, "ab"), ElementsAre(Pair(1, 1)));
  EXPECT_THAT(Spans(*store_, "b"), IsEmpty());
  EXPECT_THAT(Spans(*store_, ""), IsEmpty());
}

TEST_P(StoreContract, ReadingAStreamFromTheMiddleOfACommitBeginsWithThatCommit) {
  CommitStream("a", 1, 2);
  CommitStream("a", 3, 4);
  EXPECT_THAT(Spans(*store_, "a", 2), ElementsAre(Pair(1, 0), Pair(3, 1)));
  EXPECT_THAT(Spans(*store_, "a", 3), ElementsAre(Pair(3, 1)));
  EXPECT_THAT(Spans(*store_, "a", 6), ElementsAre(Pair(3, 1)));
  EXPECT_THAT(Spans(*store_, "a", 7), IsEmpty());
}

TEST_P(StoreContract, RevisionsAreOrderedBeyondOneByte) {
  for (uint64_t revision = 1; revision <= 300; ++revision) CommitStream("a", revision, 1);
  EXPECT_THAT(Spans(*store_, "a", 299), ElementsAre(Pair(299, 298), Pair(300, 299)));
  EXPECT_EQ(Spans(*store_, "a").size(), 300u);
}

TEST_P(StoreContract, OneCommitMayHoldEventsOfSeveralStreams) {
  Append append{0, {{Record("both"), {{"a", 1, 1}, {"b", 1, 3}}}, {Record("next"), {{"b", 4, 1}}}}};
  ASSERT_OK(store_->Write(append, {2, {}, {}}));
  EXPECT_THAT(Spans(*store_, "a"), ElementsAre(Pair(1, 0)));
  EXPECT_THAT(Spans(*store_, "b"), ElementsAre(Pair(1, 0), Pair(4, 1)));
}

// ---- timers

TEST_P(StoreContract, TimersComeByDueThenName) {
  Commit({}, {Arm("late", 300), Arm("b", 100), Arm("a", 100), Arm("before 1970", -5), Arm("zero", 0),
              Arm("first", std::numeric_limits<int64_t>::min() + 1), Arm("last", std::numeric_limits<int64_t>::max())});

  EXPECT_THAT(Due(*store_, 100), ElementsAre(Pair(std::numeric_limits<int64_t>::min() + 1, "first"),
                                             Pair(-5, "before 1970"), Pair(0, "zero"), Pair(100, "a"), Pair(100, "b")));
  EXPECT_EQ(Due(*store_, 299).size(), 5u);
  EXPECT_EQ(Due(*store_, 300).size(), 6u);
  EXPECT_EQ(Due(*store_, std::numeric_limits<int64_t>::max()).size(), 7u);
  EXPECT_THAT(Due(*store_, -6).size(), 1u);
}

TEST_P(StoreContract, ATimerMovesAndIsDisarmed) {
  Commit({}, {Arm("a", 100), Arm("b", 100), Arm("c", 200)});
  Commit({}, {Move("a", 100, 150), Disarm("b", 100), Move("c", 200, 200)});
  EXPECT_THAT(Due(*store_, 1000), ElementsAre(Pair(150, "a"), Pair(200, "c")));
}

TEST_P(StoreContract, ATimerArmedEarlierThanAllThatFiredIsFound) {
  for (int64_t due = 1000; due < 1100; ++due) Commit({}, {Arm("t", due)}), Commit({}, {Disarm("t", due)});
  Commit({}, {Arm("next", 5000)});
  EXPECT_THAT(Due(*store_, 2000), IsEmpty());
  EXPECT_THAT(Due(*store_, 9000), ElementsAre(Pair(5000, "next")));

  Commit({}, {Arm("early", 10)});
  EXPECT_THAT(Due(*store_, 2000), ElementsAre(Pair(10, "early")));
  Commit({}, {Move("early", 10, 1050)});
  EXPECT_THAT(Due(*store_, 2000), ElementsAre(Pair(1050, "early")));
  Commit({}, {Disarm("early", 1050), Disarm("next", 5000)});
  EXPECT_THAT(Due(*store_, 9000), IsEmpty());
  Commit({}, {Arm("again", -1)});
  EXPECT_THAT(Due(*store_, 9000), ElementsAre(Pair(-1, "again")));
}

TEST_P(StoreContract, AsManyTimersAsTheVisitorWants) {
  Commit({}, {Arm("a", 1), Arm("b", 2), Arm("c", 3)});
  std::vector<std::string> seen;
  EXPECT_OK(store_->DueTimers(10, [&](const Timer& timer) {
    seen.push_back(timer.name);
    return seen.size() < 2;
  }));
  EXPECT_THAT(seen, ElementsAre("a", "b"));
}

// A reader that looks while the writer arms earlier and earlier timers must not come to believe that there are none.
TEST_P(StoreContract, NoTimerIsLostToAReaderThatLooksAllTheTime) {
  std::atomic<bool> done{false};
  std::thread reader([&] {
    while (!done) Due(*store_, 1'000'000);
  });
  for (int64_t due = 500; due > 0; --due) {
    Commit({}, {Arm("t", due)});
    EXPECT_THAT(Due(*store_, 1'000'000), ElementsAre(Pair(due, "t")));
    Commit({}, {Disarm("t", due)});
  }
  done = true;
  reader.join();
}

// ---- rebuild

TEST_P(StoreContract, ARebuildReplacesAllRowsAndTimersAndLeavesTheLog) {
  Commit({Row(1, "old", "1"), Row(255, std::string(kKeyBytesMax, '\xff'), "1")}, {Arm("old", 5)});
  CommitStream("s", 1, 1);

  ASSERT_OK(store_->Rebuild(true, {0, {Row(1, "new", "1")}, {}}));
  EXPECT_EQ(store_->applied(), 0u);
  EXPECT_EQ(store_->head(), 2u);
  EXPECT_THAT(store_->Write(Commits(2, {"too early"}), {3, {}, {}}), HasCode(Code::kFailedPrecondition));
  ASSERT_OK(store_->Rebuild(false, {1, {}, {Arm("new", 3)}}));
  EXPECT_EQ(store_->NewSnapshot()->applied(), 1u);
  ASSERT_OK(store_->Rebuild(false, {2, {Row(1, "new", "2")}, {}}));

  EXPECT_EQ(store_->applied(), 2u);
  EXPECT_THAT(ScanAll(*store_->NewSnapshot(), 1), ElementsAre(Pair("new", "2")));
  EXPECT_THAT(ScanAll(*store_->NewSnapshot(), 255), IsEmpty());
  EXPECT_THAT(Due(*store_, 10), ElementsAre(Pair(3, "new")));
  EXPECT_EQ(AllRecords(*store_).size(), 2u);
  EXPECT_THAT(Spans(*store_, "s"), ElementsAre(Pair(1, 1)));
  Commit({Row(1, "later", "")});
}

TEST_P(StoreContract, ARebuildMayBeOneCall) {
  Commit({Row(1, "old", "1")});
  ASSERT_OK(store_->Rebuild(true, {1, {Row(1, "new", "1")}, {}}));
  EXPECT_THAT(ScanAll(*store_->NewSnapshot(), 1), ElementsAre(Pair("new", "1")));
  Commit({});
}

TEST_P(StoreContract, ARebuildGoesForwardAndNotBeyondTheLog) {
  Commit({Row(1, "a", "")});
  Commit({});
  EXPECT_THAT(store_->Rebuild(false, {2, {}, {}}), HasCode(Code::kFailedPrecondition));
  EXPECT_THAT(store_->Rebuild(true, {3, {}, {}}), HasCode(Code::kInvalidArgument));
  EXPECT_THAT(ScanAll(*store_->NewSnapshot(), 1), ElementsAre(Pair("a", "")));
  ASSERT_OK(store_->Rebuild(true, {1, {}, {}}));
  EXPECT_THAT(store_->Rebuild(false, {0, {}, {}}), HasCode(Code::kInvalidArgument));
  EXPECT_THAT(store_->Rebuild(false, {3, {}, {}}), HasCode(Code::kInvalidArgument));
  ASSERT_OK(store_->Rebuild(false, {2, {}, {}}));
}

TEST_P(StoreContract, RowsMayChangeWithoutACommit) {
  Commit({Row(1, "a", "1")});
  ASSERT_OK(store_->Write({1, {}}, {1, {Row(1, "a", "2")}, {}}));
  EXPECT_EQ(store_->head(), 1u);
  EXPECT_EQ(store_->NewSnapshot()->Get(1, "a").value(), "2");
}

// ---- rows written beside

TEST_P(StoreContract, RowsWrittenBesideAreSeenByLaterSnapshotsAndMoveNothingElse) {
  Commit({Row(1, "a", "1"), Row(2, "gone", "1")});
  const auto before = store_->NewSnapshot();
  ASSERT_OK(store_->WriteBeside({Row(2, "b", "2"), NoRow(2, "gone")}));
  ASSERT_OK(store_->WriteBeside({}));

  EXPECT_THAT(ScanAll(*store_->NewSnapshot(), 2), ElementsAre(Pair("b", "2")));
  EXPECT_THAT(ScanAll(*before, 2), ElementsAre(Pair("gone", "1")));
  EXPECT_EQ(store_->head(), 1u);
  EXPECT_EQ(store_->applied(), 1u);
  EXPECT_EQ(store_->NewSnapshot()->applied(), 1u);
  Commit({Row(2, "c", "3")});
  EXPECT_THAT(ScanAll(*store_->NewSnapshot(), 2), ElementsAre(Pair("b", "2"), Pair("c", "3")));
}

TEST_P(StoreContract, WhatExceedsABoundIsNotWrittenBesideEither) {
  const RowChange good = Row(1, "k", "v");
  EXPECT_THAT(store_->WriteBeside({good, Row(1, std::string(kKeyBytesMax + 1, 'k'), "v")}),
              HasCode(Code::kInvalidArgument));
  EXPECT_THAT(store_->WriteBeside({good, Row(1, "k", std::string(kRowBytesMax + 1, 'v'))}),
              HasCode(Code::kInvalidArgument));
  EXPECT_THAT(ScanAll(*store_->NewSnapshot(), 1), IsEmpty());
  ASSERT_OK(store_->WriteBeside({good}));
}

TEST_P(StoreContract, ARebuildDropsRowsWrittenBesideAndNoneAreTakenUntilItIsDone) {
  Commit({});
  ASSERT_OK(store_->WriteBeside({Row(2, "beside", "1")}));
  ASSERT_OK(store_->Rebuild(true, {0, {}, {}}));
  EXPECT_THAT(store_->WriteBeside({Row(2, "beside", "2")}), HasCode(Code::kFailedPrecondition));
  ASSERT_OK(store_->Rebuild(false, {1, {}, {}}));
  EXPECT_THAT(ScanAll(*store_->NewSnapshot(), 2), IsEmpty());
  ASSERT_OK(store_->WriteBeside({Row(2, "beside", "3")}));
}

TEST_P(StoreContract, OneThreadMayWriteBesideWhileAnotherWrites) {
  constexpr int kRounds = 200;
  std::thread beside([&] {
    for (int i = 1; i <= kRounds; ++i) {
      ASSERT_OK(store_->WriteBeside({Row(2, "first", std::to_string(i)), Row(2, "second", std::to_string(i))}));
    }
  });
  for (int i = 1; i <= kRounds; ++i) {
    Commit({Row(1, "count", std::to_string(i))});
    const auto now = store_->NewSnapshot();
    EXPECT_EQ(now->Get(1, "count").value(), std::to_string(i));
    EXPECT_EQ(now->Get(2, "first").value_or("none"), now->Get(2, "second").value_or("none"));
  }
  beside.join();
  EXPECT_EQ(store_->applied(), static_cast<Position>(kRounds));
  EXPECT_EQ(store_->NewSnapshot()->Get(2, "second").value(), std::to_string(kRounds));
}

// ---- what only a store on disk can promise

class RocksStoreTest : public StoreContract {};
INSTANTIATE_TEST_SUITE_P(Stores, RocksStoreTest, ::testing::Values(Kind::kRocks),
                         [](const auto&) { return std::string("Rocks"); });

TEST_P(RocksStoreTest, EverythingIsThereAfterReopening) {
  Commit({Row(1, "k", "v")}, {Arm("t", 7)});
  CommitStream("s", 1, 2);
  for (int round = 0; round < 3; ++round) {
    Open();
    ASSERT_EQ(store_->head(), 2u + round);
    EXPECT_EQ(store_->applied(), store_->head());
    EXPECT_EQ(AllRecords(*store_).size(), store_->head());
    EXPECT_THAT(ScanAll(*store_->NewSnapshot(), 1), ElementsAre(Pair("k", "v")));
    EXPECT_THAT(Due(*store_, 10), ElementsAre(Pair(7, "t")));
    EXPECT_EQ(store_->NewSnapshot()->Get(2, "beside").value_or("0"), std::to_string(round));
    ASSERT_OK(store_->WriteBeside({Row(2, "beside", std::to_string(round + 1))}));
    EXPECT_THAT(Spans(*store_, "s"), ElementsAre(Pair(1, 1)));
    Commit({});
  }
}

TEST_P(RocksStoreTest, ARebuildCutShortGoesOnAfterReopening) {
  Commit({Row(1, "old", "")});
  Commit({});
  ASSERT_OK(store_->Rebuild(true, {1, {Row(1, "new", "1")}, {}}));
  Open();
  EXPECT_EQ(store_->applied(), 1u);
  EXPECT_EQ(store_->head(), 2u);
  ASSERT_OK(store_->Rebuild(false, {2, {Row(1, "new", "2")}, {}}));
  EXPECT_THAT(ScanAll(*store_->NewSnapshot(), 1), ElementsAre(Pair("new", "2")));
}

TEST_P(RocksStoreTest, ADirectoryInUseIsRefusedInSoManyWords) {
  const auto second = OpenRocksStore(directory_.path() + "/workspace");
  EXPECT_THAT(second.status(), HasCode(Code::kFailedPrecondition));
  EXPECT_THAT(std::string(second.status().message()), ::testing::HasSubstr("in use"));
  Commit({});
}

TEST_P(RocksStoreTest, ADirectoryThatCannotBeMadeIsAnError) {
  WriteFile(directory_.path() + "/file", "not a directory");
  EXPECT_THAT(OpenRocksStore(directory_.path() + "/file/below").status(), HasCode(Code::kUnavailable));
}

}  // namespace
}  // namespace duban::store
