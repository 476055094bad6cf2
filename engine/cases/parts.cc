#include "engine/cases/parts.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"

namespace duban::engine {
namespace {

// The wholes above a case at every height, each once.
std::set<std::string> WholesAbove(const CaseState& state, LookUp look) {
  std::set<std::string> above;
  std::vector<const CaseState*> next = {&state};
  while (!next.empty()) {
    const CaseState* at = next.back();
    next.pop_back();
    for (const Whole& whole : WholesOf(*at)) {
      if (!above.insert(whole.name).second) continue;
      if (const CaseState* found = look(whole.name)) next.push_back(found);
    }
  }
  return above;
}

Rejection TooManyWholes() {
  return Reject(Kind::kState, "TOO_MANY_WHOLES",
                absl::StrCat("一件事项之上（各层合计）最多 ", limits::kWholesAboveMax, " 件，请减少层次或归属"),
                absl::StrCat("at most ", limits::kWholesAboveMax,
                             " wholes may stand above a case, at all heights together; use fewer levels"));
}

// Whether everything at and below `part` stays within the bound on wholes once `above` come on top.
Verdict CheckHeights(const Context& context, const CaseState& part, const std::set<std::string>& above, LookUp look) {
  std::set<std::string> seen = {part.name()};
  std::vector<std::string> next = {part.name()};
  while (!next.empty()) {
    const CaseState* at = look(next.back());
    next.pop_back();
    if (at == nullptr) continue;
    std::set<std::string> wholes = WholesAbove(*at, look);
    wholes.insert(above.begin(), above.end());
    if (wholes.size() > limits::kWholesAboveMax) return TooManyWholes();
    for (std::string& below : context.parts_of(at->name())) {
      if (seen.insert(below).second) next.push_back(std::move(below));
    }
    if (seen.size() > limits::kPartsMovedMax) {
      return Reject(
          Kind::kState, "TOO_MANY_PARTS",
          absl::StrCat("该事项及其各层组成部分超过 ", limits::kPartsMovedMax, " 件，不能整体并入；请先并入，再分解"),
          absl::StrCat("the case and all below it are more than ", limits::kPartsMovedMax,
                       "; make it a part first and divide it afterwards"));
    }
  }
  return Nothing{};
}

Verdict CheckOpen(const CaseState* part, const CaseState& whole) {
  if (whole.end_kind() != v1::END_KIND_UNSPECIFIED) {
    return Reject(Kind::kState, "WHOLE_ENDED", "上级事项已经结束，不能再有新的组成部分",
                  "the whole has ended and takes no more parts", {{"whole", whole.name()}});
  }
  if (part == nullptr) return Nothing{};
  if (part->end_kind() == v1::END_KIND_MERGED || part->end_kind() == v1::END_KIND_CANCELLED) {
    return Reject(Kind::kState, "CASE_ENDED", "该事项已并案或撤回，不能作为组成部分",
                  "the case was merged or called off and cannot be a part", {{"case", part->name()}});
  }
  return Nothing{};
}

}  // namespace

std::vector<Whole> WholesOf(const CaseState& state) {
  std::vector<Whole> wholes;
  if (state.link() == v1::LINK_KIND_PART && !state.parent().empty()) {
    wholes.push_back({state.parent(), std::max<int64_t>(1, state.weight())});
  }
  for (const auto& of : state.part_of()) wholes.push_back({of.parent(), std::max<int64_t>(1, of.weight())});
  return wholes;
}

Verdict CheckPart(const Context& context, const Procedure& procedure, const CaseState* part, const CaseState& whole,
                  int64_t weight, LookUp look) {
  if (weight < 0 || weight > limits::kWeightMax) {
    return Reject(Kind::kInvalid, "WEIGHT_INVALID", absl::StrCat("权重应为 1 至 ", limits::kWeightMax, " 的整数"),
                  absl::StrCat("a weight is a whole number from 1 to ", limits::kWeightMax), {{"field", "weight"}});
  }
  if (Verdict open = CheckOpen(part, whole); !open.ok()) return open;
  const bool hides = std::any_of(procedure.stages.begin(), procedure.stages.end(),
                                 [](const Stage& stage) { return !stage.sees.empty(); });
  if (hides) {
    return Reject(Kind::kState, "PART_HIDDEN",
                  absl::StrCat("“", procedure.title.zh(), "”在有的环节只给部分人看，作为组成部分会从汇总数中泄露"),
                  absl::StrCat("\"", procedure.name,
                               "\" is not for everybody in some stage; as a part its sums would give it away"),
                  {{"procedure", procedure.name}});
  }
  std::set<std::string> above = WholesAbove(whole, look);
  above.insert(whole.name());
  if (part != nullptr) {
    if (above.count(part->name()) != 0) {
      return Reject(Kind::kState, "LINK_RING", "该事项正是上级事项本身或其上级，不能互为组成部分",
                    "the case is the whole itself or stands above it; parts cannot go round in a ring",
                    {{"whole", whole.name()}});
    }
    const std::vector<Whole> wholes = WholesOf(*part);
    if (std::any_of(wholes.begin(), wholes.end(), [&](const Whole& one) { return one.name == whole.name(); })) {
      return Reject(Kind::kState, "ALREADY_A_PART", "该事项已经是其组成部分", "it is a part of that case already",
                    {{"whole", whole.name()}});
    }
  }
  if (context.parts_of(whole.name()).size() >= limits::kPartsMax) {
    return Reject(Kind::kState, "TOO_MANY_PARTS",
                  absl::StrCat("一件事项最多直接分为 ", limits::kPartsMax, " 部分，请增加中间层次"),
                  absl::StrCat("a case has at most ", limits::kPartsMax, " parts directly below; add a level between"));
  }
  if (part != nullptr) return CheckHeights(context, *part, above, look);
  return above.size() > limits::kWholesAboveMax ? Verdict(TooManyWholes()) : Verdict(Nothing{});
}

}  // namespace duban::engine
