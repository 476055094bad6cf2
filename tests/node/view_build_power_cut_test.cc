// Power cuts while a view is built beside, swapped in, and while the old version's rows are deleted: what serves
// afterwards is whole, and the build goes on to the same rows as ever.
//
// DUBAN_POWER_CUTS sets how many cuts (200 by default), DUBAN_SEED where they begin.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <random>

#include "engine/views/tables.h"
#include "services/node/rebuild.h"
#include "services/node/view_set.h"
#include "store/rocks_store.h"
#include "tests/node/support/office.h"
#include "tests/node/support/standing.h"
#include "tests/node/support/versions.h"
#include "tests/store/fault_file_system.h"
#include "tests/store/support.h"

namespace duban::node {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// One workspace that gets a new version of every view again and again, on a disk that loses power.
class Life {
 public:
  explicit Life(uint64_t seed)
      : random_(seed), files_(std::make_shared<store::FaultFileSystem>(directory_.path() + "/attic", seed)) {
    std::filesystem::create_directories(directory_.path() + "/attic");
    rocks_.env = store::FaultEnv(files_);
    office_ = std::make_unique<Office>(OfficeOptions{.seed = seed, .own_thread = false, .views = &AllAt(1)}, Open());
    for (int i = 0; i < 8; ++i) office_->Open("units/zhujian", absl::StrCat("问题", i), "2026-10-30");
    office_->options().views = &views_;
  }

  // Begins the next version, or goes on with the one that was cut short; at some change of the disk the power fails,
  // or all is done before. What is wrong; empty when nothing is.
  std::string CutOnce() {
    office_->options().build_slice_commits = 1 + random_() % 20;
    views_ = Both(AllAt(version_), AllAt(version_ + 1));
    office_->Restart();
    files_->CutPowerAfter(1 + random_() % 40);
    for (int turn = 0; turn < 60 && !files_->power_is_cut(); ++turn) {
      if (random_() % 3 == 0) Comment();
      office_->node().Pump();
    }
    if (!files_->power_is_cut()) files_->CutPower();
    office_->Close();
    files_->Restore();
    office_->Reopen(Open());
    return Verify();
  }

  int swaps() const { return swaps_; }
  int resumed() const { return resumed_; }

 private:
  std::unique_ptr<store::Store> Open() {
    auto store = store::OpenRocksStore(directory_.path() + "/db", rocks_);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }

  // Hands in a command; the power may fail before it is answered.
  void Comment() {
    v1::ActOnCaseRequest act =
        office_->Action(office_->Ledger(kAuditor).rows(static_cast<int>(random_() % 8)).case_(), "comment");
    act.set_note("备注");
    office_->Call(kHousing, act);
  }

  std::string Verify() {
    // The version that serves is as if kept up from the beginning, whatever lies beside it.
    const v1::ListViewsResponse listed = Office::MustRead(office_->node().ListViews(kOperatorPerson, {}));
    const uint32_t serving = listed.views(0).version();
    if (serving != version_ && serving != version_ + 1) return "neither the old nor the new version serves";
    for (const v1::ViewDescription& view : listed.views()) {
      if (view.version() != serving) return "views that were built together are swapped in together";
    }
    if (std::string wrong = Differs(serving); !wrong.empty()) return wrong;
    if (serving == version_) {
      resumed_ += BuiltOf(*office_->store().NewSnapshot(), *AllAt(version_ + 1)[0]).value().value_or(0) > 0 ? 1 : 0;
      return "";
    }
    // Now and then everything that is left is done; then nothing else is there.
    ++swaps_;
    ++version_;
    if (random_() % 2 == 0) {
      while (office_->node().Pump()) {
      }
      for (const auto& [key, value] : RowsOf(office_->store())) {
        if (IsOfView(key.first) && static_cast<uint8_t>(key.second[1]) != version_)
          return "rows of an old version stay";
      }
    }
    return "";
  }

  static bool IsOfView(int table) {
    return table >= static_cast<int>(engine::Table::kViewRow) && table <= static_cast<int>(engine::Table::kViewBuild);
  }

  std::string Differs(uint32_t version) {
    const auto of_version = [&](Rows rows) {
      std::erase_if(rows, [&](const auto& row) {
        return !IsOfView(row.first.first) || static_cast<uint8_t>(row.first.second[1]) != version;
      });
      return rows;
    };
    const absl::StatusOr<store::Apply> derived = DeriveRows(office_->store(), AllAt(version));
    if (!derived.ok()) return derived.status().ToString();
    return of_version(RowsOf(office_->store())) == of_version(RowsOf(*derived)) ? "" : "what serves is not whole";
  }

  std::mt19937_64 random_;
  const store::TempDir directory_;
  const std::shared_ptr<store::FaultFileSystem> files_;
  store::RocksOptions rocks_;
  ViewList views_;
  std::unique_ptr<Office> office_;
  uint32_t version_ = 1;  // That serves.
  int swaps_ = 0;
  int resumed_ = 0;
};

TEST(ViewBuildPowerCutTest, WhatServesIsWholeAndTheBuildGoesOn) {
  const uint64_t seed = FromEnvironment("DUBAN_SEED", 1);
  const uint64_t cuts = FromEnvironment("DUBAN_POWER_CUTS", 200);
  constexpr uint64_t kCutsPerLife = 40;
  int swaps = 0, resumed = 0;
  for (uint64_t first = 0; first < cuts; first += kCutsPerLife) {
    Life life(seed + first);
    for (uint64_t cut = 0; cut < kCutsPerLife && first + cut < cuts; ++cut) {
      const std::string wrong = life.CutOnce();
      ASSERT_EQ(wrong, "") << "at cut " << cut << "; again with DUBAN_SEED=" << seed + first << " DUBAN_POWER_CUTS=40";
    }
    swaps += life.swaps();
    resumed += life.resumed();
  }
  std::cout << cuts << " cuts, " << swaps << " swaps, " << resumed << " builds cut short and gone on with\n";
  EXPECT_GT(swaps, 0);
  EXPECT_GT(resumed, 0);
}

}  // namespace
}  // namespace duban::node
