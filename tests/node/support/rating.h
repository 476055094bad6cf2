// A rating of one unit's head by those who serve in it: secret, and shown where two at least took part.
#pragma once

namespace duban::node {

inline constexpr char kRating[] = R"yaml(
procedure: rating
title: {zh: 评议, en: Rating}
may_open: [office]
subject: matter
parties:
  office: {kind: unit, title: {zh: 组织单位}}
  other:  {kind: unit, title: {zh: 所在单位}}
fields:
  matter: {title: {zh: 主题}, type: text, required: true}
  total:  {title: {zh: 得分}, type: number}
stages:
  report:
    title: {zh: 述职}
    within: 5 days
    actions:
      begin: {title: {zh: 开始评议}, by: office, to: rating}
      drop:  {title: {zh: 不评了}, by: office, to: recalled}
  rating:
    title: {zh: 评议}
    after: {5 days: rated}
    collect:
      from: {all: {title: {zh: 全体}, of: other, weight: 100%}}
      asks: {score: {title: {zh: 分数}, type: number, min: 0, max: 100}}
      rated: other.head
      quorum: {all: 1/2}
      below_quorum: report
      secret: true
      smallest_group: 2
      result: total
    actions: {recall: {title: {zh: 撤回}, by: office, to: recalled}}
  rated:    {title: {zh: 已评}, end: done}
  recalled: {title: {zh: 已撤回}, end: cancelled}
)yaml";

}  // namespace duban::node
