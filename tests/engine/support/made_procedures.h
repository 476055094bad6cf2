// Procedures made up at random: most of them can be worked with, some cannot.
#pragma once

#include <map>
#include <string>

#include "tests/engine/support/dice.h"

namespace duban::engine {

// A small procedure "follow", which a made one may open and which may reopen it.
std::string MakeFollowProcedure(Dice& dice);
// A small procedure "piece", of which a made one may have parts.
std::string MakePieceProcedure(Dice& dice);
// A small procedure "team", whose members may put visits on record in cases of its scope.
std::string MakeTeamProcedure(Dice& dice);

// The text of a procedure "made", and damaged a little: a line goes, or a word becomes another of the same text.
std::string MakeProcedure(Dice& dice);
std::string Damaged(const std::string& text, Dice& dice);

// The next version of a made procedure: a stage gets another name, deadlines, fields, guards, rules about people
// change.
struct NextVersion {
  std::string text;
  std::map<std::string, std::string> stages;  // The old name -> the new one.
  bool only_names = true;                     // Nothing else is different.
};
NextVersion MakeNextVersion(const std::string& text, Dice& dice);

}  // namespace duban::engine
