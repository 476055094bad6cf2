#include "engine/procedure/parse.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/limits.h"

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

 private:
  std::vector<absl::string_view> lines_;
  // The mark last asked for.
  int line_ = -1;
  int byte_ = 0;
  int column_ = 1;
};

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(Ruler& ruler, Node& root) : ruler_(ruler), root_(root) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0)
      Refuse(mark, "一个文件只能有一个 YAML 文档，请拆成多个文件。", "A file holds one YAML document; split it.");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Open(mark, "", anchor, Node::Kind::kNothing); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { RefuseAnchor(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
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
  Node& root_;
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

std::optional<Node> Parse(const std::string& text, Findings& findings) {
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
  try {
    std::istringstream in(text);
    YAML::Parser parser(in);
    TreeBuilder builder(ruler, root);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Refused& refused) {
    findings.Error(refused.rule, refused.at, refused.zh, refused.en);
    return std::nullopt;
  } catch (const YAML::Exception& e) {
    findings.Error("YAML_SYNTAX", ruler.At(e.mark),
                   absl::StrCat("YAML 语法错误（", e.msg, "）：请检查缩进、冒号后的空格、是否误用全角冒号。"),
                   absl::StrCat("YAML syntax: ", e.msg, ". Check indentation and the space after each colon."));
    return std::nullopt;
  }
  return root;
}

}  // namespace duban::engine::language
