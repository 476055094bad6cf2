// Procedures made up at random: most of them can be worked with, some cannot.
#pragma once

#include <string>

#include "tests/engine/support/dice.h"

namespace duban::engine {

// A small procedure "follow", which a made one may open and which may reopen it.
std::string MakeFollowProcedure(Dice& dice);
// A small procedure "piece", of which a made one may have parts.
std::string MakePieceProcedure(Dice& dice);

// The text of a procedure "made", and damaged a little: a line goes, or a word becomes another of the same text.
std::string MakeProcedure(Dice& dice);
std::string Damaged(const std::string& text, Dice& dice);

}  // namespace duban::engine
