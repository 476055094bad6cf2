#include "services/node/marks.h"

#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/cases/secrecy.h"

namespace duban::node {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The first text that bears a mark, with the path of its field.
engine::Verdict CheckWithin(const Message& message, const std::string& path) {
  const google::protobuf::Reflection& of = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  of.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool text = field->type() == FieldDescriptor::TYPE_STRING;
    if (!text && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const std::string name = absl::StrCat(path, path.empty() ? "" : ".", field->name());
    if (!field->is_repeated()) {
      DUBAN_REQUIRE(text ? CheckMark(of.GetString(message, field), name)
                         : CheckWithin(of.GetMessage(message, field), name));
      continue;
    }
    for (int i = 0; i < of.FieldSize(message, field); ++i) {
      const std::string one = absl::StrCat(name, "[", i, "]");
      DUBAN_REQUIRE(text ? CheckMark(of.GetRepeatedString(message, field, i), one)
                         : CheckWithin(of.GetRepeatedMessage(message, field, i), one));
    }
  }
  return engine::Nothing{};
}

}  // namespace

engine::Verdict CheckMarks(absl::string_view bytes, const Message& request) {
  return absl::StrContains(bytes, "★") ? CheckWithin(request, "") : engine::Verdict(engine::Nothing{});
}

engine::Verdict CheckMark(absl::string_view text, absl::string_view field) {
  const std::optional<std::string> mark = engine::StateSecretMark(text);
  if (!mark.has_value()) return engine::Nothing{};
  return engine::Reject(
      engine::Kind::kInvalid, "STATE_SECRET_MARK",
      absl::StrCat("内容带有国家秘密标志“", *mark, "”。本系统最高存放工作秘密，未予保存；请勿录入，并按保密规定报告"),
      absl::StrCat("the text bears the mark of a state secret (", *mark,
                   "); nothing was kept: do not enter it here, and report it as the rules on secrets say"),
      {{"field", std::string(field)}, {"mark", *mark}});
}

}  // namespace duban::node
