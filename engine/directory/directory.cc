#include "engine/directory/directory.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "engine/base/limits.h"
#include "engine/directory/names.h"

namespace duban::engine {
namespace {

constexpr size_t kKindBytesMax = 40;

// Rights that are trust in one person: they stay with him whoever stands in.
bool GoesAlong(absl::string_view right) {
  return right != kRightAdminister && right != kRightAudit && right != kRightOperate;
}

bool Carries(const v1::Post& post, absl::string_view right) { return absl::c_linear_search(post.rights(), right); }

template <typename T>
const T* FindIn(const std::map<std::string, T, std::less<>>& all, absl::string_view name) {
  const auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

// Names of one kind; what is well formed is laid over what is there.
template <typename T>
Verdict Overlay(const std::vector<T>& put, absl::string_view prefix, std::map<std::string, T, std::less<>>& all) {
  std::set<std::string> seen;
  for (const T& one : put) {
    if (!IsId(one.name(), prefix)) return WrongId(one.name(), prefix);
    if (!seen.insert(one.name()).second) return Twice(one.name());
    all[one.name()] = one;
  }
  return Nothing{};
}

template <typename T>
Verdict CheckTitles(const std::vector<T>& put) {
  for (const T& one : put) {
    if (one.title().empty()) return Wrong("DIRECTORY_TITLE_MISSING", one.name(), "缺少名称。", "has no title.");
  }
  return Nothing{};
}

using Units = std::map<std::string, v1::Unit, std::less<>>;

// Every unit above `unit`, at any height; ends also where superiors form a ring.
std::set<std::string> Above(const Units& units, absl::string_view unit) {
  std::set<std::string> above;
  std::vector<std::string> next = {std::string(unit)};
  while (!next.empty()) {
    const v1::Unit* at = FindIn(units, next.back());
    next.pop_back();
    if (at == nullptr) continue;
    for (const std::string& superior : at->superiors()) {
      if (above.insert(superior).second) next.push_back(superior);
    }
  }
  return above;
}

// Blank as ledgers have it: ASCII, no-break and full-width spaces.
absl::string_view Trim(absl::string_view text) {
  constexpr absl::string_view kBlanks[] = {" ", "\t", "\r", "\n", "\u00a0", "\u3000", "\ufeff"};
  for (bool again = true; again;) {
    again = false;
    for (absl::string_view blank : kBlanks) {
      if (absl::ConsumePrefix(&text, blank) || absl::ConsumeSuffix(&text, blank)) again = true;
    }
  }
  return text;
}

bool IsCalled(const v1::Unit& unit, absl::string_view text) {
  return unit.title() == text || unit.code() == text ||
         std::any_of(unit.aliases().begin(), unit.aliases().end(),
                     [&](const std::string& alias) { return Trim(alias) == text; });
}

Verdict CheckRelation(const v1::Relation& relation) {
  if (relation.kind().empty() || relation.kind().size() > kKindBytesMax || !IsWord(relation.kind())) {
    return Wrong("DIRECTORY_KIND_INVALID", relation.name(),
                 absl::StrCat("的种类（kind）“", relation.kind(), "”应为 1 至 ", kKindBytesMax,
                              " 个小写字母、数字或“-”，如 kin。"),
                 absl::StrCat("has the kind \"", relation.kind(), "\"; write 1 to ", kKindBytesMax,
                              " lower-case letters, digits or \"-\", such as kin."),
                 relation.kind());
  }
  if (relation.from() == relation.to()) {
    return Wrong("DIRECTORY_RELATION_TO_ITSELF", relation.name(), "的两端（from、to）相同，请改正一端。",
                 "has the same id at both ends (from, to); correct one.", relation.from());
  }
  return Nothing{};
}

Verdict CheckTerm(const v1::Post& post) {
  for (const auto& [field, day] :
       {std::pair("term_end", post.term_end()), std::pair("vacant_since", post.vacant_since())}) {
    if (day.empty() || ParseDay(day)) continue;
    return Wrong("DIRECTORY_DAY_INVALID", post.name(),
                 absl::StrCat("的日期（", field, "）“", day, "”不存在，应写作 2027-06-30。"),
                 absl::StrCat("has the day \"", day, "\" (", field, "); write one that exists, as 2027-06-30."), day);
  }
  if (!post.holders().empty() && !post.vacant_since().empty()) {
    return Wrong("DIRECTORY_POST_HELD", post.name(), "有人任职，不能写出缺之日（vacant_since），请去掉其中一项。",
                 "is held, so that it cannot be vacant since a day (vacant_since); leave one of them out.");
  }
  return Nothing{};
}

}  // namespace

v1::Post AsPut(const v1::Post* held, v1::Post post, Day today) {
  if (!post.holders().empty() || !post.vacant_since().empty()) return post;
  const bool was_vacant = held != nullptr && held->holders().empty() && !held->vacant_since().empty();
  post.set_vacant_since(was_vacant ? held->vacant_since() : FormatDay(today));
  return post;
}

std::optional<Instant> ToldWith(const v1::Post* held, std::optional<Instant> told, const v1::Post& post, Instant now) {
  if (post.term_end().empty() && post.vacant_since().empty()) return std::nullopt;
  const bool same = held != nullptr && told.has_value() && held->term_end() == post.term_end() &&
                    held->vacant_since() == post.vacant_since();
  return same ? told : now;
}

Verdict Directory::Check(const std::vector<v1::Unit>& units, const std::vector<v1::Post>& posts,
                         const std::vector<v1::Person>& persons, const std::vector<v1::Relation>& relations) const {
  auto all_units = units_;
  auto all_posts = posts_;
  auto all_persons = persons_;
  auto all_relations = relations_;
  if (Verdict v = Overlay(units, "units/", all_units); !v.ok()) return v;
  if (Verdict v = Overlay(posts, "posts/", all_posts); !v.ok()) return v;
  if (Verdict v = Overlay(persons, "persons/", all_persons); !v.ok()) return v;
  if (Verdict v = Overlay(relations, "relations/", all_relations); !v.ok()) return v;
  if (Verdict v = CheckTitles(units); !v.ok()) return v;
  if (Verdict v = CheckTitles(posts); !v.ok()) return v;
  if (Verdict v = CheckTitles(persons); !v.ok()) return v;
  for (const v1::Unit& unit : units) {
    for (const std::string& superior : unit.superiors()) {
      if (FindIn(all_units, superior) == nullptr) return Unknown(unit.name(), superior);
    }
    if (!unit.head().empty() && FindIn(all_posts, unit.head()) == nullptr) return Unknown(unit.name(), unit.head());
    if (Above(all_units, unit.name()).count(unit.name()) != 0) {
      return Wrong("DIRECTORY_CYCLE", unit.name(), "成了自己的上级，请检查上级单位。",
                   "would be above itself; check its superiors.");
    }
  }
  for (const v1::Post& post : posts) {
    if (FindIn(all_units, post.unit()) == nullptr) return Unknown(post.name(), post.unit());
    for (const std::string& holder : post.holders()) {
      if (FindIn(all_persons, holder) == nullptr) return Unknown(post.name(), holder);
    }
    if (static_cast<size_t>(post.areas_size()) > limits::kAreasMax) {
      return Wrong("DIRECTORY_TOO_MANY_AREAS", post.name(),
                   absl::StrCat("的联系点（areas）超过 ", limits::kAreasMax, " 个，请改填上级单位，或分给几个岗位。"),
                   absl::StrCat("is the contact of more than ", limits::kAreasMax,
                                " units; name a superior unit, or divide them among posts."));
    }
    for (const std::string& area : post.areas()) {
      if (FindIn(all_units, area) == nullptr) return Unknown(post.name(), area);
    }
    if (Verdict v = CheckTerm(post); !v.ok()) return v;
    for (const std::string& right : post.rights()) {
      if (std::find(std::begin(kRights), std::end(kRights), right) == std::end(kRights)) {
        return Wrong("DIRECTORY_RIGHT_UNKNOWN", post.name(),
                     absl::StrCat("的权限“", right, "”不存在，可用：", absl::StrJoin(kRights, "、"), "。"),
                     absl::StrCat("has the unknown right \"", right, "\"; known: ", absl::StrJoin(kRights, ", "), "."),
                     right);
      }
    }
  }
  for (const v1::Relation& relation : relations) {
    if (Verdict v = CheckRelation(relation); !v.ok()) return v;
    for (const std::string& end : {relation.from(), relation.to()}) {
      if (FindIn(all_units, end) == nullptr && FindIn(all_posts, end) == nullptr &&
          FindIn(all_persons, end) == nullptr) {
        return Unknown(relation.name(), end);
      }
    }
  }
  return Nothing{};
}

void Directory::Evolve(const v1::Event& event) {
  if (event.has_unit_put()) {
    const v1::Unit& unit = event.unit_put().unit();
    v1::Unit& kept = units_[unit.name()];
    for (const std::string& superior : kept.superiors()) below_[superior].erase(unit.name());
    for (const std::string& superior : unit.superiors()) below_[superior].insert(unit.name());
    kept = unit;
  } else if (event.has_post_put()) {
    const v1::Post& post = event.post_put().post();
    v1::Post& kept = posts_[post.name()];
    for (const std::string& holder : kept.holders()) posts_held_by_[holder].erase(post.name());
    for (const std::string& holder : post.holders()) posts_held_by_[holder].insert(post.name());
    posts_in_[kept.unit()].erase(post.name());
    posts_in_[post.unit()].insert(post.name());
    kept = post;
    told_at_.erase(post.name());
    if (event.post_put().has_told_at()) told_at_[post.name()] = FromProto(event.post_put().told_at());
  } else if (event.has_person_put()) {
    persons_[event.person_put().person().name()] = event.person_put().person();
  } else if (event.has_relation_put()) {
    const v1::Relation& relation = event.relation_put().relation();
    v1::Relation& kept = relations_[relation.name()];
    for (const std::string& end : {kept.from(), kept.to()}) relations_of_[end].erase(relation.name());
    for (const std::string& end : {relation.from(), relation.to()}) relations_of_[end].insert(relation.name());
    kept = relation;
  } else {
    EvolveDelegation(event);
  }
}

void Directory::EvolveDelegation(const v1::Event& event) {
  const auto end = [&](Standing& standing) {
    standing.holds = false;
    standing.over = true;
    delegated_to_[standing.delegation.to()].erase(standing.delegation.name());
  };
  if (event.has_delegation_put()) {
    const v1::Delegation& put = event.delegation_put().delegation();
    Standing& standing = delegations_[put.name()];
    standing.delegation = put;
    delegated_to_[put.to()].insert(put.name());
    if (put.ended()) end(standing);
  } else if (event.has_delegation_began()) {
    const auto found = delegations_.find(event.delegation_began().delegation());
    if (found != delegations_.end() && !found->second.over) found->second.holds = true;
  } else if (event.has_delegation_ended()) {
    const auto found = delegations_.find(event.delegation_ended().delegation());
    if (found != delegations_.end()) end(found->second);
  }
}

const v1::Unit* Directory::FindUnit(absl::string_view name) const { return FindIn(units_, name); }
const v1::Post* Directory::FindPost(absl::string_view name) const { return FindIn(posts_, name); }
const v1::Person* Directory::FindPerson(absl::string_view name) const { return FindIn(persons_, name); }

const v1::Unit* Directory::FindUnitByText(absl::string_view text) const {
  text = Trim(text);
  if (text.empty()) return nullptr;
  const v1::Unit* found = nullptr;
  for (const auto& [name, unit] : units_) {
    if (!IsCalled(unit, text)) continue;
    if (found != nullptr) return nullptr;
    found = &unit;
  }
  return found;
}

std::string Directory::TitleOf(absl::string_view id) const {
  if (const v1::Unit* unit = FindUnit(id)) return unit->title();
  if (const v1::Post* post = FindPost(id)) return post->title();
  if (const v1::Person* person = FindPerson(id)) return person->title();
  return "";
}

std::vector<const v1::Post*> Directory::PostsOf(absl::string_view person) const {
  std::vector<const v1::Post*> out;
  const auto held = posts_held_by_.find(person);
  if (held == posts_held_by_.end()) return out;
  for (const std::string& post : held->second) out.push_back(FindPost(post));
  return out;
}

std::set<std::string> Directory::PersonsBehind(absl::string_view id) const {
  std::set<std::string> persons;
  const auto add = [&](const v1::Post* post) { persons.insert(post->holders().begin(), post->holders().end()); };
  if (FindPerson(id) != nullptr) persons.emplace(id);
  if (const v1::Post* post = FindPost(id)) add(post);
  const auto posts = posts_in_.find(id);
  if (posts == posts_in_.end()) return persons;
  for (const std::string& post : posts->second) add(FindPost(post));
  return persons;
}

std::vector<std::string> Directory::UnitsOf(absl::string_view person) const {
  std::set<std::string> units;
  for (const v1::Post* post : PostsOf(person)) units.insert(post->unit());
  return {units.begin(), units.end()};
}

bool Directory::HasRight(absl::string_view person, absl::string_view right) const {
  for (const v1::Post* post : PostsOf(person)) {
    if (Carries(*post, right)) return true;
  }
  if (!GoesAlong(right)) return false;
  const std::vector<LentPost> lent = LentTo(person);
  return std::any_of(lent.begin(), lent.end(), [&](const LentPost& one) { return Carries(*one.post, right); });
}

std::optional<Instant> Directory::ToldAt(absl::string_view post) const {
  const auto told = told_at_.find(post);
  return told == told_at_.end() ? std::nullopt : std::optional<Instant>(told->second);
}

const Standing* Directory::FindDelegation(absl::string_view name) const { return FindIn(delegations_, name); }

std::vector<std::string> Directory::DelegationsTo(absl::string_view person) const {
  const auto found = delegated_to_.find(person);
  if (found == delegated_to_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<LentPost> Directory::LentTo(absl::string_view person) const {
  std::vector<LentPost> out;
  for (const std::string& name : DelegationsTo(person)) {
    const Standing& standing = delegations_.find(name)->second;
    if (!standing.holds) continue;
    const auto& named = standing.delegation.posts();
    for (const v1::Post* post : PostsOf(standing.delegation.from())) {
      if (!named.empty() && !absl::c_linear_search(named, post->name())) continue;
      out.push_back({post, standing.delegation.from()});
    }
  }
  return out;
}

std::vector<std::string> Directory::InsteadOf(absl::string_view id) const {
  // The unit below which somebody is missing.
  std::vector<std::string> next;
  const auto vacant = [&](const v1::Unit& unit) {
    const v1::Post* head = FindPost(unit.head());
    return head != nullptr && head->holders().empty();
  };
  if (const v1::Post* post = FindPost(id); post != nullptr && post->holders().empty()) {
    // The head of a unit has those above him; anybody else his own head first.
    const v1::Unit* unit = FindUnit(post->unit());
    if (unit == nullptr) return {};
    if (unit->head() != post->name()) {
      if (unit->head().empty()) return {unit->name()};
      if (!vacant(*unit)) return {unit->head()};
    }
    next.push_back(unit->name());
  } else if (const v1::Unit* unit = FindUnit(id); unit != nullptr && vacant(*unit)) {
    next.push_back(unit->name());
  }
  std::set<std::string> told;
  std::set<std::string> seen(next.begin(), next.end());
  while (!next.empty()) {
    const v1::Unit* below = FindUnit(next.back());
    next.pop_back();
    for (const std::string& name : below->superiors()) {
      const v1::Unit* above = FindUnit(name);
      if (above == nullptr || !seen.insert(name).second) continue;
      const v1::Post* head = FindPost(above->head());
      if (head != nullptr && !head->holders().empty() && head->scope() == v1::SCOPE_SUBTREE) {
        told.insert(head->name());
      } else {
        next.push_back(name);
      }
    }
  }
  return {told.begin(), told.end()};
}

bool Directory::Belongs(absl::string_view one, absl::string_view id) const {
  if (one == id) return true;
  const v1::Unit* unit = FindUnit(id);
  const auto is_of = [&](const v1::Post& post) {
    return post.name() == id || post.unit() == id || (unit != nullptr && unit->head() == post.name());
  };
  if (const v1::Post* post = FindPost(one)) return is_of(*post);
  const std::vector<const v1::Post*> held = PostsOf(one);
  return std::any_of(held.begin(), held.end(), [&](const v1::Post* post) { return is_of(*post); });
}

bool Directory::Related(absl::string_view one, absl::string_view id) const {
  std::set<std::string> own = {std::string(one)};
  if (const v1::Post* post = FindPost(one)) own.insert(post->unit());
  for (const v1::Post* post : PostsOf(one)) own.insert({post->name(), post->unit()});
  for (const std::string& end : own) {
    const auto related = relations_of_.find(end);
    if (related == relations_of_.end()) continue;
    for (const std::string& name : related->second) {
      const v1::Relation& relation = relations_.find(name)->second;
      const std::string& other = relation.from() == end ? relation.to() : relation.from();
      if (!relation.ended() && Belongs(other, id)) return true;
    }
  }
  return false;
}

std::vector<std::string> Directory::Subtree(absl::string_view unit) const {
  std::set<std::string> seen = {std::string(unit)};
  std::vector<std::string> out = {std::string(unit)};
  for (size_t i = 0; i < out.size(); ++i) {
    const auto below = below_.find(out[i]);
    if (below == below_.end()) continue;
    for (const std::string& one : below->second) {
      if (seen.insert(one).second) out.push_back(one);
    }
  }
  return out;
}

bool Directory::IsAbove(absl::string_view above, absl::string_view below) const {
  return above != below && Above(units_, below).count(std::string(above)) != 0;
}

std::set<std::string> Directory::OwnSet(absl::string_view person) const {
  std::set<std::string> ids = {std::string(person)};
  const auto add = [&](const v1::Post& post, bool lent) {
    ids.insert({post.name(), post.unit()});
    for (const std::string& right : post.rights()) {
      if (!lent || GoesAlong(right)) ids.insert(absl::StrCat("rights/", right));
    }
  };
  for (const v1::Post* post : PostsOf(person)) add(*post, false);
  for (const LentPost& lent : LentTo(person)) add(*lent.post, true);
  return ids;
}

std::vector<std::string> Directory::ViewerIds(absl::string_view person) const {
  std::set<std::string> ids = OwnSet(person);
  const auto add = [&](const v1::Post& post) {
    if (post.scope() == v1::SCOPE_SUBTREE) {
      for (std::string& unit : Subtree(post.unit())) ids.insert(std::move(unit));
    }
    for (const std::string& area : post.areas()) {
      for (std::string& unit : Subtree(area)) {
        ids.insert(ContactsOf(unit));
        ids.insert(std::move(unit));
      }
    }
  };
  for (const v1::Post* post : PostsOf(person)) add(*post);
  for (const LentPost& lent : LentTo(person)) add(*lent.post);
  return {ids.begin(), ids.end()};
}

std::vector<std::string> Directory::OwnIds(absl::string_view person) const {
  const std::set<std::string> ids = OwnSet(person);
  return {ids.begin(), ids.end()};
}

std::string ContactsOf(absl::string_view unit) { return absl::StrCat("contacts/", absl::StripPrefix(unit, "units/")); }

}  // namespace duban::engine
