// Our own bugs stop the process: carrying on with a wrong belief would write it into history.
#pragma once

#include <cstdio>
#include <cstdlib>

// Stops the process with a message when `condition` does not hold; in every build.
#define DUBAN_CHECK(condition, message)                                                                    \
  do {                                                                                                     \
    if (!(condition)) {                                                                                    \
      std::fprintf(stderr, "%s:%d: broken invariant: %s (%s)\n", __FILE__, __LINE__, message, #condition); \
      std::abort();                                                                                        \
    }                                                                                                      \
  } while (false)
