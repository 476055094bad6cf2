// Files of the repository, as tests need them.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace duban::engine {

// The text of a file; the path is relative to the repository's root.
inline std::string ReadRepositoryFile(const std::string& path) {
  std::ifstream in(std::string(DUBAN_SOURCE_DIR "/") + path, std::ios::binary);
  EXPECT_TRUE(in.good()) << "cannot read " << path;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace duban::engine
