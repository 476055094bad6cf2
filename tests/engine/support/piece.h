// A small matter that can be divided: whoever issues it opens parts of it, its lead ends it when they are closed.
#pragma once

namespace duban::engine {

inline constexpr char kPiece[] = R"yaml(
procedure: piece
title: {zh: 分项, en: Piece}
may_open: [issuer]
parties:
  issuer: {kind: unit, title: {zh: 交办单位}}
  lead:   {kind: unit, title: {zh: 牵头单位}}
fields:
  task:    {title: {zh: 任务}, type: text, required: true}
  due:     {title: {zh: 时限}, type: date}
  sources: {title: {zh: 来源}, type: choice, of: sources, many: true}
  secret:  {title: {zh: 内部来源}, type: choice, of: sources, many: true, sees: [issuer]}
stages:
  working:
    title: {zh: 办理中}
    no_deadline: 以完成时限为准
    actions:
      finish: {title: {zh: 办结}, by: lead, to: done}
      close:  {title: {zh: 汇总办结}, by: lead, to: done, when: [parts_closed]}
      hasten: {title: {zh: 催各分项}, by: issuer, when: [parts_open]}
      divide: {title: {zh: 分解}, by: issuer, opens: {procedure: piece, bind: {issuer: issuer, lead: lead}, set: {task: task}, as: part}}
      drop:   {title: {zh: 撤回}, by: issuer, to: dropped}
  done:    {title: {zh: 已办结}, end: done}
  dropped: {title: {zh: 已撤回}, end: cancelled}
clocks:
  main: {title: {zh: 完成时限}, from: working, until: [done, dropped], due: due, charged_to: lead}
codes:
  sources: {hotline: {zh: 热线}, letter: {zh: 来信}, visit: {zh: 走访}}
)yaml";

}  // namespace duban::engine
