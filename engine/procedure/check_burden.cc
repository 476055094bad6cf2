// What cases ask of units (为基层减负): read, and checked.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/procedure/check.h"
#include "engine/procedure/reader.h"

namespace duban::engine::language {

Burden ReadBurden(const Node& node, bool of_plan, Findings& findings) {
  MapReader map(node, Both("负担", "A burden"), findings);
  Burden burden;
  const Node* topic = of_plan ? map.Require("topic") : map.Take("topic");
  const Node* topic_from = of_plan ? nullptr : map.Take("topic_from");
  if (!of_plan && (topic != nullptr) == (topic_from != nullptr)) {
    findings.Error("BURDEN_TOPIC", node.at, "写 topic（主题）或 topic_from（取自哪个选项字段），只写其中之一。",
                   "Write one of topic (a text) and topic_from (the choice field that says it).");
  }
  if (topic != nullptr) {
    burden.topic = ReadText(*topic, findings);
    const bool odd =
        std::any_of(burden.topic.begin(), burden.topic.end(), [](char c) { return absl::ascii_iscntrl(c); });
    if (burden.topic.empty() || odd || burden.topic.size() > limits::kTopicBytesMax) {
      findings.Error("WRONG_VALUE", topic->at,
                     absl::StrCat("主题应为 1 至 ", limits::kTopicBytesMax, " 字节，不含控制字符。"),
                     absl::StrCat("A topic has 1 to ", limits::kTopicBytesMax, " bytes, without control characters."));
    }
  }
  if (topic_from != nullptr) burden.topic_from = ReadText(*topic_from, findings);
  if (!of_plan) {
    if (const Node* party = map.Require("party")) burden.party = ReadText(*party, findings);
  }
  if (const Node* lasts = map.Take("lasts_days")) {
    burden.lasts = ReadCount(*lasts, 1, limits::kBurdenDaysMax, findings);
  }
  if (const Node* most = map.Take("at_most_per_year")) {
    burden.at_most = ReadCount(*most, 1, limits::kBurdenDaysMax, findings);
  }
  map.Done();
  return burden;
}

void CheckBurden(const Checked& c) {
  if (!c.procedure.burden.has_value()) return;
  const Burden& burden = *c.procedure.burden;
  const Party& party = *c.procedure.FindParty(burden.party);
  const auto& may_open = c.procedure.may_open;
  // What somebody does of himself nobody asks of him; and by opening one for himself he could try out what he may not
  // see: whether an unannounced visit is on its way.
  const bool opens = std::find(may_open.begin(), may_open.end(), party.name) != may_open.end();
  if (opens || party.claimable) {
    c.Error("BURDEN_PARTY", {"burden", "party"},
            absl::StrCat("“", party.name, opens ? "”自己可以发起，算不上别人给它的负担" : "”有待认领，不知算谁的负担",
                         "；请写被要求办理的一方。"),
            absl::StrCat("\"", party.name,
                         opens ? "\" may open such cases itself: that is no burden that others lay on it"
                               : "\" waits to be claimed: it is not known whose burden it is",
                         "; write the party of which something is asked."));
  }
  if (burden.topic_from.empty()) return;
  const Field& field = *c.procedure.FindField(burden.topic_from);
  if (field.type == FieldType::kChoice && field.required && !field.many && field.sees.empty()) return;
  c.Error("BURDEN_TOPIC", {"burden", "topic_from"},
          absl::StrCat("“", field.name, "”须是单选、必填、人人可见的选项字段（choice），它的名称就是主题。"),
          absl::StrCat("\"", field.name,
                       "\" has to be a choice of one, required and for everybody: its title is the topic."));
}

}  // namespace duban::engine::language
