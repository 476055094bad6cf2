#include "clients/cli/yaml.h"

#include <yaml-cpp/yaml.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace duban::cli {
namespace {

// Deeper nesting is nobody's configuration; it would only exhaust the stack.
constexpr int kDepthMax = 64;

v1::Text Both(std::string zh, std::string en) {
  v1::Text text;
  text.set_zh(std::move(zh));
  text.set_en(std::move(en));
  return text;
}

class Converter {
 public:
  explicit Converter(YamlFile* file) : file_(file) {}

  Yaml Convert(const YAML::Node& node, int depth = 0) {
    Yaml out;
    out.line = node.Mark().line + 1;
    out.column = node.Mark().column + 1;
    if (depth > kDepthMax) return Fail(out, Both("嵌套过深。", "Nested too deeply."));
    if (node.IsScalar()) {
      out.kind = Yaml::Kind::kScalar;
      out.text = node.Scalar();
    } else if (node.IsSequence()) {
      out.kind = Yaml::Kind::kList;
      for (const YAML::Node& item : node) out.items.push_back(Convert(item, depth + 1));
    } else if (node.IsMap()) {
      ConvertMap(node, depth, &out);
    }
    return out;
  }

 private:
  void ConvertMap(const YAML::Node& node, int depth, Yaml* out) {
    out->kind = Yaml::Kind::kMap;
    std::set<std::string> seen;
    for (const auto& entry : node) {
      Yaml at;
      at.line = entry.first.Mark().line + 1;
      at.column = entry.first.Mark().column + 1;
      if (!entry.first.IsScalar()) {
        Fail(at, Both("键必须是文字。", "A key must be a text."));
        return;
      }
      const std::string& key = entry.first.Scalar();
      if (!seen.insert(key).second) {
        Fail(at, Both(absl::StrCat("“", key, "”写了两次，请删去一处。"),
                      absl::StrCat("\"", key, "\" stands twice; remove one.")));
      }
      Yaml value = Convert(entry.second, depth + 1);
      if (value.kind == Yaml::Kind::kNone) value.line = at.line;
      out->entries.emplace_back(key, std::move(value));
    }
  }

  Yaml Fail(const Yaml& at, v1::Text fault) {
    if (file_->ok) {
      file_->ok = false;
      file_->line = at.line;
      file_->column = at.column;
      file_->fault = std::move(fault);
    }
    return Yaml{};
  }

  YamlFile* file_;
};

std::string JsonString(absl::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      absl::StrAppend(&out, "\\", absl::string_view(&c, 1));
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned>(c));
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

}  // namespace

const Yaml* Yaml::Find(absl::string_view name) const {
  for (const auto& [key, value] : entries) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string Yaml::Get(absl::string_view name) const {
  const Yaml* found = Find(name);
  return found != nullptr && found->IsScalar() ? found->text : "";
}

std::vector<std::string> Yaml::Texts() const {
  if (IsScalar()) return {text};
  std::vector<std::string> out;
  for (const Yaml& item : items) {
    if (item.IsScalar()) out.push_back(item.text);
  }
  return out;
}

YamlFile ParseYaml(absl::string_view text) {
  YamlFile file;
  try {
    file.root = Converter(&file).Convert(YAML::Load(std::string(text)));
  } catch (const YAML::Exception& e) {
    file.ok = false;
    file.line = e.mark.line + 1;
    file.column = e.mark.column + 1;
    file.fault = Both(absl::StrCat("YAML 写法有误：", e.msg), absl::StrCat("Malformed YAML: ", e.msg));
  }
  return file;
}

std::string ToJson(const Yaml& node) {
  if (node.IsScalar()) return JsonString(node.text);
  std::string out;
  if (node.IsList()) {
    for (const Yaml& item : node.items) absl::StrAppend(&out, out.empty() ? "" : ",", ToJson(item));
    return absl::StrCat("[", out, "]");
  }
  for (const auto& [key, value] : node.entries) {
    if (value.kind == Yaml::Kind::kNone) continue;
    absl::StrAppend(&out, out.empty() ? "" : ",", JsonString(key), ":", ToJson(value));
  }
  return absl::StrCat("{", out, "}");
}

}  // namespace duban::cli
