#include "tests/city/tree.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace duban::city {

bool Tree::Take(const v1::Event& event) {
  if (event.has_unit_put()) {
    units_[event.unit_put().unit().name()] = event.unit_put().unit();
  } else if (event.has_post_put()) {
    posts_[event.post_put().post().name()] = event.post_put().post();
  } else if (event.has_relation_put()) {
    relations_[event.relation_put().relation().name()] = event.relation_put().relation();
  } else if (event.has_delegation_put()) {
    Lent& lent = delegations_[event.delegation_put().delegation().name()];
    lent.delegation = event.delegation_put().delegation();
    if (lent.delegation.ended()) lent.holds = false;
  } else if (event.has_delegation_began()) {
    delegations_[event.delegation_began().delegation()].holds = true;
  } else if (event.has_delegation_ended()) {
    delegations_[event.delegation_ended().delegation()].holds = false;
  } else {
    return false;
  }
  asked_.clear();
  posts_of_.clear();
  return true;
}

std::string Tree::StandIn(const v1::Event& event) const {
  const std::string& name = event.has_delegation_put()     ? event.delegation_put().delegation().name()
                            : event.has_delegation_began() ? event.delegation_began().delegation()
                                                           : event.delegation_ended().delegation();
  return delegations_.at(name).delegation.to();
}

const v1::Unit* Tree::FindUnit(const std::string& name) const { return FindIn(units_, name); }
const v1::Post* Tree::FindPost(const std::string& name) const { return FindIn(posts_, name); }

std::string Tree::UnitOf(const std::string& id) const {
  if (FindUnit(id) != nullptr) return id;
  const v1::Post* post = FindPost(id);
  return post == nullptr ? "" : post->unit();
}

bool Tree::IsBelow(const std::string& unit, const std::string& above) const {
  if (unit == above) return true;
  const v1::Unit* found = FindUnit(unit);
  return found != nullptr && std::any_of(found->superiors().begin(), found->superiors().end(),
                                         [&](const std::string& superior) { return IsBelow(superior, above); });
}

bool Tree::Holds(const std::string& person, const v1::Post& post) { return Contains(post.holders(), person); }

bool Tree::StandsIn(const std::string& person, const v1::Post& post) const {
  return std::any_of(delegations_.begin(), delegations_.end(), [&](const auto& one) {
    const v1::Delegation& delegation = one.second.delegation;
    return one.second.holds && delegation.to() == person && Holds(delegation.from(), post) &&
           (delegation.posts().empty() || Contains(delegation.posts(), post.name()));
  });
}

const std::vector<const v1::Post*>& Tree::PostsOf(const std::string& person) const {
  const auto [found, fresh] = posts_of_.try_emplace(person);
  if (fresh) {
    for (const auto& [name, post] : posts_) {
      if (Holds(person, post) || StandsIn(person, post)) found->second.push_back(&post);
    }
  }
  return found->second;
}

bool Tree::Reaches(const std::string& person, const std::string& id) const {
  const auto [asked, fresh] = asked_.try_emplace(absl::StrCat(person, ">", id), false);
  if (!fresh) return asked->second;
  const std::vector<const v1::Post*>& posts = PostsOf(person);
  return asked->second = person == id || std::any_of(posts.begin(), posts.end(), [&](const v1::Post* post) {
                           return post->name() == id || post->unit() == id ||
                                  (post->scope() == v1::SCOPE_SUBTREE && IsBelow(id, post->unit())) ||
                                  std::any_of(post->areas().begin(), post->areas().end(),
                                              [&](const std::string& area) { return IsBelow(id, area); });
                         });
}

bool Tree::ReachesByItself(const std::string& person, const std::string& id) const {
  const std::vector<const v1::Post*>& posts = PostsOf(person);
  return person == id || std::any_of(posts.begin(), posts.end(),
                                     [&](const v1::Post* post) { return post->name() == id || post->unit() == id; });
}

bool Tree::ActsFor(const std::string& person, const std::string& id, const std::string& right) const {
  if (right.empty()) return ReachesByItself(person, id);
  const std::vector<const v1::Post*>& posts = PostsOf(person);
  return std::any_of(posts.begin(), posts.end(), [&](const v1::Post* post) {
    return (post->name() == id || post->unit() == id) && Contains(post->rights(), right);
  });
}

bool Tree::Related(const std::string& person, const std::string& id) const {
  const auto is_his = [&](const std::string& end) {
    return end == person || std::any_of(posts_.begin(), posts_.end(), [&](const auto& one) {
             return Holds(person, one.second) && (end == one.first || end == one.second.unit());
           });
  };
  const auto is_there = [&](const std::string& end) {
    return end == id || std::any_of(posts_.begin(), posts_.end(), [&](const auto& one) {
             const bool there = one.first == id || one.second.unit() == id;
             return there && (end == one.first || Holds(end, one.second));
           });
  };
  return std::any_of(relations_.begin(), relations_.end(), [&](const auto& one) {
    const v1::Relation& relation = one.second;
    return !relation.ended() && ((is_his(relation.from()) && is_there(relation.to())) ||
                                 (is_his(relation.to()) && is_there(relation.from())));
  });
}

bool Tree::IsContactOf(const std::string& person, const std::string& unit) const {
  const std::vector<const v1::Post*>& posts = PostsOf(person);
  return std::any_of(posts.begin(), posts.end(), [&](const v1::Post* post) {
    return std::any_of(post->areas().begin(), post->areas().end(),
                       [&](const std::string& area) { return IsBelow(unit, area); });
  });
}

// This right does not go along with a delegation.
bool Tree::Audits(const std::string& person) const {
  const std::vector<const v1::Post*>& posts = PostsOf(person);
  return std::any_of(posts.begin(), posts.end(),
                     [&](const v1::Post* post) { return Contains(post->rights(), "audit") && Holds(person, *post); });
}

Names Tree::UnitsServed(const std::string& person) const {
  Names units;
  for (const v1::Post* post : PostsOf(person)) units.insert(post->unit());
  return units;
}

}  // namespace duban::city
