// A workspace on disk: how it begins, what lies where, and that a restart changes nothing.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "tests/node/support/office.h"

namespace duban::node {
namespace {

class WorkspaceOnDisk : public testing::Test {
 protected:
  WorkspaceOnDisk() {
    std::string pattern = (std::filesystem::temp_directory_path() / "duban-workspace-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~WorkspaceOnDisk() override { std::filesystem::remove_all(directory_); }

  absl::StatusOr<std::unique_ptr<Node>> Open() {
    NodeOptions options;
    options.directory = directory_;
    options.virtual_clock = true;
    options.virtual_start = At("2026-09-01 09:00");
    return Node::Open(options);
  }

  std::string Read(const std::string& name) const {
    std::ifstream in(absl::StrCat(directory_, "/", name));
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }

  mode_t ModeOf(const std::string& name) const {
    struct stat facts = {};
    EXPECT_EQ(::stat(absl::StrCat(directory_, "/", name).c_str(), &facts), 0) << name;
    return facts.st_mode & 0777;
  }

  std::string OperatorToken() const {
    std::string token = Read("operator.token");
    EXPECT_EQ(token.back(), '\n');
    token.pop_back();
    return token;
  }

  std::string directory_;
};

TEST_F(WorkspaceOnDisk, BeginsWithAnOperatorWhoseTokenOnlyTheOwnerOfTheDirectoryReads) {
  auto node = Open();
  ASSERT_TRUE(node.ok()) << node.status();
  EXPECT_EQ(ModeOf("operator.token"), 0600u);
  EXPECT_EQ(ModeOf("secret.key"), 0600u);
  EXPECT_EQ(Read("secret.key").size(), 32u);
  EXPECT_EQ(*(*node)->Authenticate(OperatorToken()), kOperatorPerson);
  const v1::WhoAmIResponse who = Office::MustRead((*node)->WhoAmI(kOperatorPerson, {}));
  EXPECT_THAT(who.rights(), testing::UnorderedElementsAre("administer", "audit", "enter", "operate"));
  ASSERT_EQ(who.units_size(), 1);
  EXPECT_EQ(who.units(0).title(), "工作区管理");
}

TEST_F(WorkspaceOnDisk, ARestartKeepsTokensPositionsTimeAndFacts) {
  std::string position;
  {
    auto node = Open();
    ASSERT_TRUE(node.ok()) << node.status();
    v1::ReadEventsRequest all;
    position = Office::MustRead((*node)->ReadEvents(kOperatorPerson, all)).events(0).position();
  }
  auto node = Open();
  ASSERT_TRUE(node.ok()) << node.status();
  EXPECT_EQ(*(*node)->Authenticate(OperatorToken()), kOperatorPerson);
  const v1::ReadEventsResponse events = Office::MustRead((*node)->ReadEvents(kOperatorPerson, {}));
  EXPECT_EQ(events.events(0).position(), position);
  EXPECT_EQ(events.events_size(), 4) << "the workspace is created once";
  const v1::GetWorkspaceResponse workspace = Office::MustRead((*node)->GetWorkspace(kOperatorPerson, {}));
  EXPECT_EQ(engine::FromProto(workspace.now()), At("2026-09-01 09:00"));
  EXPECT_TRUE(workspace.virtual_clock());
}

TEST_F(WorkspaceOnDisk, AHistoryWithoutItsSecretIsNotOpened) {
  ASSERT_TRUE(Open().ok());
  std::filesystem::remove(directory_ + "/secret.key");
  const auto node = Open();
  EXPECT_EQ(node.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(node.status().message()), testing::HasSubstr("secret.key"));
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/secret.key"));
}

TEST_F(WorkspaceOnDisk, ADirectoryIsNotOpenedTwice) {
  auto node = Open();
  ASSERT_TRUE(node.ok());
  EXPECT_FALSE(Open().ok());
}

}  // namespace
}  // namespace duban::node
