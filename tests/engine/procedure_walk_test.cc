// What the checker accepts can be worked with: procedures made up at random, and damaged at random, are walked by the
// real engine on a virtual clock. Whatever is accepted comes to an end, never lets those act whom it keeps apart, waits
// nowhere without a clock or a reason, and is seen by nobody whom it does not name.
//
//   ./dev walk all 20000    more of them
//   ./dev walk 17           one again, with its text
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tests/engine/support/desk.h"
#include "tests/engine/support/made_procedures.h"
#include "tests/engine/support/walk.h"

namespace duban::engine {
namespace {

constexpr int kWalks = 600;

// What stands in the text of a procedure that was walked, and what walks come by: each so often at least among kWalks.
// A construct that is not made any more, or never comes into play, is seen here and not only by whoever looks for it.
struct Least {
  const char* what;
  int times;
};
constexpr Least kWritten[] = {
    {"collect:", 1},
};
constexpr Least kSeen[] = {
    {"appointed", 1},
};

uint64_t seed_at_work = 0;

// The engine's own checks end the process: say which procedure it was.
void SayTheSeed(int) {
  std::fprintf(stderr, "replay: ./dev walk %llu\n", static_cast<unsigned long long>(seed_at_work));
  std::_Exit(1);
}

void WalkOne(uint64_t seed, bool damaged, bool aloud, Tally& tally) {
  seed_at_work = seed;
  Dice dice(seed);
  std::string text = MakeProcedure(dice);
  for (int k = damaged ? 1 + dice.Below(2) : 0; k > 0; --k) text = Damaged(text, dice);
  if (aloud) std::fprintf(stderr, "%s\n", text.c_str());
  std::vector<SourceFile> files = {{"made.yaml", text}};
  // By itself it would have nothing to reopen.
  if (absl::StrContains(text, "opens: {procedure: follow")) files.push_back({"follow.yaml", MakeFollowProcedure(dice)});
  if (absl::StrContains(text, "opens: {procedure: piece")) files.push_back({"piece.yaml", MakePieceProcedure(dice)});
  Desk desk(files);
  if (aloud) std::fprintf(stderr, "%s\n", absl::StrJoin(desk.errors(), "\n").c_str());
  const Procedure* made = desk.procedures().Newest("made");
  if (made == nullptr) {
    ++tally.refused;
    return;
  }
  Walk walk(desk, dice, *made, tally);
  if (!walk.refused().empty()) {
    ++tally.not_opened;
    if (aloud) std::fprintf(stderr, "not opened: %s\n", walk.refused().c_str());
    return;
  }
  for (const Least& one : kWritten) {
    if (absl::StrContains(text, one.what)) tally.Count(absl::StrCat("written ", one.what));
  }
  walk.Run();
  ++tally.walked;
}

TEST(WhatTheCheckerAccepts, ComesToAnEndKeepsApartIsTimedAndSeenByThoseNamed) {
  std::signal(SIGABRT, SayTheSeed);
  Tally tally;
  if (const char* seed = std::getenv("DUBAN_SEED")) {
    WalkOne(std::strtoull(seed, nullptr, 10), std::strtoull(seed, nullptr, 10) % 2 == 1, true, tally);
    return;
  }
  int walks = kWalks;
  const char* more = std::getenv("DUBAN_WALKS");
  ASSERT_TRUE(more == nullptr || absl::SimpleAtoi(more, &walks));
  uint64_t seed = 0;
  while (tally.walked < walks) {
    ++seed;
    WalkOne(seed, seed % 2 == 1, false, tally);
    if (testing::Test::HasFailure()) {
      ADD_FAILURE() << "replay: ./dev walk " << seed;
      break;
    }
    ASSERT_LT(seed, 100u * static_cast<uint64_t>(walks)) << "hardly anything is accepted";
  }
  std::fprintf(stderr, "%d walked, %d refused by the checker, %d not opened\n", tally.walked, tally.refused,
               tally.not_opened);
  if (std::getenv("DUBAN_TALLY") != nullptr) {
    for (const auto& [what, times] : tally.seen) std::fprintf(stderr, "%6d %s\n", times, what.c_str());
  }
  if (testing::Test::HasFailure() || walks < kWalks) return;
  EXPECT_LT(tally.not_opened, tally.walked / 4) << "the walk tries little";
  EXPECT_GT(tally.walked, tally.refused / 2) << "most of what is made is refused";
  for (const Least& one : kWritten) EXPECT_GE(tally.seen[absl::StrCat("written ", one.what)], one.times) << one.what;
  for (const Least& one : kSeen) EXPECT_GE(tally.seen[one.what], one.times) << one.what;
}

}  // namespace
}  // namespace duban::engine
