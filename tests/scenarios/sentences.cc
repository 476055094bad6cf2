#include "tests/scenarios/sentences.h"

#include <regex>

#include "absl/strings/str_cat.h"
#include "tests/scenarios/player.h"

namespace duban::scenarios {

const std::vector<Player::Pattern>& Player::Patterns() {
  static const auto& patterns = *new std::vector<Pattern>{
      {std::regex("(?:场景|依据|说明)：?.*"), &Player::Remark},
      {std::regex("时间从(.+)开始"), &Player::Begin},
      {std::regex("工作日依(.+)"), &Player::Calendar},
      {std::regex("名录取自(.+)"), &Player::Directory},
      {std::regex("公布规程(.+)"), &Player::Procedures},
      {std::regex("时间到(.+)"), &Player::Time},
      {std::regex("服务器停机"), &Player::StopServer},
      {std::regex("服务器开机"), &Player::StartServer},
      {std::regex("(.+)开着 duban (.+)，记作“(.+)”"), &Player::OpenScreen},
      {std::regex("“(.+)”随即写出"), &Player::ScreenWrites},
      {std::regex("“(.+)”从未写出"), &Player::ScreenNeverWrote},
      {std::regex("各屏与此刻重新打开的相同"), &Player::ScreensAreAsOpenedNow},
      {std::regex("表格“(.+)”的“(.+)”一页写着"), &Player::Sheet},
      {std::regex("文件“(.+)”写着"), &Player::File},
      {std::regex("(.+)立项“(.+)”，记作“(.+)”"), &Player::Open},
      {std::regex("(.+)不能立项“(.+)”，原因是(.+)"), &Player::OpenRefused},
      {std::regex("(.+)不能对“(.+)”办理“(.+)”，原因是(.+)"), &Player::ActRefused},
      {std::regex("(.+)立项“(.+)”(\\d+)件"), &Player::OpenMany},
      {std::regex("各(.+)对(.+)台账中的全部“(.+)”办理“(.+)”"), &Player::ActAll},
      {std::regex("(.+)对(.+)台账中的全部“(.+)”办理“(.+)”"), &Player::ActAllAlone},
      {std::regex("(.+)对“(.+)”办理“(.+)”"), &Player::Act},
      {std::regex("(.+)看不到“(.+)”"), &Player::SeeNot},
      {std::regex("(.+)看到“(.+)”"), &Player::See},
      {std::regex("(.+)的台账有(\\d+)件"), &Player::Ledger},
      {std::regex("(.+)的待办中没有“(.+)”"), &Player::InboxNot},
      {std::regex("(.+)的待办中“(.+)”可办：(.+)"), &Player::Inbox},
      {std::regex("(.+)的预警有(\\d+)条"), &Player::Alerts},
      {std::regex("(.+)读“(.+)”的历史，依次有"), &Player::History},
      {std::regex("(.+)看“(.+)”的流程图，走过"), &Player::Drawn},
      {std::regex("(.+)在台账中找到“(.+)”引出的“(.+)”，记作“(.+)”"), &Player::Child},
      {std::regex("(.+)在台账中找到“(.+)”，记作“(.+)”"), &Player::Find},
      {std::regex("(.+)的台账中“(.+)”立项的日子是"), &Player::OpenedOn},
      {std::regex("(.+)把“(.+)”(抽中|没抽中)的记作(.+)"), &Player::NameDrawn},
      {std::regex("(.+)看遍各处，记作“(.+)”"), &Player::LookAround},
      {std::regex("(.+)看遍各处，与“(.+)”相同"), &Player::SeesTheSame},
      {std::regex("(.+)输入 duban (.+)，看到(\\d+)行"), &Player::TypeLines},
      {std::regex("(.+)输入 duban (.+)，逐行看到"), &Player::TypeInOrder},
      {std::regex("(.+)输入 duban (.+)，看到"), &Player::Type},
      {std::regex("(.+)输入 duban (.+)，看不到"), &Player::TypeNot},
      {std::regex("(.+)输入 duban (.+)，被拒绝，原因是(.+)"), &Player::TypeRefused},
      {std::regex("(.+)输入 duban (.+)，不符之处有"), &Player::TypeFindings},
      {std::regex("(.+)输入 duban (.+)，不成，说明"), &Player::TypeFailed},
      {std::regex("(.+)输入 duban (.+)"), &Player::Type},
  };
  return patterns;
}

std::string Player::Run(const std::string& text) {
  const Script script = Parse(text);
  if (!script.fault.empty()) return script.fault;
  for (const Sentence& sentence : script.sentences) {
    try {
      bool known = false;
      for (const Pattern& pattern : Patterns()) {
        std::smatch match;
        if (!std::regex_match(sentence.text, match, pattern.regex)) continue;
        Words words;
        for (size_t i = 1; i < match.size(); ++i) words.push_back(Stripped(match[i].str()));
        (this->*pattern.play)(words, sentence);
        known = true;
        break;
      }
      if (!known) throw Wrong{"没有这种句子"};
    } catch (const Wrong& wrong) {
      return absl::StrCat("第 ", sentence.line, " 行“", sentence.text, "”：", wrong.what);
    }
  }
  return "";
}

std::string Play(const std::string& text) { return Player().Run(text); }

std::vector<std::string> PlayEach(const std::string& beginning, const std::vector<std::string>& ends) {
  Player player;
  if (const std::string fault = player.Run(beginning); !fault.empty()) return {fault};
  std::vector<std::string> faults;
  for (const std::string& end : ends) faults.push_back(player.Run(end));
  return faults;
}

}  // namespace duban::scenarios
