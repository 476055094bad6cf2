#include "tests/city/ratings.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/city/together.h"
#include "tests/city/values.h"

namespace duban::city {
namespace {

constexpr size_t kRated = 6;
constexpr size_t kPeers = 8;
// What procedures/appraisal.yaml says: of each group its weight in percent, and the share of it that has to rate.
struct Share {
  int64_t weight, of, in;
};
const std::map<std::string, Share> kShares = {
    {"superiors", {40, 0, 1}}, {"peers", {30, 1, 2}}, {"members", {30, 2, 3}}};
constexpr int64_t kSmallestGroup = 5;

std::string Hundredths(int64_t number) { return absl::StrFormat("%d.%02d", number / 100, number % 100); }

bool IsRating(const Case& c) { return c.procedure == "appraisal" && c.open() && c.stage == "rating"; }

}  // namespace

std::vector<Ratings::Opening> Ratings::Openings() const {
  std::vector<Opening> out;
  const std::vector<std::string>& all = town_.departments();
  for (size_t i = 0; i < std::min(kRated, all.size()); ++i) {
    // The last ones, which come from counties, and so on backwards.
    const std::string& unit = all[all.size() - 1 - i];
    const std::string county = town_.CountyOf(unit);
    std::vector<std::string> leaders = {"posts/shi-zhang"}, peers;
    if (!county.empty()) leaders.push_back(HeadPost(county));
    for (size_t k = 1; k < all.size() && peers.size() < kPeers; ++k) {
      peers.push_back(HeadPost(all[(all.size() - 1 - i + k) % all.size()]));
    }
    Opening& opening = out.emplace_back();
    opening.identity = "appraisal " + unit;
    opening.open.set_procedure("appraisal");
    Bind(opening.open, "organiser", {"units/ducha"});
    Bind(opening.open, "owner", {unit});
    Bind(opening.open, "reporter", {HeadPost(unit)});
    Bind(opening.open, "leaders", leaders);
    Bind(opening.open, "peers", peers);
    *opening.open.add_fields() = TextField("topic", "年度履职情况");
  }
  return out;
}

bool Ratings::HasWork(Day day) const {
  if (day.month() != 12 || !town_.days().IsWorking(day)) return false;
  return std::any_of(facts_.cases().begin(), facts_.cases().end(),
                     [](const auto& one) { return IsRating(one.second); });
}

void Ratings::Vote(Day day, absl::Time now) {
  struct Ballot {
    std::string name, person;
    int64_t score = 0;
    std::string expect, then;  // Of the first ballot; of a second one, where one is tried.
    std::vector<std::string> wrong = {};
  };
  std::vector<Ballot> ballots;
  for (const auto& [name, c] : facts_.cases()) {
    if (!IsRating(c) || c.ratings.empty()) continue;
    const Rating& rating = c.ratings.back();
    const std::string about = absl::StrCat(c.Party("reporter"), " ", Text(rating.began), " ");
    Votes& votes = votes_[{name, rating.began}];
    bool first = false;
    for (const v1::ElectorGroup& group : rating.groups) {
      for (const std::string& person : group.electors()) {
        const uint64_t roll = Roll(seed_, absl::StrCat("rates ", about, person));
        // Within the four working days after it began; some never.
        const int which = Between(roll, 1, 4);
        if (roll / 4 % 8 == 0 || town_.days().After(DayOf(rating.began), which) != day) continue;
        votes[person] = Between(roll / 32, 40, 100);
        ballots.push_back({name, person, votes[person], "", roll / 2048 % 8 == 0 ? "ALREADY_VOTED" : ""});
        first = first || which == 1;
      }
    }
    if (!first) continue;
    ballots.push_back({name, town_.ActorFor(c.Party("reporter"), now), 100, "NOT_AN_ELECTOR", ""});
    ballots.push_back({name, "persons/ducha-2", 60, "NOT_AN_ELECTOR", ""});
    const std::string stranger = town_.ActorFor("posts/rexian-1", now);
    ballots.push_back({name, stranger, 60, facts_.Sees(stranger, c) ? "NOT_AN_ELECTOR" : "CASE_NOT_FOUND", ""});
  }
  Together(ballots.size(), callers_, [&](size_t i) {
    Ballot& ballot = ballots[i];
    const auto vote = [&](int64_t score, const std::string& expect) {
      v1::ActOnCaseRequest request;
      request.set_case_(ballot.name);
      request.set_action("vote");
      *request.add_fields() = NumberField("score", score);
      const auto voted = town_.As(ballot.person).Call(request);
      const std::string reason = voted.ok() ? "" : voted.error().reason;
      if (reason == expect && voted.ok() == expect.empty()) return;
      ballot.wrong.push_back(
          absl::StrCat(ballot.person, " rates: \"", voted.ok() ? "done" : reason, "\", not \"", expect, "\""));
    };
    vote(ballot.score, ballot.expect);
    if (!ballot.then.empty()) vote(100 - ballot.score, ballot.then);
  });
  for (const Ballot& ballot : ballots) {
    calls_ += ballot.then.empty() ? 1 : 2;
    for (const std::string& wrong : ballot.wrong) fail_(wrong, ballot.name);
  }
}

void Ratings::Check() {
  for (const auto& [name, c] : facts_.cases()) {
    if (c.procedure != "appraisal") continue;
    for (const Rating& rating : c.ratings) {
      if (rating.closed.has_value()) CheckResult(c, rating);
    }
    if (c.ratings.empty() || !c.ratings.back().closed.has_value()) {
      fail_("nobody has been rated", name);
      continue;
    }
    const v1::Post* rated = facts_.tree().FindPost(c.Party("reporter"));
    for (const std::string& person : {rated->holders(0), std::string("persons/ducha-1")}) CheckShown(c, person);
    for (const v1::ElectorGroup& group : c.ratings.back().groups) CheckShown(c, group.electors(0));
  }
}

// Exact: the groups' means by their weights, rounded to two places, half upwards.
void Ratings::CheckResult(const Case& c, const Rating& rating) {
  const v1::CollectClosed& closed = *rating.closed;
  const auto known = votes_.find({c.name, rating.began});
  const Votes votes = known == votes_.end() ? Votes() : known->second;
  bool quorum = static_cast<int64_t>(votes.size()) >= kSmallestGroup;
  int64_t above = 0, below = 1, withheld = 0, withheld_ballots = 0;
  for (const v1::ElectorGroup& group : rating.groups) {
    int64_t sum = 0, cast = 0;
    for (const std::string& person : group.electors()) {
      const auto voted = votes.find(person);
      if (voted == votes.end()) continue;
      sum += voted->second;
      ++cast;
    }
    const Share& share = kShares.at(group.group());
    quorum = quorum && cast > 0 && cast * share.in >= share.of * group.electors_size();
    if (cast > 0) {
      above = above * cast + share.weight * sum * below;
      below *= cast;
    }
    const auto told = std::find_if(closed.groups().begin(), closed.groups().end(),
                                   [&](const v1::GroupResult& one) { return one.group() == group.group(); });
    if (told == closed.groups().end()) {
      fail_("no result says " + group.group(), c.name);
      continue;
    }
    if (told->electors() != group.electors_size() || told->cast() != cast) {
      fail_(absl::StrCat(group.group(), ": ", told->cast(), " of ", told->electors(), " are said to have rated, not ",
                         cast, " of ", group.electors_size()),
            c.name);
    }
    if (told->withheld() || !closed.quorum()) {
      if (!told->mean().empty()) fail_("a mean is told that is withheld", c.name);
      withheld += told->withheld() ? 1 : 0;
      withheld_ballots += told->withheld() ? cast : 0;
    } else if (cast < kSmallestGroup) {
      fail_(absl::StrCat("the mean of ", cast, " is told"), c.name);
    } else if (told->mean() != Hundredths((sum * 200 + cast) / (cast * 2))) {
      fail_(absl::StrCat(group.group(), "'s mean is ", told->mean(), ", not ", sum, "/", cast), c.name);
    }
  }
  if (withheld == 1 || (withheld > 0 && withheld_ballots < kSmallestGroup))
    fail_("what is withheld can be inferred", c.name);
  const std::string result = quorum ? Hundredths((above * 2 + below) / (below * 2)) : "";
  if (closed.quorum() != quorum || closed.result() != result) {
    fail_(absl::StrCat("the result is \"", closed.result(), "\", not \"", result, "\""), c.name);
  }
  ++(quorum ? counted_ : short_);
  if (&rating != &c.ratings.back()) return;
  const auto total = c.fields.find("total");
  if ((total == c.fields.end() ? "" : total->second[0].number()) != result)
    fail_("its field has another result", c.name);
}

// Neither the case nor its history tells what, or that, somebody has given.
void Ratings::CheckShown(const Case& c, const std::string& person) {
  v1::GetCaseRequest request;
  request.set_case_(c.name);
  const auto shown = town_.As(person).Call(request);
  if (!shown.ok()) return fail_(absl::StrCat(person, " is not shown it: ", shown.error().reason), c.name);
  if (shown->case_().collected().SerializeAsString() != c.ratings.back().closed->SerializeAsString()) {
    fail_(person + " is shown another result", c.name);
  }
  v1::ReadEventsRequest events;
  events.set_stream(c.name);
  events.set_page_size(1000);
  const auto heard = town_.As(person).Call(events);
  if (!heard.ok()) return fail_(absl::StrCat(person, " may not read it: ", heard.error().reason), c.name);
  // Those who hold it know who has rated, and so do those above them.
  const bool organises = facts_.tree().Reaches(person, c.Party("organiser"));
  for (const v1::EventRecord& record : heard->events()) {
    const v1::Event& event = record.event();
    if (event.has_ballot_cast() && !organises) fail_(person + " learns who has rated", c.name);
    if (!event.collect_closed().ballots().empty()) fail_(person + " is shown a ballot", c.name);
  }
}

std::string Ratings::Told() const {
  int64_t ballots = 0;
  for (const auto& [which, votes] : votes_) ballots += static_cast<int64_t>(votes.size());
  return absl::StrCat(counted_, " counted, ", short_, " short, ", ballots, " ballots");
}

}  // namespace duban::city
