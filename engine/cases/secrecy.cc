#include "engine/cases/secrecy.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/limits.h"
#include "engine/cases/built_in.h"
#include "engine/cases/checks.h"
#include "engine/cases/parts.h"

namespace duban::engine {

v1::Secrecy Graded(v1::Secrecy secrecy) { return secrecy == v1::SECRECY_UNSPECIFIED ? v1::SECRECY_INTERNAL : secrecy; }

v1::Secrecy Higher(v1::Secrecy a, v1::Secrecy b) { return std::max(Graded(a), Graded(b)); }

v1::Text SecrecyTitle(v1::Secrecy secrecy) {
  v1::Text title;
  const v1::Secrecy grade = Graded(secrecy);
  title.set_zh(grade == v1::SECRECY_PUBLIC ? "公开" : grade == v1::SECRECY_INTERNAL ? "内部" : "工作秘密");
  title.set_en(grade == v1::SECRECY_PUBLIC ? "public" : grade == v1::SECRECY_INTERNAL ? "internal" : "work secret");
  return title;
}

Verdict CheckSecrecy(v1::Secrecy secrecy) {
  if (Graded(secrecy) <= v1::SECRECY_WORK_SECRET && v1::Secrecy_IsValid(secrecy)) return Nothing{};
  return Reject(
      Kind::kInvalid, "STATE_SECRET", "本系统不存放国家秘密，密级最高为工作秘密；请勿录入，按保密规定在涉密系统中办理",
      "state secrets must not be kept here, work secrets are the highest grade; do not enter it, use a system "
      "meant for state secrets",
      {{"field", "secrecy"}});
}

Verdict RaiseParts(const Context& context, Draft& draft, const CaseState& whole, std::vector<std::string> parts,
                   const Actor& actor, const Capacity& capacity) {
  const v1::Secrecy grade = Graded(whole.secrecy());
  v1::Event event;
  v1::ActionTaken& taken = *event.mutable_action_taken();
  taken.set_action(kMarkSecrecy);
  // Why the whole was marked is the whole's affair; when is now, for a part may be younger than what is entered late.
  Sign(context, actor, capacity, "随上级事项调整密级", taken);
  *taken.mutable_at() = ToProto(context.now);
  taken.set_through(whole.name());
  taken.set_secrecy(grade);
  std::set<std::string> seen(parts.begin(), parts.end());
  size_t raised = 0;
  while (!parts.empty()) {
    const std::string name = std::move(parts.back());
    parts.pop_back();
    const CaseState* part = draft.Look(name);
    // What is below one that is as secret is as secret as that.
    if (part == nullptr || Graded(part->secrecy()) >= grade) continue;
    if (++raised > limits::kOpenedAtOnceMax) {
      return Reject(
          Kind::kState, "SECRECY_TOO_MANY_PARTS",
          absl::StrCat("密级低于上级事项的组成部分超过 ", limits::kOpenedAtOnceMax,
                       " 件，不能一次随之提高；请先逐级调整组成部分的密级"),
          absl::StrCat("more than ", limits::kOpenedAtOnceMax,
                       " parts would have to be raised with their whole; mark the parts first, level by level"),
          {{"most", absl::StrCat(limits::kOpenedAtOnceMax)}});
    }
    draft.Find(name)->Emit(event);
    for (std::string& below : context.parts_of(name)) {
      if (seen.insert(below).second) parts.push_back(std::move(below));
    }
  }
  return Nothing{};
}

Verdict DecideSecrecy(const Context& context, Draft& draft, CaseDraft& on, const Actor& actor,
                      const v1::ActOnCaseRequest& command) {
  const Outcome<Capacity> capacity = FindOpener(*on.procedure, on.state, context.directory, actor);
  DUBAN_REQUIRE(capacity);
  if (command.secrecy() == v1::SECRECY_UNSPECIFIED) {
    return Reject(Kind::kInvalid, "MISSING_SECRECY", "请写明密级：公开、内部或工作秘密",
                  "say which grade: public, internal or work secret", {{"field", "secrecy"}});
  }
  if (command.reason().empty()) return MissingReason();
  if (command.secrecy() == Graded(on.state.secrecy())) {
    const v1::Text now = SecrecyTitle(on.state.secrecy());
    return Reject(Kind::kState, "SAME_SECRECY", absl::StrCat("密级已经是“", now.zh(), "”，无须调整"),
                  absl::StrCat("it is ", now.en(), " already"), {{"secrecy", now.en()}});
  }
  for (const Whole& whole : WholesOf(on.state)) {
    const CaseState* above = draft.Look(whole.name);
    if (above == nullptr || command.secrecy() >= Graded(above->secrecy())) continue;
    const v1::Text least = SecrecyTitle(above->secrecy());
    return Reject(
        Kind::kState, "SECRECY_BELOW_WHOLE", absl::StrCat("组成部分的密级不得低于其上级事项（", least.zh(), "）"),
        absl::StrCat("a part is at least as secret as its whole (", least.en(), ")"), {{"least", least.en()}});
  }
  v1::Event event;
  v1::ActionTaken& taken = *event.mutable_action_taken();
  taken.set_action(kMarkSecrecy);
  Sign(context, actor, *capacity, command.reason(), taken);
  taken.set_party(capacity->party);
  taken.set_note(command.note());
  taken.set_secrecy(command.secrecy());
  on.Emit(std::move(event));
  return RaiseParts(context, draft, on.state, context.parts_of(on.state.name()), actor, *capacity);
}

std::optional<std::string> StateSecretMark(absl::string_view text) {
  constexpr absl::string_view kStar = "★";
  for (size_t at = text.find(kStar); at != absl::string_view::npos; at = text.find(kStar, at + kStar.size())) {
    absl::string_view before = text.substr(0, at);
    while (absl::ConsumeSuffix(&before, " ") || absl::ConsumeSuffix(&before, "　")) {
    }
    for (const char* grade : {"绝密", "机密", "秘密"}) {
      if (absl::EndsWith(before, grade) && !absl::EndsWith(before, "工作秘密")) return absl::StrCat(grade, kStar);
    }
  }
  return std::nullopt;
}

}  // namespace duban::engine
