// Two units on one server: neither learns anything of the other's matters.
//
// Told as non-interference. The same year is played twice, once with the other unit's matters in it and once without,
// on a virtual clock. Everything the first unit can ask for is written down both times: rows, totals, page counts,
// numbers, worklist, alerts, events, watches, errors. The two protocols must be equal, word for word, but for names
// that are random anyway (case ids, opaque tokens), which are replaced by the order in which they appear.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <regex>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/e2e/support/city.h"
#include "tests/support/watch_validator.h"

namespace duban::e2e {
namespace {

constexpr char kPhoto[] = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

// One protocol of all that a person could see.
class Protocol {
 public:
  void Note(const std::string& what, const google::protobuf::Message& message) {
    absl::StrAppend(&text_, "## ", what, "\n", message.DebugString());
  }
  void Note(const std::string& what, const client::Error& error) {
    absl::StrAppend(&text_, "## ", what, "\n", static_cast<int>(error.code), " ", error.reason, " ", error.message.zh(),
                    " ", error.message.en(), "\n");
    for (const auto& [key, value] : error.facts) absl::StrAppend(&text_, key, "=", value, "\n");
  }
  template <typename T>
  void Note(const std::string& what, const client::Result<T>& result) {
    result.ok() ? Note(what, *result) : Note(what, result.error());
  }

  // Random names by order of appearance; lengths of opaque tokens stay, so that they tell nothing either.
  std::string Normal() const {
    static const std::regex kRandom(
        "cases/[a-z0-9]{13}|(position|resume_token|page_token): \"([^\"]*)\"|(set_digest): [0-9]+");
    std::map<std::string, std::string> names;
    std::string out;
    std::string rest = text_;
    for (std::smatch match; std::regex_search(rest, match, kRandom); rest = match.suffix()) {
      out += match.prefix();
      const std::string found = match.str();
      if (match[3].matched) {
        out += match[3].str();  // Made of random names.
      } else if (match[1].matched) {
        out += absl::StrCat(match[1].str(), ": ", match[2].length(), " bytes");
      } else {
        out += names.emplace(found, absl::StrCat("case-", names.size() + 1)).first->second;
      }
    }
    return out + rest;
  }

 private:
  std::string text_;
};

// Collects what arrives on a stream until it is quiet.
template <typename Message>
std::vector<Message> Collect(client::Stream<Message>& stream, int milliseconds) {
  std::thread stop([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    stream.Cancel();
  });
  std::vector<Message> messages;
  for (Message message; stream.Next(&message);) messages.push_back(message);
  stop.join();
  return messages;
}

class World {
 public:
  // With or without matters of the water bureau.
  explicit World(bool others) : others_(others) {}

  std::string Play() {
    Other([&] { other_ = city_.Open("units/shuiwu", "排口未截污", "2026-09-18"); });
    const std::string first = city_.Open("units/zhujian", "裸土未覆盖", "2026-09-18");
    Other([&] { city_.Open("units/shuiwu", "河道漂浮物", "2026-09-30"); });
    const std::string second = city_.Open("units/zhujian", "围挡破损", "2026-10-30");
    for (int i = 0; i < 7; ++i) {
      Other([&] { city_.Open("units/shuiwu", absl::StrCat("问题", i), "2026-10-20"); });
      city_.Open("units/zhujian", absl::StrCat("事项", i), "2026-10-20");
    }
    LookAt("opened");
    city_.At("2026-09-02 10:00");
    city_.Act(kOwner, first, "acknowledge");
    Other([&] { city_.Act(kOther, other_, "acknowledge"); });
    city_.Act(kOwner, second, "acknowledge");
    LookAt("received");
    city_.At("2026-09-21 10:00");
    Other([&] { city_.Act(kOther, other_, "submit", {{"result", "x"}, {"evidence", kPhoto}}); });
    city_.Act(kOwner, first, "submit", {{"result", "已覆盖"}, {"evidence", kPhoto}});
    city_.Act(kReviewer, first, "accept");
    Other([&] { city_.Act(kReviewer, other_, "accept"); });
    LookAt("published");
    city_.At("2026-11-20 10:00");
    LookAt("closed, and a look-back hidden");
    Probe();
    return protocol_.Normal();
  }

 private:
  template <typename F>
  void Other(F f) {
    if (others_) f();
  }

  void LookAt(const std::string& when) {
    client::Client& me = city_.As(kOwner);
    v1::QueryLedgerRequest ledger;
    ledger.set_page_size(4);
    for (int page = 1; page < 10; ++page) {
      const auto answer = me.Call(ledger);
      protocol_.Note(absl::StrCat(when, ": ledger page ", page), answer);
      if (!answer.ok() || answer->next_page_token().empty()) break;
      ledger.set_page_token(answer->next_page_token());
    }
    for (const char* light : {"green", "yellow", "red"}) {
      v1::QueryLedgerRequest by_light;
      by_light.mutable_filter()->set_light(light);
      by_light.set_page_size(1);
      protocol_.Note(absl::StrCat(when, ": ", light), me.Call(by_light));
    }
    v1::QueryLedgerRequest foreign;
    foreign.mutable_filter()->set_party("units/shuiwu");
    protocol_.Note(when + ": the other's ledger", me.Call(foreign));
    protocol_.Note(when + ": worklist", me.Call(v1::ListWorklistRequest()));
    protocol_.Note(when + ": alerts", me.Call(v1::ListAlertsRequest()));
    NoteEvents(when + ": event", city_.Events(kOwner));
    v1::WatchEventsRequest events;
    events.set_beginning(true);
    auto watch = me.WatchEvents(events);
    std::vector<v1::EventRecord> watched;
    for (const v1::WatchEventsResponse& message : Collect(*watch, 300)) {
      watched.insert(watched.end(), message.events().begin(), message.events().end());
    }
    NoteEvents(when + ": watched event", watched);
    v1::WatchViewRequest view;
    view.set_view(v1::VIEW_LEDGER);
    auto rows = me.WatchView(view);
    duban::testing::ViewValidator validator(when);
    for (const v1::WatchViewResponse& message : Collect(*rows, 300)) {
      validator.Take(message);
      protocol_.Note(when + ": watched row", message);
    }
    EXPECT_TRUE(validator.at_mark());
  }

  // Stream by stream: among timers of several cases that fall due at one instant no order is promised.
  void NoteEvents(const std::string& what, const std::vector<v1::EventRecord>& events) {
    std::vector<std::string> streams;
    for (const v1::EventRecord& record : events) {
      if (std::find(streams.begin(), streams.end(), record.stream()) == streams.end()) {
        streams.push_back(record.stream());
      }
    }
    for (const std::string& stream : streams) {
      for (const v1::EventRecord& record : events) {
        if (record.stream() == stream) protocol_.Note(what, record);
      }
    }
  }

  // What is refused must be refused alike, whether it is hidden or not there.
  void Probe() {
    client::Client& me = city_.As(kOwner);
    for (const std::string& name :
         {others_ ? other_ : std::string("cases/bbbbbbbbbbbbb"), std::string("交办〔2026〕水务1号")}) {
      v1::GetCaseRequest get;
      get.set_case_(name);
      protocol_.Note("probe: get", me.Call(get));
      get.mutable_as_of()->set_date("2026-09-30");
      protocol_.Note("probe: as of", me.Call(get));
      v1::ActOnCaseRequest act;
      act.set_case_(name);
      act.set_action("comment");
      act.set_note("x");
      protocol_.Note("probe: act", me.Call(act));
      v1::ReadEventsRequest read;
      read.set_stream(name);
      protocol_.Note("probe: read", me.Call(read));
      v1::WatchEventsRequest watch;
      watch.set_stream(name);
      watch.set_beginning(true);
      auto stream = me.WatchEvents(watch);
      for (const auto& message : Collect(*stream, 200)) protocol_.Note("probe: watch", message);
      protocol_.Note("probe: watch ended", stream->error());
      v1::ReplayRequest replay;
      replay.set_stream(name);
      auto again = me.ReplayEvents(replay);
      for (const auto& message : Collect(*again, 200)) protocol_.Note("probe: replay", message);
      protocol_.Note("probe: replay ended", again->error());
    }
    protocol_.Note("probe: statistics", me.Call(v1::GetStatsRequest()));
  }

  const bool others_;
  City city_;
  std::string other_;
  Protocol protocol_;
};

TEST(TwoUnitsTest, WhatOneUnitSeesDoesNotDependOnTheOthersMatters) {
  const std::string alone = World(false).Play();
  const std::string together = World(true).Play();
  EXPECT_GT(alone.size(), 20000u);
  if (alone == together) return;
  size_t at = 0;
  while (at < alone.size() && at < together.size() && alone[at] == together[at]) ++at;
  const size_t from = alone.rfind("## ", at) == std::string::npos ? 0 : alone.rfind("## ", at);
  ADD_FAILURE() << "first difference, alone:\n"
                << alone.substr(from, at - from + 200) << "\n--- together:\n"
                << together.substr(from, at - from + 200);
}

// The test of the test: the issuer does see both, so its protocol must differ.
TEST(TwoUnitsTest, TheIssuerSeesBoth) {
  City city;
  city.Open("units/zhujian", "裸土未覆盖", "2026-09-18");
  city.Open("units/shuiwu", "排口未截污", "2026-09-18");
  EXPECT_EQ(city.Ledger(kIssuer).size(), 2u);
  EXPECT_EQ(city.Ledger(kOwner).size(), 1u);
  EXPECT_EQ(city.Ledger(kOther).size(), 1u);
}

// Personal data stays with those named: the owner sees that there is an informant, never who.
TEST(TwoUnitsTest, TheInformantIsSeenByTheIssuerAlone) {
  City city;
  const std::string name = city.Open("units/zhujian", "裸土未覆盖", "2026-09-18");
  const std::string seen_by_issuer = city.Case(kIssuer, name).DebugString();
  EXPECT_NE(seen_by_issuer.find("13900000000"), std::string::npos);
  std::string seen_by_owner = city.Case(kOwner, name).DebugString();
  for (const v1::EventRecord& record : city.Events(kOwner)) seen_by_owner += record.DebugString();
  EXPECT_EQ(seen_by_owner.find("13900000000"), std::string::npos);
}

}  // namespace
}  // namespace duban::e2e
