#include "tests/city/town.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace duban::city {
namespace {

constexpr char kTrades[][10] = {"住建", "生态", "水务", "农业", "城管", "交通", "林业", "应急", "自然", "教育",
                                "卫健", "民政", "人社", "财政", "发改", "工信", "商务", "文旅", "市监", "司法",
                                "公安", "审计", "统计", "医保", "体育", "退役", "信息", "园林", "粮储", "房管"};
constexpr size_t kEntriesAtOnce = 380;  // Of one ApplyDirectory, which takes 400.

// Who stands in for whom while the first is away: around the Spring Festival, in summer, in the golden week.
struct Away {
  const char* first;
  const char* last;
};
constexpr Away kAway[] = {{"2019-02-11", "2019-02-15"}, {"2019-07-29", "2019-08-09"}, {"2019-10-08", "2019-10-11"}};
constexpr size_t kKinOneIn = 6;  // Departments.
constexpr int kAwayOneIn = 3;    // Of so many departments one clerk is away each time.

std::string Whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string Bare(const std::string& id) { return std::string(absl::StripPrefix(id, "units/")); }

template <typename Response>
std::string Said(const client::Result<Response>& result) {
  return result.ok() ? "" : absl::StrCat(result.error().reason, " ", result.error().message.en());
}

}  // namespace

uint64_t Roll(uint64_t seed, const std::string& words) {
  uint64_t hash = 1469598103934665603ull ^ seed * 0x9e3779b97f4a7c15ull;
  for (const char c : words) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdull;
  return hash ^ hash >> 33;
}

std::string ClerkPost(const std::string& unit) { return absl::StrCat("posts/", Bare(unit), "-ban"); }
std::string HeadPost(const std::string& unit) { return absl::StrCat("posts/", Bare(unit), "-zhang"); }

Town::Town(const Size& size, uint64_t seed) : seed_(seed) { Plant(size); }

void Town::AddUnit(const std::string& name, const std::string& title, const std::string& code, const std::string& level,
                   const std::vector<std::string>& superiors, const std::string& head) {
  v1::Unit& unit = units_.emplace_back();
  unit.set_name(name);
  unit.set_title(title);
  unit.set_code(code);
  unit.set_level(level);
  for (const std::string& superior : superiors) unit.add_superiors(superior);
  unit.set_head(head);
}

void Town::AddPost(const std::string& name, const std::string& title, const std::string& unit, bool subtree,
                   const std::vector<std::string>& rights, const std::vector<std::string>& areas) {
  v1::Post& post = posts_[name];
  post.set_name(name);
  post.set_title(title);
  post.set_unit(unit);
  post.set_scope(subtree ? v1::SCOPE_SUBTREE : v1::SCOPE_OWN);
  for (const std::string& right : rights) post.add_rights(right);
  for (const std::string& area : areas) post.add_areas(area);
  const std::string person = absl::StrReplaceAll(name, {{"posts/", "persons/"}});
  post.add_holders(person);
  persons_[person].set_name(person);
  persons_[person].set_title(title);
}

void Town::Plant(const Size& size) {
  AddUnit("units/shi", "市政府", "市", "city", {}, "posts/shi-zhang");
  AddPost("posts/shi-zhang", "市长", "units/shi", true);
  for (const auto& [id, title, code] :
       {std::tuple("ducha", "市督查室", "督查"), std::tuple("rexian", "市热线中心", "热线"),
        std::tuple("xinfang", "市信访局", "信访"), std::tuple("jiwei", "市纪委监委", "纪委")}) {
    const std::string unit = absl::StrCat("units/", id);
    AddUnit(unit, title, code, "office", {"units/shi"}, HeadPost(unit));
    AddPost(HeadPost(unit), absl::StrCat(title, "负责人"), unit, false, {"issue"});
    for (int i = 1; i <= Issuers(); ++i) {
      AddPost(absl::StrCat("posts/", id, "-", i), absl::StrCat(title, i, "科科长"), unit, false, {"issue"});
    }
  }
  // Who brings in what is older than the year.
  posts_["posts/xinfang-4"].add_rights("enter");
  AddPost("posts/ducha-tongji", "统计岗", "units/ducha", false, {"issue", "audit", "enter"});
  // A contact of the inspectors, who serves elsewhere.
  AddPost("posts/lianxi-0", "督查室联系人", "units/shi", false, {}, {"units/ducha"});
  // Checkers, who may not issue; the last one stands ready to take over.
  for (int i = 1; i <= Issuers() + 1; ++i) {
    AddPost(absl::StrCat("posts/yanshou-", i), absl::StrCat("验收", i, "岗"), "units/ducha");
  }
  std::vector<std::string> bureaus;
  for (int b = 1; b <= size.bureaus; ++b) {
    const std::string trade = kTrades[(b - 1) % std::size(kTrades)];
    const std::string unit = absl::StrCat("units/b", b);
    AddUnit(unit, absl::StrCat("市", trade, "局"), trade, "bureau", {"units/shi"}, HeadPost(unit));
    AddPost(HeadPost(unit), absl::StrCat("市", trade, "局局长"), unit, true);
    AddPost(ClerkPost(unit), absl::StrCat("市", trade, "局经办"), unit);
    bureaus.push_back(unit);
    departments_.push_back(unit);
  }
  for (int c = 1; c <= size.counties; ++c) {
    const std::string county = absl::StrCat("units/c", c);
    AddUnit(county, absl::StrCat("第", c, "县政府"), absl::StrCat("县", c), "county", {"units/shi"}, HeadPost(county));
    AddPost(HeadPost(county), absl::StrCat("第", c, "县县长"), county, true, {"issue"});
    AddPost(absl::StrCat("posts/c", c, "-du"), absl::StrCat("第", c, "县督查专员"), county, false, {"issue"});
    AddPost(ClerkPost(county), absl::StrCat("第", c, "县政府经办"), county);
    AddPost(absl::StrCat("posts/lianxi-", c), absl::StrCat("第", c, "县联系人"), "units/ducha", false, {}, {county});
    counties_.push_back(county);
    for (int d = 1; d <= size.departments; ++d) {
      const std::string& bureau = bureaus[static_cast<size_t>(d - 1) % bureaus.size()];
      const std::string trade = kTrades[static_cast<size_t>(d - 1) % bureaus.size() % std::size(kTrades)];
      const std::string unit = absl::StrCat("units/c", c, "b", d);
      AddUnit(unit, absl::StrCat("第", c, "县", trade, d, "局"), absl::StrCat("县", c, trade, d, "局"), "department",
              {county, bureau}, HeadPost(unit));
      AddPost(HeadPost(unit), absl::StrCat("第", c, "县", trade, d, "局局长"), unit, true);
      AddPost(ClerkPost(unit), absl::StrCat("第", c, "县", trade, d, "局经办"), unit);
      departments_.push_back(unit);
    }
  }
  // Of every third department the head's term ends in this year or the next.
  for (size_t i = 0; i < departments_.size(); i += 3) {
    const Day end = Day(2019, 1, 20) + Between(Roll(seed_, absl::StrCat("term of ", departments_[i])), 0, 500);
    posts_[HeadPost(departments_[i])].set_term_end(Text(end));
  }
}

std::string Town::CountyOf(const std::string& unit) const {
  const size_t b = unit.find('b', sizeof("units/") - 1);
  const std::string county = unit.substr(0, b);
  return absl::StartsWith(unit, "units/c") ? county : "";
}

std::string Town::Neighbour(const std::string& unit, uint64_t roll) const {
  const std::string county = CountyOf(unit);
  std::vector<std::string> near;
  for (const std::string& one : departments_) {
    if (one != unit && CountyOf(one) == county) near.push_back(one);
  }
  return near.empty() ? unit : near[roll % near.size()];
}

// --- Founding -------------------------------------------------------------------------------------------------------

std::string Town::Put(v1::ApplyDirectoryRequest request) {
  for (const v1::Post& post : request.posts()) posts_[post.name()] = post;
  return Said(auditor().Call(std::move(request)));
}

std::string Town::Sign(const std::string& person) {
  v1::IssueTokenRequest request;
  request.set_person(person);
  request.set_days(365);
  const auto token = auditor().Call(request);
  if (!token.ok()) return Said(token);
  clients_[person] = server_->Connect(token->token());
  return "";
}

client::Client& Town::As(const std::string& person) { return *clients_.at(person); }

std::string Town::Found(e2e::ServerProcess& server) {
  server_ = &server;
  clients_[kAuditor] = server.ConnectOperator();
  // Units refer to the posts that head them: first without, then with.
  std::vector<v1::ApplyDirectoryRequest> parts(1);
  const auto room = [&]() -> v1::ApplyDirectoryRequest& {
    const v1::ApplyDirectoryRequest& last = parts.back();
    if (static_cast<size_t>(last.units_size() + last.posts_size() + last.persons_size()) >= kEntriesAtOnce) {
      parts.emplace_back();
    }
    return parts.back();
  };
  for (v1::Unit unit : units_) {
    unit.clear_head();
    *room().add_units() = unit;
  }
  parts.emplace_back();
  for (const auto& [name, person] : persons_) *room().add_persons() = person;
  parts.emplace_back();
  for (const auto& [name, post] : posts_) *room().add_posts() = post;
  parts.emplace_back();
  for (const v1::Unit& unit : units_) *room().add_units() = unit;
  for (v1::ApplyDirectoryRequest& part : parts) {
    if (std::string wrong = Put(std::move(part)); !wrong.empty()) return "directory: " + wrong;
  }
  for (const int year : {2018, 2019}) {
    if (std::string wrong = Publish(year, /*first_notice=*/true); !wrong.empty()) return "calendar: " + wrong;
  }
  v1::PublishProcedureRequest procedures;
  for (const char* name :
       {"common",        "metrics",  "reports",    "appraisal",      "naming",      "recheck",  "team",
        "rectification", "lookback", "talk",       "accountability", "hotline",     "petition", "task",
        "four_haves",    "joint",    "joint_part", "review",         "duty_report", "term",     "rhythm",
        "card",          "alike",    "self_check", "term_notice",    "opinion"}) {
    v1::ProcedureFile& file = *procedures.add_files();
    file.set_path(absl::StrCat(name, ".yaml"));
    file.set_text(Whole(absl::StrCat(DUBAN_SOURCE_DIR, "/procedures/", name, ".yaml")));
  }
  if (std::string wrong = Said(auditor().Call(procedures)); !wrong.empty()) return "procedures: " + wrong;
  for (const auto& [name, person] : persons_) {
    if (std::string wrong = Sign(name); !wrong.empty()) return "token: " + wrong;
  }
  if (std::string wrong = PutRelations(); !wrong.empty()) return "relations: " + wrong;
  if (std::string wrong = PutPlans(); !wrong.empty()) return "plans: " + wrong;
  return "";
}

// Two of those who check have kin in one department each of so many: there they have to stand aside.
std::string Town::PutRelations() {
  v1::ApplyDirectoryRequest request;
  for (size_t i = 0; i < departments_.size(); i += kKinOneIn) {
    for (const int checker : {2, 3}) {
      const std::string& unit = departments_[(i + static_cast<size_t>(checker)) % departments_.size()];
      v1::Relation& kin = *request.add_relations();
      kin.set_name(absl::StrCat("relations/", checker, "-", Bare(unit)));
      kin.set_kind("kin");
      kin.set_from(absl::StrCat("persons/yanshou-", checker));
      kin.set_to(HeadPost(unit));
    }
  }
  return Put(request);
}

std::string Town::PublishTasksAnew() {
  v1::PublishProcedureRequest request;
  v1::ProcedureFile& file = *request.add_files();
  file.set_path("task.yaml");
  file.set_text(absl::StrReplaceAll(Whole(DUBAN_SOURCE_DIR "/procedures/task.yaml"),
                                    {{"checking", "accepting"},
                                     {"within: 5 working days", "within: 8 working days"},
                                     {"{at: 10 working days,", "{at: 8 working days,"}}));
  return Said(auditor().Call(request));
}

// The shipped plans, for this city's counties and this year.
std::string Town::PutPlans() {
  for (const char* name : {"yearly_card", "yearly_recheck", "monthly_hint", "quarterly_inspection", "half_year_push",
                           "year_end_appraisal", "term_end", "vacancy"}) {
    v1::PutPlanRequest request;
    request.mutable_file()->set_path(absl::StrCat(name, ".yaml"));
    request.mutable_file()->set_text(absl::StrReplaceAll(
        Whole(absl::StrCat(DUBAN_SOURCE_DIR, "/procedures/plans/", name, ".yaml")),
        {{"2026-01-05", "2019-01-07"},
         {"2026", "2019"},
         {"posts/duchayi-kezhang", "posts/ducha-1"},
         {"units/duchashi", "units/ducha"},
         {"vacant: 3 months", "vacant: [1 month, 3 months]"},
         {"{units: [units/chengdong, units/chengxi, units/binhe]}", "{below: units/shi, level: county}"}}));
    if (std::string wrong = Said(auditor().Call(request)); !wrong.empty()) return absl::StrCat(name, ": ", wrong);
  }
  return "";
}

// `first_notice`: 2019 as it was announced in December 2018, with one day for Labour Day.
v1::CalendarYear Town::Notice(int year, bool first_notice) {
  v1::CalendarYear out;
  out.set_year(year);
  std::istringstream lines(Whole(DUBAN_SOURCE_DIR "/examples/calendar/workdays.csv"));
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> cells = absl::StrSplit(line, ',');
    if (cells.size() < 2 || !absl::StartsWith(line, absl::StrCat(year, "-"))) continue;
    const std::string& day = cells[0];
    const bool labour = day == "2019-04-28" || day == "2019-05-02" || day == "2019-05-03" || day == "2019-05-05";
    if (first_notice && labour) continue;
    v1::CalendarDay& listed = *out.add_days();
    listed.set_date(day);
    listed.set_type(cells[1] == "workday" ? v1::DAY_TYPE_WORKDAY : v1::DAY_TYPE_HOLIDAY);
  }
  return out;
}

Days Town::InTheEnd() {
  Days days;
  days.Put(Notice(2019, /*first_notice=*/false));
  return days;
}

std::string Town::Publish(int year, bool first_notice) {
  v1::PublishCalendarRequest request;
  *request.add_years() = Notice(year, first_notice);
  days_.Put(request.years(0));
  return Said(auditor().Call(request));
}

// --- The year's changes ---------------------------------------------------------------------------------------------

v1::ApplyDirectoryRequest Town::Holders(const std::string& post, const std::vector<std::string>& holders) {
  v1::ApplyDirectoryRequest request;
  v1::Post& put = *request.add_posts();
  put = posts_.at(post);
  put.clear_holders();
  for (const std::string& holder : holders) put.add_holders(holder);
  return request;
}

bool Town::IsDayOfChange(Day day) {
  static const std::set<std::string> kDays = {"2019-03-22", "2019-11-21", "2019-05-13", "2019-06-03",
                                              "2019-07-15", "2019-08-26", "2019-09-02", "2019-07-02"};
  const std::string date = Text(day);
  return kDays.count(date) > 0 ||
         std::any_of(std::begin(kAway), std::end(kAway), [&](const Away& away) { return date == away.first; });
}

std::string Town::Change(Day day) {
  if (!IsDayOfChange(day)) return "";
  const std::string date = Text(day);
  const std::string some = departments_[departments_.size() / 2], other = departments_.back();
  if (date == "2019-03-22") return Publish(2019, /*first_notice=*/false);
  if (date == "2019-11-21") return Publish(2020, false);
  if (day == DayOfMigration()) return PublishTasksAnew();
  // A clerk leaves: his successor has his post and all that goes with it.
  if (date == "2019-05-13") {
    v1::ApplyDirectoryRequest people;
    v1::Person& successor = *people.add_persons();
    successor.set_name("persons/jieren");
    successor.set_title("接任经办");
    if (std::string wrong = Put(people); !wrong.empty()) return wrong;
    if (std::string wrong = Sign("persons/jieren"); !wrong.empty()) return wrong;
    return Put(Holders(ClerkPost(some), {"persons/jieren"}));
  }
  // Another post stands vacant for six weeks: the head does the work.
  if (day == DayOfVacancy()) return Put(Holders(ClerkPost(other), {}));
  if (date == "2019-07-15") {
    return Put(Holders(ClerkPost(other), {absl::StrReplaceAll(ClerkPost(other), {{"posts/", "persons/"}})}));
  }
  // The checker's post is given up: its open matters go to another.
  if (date == "2019-08-26") {
    v1::StartJobRequest request;
    v1::HandOver& task = *request.mutable_task()->mutable_hand_over();
    task.set_from("posts/yanshou-1");
    task.set_to(absl::StrCat("posts/yanshou-", Issuers() + 1));
    task.set_reason("岗位调整");
    return Said(auditor().Call(request));
  }
  // Two contacts change places.
  if (date == "2019-09-02" && counties_.size() > 1) {
    v1::ApplyDirectoryRequest request;
    for (const auto& [post, county] : {std::pair(1, 1), std::pair(2, 0)}) {
      v1::Post& put = *request.add_posts();
      put = posts_.at(absl::StrCat("posts/lianxi-", post));
      put.clear_areas();
      put.add_areas(counties_[static_cast<size_t>(county)]);
    }
    return Put(request);
  }
  for (const Away& away : kAway) {
    if (date != away.first) continue;
    v1::ApplyDirectoryRequest request;
    for (const std::string& unit : departments_) {
      if (Roll(seed_, absl::StrCat("away ", date, unit)) % kAwayOneIn != 0) continue;
      const std::string neighbour = Neighbour(unit, Roll(seed_, absl::StrCat("stands in ", date, unit)));
      const v1::Post& post = posts_.at(ClerkPost(unit));
      const v1::Post& by = posts_.at(ClerkPost(neighbour));
      // The first department's clerk stands in for nobody: what he hears is compared exactly.
      if (neighbour == unit || neighbour == departments_[0] || post.holders().empty() || by.holders().empty()) continue;
      v1::Delegation& delegation = *request.add_delegations();
      delegation.set_name(absl::StrCat("delegations/", date, "-", Bare(unit)));
      delegation.set_from(post.holders(0));
      delegation.set_to(by.holders(0));
      delegation.add_posts(post.name());
      *delegation.mutable_ends_at() = Stamp(TimeOn(ParseDay(away.last), 18));
      delegation.set_reason("休假");
      delegations_.push_back(delegation);
    }
    return request.delegations().empty() ? "" : Put(request);
  }
  return "";
}

std::string Town::ActorFor(const std::string& who, absl::Time now) const {
  if (absl::StartsWith(who, "persons/")) return who;
  std::string post = who;
  if (absl::StartsWith(who, "head:")) post = HeadPost(who.substr(sizeof("head:") - 1));
  if (absl::StartsWith(who, "units/")) post = ClerkPost(who);
  const auto found = posts_.find(post);
  if (found == posts_.end()) return "";
  if (found->second.holders().empty()) return ActorFor("head:" + found->second.unit(), now);
  const std::string& holder = found->second.holders(0);
  for (const v1::Delegation& delegation : delegations_) {
    if (delegation.from() == holder && delegation.posts(0) == post && now <= At(delegation.ends_at())) {
      return delegation.to();
    }
  }
  return holder;
}

}  // namespace duban::city
