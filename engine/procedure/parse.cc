#include "engine/procedure/parse.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/limits.h"
#include "engine/procedure/reader.h"

namespace duban::engine::language {
namespace {

constexpr size_t kDepthMax = 32;

// Leaves yaml-cpp's parser; never leaves this file.
struct Refused {
  Place at;
  const char* rule;
  std::string zh;
  std::string en;
};

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Turns yaml-cpp's marks (bytes from 0) into places (characters from 1). Marks mostly move forward, so a long line is
// counted once and not for every mark on it.
class Ruler {
 public:
  explicit Ruler(const std::string& text) : lines_(absl::StrSplit(text, '\n')) {}

  Place At(const YAML::Mark& mark) {
    if (mark.is_null() || mark.line < 0) return {};
    if (mark.line >= static_cast<int>(lines_.size())) return {mark.line + 1, 1};
    if (mark.line != line_ || mark.column < byte_) {
      line_ = mark.line;
      byte_ = 0;
      column_ = 1;
    }
    const absl::string_view line = lines_[line_];
    for (; byte_ < mark.column && byte_ < static_cast<int>(line.size()); ++byte_) {
      if (!IsContinuation(line[byte_])) ++column_;
    }
    return {line_ + 1, column_};
  }

  // The line (from 0) on which the quotation that begins there ends; -1 when it never does. The mark's own line where
  // nothing is quoted.
  int ClosingLine(const YAML::Mark& mark) const {
    if (mark.line < 0 || mark.line >= static_cast<int>(lines_.size())) return mark.line;
    absl::string_view line = lines_[mark.line];
    if (mark.column >= static_cast<int>(line.size())) return mark.line;
    const char quote = line[mark.column];
    if (quote != '"' && quote != '\'') return mark.line;
    size_t i = mark.column + 1;
    for (size_t at = mark.line; at < lines_.size(); ++at, i = 0) {
      for (line = lines_[at]; i < line.size(); ++i) {
        const bool doubled = quote == '\'' && line[i] == quote && i + 1 < line.size() && line[i + 1] == quote;
        if (doubled || (quote == '"' && line[i] == '\\')) {
          ++i;
        } else if (line[i] == quote) {
          return static_cast<int>(at);
        }
      }
    }
    return -1;
  }

  // What often goes wrong on that line or one of the few before it, in words; nothing where it is none of these.
  struct Culprit {
    Place at;
    const char* zh;
    const char* en;
  };
  std::optional<Culprit> FindCulprit(int line) const {
    constexpr int kLinesBefore = 3;
    for (int at = std::min(line, static_cast<int>(lines_.size()) - 1); at >= 0 && at >= line - kLinesBefore; --at) {
      if (auto found = CulpritOn(at, line - at)) return found;
    }
    return std::nullopt;
  }

 private:
  Place PlaceOn(int line, size_t byte) const {
    Place place{line + 1, 1};
    for (size_t i = 0; i < byte; ++i) place.column += IsContinuation(lines_[line][i]) ? 0 : 1;
    return place;
  }

  // `behind`: how many lines further down YAML noticed that something is wrong.
  std::optional<Culprit> CulpritOn(int at, int behind) const {
    const absl::string_view text = lines_[at];
    const size_t tab = text.find('\t');
    if (tab != absl::string_view::npos && text.find_first_not_of(" \t") > tab) {
      return Culprit{PlaceOn(at, tab), "缩进用了制表符（Tab），请改用空格。",
                     "This line is indented with a tab; use spaces."};
    }
    const size_t begin = text.find_first_not_of(" -");
    if (begin == absl::string_view::npos || text[begin] == '#') return std::nullopt;
    for (absl::string_view blank : {"\u3000", "\u00A0"}) {
      if (!absl::StartsWith(text.substr(begin), blank)) continue;
      return Culprit{PlaceOn(at, begin), "行首有全角空格或不间断空格，缩进请用半角空格。",
                     "This line begins with a blank that is no ASCII space; indent with spaces."};
    }
    size_t end = begin;
    while (end < text.size() && (absl::ascii_isalnum(text[end]) || text[end] == '_')) ++end;
    if (end == begin || end >= text.size()) return std::nullopt;
    if (absl::StartsWith(text.substr(end), "：")) {
      return Culprit{PlaceOn(at, end), "此处是全角冒号“：”，请改为半角冒号，后面留一个空格。",
                     "This is a full-width colon; write an ASCII colon and a space after it."};
    }
    if (text[end] != ':' || behind > 1) return std::nullopt;
    return CulpritIn(at, text.find_first_not_of(' ', end + 1));
  }

  // In the value that begins there, behind a key.
  std::optional<Culprit> CulpritIn(int at, size_t value) const {
    const absl::string_view text = lines_[at];
    if (value == absl::string_view::npos) return std::nullopt;
    if (absl::StartsWith(text.substr(value), "｛") || absl::StartsWith(text.substr(value), "［")) {
      return Culprit{PlaceOn(at, value), "此处是全角括号，请改为半角的 { } 或 [ ]。",
                     "This is a full-width bracket; write { } or [ ]."};
    }
    if (text[value] != '{') return std::nullopt;
    for (size_t comma = text.find("，", value); comma != absl::string_view::npos; comma = text.find("，", comma + 1)) {
      size_t end = text.find_first_not_of(' ', comma + 3);
      const size_t begin = end;
      while (end < text.size() && (absl::ascii_isalnum(text[end]) || text[end] == '_')) ++end;
      if (end == begin || end >= text.size() || text[end] != ':') continue;
      return Culprit{PlaceOn(at, comma), "此处是全角逗号“，”，请改为半角逗号，后面留一个空格。",
                     "This is a full-width comma; write an ASCII comma and a space after it."};
    }
    const size_t close = text.find('}', value);
    if (close == absl::string_view::npos || text.substr(value, close - value).find(':') != absl::string_view::npos) {
      return std::nullopt;
    }
    const size_t next = text.find_first_not_of(" \r", close + 1);
    if (next == absl::string_view::npos || text[next] == '#' || text[next] == ',') return std::nullopt;
    return Culprit{PlaceOn(at, value), "以花括号开头的文字须写在引号里，如 \"{year}年{seq}号\"。",
                   "A text that begins with a brace stands in quotation marks, such as \"{year}/{seq}\"."};
  }

  std::vector<absl::string_view> lines_;
  // The mark last asked for.
  int line_ = -1;
  int byte_ = 0;
  int column_ = 1;
};

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(Ruler& ruler, bool strict, Node& root) : ruler_(ruler), strict_(strict), root_(root) {}

  // Where the innermost list or map begins that has not ended; the file's beginning where there is none.
  Place innermost() const { return open_.empty() ? Place() : open_.back()->at; }
  // The line (from 1) of the last quotation that went on over its line's end, which few people mean; 0 for none.
  int long_quotation() const { return long_quotation_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0)
      Refuse(mark, "一个文件只能有一个 YAML 文档，请拆成多个文件。", "A file holds one YAML document; split it.");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Open(mark, "", anchor, Node::Kind::kNothing); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { RefuseAnchor(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    CheckQuotation(mark);
    if (ExpectsKey()) {
      CheckPlain(mark, tag, anchor);
      pending_.back() = Key{value, ruler_.At(mark), true};
      return;
    }
    Open(mark, tag, anchor, Node::Kind::kText).text = value;
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Push(Open(mark, tag, anchor, Node::Kind::kList));
  }
  void OnSequenceEnd() override { Pop(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Push(Open(mark, tag, anchor, Node::Kind::kMap));
  }
  void OnMapEnd() override { Pop(); }

 private:
  struct Key {
    std::string text;
    Place at;
    bool known = false;
  };

  [[noreturn]] void Refuse(const YAML::Mark& mark, std::string zh, std::string en) const {
    throw Refused{ruler_.At(mark), "YAML_FEATURE", std::move(zh), std::move(en)};
  }
  [[noreturn]] void RefuseAnchor(const YAML::Mark& mark) const {
    Refuse(mark, "不支持 YAML 锚点与别名（& 和 *），请写全。",
           "YAML anchors and aliases (& and *) are refused; write it out.");
  }
  void CheckPlain(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) const {
    if (anchor != 0) RefuseAnchor(mark);
    if (!tag.empty() && tag != "?" && tag != "!") {
      Refuse(mark, absl::StrCat("不支持 YAML 标签“", tag, "”，请删去。"),
             absl::StrCat("YAML tag \"", tag, "\" is refused; remove it."));
    }
  }
  void CheckQuotation(const YAML::Mark& mark) {
    const int closes = ruler_.ClosingLine(mark);
    if (closes > mark.line) long_quotation_ = mark.line + 1;
    if (closes >= 0 || !strict_) return;
    throw Refused{ruler_.At(mark), "YAML_SYNTAX", "这个引号到文件末尾也没有结束，请补上后一个引号，或去掉前一个。",
                  "This quotation mark is never closed; write the closing one, or remove this one."};
  }
  bool ExpectsKey() const { return !open_.empty() && open_.back()->kind == Node::Kind::kMap && !pending_.back().known; }

  // Adds a node where the next one belongs.
  Node& Open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
    CheckPlain(mark, tag, anchor);
    if (ExpectsKey()) Refuse(mark, "键必须是文字。", "A key must be text.");
    Node* node = &root_;
    if (!open_.empty()) {
      open_.back()->children.emplace_back();
      node = &open_.back()->children.back();
      node->key = std::exchange(pending_.back().text, "");
      node->key_at = pending_.back().at;
      pending_.back().known = false;
    }
    node->kind = kind;
    node->at = ruler_.At(mark);
    return *node;
  }
  // A parent's children never grow while one of them is open, so the pointers stay good.
  void Push(Node& node) {
    if (open_.size() >= kDepthMax) {
      throw Refused{node.at, "YAML_FEATURE", absl::StrCat("嵌套超过 ", kDepthMax, " 层。"),
                    absl::StrCat("Nested deeper than ", kDepthMax, " levels.")};
    }
    open_.push_back(&node);
    pending_.emplace_back();
  }
  void Pop() {
    open_.pop_back();
    pending_.pop_back();
  }

  Ruler& ruler_;
  const bool strict_;
  Node& root_;
  int long_quotation_ = 0;
  std::vector<Node*> open_;
  std::vector<Key> pending_;  // Beside open_: the key whose value comes next.
  int documents_ = 0;
};

// The first byte that is neither valid UTF-8 nor a permitted control character; npos when all is well.
size_t FirstBadByte(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const unsigned char c = text[i];
    const size_t length = c < 0x80 ? 1 : (c >> 5) == 6 ? 2 : (c >> 4) == 14 ? 3 : (c >> 3) == 30 ? 4 : 0;
    if (length == 0 || i + length > text.size()) return i;
    if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return i;
    uint32_t point = length == 1 ? c : c & (0x7F >> length);
    for (size_t k = 1; k < length; ++k) {
      if (!IsContinuation(text[i + k])) return i;
      point = point << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
    }
    constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < kLeast[length] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return i;
    i += length;
  }
  return absl::string_view::npos;
}

constexpr char kMapUnclosed[] = "end of map flow not found";
constexpr char kListUnclosed[] = "end of sequence flow not found";

// What yaml-cpp says, in words for those who write procedures.
struct Said {
  absl::string_view by_yaml;  // Its message, or how that begins.
  const char* zh;
};
constexpr Said kSaid[] = {
    {"illegal map value", "此处的冒号放错了地方，或上一行没有写完"},
    {"illegal block entry", "此处不能以“-”开始列表"},
    {"illegal flow end", "多了一个右括号"},
    {kMapUnclosed, "这个花括号没有成对，或括号里少了逗号"},
    {kListUnclosed, "这个方括号没有成对，或括号里少了逗号"},
    {"end of map not found", "缩进与上文不齐，或少了冒号"},
    {"unknown escape character", "双引号中的反斜杠用法不对，请改用单引号"},
    {"unknown token", "此处的符号不能用来开头，请给这段文字加上引号"},
};

v1::Text Readable(absl::string_view said) {
  for (const Said& known : kSaid) {
    if (absl::StartsWith(said, known.by_yaml)) return Both(known.zh, std::string(known.by_yaml));
  }
  return Both("写法不合 YAML", "wrong syntax");
}

void ReportSyntax(const YAML::Exception& e, Ruler& ruler, const TreeBuilder& builder, Findings& findings) {
  const v1::Text said = Readable(e.msg);
  const bool unclosed = said.en() == kMapUnclosed || said.en() == kListUnclosed;
  const Place at = unclosed ? builder.innermost() : ruler.At(e.mark);
  if (const auto culprit = ruler.FindCulprit(unclosed ? at.line - 1 : e.mark.line)) {
    findings.Error("YAML_SYNTAX", culprit->at, culprit->zh, culprit->en);
    return;
  }
  std::string zh = absl::StrCat(said.zh(), "。请检查此处和上一行：缩进、冒号后的空格、括号、引号。");
  std::string en = absl::StrCat("YAML: ", said.en(),
                                ". Check this line and the one before: indentation, the space after each colon, "
                                "brackets, quotation marks.");
  if (const int line = builder.long_quotation(); line > 0) {
    absl::StrAppend(&zh, "第 ", line, " 行的引号跨了行，可能漏了后一个引号。");
    absl::StrAppend(&en, " The quotation that begins on line ", line, " runs over lines; is it closed?");
  }
  findings.Error("YAML_SYNTAX", at, std::move(zh), std::move(en));
}

Place PlaceOfByte(absl::string_view text, size_t byte) {
  Place place;
  for (size_t i = 0; i < byte; ++i) {
    if (text[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else if (!IsContinuation(text[i])) {
      ++place.column;
    }
  }
  return place;
}

}  // namespace

std::optional<Node> Parse(const std::string& text, bool strict, Findings& findings) {
  if (text.size() > limits::kProcedureBytesMax) {
    findings.Error("FILE_TOO_LARGE", {}, absl::StrCat("文件超过 ", limits::kProcedureBytesMax / 1024, " KiB，请拆分。"),
                   absl::StrCat("The file is larger than ", limits::kProcedureBytesMax / 1024, " KiB; split it."));
    return std::nullopt;
  }
  if (const size_t bad = FirstBadByte(text); bad != absl::string_view::npos) {
    findings.Error("YAML_SYNTAX", PlaceOfByte(text, bad), "此处不是 UTF-8 文字，请将文件另存为 UTF-8 编码。",
                   "This is not UTF-8 text; save the file as UTF-8.");
    return std::nullopt;
  }
  Ruler ruler(text);
  Node root;
  TreeBuilder builder(ruler, strict, root);
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    findings.Error(refused.rule, refused.at, refused.zh, refused.en);
    return std::nullopt;
  } catch (const YAML::Exception& e) {
    ReportSyntax(e, ruler, builder, findings);
    return std::nullopt;
  }
  return root;
}

}  // namespace duban::engine::language
