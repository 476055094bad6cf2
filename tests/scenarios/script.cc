#include "tests/scenarios/script.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace duban::scenarios {
namespace {

constexpr char kStop[] = "。";
constexpr char kColon[] = "：";
constexpr char kWideBlank[] = "　";

bool TakeSuffix(std::string& text, const std::string& suffix) {
  if (!absl::EndsWith(text, suffix)) return false;
  text.resize(text.size() - suffix.size());
  return true;
}

}  // namespace

std::string Stripped(std::string text) {
  const auto at_begin = [&](const std::string& blank) {
    if (!absl::StartsWith(text, blank)) return false;
    text.erase(0, blank.size());
    return true;
  };
  while (at_begin(" ") || at_begin("\t") || at_begin(kWideBlank)) {
  }
  while (TakeSuffix(text, " ") || TakeSuffix(text, "\t") || TakeSuffix(text, "\r") || TakeSuffix(text, kWideBlank)) {
  }
  return text;
}

std::vector<std::string> Listed(const std::string& text) {
  std::vector<std::string> out;
  for (const auto part : absl::StrSplit(text, "、")) {
    if (std::string one = Stripped(std::string(part)); !one.empty()) out.push_back(one);
  }
  return out;
}

std::string Sentence::Get(const std::string& name) const {
  for (const Item& item : items) {
    if (item.name == name) return item.value;
  }
  return "";
}

Script Parse(const std::string& text) {
  Script script;
  int number = 0;
  bool list_open = false;
  for (const auto part : absl::StrSplit(text, '\n')) {
    ++number;
    const std::string line(part);
    std::string stripped = Stripped(line);
    if (stripped.empty() || stripped[0] == '#') continue;
    const bool indented = line[0] == ' ' || line[0] == '\t' || absl::StartsWith(line, kWideBlank);
    if (indented) {
      if (!list_open) {
        script.fault = absl::StrCat("第 ", number, " 行：上一句不以“：”结尾，这里不应缩进");
        return script;
      }
      Item item{number, "", stripped};
      if (const size_t colon = stripped.find(kColon); colon != std::string::npos) {
        item.name = Stripped(stripped.substr(0, colon));
        item.value = Stripped(stripped.substr(colon + sizeof(kColon) - 1));
      }
      script.sentences.back().items.push_back(std::move(item));
      continue;
    }
    list_open = TakeSuffix(stripped, kColon);
    if (!list_open && !TakeSuffix(stripped, kStop)) {
      script.fault = absl::StrCat("第 ", number, " 行：一句话以“。”结尾，其后有列表的以“：”结尾");
      return script;
    }
    script.sentences.push_back({number, stripped, {}});
  }
  return script;
}

}  // namespace duban::scenarios
