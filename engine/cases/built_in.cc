#include "engine/cases/built_in.h"

#include <iterator>

namespace duban::engine {
namespace {

struct BuiltIn {
  const char* name;
  const char* zh;
  const char* en;
};
constexpr BuiltIn kBuiltIn[] = {
    {kComment, "说明", "Comment"},
    {kAttach, "附件", "Attached"},
    {kUrge, "催办", "Urged"},
    {kLink, "归入", "Made a part"},
    {kMerge, "并案", "Merge"},
    {kVoid, "作废", "Void"},
    {kTransfer, "移送", "Transfer"},
    {kTakeOver, "接收移送", "Take over"},
    {kSendBack, "退回移送", "Send back"},
    {kClaim, "认领", "Claim"},
    {kOnSite, "现场督办", "Visited on site"},
    {kHearReport, "听取汇报", "Heard a report"},
    {kMarkSecrecy, "调整密级", "Mark secrecy"},
    {kVote, "评议投票", "Vote"},
    {kCloseCollecting, "提前计票", "Count now"},
};

}  // namespace

v1::Text BuiltInTitle(absl::string_view action) {
  v1::Text title;
  for (const BuiltIn& one : kBuiltIn) {
    if (action != one.name) continue;
    title.set_zh(one.zh);
    title.set_en(one.en);
  }
  return title;
}

v1::Text ActionTitle(const Procedure& procedure, absl::string_view action) {
  if (const Clock* clock = procedure.FindExtension(action)) return clock->extend->title;
  for (const Stage& stage : procedure.stages) {
    if (const Action* found = procedure.FindAction(stage.name, action)) return found->title;
  }
  return BuiltInTitle(action);
}

std::vector<Role> OpenersOf(const Procedure& procedure) {
  std::vector<Role> openers;
  for (const std::string& party : procedure.may_open) openers.push_back(Role{party});
  return openers;
}

}  // namespace duban::engine
