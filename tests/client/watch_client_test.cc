// What the client makes of a watched view: whole steps over broken connections, rows that can be checked, targets that
// are remembered.
#include <gmock/gmock.h>

#include <deque>

#include "clients/cpp/view_map.h"
#include "clients/cpp/whole_views.h"

namespace duban::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Message = v1::WatchViewResponse;

Message Begin(bool resumed) {
  Message message;
  message.mutable_begin()->set_resumed(resumed);
  return message;
}
Message Reset(const std::string& reason) {
  Message message;
  message.mutable_reset()->set_reason(reason);
  return message;
}
Message Row(const std::string& key, uint64_t version, bool leaves = false) {
  Message message;
  auto& change = *message.mutable_changes()->add_changes();
  change.set_key(key);
  change.set_version(version);
  if (!leaves) change.mutable_ledger()->set_case_(key);
  return message;
}
Message Mark(const std::string& token, const std::map<std::string, uint64_t>& rows) {
  Message message;
  message.mutable_mark()->set_resume_token(token);
  message.mutable_mark()->set_item_count(static_cast<int64_t>(rows.size()));
  uint64_t digest = 0;
  for (const auto& [key, version] : rows) digest += RowDigest(key, version);
  message.mutable_mark()->set_set_digest(digest);
  return message;
}

std::string Word(const Message& message) {
  if (message.has_begin()) return message.begin().resumed() ? "resumed" : "begin";
  if (message.has_reset()) return message.reset().reason();
  if (message.has_mark()) return "mark";
  return message.changes().changes(0).key();
}

// A connection, or several one after the other, that says what it is told to.
class Script final : public ViewWatch {
 public:
  explicit Script(std::deque<Message> messages) : messages_(std::move(messages)) {}
  bool Next(Message* message) override {
    if (messages_.empty()) return false;
    *message = std::move(messages_.front());
    messages_.pop_front();
    return true;
  }
  void Cancel() override {}
  Error error() const override { return {}; }
  int reconnects() const override { return 0; }

 private:
  std::deque<Message> messages_;
};

std::vector<std::string> Heard(std::deque<Message> messages) {
  WholeViews views(std::make_unique<Script>(std::move(messages)));
  std::vector<std::string> words;
  for (Message message; views.Next(&message);) words.push_back(Word(message));
  return words;
}

TEST(WholeViews, GivesOutAStepOnceItsMarkIsThere) {
  EXPECT_THAT(Heard({Begin(false), Row("a", 1), Mark("1", {{"a", 1}}), Row("b", 1)}),
              ElementsAre("begin", "a", "mark"));
}

TEST(WholeViews, LeavesOutWhatABrokenConnectionLeftUnfinished) {
  // b came, and the connection broke before its mark; meanwhile b went again, so that it is told no more.
  EXPECT_THAT(Heard({Begin(false), Row("a", 1), Mark("1", {{"a", 1}}), Row("b", 1), Begin(true), Row("c", 1),
                     Mark("2", {{"a", 1}, {"c", 1}})}),
              ElementsAre("begin", "a", "mark", "resumed", "c", "mark"));
}

TEST(WholeViews, SaysWhyItBeginsAnew) {
  EXPECT_THAT(Heard({Begin(false), Mark("1", {}), Row("b", 1), Reset("TOO_SLOW"), Begin(false), Row("c", 1),
                     Mark("2", {{"c", 1}})}),
              ElementsAre("begin", "mark", "TOO_SLOW", "begin", "c", "mark"));
}

TEST(ViewMap, HoldsWhatTheMarkSays) {
  ViewMap map;
  EXPECT_FALSE(map.Apply(Begin(false)));
  EXPECT_FALSE(map.Apply(Row("a", 1)));
  EXPECT_THAT(map.rows(), IsEmpty()) << "nothing before the mark";
  EXPECT_TRUE(map.Apply(Mark("1", {{"a", 1}})));
  EXPECT_EQ(map.rows().size(), 1u);
  map.Apply(Row("b", 3));
  map.Apply(Row("a", 2, /*leaves=*/true));
  EXPECT_TRUE(map.Apply(Mark("2", {{"b", 3}})));
  EXPECT_TRUE(map.consistent());
  EXPECT_EQ(map.rows().begin()->first, "b");
  // A snapshot takes the place of all.
  map.Apply(Begin(false));
  map.Apply(Row("c", 1));
  map.Apply(Mark("3", {{"c", 1}}));
  EXPECT_EQ(map.rows().size(), 1u);
  EXPECT_TRUE(map.consistent());
}

TEST(ViewMap, NoticesThatItDoesNotHoldWhatItShould) {
  ViewMap map;
  map.Apply(Begin(false));
  map.Apply(Row("a", 1));
  map.Apply(Mark("1", {{"a", 2}}));
  EXPECT_FALSE(map.consistent()) << "another version";
  map.Apply(Mark("1", {{"a", 1}, {"b", 1}}));
  EXPECT_FALSE(map.consistent()) << "a row is missing";
  map.Apply(Mark("1", {{"a", 1}}));
  EXPECT_TRUE(map.consistent());
}

// The digest of the contract, by an independent computation: sha256("a\0" + 8 bytes of 1), first 8 bytes.
TEST(ViewMap, ComputesTheDigestOfTheContract) {
  EXPECT_NE(RowDigest("a", 1), RowDigest("a", 2));
  EXPECT_NE(RowDigest("a", 1), RowDigest("b", 1));
  EXPECT_EQ(RowDigest("a", 1), 0x8bd829d2b6fc0405u);
}

v1::WatchTarget Target(const std::string& name, v1::View view) {
  v1::WatchTarget target;
  target.set_target(name);
  target.mutable_view()->set_view(view);
  return target;
}

TEST(WantedTargets, GoOnEachFromItsOwnMarkUnderASessionOfEachConnection) {
  WantedTargets wanted({Target("a", v1::VIEW_LEDGER), Target("b", v1::VIEW_UNITS)}, 5);
  const std::string first = wanted.NextConnection().session();
  EXPECT_EQ(first.size(), 32u);
  v1::WatchManyResponse message;
  message.set_target("b");
  *message.mutable_view() = Mark("token of b", {});
  wanted.Note(message);
  *message.mutable_view() = Mark("", {});
  wanted.Note(message);  // A mark that cannot be resumed from takes nothing away.
  const v1::WatchManyRequest next = wanted.NextConnection();
  EXPECT_NE(next.session(), first);
  EXPECT_EQ(next.heartbeat_s(), 5u);
  EXPECT_EQ(next.targets(0).view().resume_token(), "");
  EXPECT_EQ(next.targets(1).view().resume_token(), "token of b");
  // A target that stays keeps its place; one of other words begins.
  const v1::SetTargetsRequest set = wanted.Set({Target("b", v1::VIEW_UNITS), Target("a", v1::VIEW_ALERTS)});
  EXPECT_EQ(set.session(), next.session());
  EXPECT_EQ(set.targets(0).view().resume_token(), "token of b");
  EXPECT_EQ(set.targets(1).view().resume_token(), "");
}

}  // namespace
}  // namespace duban::client
