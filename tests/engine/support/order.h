// A small rectification order with everything that the tests of deciding need, and the look-back it opens.
#pragma once

namespace duban::engine {

inline constexpr char kOrder[] = R"yaml(
procedure: order
title: {zh: 整改, en: Order}
may_open: [issuer]
numbers: 交办〔{year}〕{owner}{seq}号
parties:
  issuer:   {kind: unit, title: {zh: 交办单位}}
  owner:    {kind: unit, title: {zh: 责任单位}}
  helpers:  {kind: unit, title: {zh: 协办单位}, many: true, optional: true}
  reviewer: {kind: post, title: {zh: 验收人}, never: {unit_of: [owner, helpers], acted_in: [submit], related_to: [owner, helpers]}}
fields:
  problem:   {title: {zh: 存在问题}, type: text, required: true}
  informant: {title: {zh: 反映人}, type: text, sealed: {sees: [issuer]}}
  due:       {title: {zh: 整改时限}, type: date}
  progress:  {title: {zh: 进展}, type: text}
  result:    {title: {zh: 整改结果}, type: text}
  evidence:  {title: {zh: 佐证材料}, type: text, many: true}
stages:
  issued:
    title: {zh: 已交办}
    actions:
      acknowledge: {title: {zh: 签收}, by: owner, to: rectifying}
      dispute: {title: {zh: 申请退回}, by: owner, to: disputed, needs: [reason], when: [{not: assigned_by_superior}]}
  disputed:
    title: {zh: 退回审核}
    within: 2 working days
    actions:
      uphold: {title: {zh: 维持交办}, by: issuer, to: rectifying, needs: [reason]}
      recall: {title: {zh: 撤回}, by: issuer, to: recalled, needs: [reason]}
  rectifying:
    title: {zh: 整改中}
    actions:
      report: {title: {zh: 报送进展}, by: [owner, helpers], needs: [progress]}
      pause:  {title: {zh: 中止}, by: issuer, to: paused, needs: [reason]}
      withdraw: {title: {zh: 撤回}, by: issuer, to: recalled, needs: [reason]}
      submit: {title: {zh: 申请销号}, by: owner, to: review, needs: [result, evidence]}
  paused:
    title: {zh: 已中止}
    no_deadline: 中止期间不计时
    actions:
      resume: {title: {zh: 恢复}, by: issuer, to: rectifying}
  review:
    title: {zh: 验收}
    within: 5 working days
    actions:
      accept: {title: {zh: 验收通过}, by: reviewer, to: publicity, verifies: passed}
      reject: {title: {zh: 退回整改}, by: reviewer, to: rectifying, verifies: failed, needs: [reason]}
  publicity:
    title: {zh: 公示}
    after: {10 working days: closed}
    counts: both_ends
    actions:
      object: {title: {zh: 公示异议}, by: issuer, to: review, needs: [reason]}
  closed:
    title: {zh: 已销号}
    end: done
    opens: {procedure: revisit, bind: {inspecting: issuer, visited: owner}, set: {matter: problem}}
  recalled: {title: {zh: 已撤回}, end: cancelled}
clocks:
  receipt: {title: {zh: 签收时限}, from: issued, until: [rectifying, disputed], budget: 3 working days, remind: [1 working day]}
  rectify:
    title: {zh: 整改时限}
    from: rectifying
    until: [closed, recalled]
    due: due
    stops_in: [paused, review, publicity]
    remind: [10 working days, 3 working days]
    ladder: lateness
    charged_to: owner
    extend: {title: {zh: 延期}, by: owner, approved_by: issuer, at_most: 1 per round, needs: [due, reason]}
ladders:
  lateness:
    - {at: 0 working days, raise: urge, title: {zh: 催办}, tell: [owner, issuer]}
    - {at: 5 working days, raise: circulate, title: {zh: 通报}, tell: [owner, issuer.head]}
lights:
  - {colour: green}
  - {colour: yellow, left: 3 working days}
  - {colour: red, overdue: true}
)yaml";

inline constexpr char kRevisit[] = R"yaml(
procedure: revisit
title: {zh: 回头看, en: Look-back}
may_open: [inspecting]
parties:
  inspecting: {kind: unit, title: {zh: 督查单位}}
  visited:    {kind: unit, title: {zh: 被查单位}}
fields:
  matter:  {title: {zh: 原事项}, type: text, required: true}
  finding: {title: {zh: 发现情况}, type: text}
  new_due: {title: {zh: 新时限}, type: date}
stages:
  planned:
    title: {zh: 待回访}
    sees: [inspecting]
    no_deadline: 由督查计划安排
    actions:
      hold:   {title: {zh: 未反弹}, by: inspecting, to: held, needs: [finding]}
      rebound: {title: {zh: 已反弹}, by: inspecting, to: rebounded, needs: [finding, new_due]}
  held:      {title: {zh: 巩固}, end: done, sees: [inspecting]}
  rebounded: {title: {zh: 反弹}, end: done, reopens: {case: parent, to: rectifying, set: {due: new_due}}}
)yaml";

}  // namespace duban::engine
