// A workbook (.xlsx) that the command line wrote, read back from its own XML.
#pragma once

#include <string>
#include <vector>

namespace duban::scenarios {

// The rows of the sheet of that name, cells two blanks apart; numbers as they stand in the file, 60% as 0.6. Wrong
// where there is no such file or sheet.
std::vector<std::string> SheetRows(const std::string& path, const std::string& sheet);

}  // namespace duban::scenarios
