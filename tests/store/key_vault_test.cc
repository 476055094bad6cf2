// Keys that can be forgotten (store/key_vault.h).
#include "store/key_vault.h"

#include <set>

#include "store/store.h"
#include "tests/store/support.h"

namespace duban::store {
namespace {

using Code = absl::StatusCode;

enum class Kind { kMemory, kDisk };

class KeyVaultContract : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    vault_.reset();
    if (GetParam() == Kind::kMemory) {
      vault_ = NewMemoryKeyVault();
      return;
    }
    auto vault = OpenKeyVault(directory_.path() + "/keys");
    ASSERT_OK(vault.status());
    vault_ = std::move(*vault);
  }

  TempDir directory_;
  std::unique_ptr<KeyVault> vault_;
};

INSTANTIATE_TEST_SUITE_P(Vaults, KeyVaultContract, ::testing::Values(Kind::kMemory, Kind::kDisk),
                         [](const auto& info) { return info.param == Kind::kMemory ? "Memory" : "Disk"; });

TEST_P(KeyVaultContract, EachIdHasOneKeyOfItsOwn) {
  std::set<std::string> keys;
  for (int i = 0; i < 100; ++i) {
    const std::string id = "case/" + std::to_string(i);
    const std::string key = vault_->Create(id).value();
    EXPECT_EQ(key.size(), 32u);
    EXPECT_EQ(vault_->Create(id).value(), key);
    EXPECT_EQ(vault_->Get(id).value(), key);
    keys.insert(key);
  }
  EXPECT_EQ(keys.size(), 100u);
}

TEST_P(KeyVaultContract, AnIdWithoutAKeyIsNotFound) {
  EXPECT_THAT(vault_->Get("never").status(), HasCode(Code::kNotFound));
}

TEST_P(KeyVaultContract, ADestroyedIdNeverGetsAKeyAgain) {
  ASSERT_OK(vault_->Create("a").status());
  ASSERT_OK(vault_->Destroy("a"));
  EXPECT_THAT(vault_->Get("a").status(), HasCode(Code::kNotFound));
  EXPECT_THAT(vault_->Create("a").status(), HasCode(Code::kFailedPrecondition));
  EXPECT_OK(vault_->Destroy("a"));
  EXPECT_OK(vault_->Destroy("before it had one"));
  EXPECT_THAT(vault_->Create("before it had one").status(), HasCode(Code::kFailedPrecondition));
}

TEST_P(KeyVaultContract, DestroyingOneKeyLeavesTheOthers) {
  const std::string key = vault_->Create("b").value();
  ASSERT_OK(vault_->Create("a").status());
  ASSERT_OK(vault_->Create("c").status());
  ASSERT_OK(vault_->Destroy("a"));
  ASSERT_OK(vault_->Destroy("c"));
  EXPECT_EQ(vault_->Get("b").value(), key);
}

TEST_P(KeyVaultContract, AnIdHasBounds) {
  EXPECT_THAT(vault_->Create("").status(), HasCode(Code::kInvalidArgument));
  EXPECT_THAT(vault_->Create(std::string(kKeyBytesMax + 1, 'x')).status(), HasCode(Code::kInvalidArgument));
  EXPECT_THAT(vault_->Destroy(""), HasCode(Code::kInvalidArgument));
}

class DiskKeyVault : public KeyVaultContract {
 protected:
  // Files of the vault that hold these bytes.
  std::vector<std::string> FilesWith(const std::string& bytes) const {
    std::vector<std::string> found;
    for (const auto& path : FilesEndingIn(directory_.path(), "")) {
      if (ReadFile(path).find(bytes) != std::string::npos) found.push_back(path.filename().string());
    }
    return found;
  }
};

INSTANTIATE_TEST_SUITE_P(Vaults, DiskKeyVault, ::testing::Values(Kind::kDisk),
                         [](const auto&) { return std::string("Disk"); });

TEST_P(DiskKeyVault, KeysAndMarksAreThereAfterReopening) {
  const std::string key = vault_->Create("a").value();
  ASSERT_OK(vault_->Create("b").status());
  ASSERT_OK(vault_->Destroy("b"));
  Open();
  EXPECT_EQ(vault_->Get("a").value(), key);
  EXPECT_THAT(vault_->Create("b").status(), HasCode(Code::kFailedPrecondition));
}

TEST_P(DiskKeyVault, NoFileHoldsTheBytesOfADestroyedKey) {
  // Given keys in the write-ahead log only, in tables, and in tables that were merged before.
  std::vector<std::string> keys;
  for (int i = 0; i < 30; ++i) {
    keys.push_back(vault_->Create("case/" + std::to_string(i)).value());
    EXPECT_FALSE(FilesWith(keys.back()).empty()) << "the search finds what is there";
    if (i % 7 == 6) Open();
    if (i == 20) {
      ASSERT_OK(vault_->Destroy("other"));
    }
  }
  for (int i = 0; i < 30; ++i) {
    // When one is destroyed
    ASSERT_OK(vault_->Destroy("case/" + std::to_string(i)));
    // Then no file holds it, and the others are there.
    EXPECT_THAT(FilesWith(keys[i]), ::testing::IsEmpty()) << i;
    if (i + 1 < 30) {
      EXPECT_EQ(vault_->Get("case/" + std::to_string(i + 1)).value(), keys[i + 1]);
    }
    if (i % 10 == 5) Open();
  }
}

TEST_P(DiskKeyVault, OnlyItsOwnerMayReadTheDirectory) {
  const auto rights = std::filesystem::status(directory_.path() + "/keys").permissions();
  EXPECT_EQ(rights, std::filesystem::perms::owner_all);
}

TEST_P(DiskKeyVault, ADirectoryInUseIsRefused) {
  EXPECT_THAT(OpenKeyVault(directory_.path() + "/keys").status(), HasCode(Code::kFailedPrecondition));
}

}  // namespace
}  // namespace duban::store
