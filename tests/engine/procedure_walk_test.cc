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
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"
#include "tests/engine/support/desk.h"
#include "tests/engine/support/files.h"
#include "tests/engine/support/made_procedures.h"
#include "tests/engine/support/walk.h"

namespace duban::engine {
namespace {

constexpr int kWalks = 600;

// What walks come by, and what stands in the text of a procedure that was walked ("written …"): each so often at least
// among kWalks. A construct that is not made any more, or never comes into play, is seen here, and not only by whoever
// looks for it. DUBAN_TALLY=1 shows all that is counted.
struct Least {
  std::string what;
  int times = 0;
};

const std::vector<Least>& AtLeast() {
  static const auto& all = *new std::vector<Least>([] {
    std::vector<Least> out;
    const std::string file = ReadRepositoryFile("tests/engine/procedure_walk_least.txt");
    for (absl::string_view line : absl::StrSplit(file, '\n')) {
      if (line.empty() || line[0] == '#') continue;
      const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(line, absl::MaxSplits(' ', 1));
      Least& least = out.emplace_back();
      EXPECT_TRUE(absl::SimpleAtoi(parts.first, &least.times)) << line;
      least.what = std::string(parts.second);
    }
    return out;
  }());
  return all;
}

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
  if (dice.OneIn(2)) files.push_back({"team.yaml", MakeTeamProcedure(dice)});
  Desk desk(files);
  if (aloud) std::fprintf(stderr, "%s\n", absl::StrJoin(desk.errors(), "\n").c_str());
  const Procedure* made = desk.procedures().Newest("made");
  if (made == nullptr) {
    ++tally.refused;
    return;
  }
  Walk walk(desk, dice, *made, text, tally);
  if (!walk.refused().empty()) {
    ++tally.not_opened;
    if (aloud) std::fprintf(stderr, "not opened: %s\n", walk.refused().c_str());
    return;
  }
  for (const Least& one : AtLeast()) {
    absl::string_view what = one.what;
    if (absl::ConsumePrefix(&what, "written ") && absl::StrContains(text, what)) tally.Count(one.what);
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
  EXPECT_FALSE(AtLeast().empty());
  for (const Least& one : AtLeast()) EXPECT_GE(tally.seen[one.what], one.times) << one.what;
}

}  // namespace
}  // namespace duban::engine
