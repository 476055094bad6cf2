// A rehearsal told line by line: what somebody types, or what stands in a script, and what comes of it.
//
//   立项 存在问题=排口溢流 整改时限=2026-10-30     open a case; "上级交办" from above; "-协办单位" leaves a party out
//   办 申请销号 整改结果=已封堵                     take an action, by number, title or name; "由=验收人甲" as somebody
//   +5wd   2026-10-09   下一个                      time goes on: by a span, to a day, to what becomes due next
//   撤销   看   事项 2   经过   帮助   结束         undo, look, another case, the story so far, help, quit
#pragma once

#include <istream>
#include <map>
#include <string>

#include "clients/cli/console.h"
#include "clients/cli/words.h"
#include "clients/offline/rehearsal.h"

namespace duban::cli {

// How it is told.
struct Telling {
  std::map<std::string, ProcedureWords> words;  // Of every procedure of the set.
  std::string procedure;                        // The one that is rehearsed.
  bool interactive = false;                     // Somebody types: a line that cannot be read is no end.
};

// Plays the lines up to the last, or to "结束", then tells the story. REQUIRES: the rehearsal has no findings.
// kExitRefused after a line that cannot be read, with its number on standard error; an action that the engine refuses
// is told and is no fault of the script.
int Rehearse(const Console& console, offline::Rehearsal& rehearsal, const Telling& telling, std::istream& lines);

}  // namespace duban::cli
