#include "engine/directory/delegation.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/directory/names.h"

namespace duban::engine {
namespace {

bool SameButEnded(v1::Delegation a, v1::Delegation b) {
  a.clear_ended();
  b.clear_ended();
  return a.SerializeAsString() == b.SerializeAsString();
}

Instant BeginOf(const v1::Delegation& delegation, Instant otherwise) {
  return delegation.has_begins_at() ? ToTick(FromProto(delegation.begins_at())) : otherwise;
}

// The last moment is one in which it holds.
Instant OverAt(const v1::Delegation& delegation) { return ToTick(FromProto(delegation.ends_at())) + kTick; }

v1::Event Began(const std::string& name, Instant at) {
  v1::Event event;
  event.mutable_delegation_began()->set_delegation(name);
  *event.mutable_delegation_began()->mutable_at() = ToProto(at);
  return event;
}

v1::Event Ended(const std::string& name, Instant at) {
  v1::Event event;
  event.mutable_delegation_ended()->set_delegation(name);
  *event.mutable_delegation_ended()->mutable_at() = ToProto(at);
  return event;
}

Rejection WrongPeriod(const v1::Delegation& put) {
  return Wrong("DELEGATION_PERIOD_INVALID", put.name(),
               absl::StrCat("的起止不对：须写明 ends_at，晚于 begins_at 和现在，且不超过开始后 ",
                            limits::kDelegationDaysMax, " 天。"),
               absl::StrCat("has a wrong period: ends_at is required, after begins_at and after now, at most ",
                            limits::kDelegationDaysMax, " days after the beginning."));
}

Verdict CheckPeriod(const v1::Delegation& put, Instant now) {
  if (!put.has_ends_at() || !IsInstant(put.ends_at())) return WrongPeriod(put);
  if (put.has_begins_at() && !IsInstant(put.begins_at())) return WrongPeriod(put);
  const Instant begins = std::max(BeginOf(put, now), now);
  const Instant ends = OverAt(put) - kTick;
  if (ends <= begins || ends - begins > absl::Hours(24 * limits::kDelegationDaysMax)) return WrongPeriod(put);
  return Nothing{};
}

Verdict CheckReason(const v1::Delegation& put) {
  if (put.reason().empty()) {
    return Reject(Kind::kInvalid, "REASON_REQUIRED", absl::StrCat("代办「", put.name(), "」须写明原因 reason"),
                  absl::StrCat("delegation \"", put.name(), "\" needs a reason"), {{"field", "reason"}});
  }
  if (put.reason().size() <= limits::kReasonBytesMax) return Nothing{};
  return Reject(Kind::kInvalid, "TEXT_TOO_LONG",
                absl::StrCat("代办「", put.name(), "」的原因超过 ", limits::kReasonBytesMax, " 字节，请缩短"),
                absl::StrCat("the reason of delegation \"", put.name(), "\" is longer than ", limits::kReasonBytesMax,
                             " bytes; shorten it"),
                {{"field", "reason"}});
}

// What is given are duties that the first holds himself.
Verdict CheckPosts(const Directory& directory, const v1::Delegation& put) {
  const std::vector<const v1::Post*> held = directory.PostsOf(put.from());
  if (static_cast<size_t>(put.posts_size()) > limits::kDelegationPostsMax) {
    return Wrong("DELEGATION_TOO_MANY", put.name(),
                 absl::StrCat("所列岗位超过 ", limits::kDelegationPostsMax, " 个；不列岗位即为全部岗位。"),
                 absl::StrCat("names more than ", limits::kDelegationPostsMax, " posts; naming none means all."));
  }
  for (const std::string& name : put.posts()) {
    if (directory.FindPost(name) == nullptr) return Unknown(put.name(), name);
    if (std::any_of(held.begin(), held.end(), [&](const v1::Post* post) { return post->name() == name; })) continue;
    return Wrong("DELEGATION_POST_NOT_HELD", put.name(),
                 absl::StrCat("中的岗位“", name, "”不由委托人担任；只能委托本人担任的岗位，代办得来的不能再委托。"),
                 absl::StrCat("names the post \"", name,
                              "\", which its first person does not hold; only one's own posts can be delegated."),
                 name);
  }
  if (!held.empty()) return Nothing{};
  return Wrong("DELEGATION_POST_NOT_HELD", put.name(), "的委托人没有担任任何岗位，没有可委托的职责。",
               "is by somebody who holds no post: there is no duty to delegate.", put.from());
}

Verdict CheckRoom(const Directory& directory, const v1::Delegation& put) {
  size_t by = 0;
  size_t to = 0;
  for (const auto& [name, standing] : directory.delegations()) {
    if (standing.over) continue;
    by += standing.delegation.from() == put.from() ? 1 : 0;
    to += standing.delegation.to() == put.to() ? 1 : 0;
  }
  if (by < limits::kDelegationsPerPersonMax && to < limits::kDelegationsPerPersonMax) return Nothing{};
  return Wrong("DELEGATION_TOO_MANY", put.name(),
               absl::StrCat("未登记：同一人委托或受托的、尚未结束的代办最多 ", limits::kDelegationsPerPersonMax,
                            " 项，请先终止不用的。"),
               absl::StrCat("is one too many: at most ", limits::kDelegationsPerPersonMax,
                            " delegations by or to one person may stand; end those that are not needed."));
}

Verdict CheckNew(const Directory& directory, const v1::Delegation& put, Instant now) {
  for (const std::string& person : {put.from(), put.to()}) {
    if (directory.FindPerson(person) == nullptr) return Unknown(put.name(), person);
  }
  if (put.from() == put.to()) {
    return Wrong("DELEGATION_TO_ITSELF", put.name(), "的委托人与受托人是同一人，请改正一方。",
                 "is from somebody to himself; correct one.", put.from());
  }
  if (Verdict v = CheckReason(put); !v.ok()) return v;
  if (put.ended()) return Nothing{};  // Told for the record, or put back from a file: it never holds.
  if (Verdict v = CheckPeriod(put, now); !v.ok()) return v;
  if (Verdict v = CheckPosts(directory, put); !v.ok()) return v;
  return CheckRoom(directory, put);
}

Outcome<std::vector<v1::Event>> Decide(const Directory& directory, const v1::Delegation& put, Instant now) {
  std::vector<v1::Event> events;
  if (!IsId(put.name(), "delegations/")) return WrongId(put.name(), "delegations/");
  const Standing* held = directory.FindDelegation(put.name());
  if (held != nullptr) {
    if (!SameButEnded(held->delegation, put)) {
      return Wrong("DELEGATION_FIXED", put.name(), "已经登记，内容不能改；请终止它（ended: true），另行登记一项。",
                   "has been put and is not changed any more; end it (ended: true) and put another.");
    }
    if (held->delegation.ended() == put.ended() || (held->over && put.ended())) return events;
    if (!put.ended()) {
      return Wrong("DELEGATION_FIXED", put.name(), "已经终止，不能恢复；请另行登记一项。",
                   "has been ended and does not come back; put another.");
    }
  } else if (Verdict fits = CheckNew(directory, put, now); !fits.ok()) {
    return fits.rejection();
  }
  *events.emplace_back().mutable_delegation_put()->mutable_delegation() = put;
  if (held != nullptr && held->holds) events.push_back(Ended(put.name(), now));
  if (held == nullptr && !put.ended() && BeginOf(put, now) <= now) events.push_back(Began(put.name(), now));
  return events;
}

}  // namespace

Outcome<std::vector<DelegationChange>> DecideDelegations(Directory directory, const std::vector<v1::Delegation>& put,
                                                         Instant now) {
  std::vector<DelegationChange> changes;
  std::set<std::string> seen;
  for (const v1::Delegation& one : put) {
    if (!seen.insert(one.name()).second) return Twice(one.name());
    Outcome<std::vector<v1::Event>> events = Decide(directory, one, now);
    if (!events.ok()) return events.rejection();
    for (const v1::Event& event : *events) directory.Evolve(event);
    if (!events->empty()) changes.push_back({one.name(), *std::move(events)});
  }
  return changes;
}

Instant NextDue(const Standing& standing) {
  if (standing.over) return absl::InfiniteFuture();
  if (standing.holds) return OverAt(standing.delegation);
  return BeginOf(standing.delegation, absl::InfiniteFuture());
}

std::optional<v1::Event> DueEvent(const Standing& standing, Instant until) {
  const Instant due = NextDue(standing);
  if (due > until) return std::nullopt;
  const std::string& name = standing.delegation.name();
  return standing.holds ? Ended(name, due) : Began(name, due);
}

std::vector<std::string> AudienceOf(const v1::Delegation& delegation) {
  std::vector<std::string> out = {delegation.from(), delegation.to(), absl::StrCat("rights/", kRightAdminister),
                                  absl::StrCat("rights/", kRightAudit)};
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace duban::engine
