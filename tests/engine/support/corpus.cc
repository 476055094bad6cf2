#include "tests/engine/support/corpus.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace duban::engine {

namespace fs = std::filesystem;

std::vector<std::string> NamesIn(const std::string& folder) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") out.push_back(entry.path().stem().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::pair<std::string, std::string> LineOf(const std::vector<SourceFile>& files, const Finding& finding) {
  for (const SourceFile& file : files) {
    if (file.path != finding.path) continue;
    const std::vector<std::string> lines = absl::StrSplit(file.text, '\n');
    if (finding.line < 1 || finding.line > static_cast<int>(lines.size())) return {};
    const std::string& line = lines[finding.line - 1];
    size_t at = 0;
    for (int character = 1; character < finding.column && at < line.size(); ++character) {
      do ++at;
      while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0) == 0x80);
    }
    return {line.substr(0, at), line.substr(at)};
  }
  return {};
}

namespace {

// What stands at a finding's place: a word, or the beginning of a list or map.
std::string WordAt(const std::string& rest) {
  if (rest.empty()) return "(end)";
  const bool nested = rest[0] == '{' || rest[0] == '[';
  const size_t end = nested ? rest.find_first_of(":,]}", 1) : rest.find_first_of(":,]} ", 1);
  return rest.substr(0, end);
}

}  // namespace

std::string Written(const std::vector<SourceFile>& files, const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& f : findings) {
    absl::StrAppend(&out, f.path, ":", f.line, ":", f.column, " ", f.rule, f.warning ? " (warning)" : "", " at ",
                    WordAt(LineOf(files, f).second), "\n    ", f.message.zh(), "\n    ", f.message.en(), "\n");
  }
  return out;
}

std::set<std::string> Rules(const std::string& text, char before, char after) {
  std::set<std::string> out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != before) continue;
    size_t end = i + 1;
    while (end < text.size() && (text[end] == '_' || (text[end] >= 'A' && text[end] <= 'Z'))) ++end;
    if (end < text.size() && text[end] == after && end > i + 4) out.insert(text.substr(i + 1, end - i - 1));
  }
  return out;
}

std::vector<std::string> ChineseLiterals(const std::string& source) {
  std::vector<std::string> out;
  for (absl::string_view line : absl::StrSplit(source, '\n')) {
    if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(line), "//")) continue;
    for (size_t at = line.find('"'); at != absl::string_view::npos; at = line.find('"', at)) {
      std::string literal;
      bool chinese = false;
      for (++at; at < line.size() && line[at] != '"'; ++at) {
        if (line[at] == '\\') ++at;
        literal += line[at];
        chinese = chinese || static_cast<unsigned char>(line[at]) >= 0xE3;  // From U+3000 on.
      }
      if (at < line.size()) ++at;
      if (chinese) out.push_back(literal);
    }
  }
  return out;
}

}  // namespace duban::engine
