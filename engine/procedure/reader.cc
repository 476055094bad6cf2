#include "engine/procedure/reader.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/procedure/span.h"

namespace duban::engine::language {
namespace {

constexpr size_t kNameMax = 40;
constexpr size_t kTitleBytesMax = 300;
// Beyond these nobody is helped by a guess, and guessing would take long.
constexpr size_t kSuggestBytesMax = 60;
// A word of two letters is near to any other.
constexpr size_t kSuggestMin = 3;
constexpr size_t kSuggestAmongMax = 500;

const char* KindName(Node::Kind kind, bool chinese) {
  switch (kind) {
    case Node::Kind::kNothing:
      return chinese ? "空" : "empty";
    case Node::Kind::kText:
      return chinese ? "文字" : "a text";
    case Node::Kind::kList:
      return chinese ? "列表" : "a list";
    case Node::Kind::kMap:
      return chinese ? "键值表" : "a map";
  }
  return "";
}

constexpr char kMapZh[] = "键值表（每项写作“名字: 内容”）";
constexpr char kMapEn[] = "a map (entries such as \"name: content\")";

// What a required key says, for those who left it out.
struct Meaning {
  absl::string_view key;
  const char* zh;
  const char* en;
};
constexpr Meaning kMeanings[] = {
    {"title", "名称", "what people read"},
    {"may_open", "谁可以发起", "who may open a case"},
    {"parties", "参与方", "who takes part"},
    {"stages", "环节", "the stages"},
    {"kind", "种类：unit 单位、post 岗位、person 人员", "unit, post or person"},
    {"type", "字段的类型", "the field's type"},
    {"of", "取自哪个代码表；评议主体：哪些参与方", "which code table; of a group that rates: which parties"},
    {"asks", "问什么", "what is asked"},
    {"rated", "评谁", "who is rated"},
    {"below_quorum", "参评不足时到哪个环节", "which stage when too few rate"},
    {"result", "结果记入哪个字段", "which field takes the result"},
    {"by", "谁来办", "who does it"},
    {"approved_by", "谁来批准", "who approves it"},
    {"from", "从哪里起算；评议：谁来评", "where it starts; of a rating: who rates"},
    {"until", "到哪里为止", "where it stops"},
    {"at", "逾期多久", "how long after the due instant"},
    {"raise", "叫什么", "what it is called"},
    {"ask", "由谁决定", "who decides"},
    {"colour", "颜色", "its colour"},
    {"procedure", "哪个规程", "which procedure"},
    {"case", "哪个事项，只能是 parent", "which case: parent"},
    {"to", "到哪个环节", "which stage"},
    {"sees", "谁能看", "who sees it"},
    {"zh", "中文", "the Chinese"},
    {"template", "用哪个模板", "which template"},
    {"number", "编号的样式", "the pattern of its number"},
    {"per", "发给哪个参与方", "the party to which it is sent"},
    {"heading", "文书的标题", "its own title"},
    {"text", "正文", "what it says"},
    {"A document.from", "由哪个参与方发文", "the party that issues it"},
    {"A document.at", "在哪些环节发文", "in which stages"},
};

v1::Text MeaningOf(absl::string_view key) {
  for (const Meaning& known : kMeanings) {
    if (known.key == key) return Both(absl::StrCat("（", known.zh, "）"), absl::StrCat(" (", known.en, ")"));
  }
  return {};
}

// Nobody means these in a name; they look like the signs of YAML.
constexpr absl::string_view kWideSigns[] = {"，", "：", "、", "；", "【", "】", "｛",
                                            "｝", "［", "］", "“",  "”",  "‘",  "’"};
// Nor these, which nobody sees: the wide space, the one that does not break, the one without width, a byte order mark.
constexpr absl::string_view kUnseen[] = {"\u3000", "\u00A0", "\u200B", "\uFEFF"};

void WrongType(const Node& node, const char* zh, const char* en, Findings& findings) {
  const Place at = node.kind == Node::Kind::kNothing && !node.key.empty() ? node.key_at : node.at;
  findings.Error("WRONG_TYPE", at, absl::StrCat("此处应为", zh, "，现在是", KindName(node.kind, true), "。"),
                 absl::StrCat("Expected ", en, " here, found ", KindName(node.kind, false), "."));
}

// A text of UTF-8 by characters.
std::vector<absl::string_view> Characters(absl::string_view text) {
  std::vector<absl::string_view> out;
  for (size_t i = 0, next = 0; i < text.size(); i = next) {
    next = i + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
    out.push_back(text.substr(i, next - i));
  }
  return out;
}

// Edits that turn one word into the other (Levenshtein), by characters.
size_t Distance(const std::vector<absl::string_view>& a, const std::vector<absl::string_view>& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row.back();
}

void ReportRepeated(const Node& map, Findings& findings) {
  std::set<std::string> seen;
  for (const Node& child : map.children) {
    if (seen.insert(child.key).second) continue;
    findings.Error("DUPLICATE_NAME", child.key_at, absl::StrCat("“", child.key, "”重复，请删去一个。"),
                   absl::StrCat("\"", child.key, "\" is written twice; remove one."));
  }
}

// Numbers written in full-width digits or in words (五个工作日).
bool HasOtherDigits(absl::string_view text) {
  constexpr absl::string_view kDigits[] = {"０", "１", "２", "３", "４", "５", "６", "７", "８", "９", "一",
                                           "二", "两", "三", "四", "五", "六", "七", "八", "九", "十", "百"};
  return std::any_of(std::begin(kDigits), std::end(kDigits),
                     [&](absl::string_view digit) { return absl::StartsWith(text, digit); });
}

}  // namespace

v1::Text Both(std::string zh, std::string en) {
  v1::Text out;
  out.set_zh(std::move(zh));
  out.set_en(std::move(en));
  return out;
}

MapReader::MapReader(const Node& node, v1::Text what, Findings& findings)
    : node_(node), what_(std::move(what)), findings_(findings) {
  if (node.kind != Node::Kind::kMap) {
    WrongType(node, kMapZh, kMapEn, findings);
  } else {
    ReportRepeated(node, findings);
  }
}

const Node* MapReader::Take(absl::string_view key) {
  known_.emplace_back(key);
  return node_.Find(key);
}

const Node* MapReader::Require(absl::string_view key) {
  const Node* found = Take(key);
  if (found == nullptr && node_.kind == Node::Kind::kMap) {
    // Some keys mean another thing in another map.
    v1::Text meaning = MeaningOf(absl::StrCat(what_.en(), ".", key));
    if (meaning.zh().empty()) meaning = MeaningOf(key);
    missing_.emplace_back(key, findings_.all().size());
    findings_.Error("MISSING_KEY", node_.key.empty() ? node_.at : node_.key_at,
                    absl::StrCat(what_.zh(), "缺少“", key, "”", meaning.zh(), "。"),
                    absl::StrCat(what_.en(), " lacks \"", key, "\"", meaning.en(), "."));
  }
  return found;
}

void MapReader::Elsewhere(absl::string_view key, absl::string_view zh, absl::string_view en) {
  const Node* found = node_.Find(key);
  if (found == nullptr) return;
  elsewhere_.emplace_back(key);
  findings_.Error("UNKNOWN_KEY", found->key_at, absl::StrCat(what_.zh(), "没有“", key, "”这一项。", zh),
                  absl::StrCat(what_.en(), " has no \"", key, "\". ", en));
}

void MapReader::Done() {
  const auto told = [&](const Node& child) {
    return absl::c_linear_search(known_, child.key) || absl::c_linear_search(elsewhere_, child.key);
  };
  for (const Node& child : node_.children) {
    if (node_.kind != Node::Kind::kMap || told(child)) continue;
    v1::Text nearest = Suggest(child.key, known_);
    WithdrawMissing(child.key, nearest);
    if (nearest.zh().empty()) {
      nearest = Both(absl::StrCat("可写：", absl::StrJoin(known_, "、"), "。"),
                     absl::StrCat(" Known: ", absl::StrJoin(known_, ", "), "."));
    }
    findings_.Error("UNKNOWN_KEY", child.key_at,
                    absl::StrCat(what_.zh(), "没有“", child.key, "”这一项。", nearest.zh()),
                    absl::StrCat(what_.en(), " has no \"", child.key, "\".", nearest.en()));
  }
}

// A key that is only misspelt is one mistake, not two.
void MapReader::WithdrawMissing(absl::string_view written, const v1::Text& nearest) {
  for (auto missing = missing_.begin(); missing != missing_.end(); ++missing) {
    const bool meant =
        !nearest.zh().empty() && (absl::StartsWith(written, missing->first) ||
                                  absl::StrContains(nearest.zh(), absl::StrCat("“", missing->first, "”")));
    if (!meant) continue;
    findings_.Withdraw(missing->second);
    for (auto& later : missing_) later.second -= later.second > missing->second ? 1 : 0;
    missing_.erase(missing);
    return;
  }
}

std::string MapReader::TakeText(absl::string_view key) {
  const Node* found = Take(key);
  return found == nullptr ? "" : ReadText(*found, findings_);
}

bool MapReader::TakeBool(absl::string_view key) {
  const Node* found = Take(key);
  return found != nullptr && ReadBool(*found, findings_);
}

std::vector<std::string> MapReader::TakeNames(absl::string_view key) {
  const Node* found = Take(key);
  return found == nullptr ? std::vector<std::string>() : ReadNames(*found, findings_);
}

v1::Text MapReader::TakeTitle(absl::string_view name) {
  if (const Node* found = Take("title")) return ReadTitle(*found, findings_);
  findings_.Warn("TITLE_MISSING", node_.key.empty() ? node_.at : node_.key_at,
                 absl::StrCat("“", name, "”没有名称（title），界面上将显示“", name, "”。"),
                 absl::StrCat("\"", name, "\" has no title; people will read \"", name, "\"."));
  return Both(std::string(name), std::string(name));
}

std::string ReadText(const Node& node, Findings& findings) {
  if (node.kind != Node::Kind::kText) {
    WrongType(node, "文字", "a text", findings);
  } else if (absl::StripAsciiWhitespace(node.text).empty()) {
    findings.Error("WRONG_VALUE", node.at, "此处不能为空：写上内容，或删去这一项。",
                   "This must not be empty: write something, or leave the key out.");
  }
  return node.text;
}

bool ReadBool(const Node& node, Findings& findings) {
  if (node.kind == Node::Kind::kText && (node.text == "true" || node.text == "false")) return node.text == "true";
  if (node.kind == Node::Kind::kText) {
    findings.Error("WRONG_TYPE", node.at,
                   absl::StrCat("此处只能写 true（是）或 false（否），不能写“", node.text, "”。"),
                   absl::StrCat("Write true or false here, not \"", node.text, "\"."));
  } else {
    WrongType(node, " true 或 false", "true or false", findings);
  }
  return false;
}

int64_t ReadCount(const Node& node, int64_t least, int64_t most, Findings& findings) {
  int64_t count = 0;
  const std::string text = ReadText(node, findings);
  if (node.kind != Node::Kind::kText || (absl::SimpleAtoi(text, &count) && count >= least && count <= most))
    return count;
  findings.Error("WRONG_VALUE", node.at, absl::StrCat("应为 ", least, " 至 ", most, " 的整数。"),
                 absl::StrCat("Expected a whole number from ", least, " to ", most, "."));
  return least;
}

bool IsTooLong(const Node& node, size_t most, Findings& findings) {
  if (node.children.size() <= most) return false;
  findings.Error("TOO_MANY", node.children[most].key.empty() ? node.children[most].at : node.children[most].key_at,
                 absl::StrCat("此处最多 ", most, " 项。"), absl::StrCat("At most ", most, " entries here."));
  return true;
}

std::vector<std::string> ReadNames(const Node& node, Findings& findings, size_t most) {
  if (node.kind == Node::Kind::kText) return {ReadText(node, findings)};
  std::vector<std::string> out;
  if (node.kind != Node::Kind::kList) {
    WrongType(node, "一个名字或名字的列表", "a name or a list of names", findings);
    return out;
  }
  if (node.children.empty()) {
    findings.Error("WRONG_VALUE", node.at, "列表是空的：至少写一个名字，没有可写的就删去这一项。",
                   "The list is empty: write at least one name, or leave the key out.");
    return out;
  }
  if (IsTooLong(node, most, findings)) return out;
  std::set<std::string> seen;
  for (const Node& child : node.children) {
    std::string name = ReadText(child, findings);
    if (!seen.insert(name).second) {
      findings.Error("DUPLICATE_NAME", child.at, absl::StrCat("“", name, "”重复，请删去一个。"),
                     absl::StrCat("\"", name, "\" is written twice; remove one."));
      continue;
    }
    out.push_back(std::move(name));
  }
  return out;
}

v1::Text ReadTitle(const Node& node, Findings& findings) {
  v1::Text out;
  if (node.kind == Node::Kind::kMap) {
    MapReader map(node, Both("名称", "A title"), findings);
    if (const Node* zh = map.Require("zh")) out.set_zh(ReadText(*zh, findings));
    out.set_en(map.TakeText("en"));
    map.Done();
  } else {
    out.set_zh(ReadText(node, findings));
  }
  if (out.zh().size() > kTitleBytesMax || out.en().size() > kTitleBytesMax) {
    findings.Error("WRONG_VALUE", node.at,
                   absl::StrCat("名称超过 ", kTitleBytesMax, " 字节（约 ", kTitleBytesMax / 3, " 个汉字），请缩短。"),
                   absl::StrCat("The title is longer than ", kTitleBytesMax, " bytes; shorten it."));
  }
  return out;
}

Span ReadSpan(const Node& node, Findings& findings) {
  const std::string text = ReadText(node, findings);
  if (node.kind != Node::Kind::kText) return {};
  if (std::optional<Span> span = ParseSpan(text)) return *span;
  const bool other_digits = HasOtherDigits(text);
  findings.Error("WRONG_VALUE", node.at,
                 absl::StrCat("“", text, "”不是期限。写法如：10个工作日、30日、2个月、36小时（最多 36500）。",
                              other_digits ? "数字请用半角阿拉伯数字。" : ""),
                 absl::StrCat("\"", text,
                              "\" is no length of time. Write 10 working days, 30 days, 2 months or 36 hours "
                              "(at most 36500).",
                              other_digits ? " Write the number in ASCII digits." : ""));
  return {};
}

std::vector<Span> ReadSpans(const Node& node, Findings& findings) {
  if (node.kind == Node::Kind::kText) return {ReadSpan(node, findings)};
  std::vector<Span> out;
  if (node.kind != Node::Kind::kList) {
    WrongType(node, "期限或期限的列表", "a length of time or a list of them", findings);
    return out;
  }
  if (IsTooLong(node, kEntriesMax, findings)) return out;
  for (const Node& child : node.children) out.push_back(ReadSpan(child, findings));
  return out;
}

std::vector<const Node*> ReadEntries(const Node& node, const std::vector<std::string>& reserved, Findings& findings) {
  std::vector<const Node*> out;
  if (node.kind != Node::Kind::kMap) {
    WrongType(node, kMapZh, kMapEn, findings);
    return out;
  }
  if (IsTooLong(node, kEntriesMax, findings)) return out;
  ReportRepeated(node, findings);
  for (const Node& child : node.children) {
    if (!IsName(child.key)) {
      findings.Error("INVALID_NAME", child.key_at,
                     absl::StrCat("“", child.key, "”不能作名字：小写字母开头，只含小写字母、数字、下划线，最多 ",
                                  kNameMax, " 个字符；中文写在 title 中。"),
                     absl::StrCat("\"", child.key, "\" is no name: lower-case letters, digits and \"_\", a letter ",
                                  "first, at most ", kNameMax, " characters; what people read goes into title."));
    } else if (absl::c_linear_search(reserved, child.key)) {
      findings.Error("RESERVED_NAME", child.key_at, absl::StrCat("“", child.key, "”是保留名字，请换一个。"),
                     absl::StrCat("\"", child.key, "\" is reserved; choose another name."));
    }
    if (node.Find(child.key) == &child) out.push_back(&child);
  }
  return out;
}

bool HasWideBraces(absl::string_view text) { return absl::StrContains(text, "｛") || absl::StrContains(text, "｝"); }

bool IsName(absl::string_view text) {
  if (text.empty() || text.size() > kNameMax || !absl::ascii_islower(text[0])) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_'; });
}

v1::Text Suggest(absl::string_view written, const std::vector<std::string>& known) {
  for (absl::string_view sign : kWideSigns) {
    if (!absl::StrContains(written, sign)) continue;
    return Both(absl::StrCat("其中有全角标点“", sign, "”，请改用半角标点。"),
                absl::StrCat(" It holds the full-width sign \"", sign, "\"; write an ASCII one."));
  }
  for (absl::string_view sign : kUnseen) {
    if (!absl::StrContains(written, sign)) continue;
    return Both("其中有看不见的空白字符，请删去后重新输入。",
                " It holds a blank that is not seen; delete it and type the word again.");
  }
  if (absl::StrContains(written, ':')) {
    return Both("冒号后面须留一个空格。", " A colon is followed by a space.");
  }
  if (absl::StrContains(written, ',')) {
    return Both("几个名字请写成列表，如 [甲, 乙]。", " Write several names as a list, [a, b].");
  }
  const std::string lower = absl::AsciiStrToLower(written);
  if (lower != written && absl::c_linear_search(known, lower)) {
    return Both(absl::StrCat("是否应为“", lower, "”？"), absl::StrCat(" Did you mean \"", lower, "\"?"));
  }
  const std::vector<absl::string_view> characters = Characters(written);
  if (characters.size() < kSuggestMin || written.size() > kSuggestBytesMax || known.size() > kSuggestAmongMax)
    return {};
  const std::string* nearest = nullptr;
  // A character of Chinese says as much as several letters.
  size_t best = characters.size() / 3 + (characters.size() == written.size() ? 2 : 1);
  for (const std::string& word : known) {
    const size_t distance = Distance(characters, Characters(word));
    if (distance < best) {
      best = distance;
      nearest = &word;
    }
  }
  if (nearest == nullptr) return {};
  return Both(absl::StrCat("是否应为“", *nearest, "”？"), absl::StrCat(" Did you mean \"", *nearest, "\"?"));
}

bool IsSlip(absl::string_view written, absl::string_view word) {
  while (!written.empty() && !word.empty() && written.front() == word.front()) {
    written.remove_prefix(1);
    word.remove_prefix(1);
  }
  while (!written.empty() && !word.empty() && written.back() == word.back()) {
    written.remove_suffix(1);
    word.remove_suffix(1);
  }
  if (written.size() == 2 && word.size() == 2) return written[0] == word[1] && written[1] == word[0];
  return std::max(written.size(), word.size()) == 1;
}

bool Known::Has(absl::string_view name) const { return absl::c_linear_search(names_, name); }

v1::Text Known::Meant(const std::string& written) const {
  const auto titled = titles_.find(written);
  if (titled == titles_.end()) return Suggest(written, names_);
  return Both(absl::StrCat("“", written, "”是名称，此处应写“", titled->second, "”。"),
              absl::StrCat(" That is a title; write \"", titled->second, "\"."));
}

void CheckNothingEmpty(const Node& node, Findings& findings) {
  const bool holds = node.kind == Node::Kind::kList || node.kind == Node::Kind::kMap;
  if (holds && node.children.empty()) {
    findings.Error("WRONG_VALUE", node.key.empty() ? node.at : node.key_at,
                   absl::StrCat("“", node.key, "”是空的：写上内容，或删去这一项。"),
                   absl::StrCat("\"", node.key, "\" is empty: write something, or leave the key out."));
  }
  for (const Node& child : node.children) CheckNothingEmpty(child, findings);
}

int ReadOneOf(const Node& node, const std::vector<std::string>& words, Findings& findings) {
  const std::string text = ReadText(node, findings);
  if (node.kind != Node::Kind::kText) return -1;
  const auto found = std::find(words.begin(), words.end(), text);
  if (found != words.end()) return static_cast<int>(found - words.begin());
  const std::string all = absl::StrJoin(words, "、");
  findings.Error("WRONG_VALUE", node.at, absl::StrCat("“", text, "”不可用，只能是：", all, "。"),
                 absl::StrCat("\"", text, "\" is none of: ", absl::StrJoin(words, ", "), "."));
  return -1;
}

}  // namespace duban::engine::language
