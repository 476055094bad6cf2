// Sentences about what people type, and what is printed, written to files, and kept up to date on screens.
#include <functional>
#include <optional>
#include <regex>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "clients/cli/console.h"
#include "tests/scenarios/player.h"
#include "tests/scenarios/told.h"
#include "tests/scenarios/workbook.h"

namespace duban::scenarios {
namespace {

// --- Screens: what others do shows up by itself, soon. ---------------------------------------------------------------

// How long a screen may take: the node sends at once, but machines are busy.
constexpr absl::Duration kSoon = absl::Seconds(20);

bool Soon(const std::function<bool()>& holds) {
  const absl::Time until = absl::Now() + kSoon;
  while (!holds()) {
    if (absl::Now() > until) return false;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return true;
}

}  // namespace

// Each item's text somewhere in the text.
void Player::MustFind(const std::string& text, const Sentence& sentence) {
  for (const Item& item : sentence.items) {
    if (!Tells(text, Whole(item)))
      throw Wrong{absl::StrCat("第 ", item.line, " 行：没有“", Whole(item), "”，只有：\n", text)};
  }
}

std::vector<std::string> Player::Arguments(const std::string& typed) {
  std::vector<std::string> arguments;
  for (const auto part : absl::StrSplit(typed, ' ', absl::SkipEmpty())) {
    std::string argument(part);
    // “甲” stands for the case.
    if (absl::StartsWith(argument, "“") && absl::EndsWith(argument, "”")) {
      argument = world().Case(argument.substr(3, argument.size() - 6));
    }
    if (absl::StartsWith(argument, "~/")) argument = world().OwnFile(argument.substr(2));
    if (absl::StartsWith(argument, "@")) argument = absl::StrCat(DUBAN_SOURCE_DIR, "/", argument.substr(1));
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

std::string Player::Typed(const Words& words, int* code) {
  const e2e::Ran ran = world().Duban(words[0], Arguments(words[1]));
  *code = ran.code;
  return ran.output;
}

void Player::Type(const Words& words, const Sentence& sentence) {
  int code = 0;
  const std::string output = Typed(words, &code);
  if (code != 0) throw Wrong{output};
  MustFind(output, sentence);
}

void Player::TypeLines(const Words& words, const Sentence& sentence) {
  int code = 0;
  const std::string output = Typed(words, &code);
  if (code != 0) throw Wrong{output};
  for (const Item& item : sentence.items) {
    const int many = LinesThatTell(output, Whole(item));
    if (absl::StrCat(many) == words[2]) continue;
    throw Wrong{absl::StrCat("第 ", item.line, " 行：有“", Whole(item), "”的是 ", many, " 行：\n", output)};
  }
}

void Player::TypeInOrder(const Words& words, const Sentence& sentence) {
  int code = 0;
  const std::string output = Typed(words, &code);
  if (code != 0) throw Wrong{output};
  std::vector<std::string> wanted;
  for (const Item& item : sentence.items) wanted.push_back(Whole(item));
  if (!TellsLineByLine(output, wanted)) throw Wrong{absl::StrCat("没有这样接连的几行：\n", output)};
}

void Player::TypeNot(const Words& words, const Sentence& sentence) {
  int code = 0;
  const std::string output = Typed(words, &code);
  if (code != 0) throw Wrong{output};
  for (const Item& item : sentence.items) {
    if (Tells(output, Whole(item))) throw Wrong{absl::StrCat("看到了“", Whole(item), "”：\n", output)};
  }
}

void Player::TypeRefused(const Words& words, const Sentence& sentence) {
  int code = 0;
  const std::string output = Typed(words, &code);
  MustRefuse({code, output}, words[2]);
  MustFind(output, sentence);
}

Screen& Player::ScreenNamed(const std::string& name) {
  const auto screen = screens_.find(name);
  if (screen == screens_.end()) throw Wrong{absl::StrCat("没有大屏“", name, "”")};
  return *screen->second;
}

void Player::OpenScreen(const Words& words, const Sentence&) {
  screens_[words[2]] = std::make_unique<Screen>(world().Command(words[0], Arguments(words[1])));
}

// Each item in one of the lines that were added since the sentence before about this screen.
void Player::ScreenWrites(const Words& words, const Sentence& sentence) {
  Screen& screen = ScreenNamed(words[0]);
  std::string fault;
  const bool written = Soon([&] {
    const std::vector<std::string> lines = screen.NewLines();
    try {
      MustFind(absl::StrJoin(lines, "\n"), sentence);
    } catch (const Wrong& wrong) {
      fault = wrong.what;
      return false;
    }
    screen.Read(lines.size());
    return true;
  });
  if (!written) throw Wrong{fault};
}

// A screen that has not yet shown all there is would be no proof.
void Player::ScreenNeverWrote(const Words& words, const Sentence& sentence) {
  ScreensAreAsOpenedNow(words, sentence);
  const std::string all = absl::StrJoin(ScreenNamed(words[0]).Lines(), "\n");
  for (const Item& item : sentence.items) {
    if (absl::StrContains(all, item.value)) throw Wrong{absl::StrCat("写出过“", item.value, "”：\n", all)};
  }
}

void Player::ScreensAreAsOpenedNow(const Words&, const Sentence&) {
  for (const auto& [name, screen] : screens_) {
    const std::unique_ptr<Screen> again = screen->Again();
    const bool same =
        Soon([&, &open = *screen] { return !again->Lines().empty() && again->Standing() == open.Standing(); });
    if (!same) {
      throw Wrong{absl::StrCat("“", name, "”上是：\n", absl::StrJoin(screen->Standing(), "\n"), "\n重新打开的是：\n",
                               absl::StrJoin(again->Standing(), "\n"))};
    }
  }
}

// A page, without its marks: cells and lines as people see them.
void Player::File(const Words& words, const Sentence& sentence) {
  const std::optional<std::string> page = cli::ReadFile(world().OwnFile(words[0]));
  if (!page.has_value()) throw Wrong{"没有这个文件"};
  MustFind(std::regex_replace(*page, std::regex("<[^>]*>"), " "), sentence);
}

void Player::Sheet(const Words& words, const Sentence& sentence) {
  MustFind(absl::StrJoin(SheetRows(world().OwnFile(words[0]), words[1]), "\n"), sentence);
}

// A check that finds something ends as a refusal, and says what.
void Player::TypeFindings(const Words& words, const Sentence& sentence) {
  int code = 0;
  const std::string output = Typed(words, &code);
  if (code != cli::kExitRefused) throw Wrong{absl::StrCat("没有指出不符之处：\n", output)};
  MustFind(output, sentence);
}

// Not the server: the command line itself says what is wrong.
void Player::TypeFailed(const Words& words, const Sentence& sentence) {
  int code = 0;
  const std::string output = Typed(words, &code);
  if (code != cli::kExitUsage) throw Wrong{absl::StrCat("命令行没有说用法有误：\n", output)};
  MustFind(output, sentence);
}

}  // namespace duban::scenarios
