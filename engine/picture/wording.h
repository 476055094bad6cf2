// A procedure's parts in the words of those who work by it. Chinese: pictures are for the wall of an office.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/procedure/procedure.h"

namespace duban::engine {

// What other procedures are called, by name; one that is not there is called by its name.
using Titles = std::map<std::string, std::string>;
std::string ProcedureTitle(const Titles& titles, const std::string& procedure);
// What is opened, and for whom each: 另开“回头看”, 为每个协办单位各开“自查”.
std::string OpensText(const Procedure& p, const Opens& opens, const Titles& titles);

// A title, or the name where there is none.
std::string TitleOr(const v1::Text& title, const std::string& name);
// 责任单位、交办单位负责人
std::string RolesText(const Procedure& procedure, const std::vector<Role>& roles);
std::string PartiesText(const Procedure& procedure, const std::vector<std::string>& parties);
// 交办单位批准；每轮1次；须首轮；另开“回头看”
std::string TermsText(const Procedure& procedure, const Action& action, const Titles& titles);
// Whether an entry of a clock's `from` or `until` is met on entering the stage.
bool Names(const std::vector<std::string>& starts, const std::string& stage);
// 自“整改中”起，至“已销号”止；期限见“整改时限”；……
std::string ClockText(const Procedure& procedure, const Clock& clock);
// 逾期0日催办；逾期5个工作日建议提醒谈话（交办单位负责人决定）
std::string LadderText(const Procedure& procedure, const Clock& clock);
// 办结
std::string EndText(v1::EndKind kind);

}  // namespace duban::engine
