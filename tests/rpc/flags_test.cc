// What duband makes of its command line.
#include "services/rpc/flags.h"

#include <gmock/gmock.h>

namespace duban::rpc {
namespace {

constexpr int kChina = 8 * 3600;

absl::Time Utc(absl::CivilSecond t) { return absl::FromCivil(t, absl::UTCTimeZone()); }

TEST(VirtualStart, IsReadInTheWorkspacesZoneUnlessItNamesOne) {
  EXPECT_EQ(ParseStart("2026-03-02", kChina), Utc(absl::CivilSecond(2026, 3, 1, 16)));
  EXPECT_EQ(ParseStart("2026-03-02T08:30", kChina), Utc(absl::CivilSecond(2026, 3, 2, 0, 30)));
  EXPECT_EQ(ParseStart("2026-03-02 08:30:15", kChina), Utc(absl::CivilSecond(2026, 3, 2, 0, 30, 15)));
  EXPECT_EQ(ParseStart("2026-03-02T08:30:00Z", kChina), Utc(absl::CivilSecond(2026, 3, 2, 8, 30)));
  EXPECT_EQ(ParseStart("2026-03-02T08:30+01:00", kChina), Utc(absl::CivilSecond(2026, 3, 2, 7, 30)));
}

TEST(VirtualStart, RefusesWhatIsNoTime) {
  for (const char* text : {"", "soon", "2026-02-30", "2026-13-01", "02.03.2026", "2026-03-02T25:00", "2026-03-02 x"}) {
    EXPECT_EQ(ParseStart(text, kChina), std::nullopt) << text;
  }
}

TEST(Address, NamesAHostAndAPortThatExists) {
  for (const char* good : {"127.0.0.1:0", "[::1]:65535", "localhost:18733"}) EXPECT_TRUE(IsAddress(good)) << good;
  for (const char* bad : {"127.0.0.1:99999", "127.0.0.1:-1", "127.0.0.1:", "127.0.0.1", ":1", "localhost:x", ""}) {
    EXPECT_FALSE(IsAddress(bad)) << bad;
  }
}

TEST(Loopback, IsWhatOnlyThisMachineReaches) {
  for (const char* mine : {"127.0.0.1:18733", "127.8.8.8:0", "localhost:1", "[::1]:1"}) EXPECT_TRUE(IsLoopback(mine));
  for (const char* open : {"0.0.0.0:18733", "[::]:1", "192.168.1.5:1", "example.org:1", ":1", "127.0.0.1",
                           "127.0.0.1.example.org:1", "localhost.example.org:1", "*:1", ""}) {
    EXPECT_FALSE(IsLoopback(open)) << open;
  }
}

}  // namespace
}  // namespace duban::rpc
