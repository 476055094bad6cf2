// The directory: units, posts, persons, relations; and who I am.
#include <google/protobuf/util/json_util.h>

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/commands.h"
#include "clients/cli/values.h"
#include "clients/cli/yaml.h"

namespace duban::cli {
namespace {

constexpr int kPage = 1000;

std::string ScopeText(const Console& console, v1::Scope scope) {
  return scope == v1::SCOPE_SUBTREE ? console.Say("本级及下级", "subtree") : console.Say("本单位", "own");
}

// What ids are called.
template <typename Ids>
std::string Titles(Session& session, const Ids& ids) {
  return absl::StrJoin(ids, "、", [&](std::string* out, const auto& id) { out->append(session.names().Title(id)); });
}

// Who holds it, and until when; or since when nobody does.
std::string HoldersText(Session& session, const v1::Post& post) {
  const Console& console = session.console();
  if (!post.holders().empty()) {
    const std::string holders = Titles(session, post.holders());
    if (post.term_end().empty()) return holders;
    return absl::StrCat(holders, console.Word("（任期至 ", " (until "), post.term_end(), console.Word("）", ")"));
  }
  if (post.vacant_since().empty()) return console.Say("（空缺）", "(vacant)");
  return absl::StrCat(console.Word("（空缺，自 ", "(vacant since "), post.vacant_since(), console.Word("）", ")"));
}

// Pages through a list of the directory: rows into `table`, or JSON.
template <typename Request, typename Each>
int List(Session& session, Table table, Each each) {
  Request request;
  request.set_page_size(kPage);
  while (true) {
    int code = kExitOk;
    auto page = session.Call(request, &code);
    if (page == nullptr) return code;
    if (session.json()) {
      session.console().PrintJson(*page);
    } else {
      each(*page, &table);
    }
    if (page->next_page_token().empty()) break;
    request.set_page_token(page->next_page_token());
  }
  if (!session.json()) session.console().PrintTable(table);
  return kExitOk;
}

int Entries(const v1::ApplyDirectoryRequest& request) {
  return request.units_size() + request.posts_size() + request.persons_size() + request.relations_size() +
         request.delegations_size();
}

// A file as calls that the server takes, in an order in which nothing refers to what is yet to come: persons, units
// below their superiors and each with the post that heads it, the other posts, relations, delegations. One call where
// that is enough.
class Parts {
 public:
  explicit Parts(const v1::ApplyDirectoryRequest& whole) {
    if (Entries(whole) <= kEntriesMax) {
      calls_.push_back(whole);
      return;
    }
    for (const v1::Person& person : whole.persons()) *Room(1).add_persons() = person;
    for (const v1::Unit& unit : whole.units()) units_[unit.name()] = &unit;
    for (const v1::Post& post : whole.posts()) posts_[post.name()] = &post;
    for (const v1::Unit& unit : whole.units()) Place(unit);
    for (const v1::Post& post : whole.posts()) {
      if (placed_.insert(post.name()).second) *Room(1).add_posts() = post;
    }
    for (const v1::Relation& relation : whole.relations()) *Room(1).add_relations() = relation;
    for (const v1::Delegation& delegation : whole.delegations()) *Room(1).add_delegations() = delegation;
  }

  std::vector<v1::ApplyDirectoryRequest>& calls() { return calls_; }

 private:
  static constexpr int kEntriesMax = 400;  // The server's own bound on one call.

  v1::ApplyDirectoryRequest& Room(int entries) {
    if (calls_.empty() || Entries(calls_.back()) + entries > kEntriesMax) calls_.emplace_back();
    return calls_.back();
  }

  void Place(const v1::Unit& unit) {
    if (!placed_.insert(unit.name()).second) return;
    for (const std::string& superior : unit.superiors()) {
      if (auto above = units_.find(superior); above != units_.end()) Place(*above->second);
    }
    auto head = posts_.find(unit.head());
    const bool with_head = head != posts_.end() && placed_.insert(unit.head()).second;
    v1::ApplyDirectoryRequest& call = Room(with_head ? 2 : 1);
    *call.add_units() = unit;
    if (with_head) *call.add_posts() = *head->second;
  }

  std::vector<v1::ApplyDirectoryRequest> calls_;
  std::map<std::string, const v1::Unit*> units_;
  std::map<std::string, const v1::Post*> posts_;
  std::set<std::string> placed_;
};

}  // namespace

int RunDirectoryApply(Session& session, const std::string& file, const std::string& key) {
  const Console& console = session.console();
  auto text = ReadTextFile(console, file);
  if (!text) return kExitUsage;
  YamlFile yaml = ParseYaml(*text);
  if (!yaml.ok) {
    std::string at = absl::StrCat(file, ":", yaml.line, ":", yaml.column, ": ");
    return console.Fail(kExitUsage, at + yaml.fault.zh(), at + yaml.fault.en());
  }
  // The file is the request itself in YAML: every field of the contract can be written, and no other.
  v1::ApplyDirectoryRequest request;
  auto status = google::protobuf::util::JsonStringToMessage(ToJson(yaml.root), &request);
  if (!status.ok()) {
    // "(units[0]) titel: Cannot find field." says where and what.
    std::string why(status.message());
    if (absl::EndsWith(why, ": Cannot find field.")) {
      why = absl::StrCat("没有这一项 ", why.substr(0, why.rfind(": ")), "（方括号里从 0 数起）");
    }
    return console.Fail(kExitUsage,
                        absl::StrCat(file, "：不合名录的写法（units、posts、persons、relations、delegations）：", why),
                        absl::StrCat(file, ": not a directory file (units, posts, persons, relations, delegations): ",
                                     std::string(status.message())));
  }
  int64_t entries = Entries(request), changed = 0, part = 0;
  Parts parts(request);
  for (v1::ApplyDirectoryRequest& call : parts.calls()) {
    if (!key.empty()) call.set_idempotency_key(part == 0 ? key : absl::StrCat(key, "#", part));
    ++part;
    int code = kExitOk;
    auto answer = session.Call(std::move(call), &code);
    if (answer == nullptr) return code;  // What went before stands; applying the file again does the rest.
    changed += answer->changed();
    if (session.json()) console.PrintJson(*answer);
  }
  if (!session.json()) {
    console.Print(console.Say(absl::StrCat("名录 ", entries, " 条，有变化 ", changed, " 条。"),
                              absl::StrCat(entries, " entries, ", changed, " changed.")));
  }
  return kExitOk;
}

int RunUnits(Session& session) {
  const Console& console = session.console();
  Table table({console.Say("编号", "id"), console.Say("名称", "title"), console.Say("简称", "code"),
               console.Say("层级", "level"), console.Say("上级", "superiors"), console.Say("负责岗位", "head")});
  return List<v1::ListUnitsRequest>(session, table, [&](const v1::ListUnitsResponse& page, Table* rows) {
    for (const v1::Unit& unit : page.units()) {
      rows->Add({unit.name(), unit.title(), unit.code(), unit.level(), Titles(session, unit.superiors()),
                 unit.head().empty() ? "" : session.names().Title(unit.head())});
    }
  });
}

int RunPosts(Session& session) {
  const Console& console = session.console();
  Table table({console.Say("编号", "id"), console.Say("名称", "title"), console.Say("单位", "unit"),
               console.Say("任职", "holders"), console.Say("可见范围", "scope"), console.Say("权限", "rights"),
               console.Say("联系点", "areas")});
  return List<v1::ListPostsRequest>(session, table, [&](const v1::ListPostsResponse& page, Table* rows) {
    for (const v1::Post& post : page.posts()) {
      rows->Add({post.name(), post.title(), session.names().Title(post.unit()), HoldersText(session, post),
                 ScopeText(console, post.scope()), absl::StrJoin(post.rights(), " "), Titles(session, post.areas())});
    }
  });
}

int RunPersons(Session& session) {
  const Console& console = session.console();
  Table table({console.Say("编号", "id"), console.Say("名称", "title")});
  return List<v1::ListPersonsRequest>(session, table, [](const v1::ListPersonsResponse& page, Table* rows) {
    for (const v1::Person& person : page.persons()) rows->Add({person.name(), person.title()});
  });
}

int RunRelations(Session& session) {
  const Console& console = session.console();
  Table table({console.Say("编号", "id"), console.Say("种类", "kind"), console.Say("一方", "from"),
               console.Say("另一方", "to"), console.Say("状态", "state")});
  return List<v1::ListRelationsRequest>(session, table, [&](const v1::ListRelationsResponse& page, Table* rows) {
    for (const v1::Relation& relation : page.relations()) {
      rows->Add({relation.name(), relation.kind(), relation.from(), relation.to(),
                 relation.ended() ? console.Say("已终止", "ended") : console.Say("有效", "holds")});
    }
  });
}

int RunWhoAmI(Session& session) {
  const Console& console = session.console();
  int code = kExitOk;
  auto answer = session.Call(v1::WhoAmIRequest(), &code);
  if (answer == nullptr) return code;
  if (session.json()) {
    console.PrintJson(*answer);
    return kExitOk;
  }
  console.Print(absl::StrCat(answer->person().title(), "（", answer->person().name(), "）"));
  for (const v1::Post& post : answer->posts()) {
    console.Print(absl::StrCat(console.Word("任职：", "post: "), post.title(), "（", post.name(), "），",
                               ScopeText(console, post.scope())));
  }
  for (const v1::Unit& unit : answer->units()) {
    console.Print(absl::StrCat(console.Word("单位：", "unit: "), unit.title(), "（", unit.name(), "）"));
  }
  if (!answer->rights().empty()) {
    console.Print(absl::StrCat(console.Word("权限：", "rights: "), absl::StrJoin(answer->rights(), " ")));
  }
  return PrintActsFor(session, answer->person().name());
}

}  // namespace duban::cli
