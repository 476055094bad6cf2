// `opens` and `reopens` against the procedures that they name.
#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/procedure/check.h"

namespace duban::engine::language {
namespace {

void Mismatch(const Checked& c, const Path& path, std::string zh, std::string en) {
  c.Error("OPENS_MISMATCH", path, std::move(zh), std::move(en));
}

Path With(Path path, std::initializer_list<std::string> more) {
  path.insert(path.end(), more);
  return path;
}

void CheckBind(const Checked& c, const Opens& opens, const Procedure& other, const Path& path) {
  for (const auto& [theirs, ours] : opens.bind) {
    const Party* to = other.FindParty(theirs);
    const Party* from = c.procedure.FindParty(ours);
    if (to == nullptr) {
      Mismatch(c, With(path, {"bind", theirs, kItsKey}),
               absl::StrCat("规程“", other.name, "”没有参与方“", theirs, "”。"),
               absl::StrCat("Procedure \"", other.name, "\" has no party \"", theirs, "\"."));
    } else if (theirs == opens.each) {
      Mismatch(c, With(path, {"bind", theirs}),
               absl::StrCat("“", other.name, ".", theirs, "”已由 for_each 逐个给出，不再写在 bind 中。"),
               absl::StrCat("\"", other.name, ".", theirs, "\" is each of for_each already; leave it out of bind."));
    } else if (to->drawn && !from->drawn) {
      c.Error("PARTY_DRAWN", With(path, {"bind", theirs}),
              absl::StrCat("“", other.name, ".", theirs, "”须由抽取产生，只能取自同样由抽取产生（drawn）的参与方。"),
              absl::StrCat("\"", other.name, ".", theirs, "\" is drawn; bind it to a party that is drawn as well."));
    } else if (to->kind != from->kind || (from->many && !to->many)) {
      Mismatch(c, With(path, {"bind", theirs}),
               absl::StrCat("“", ours, "”与“", other.name, ".", theirs, "”种类或数量不合。"),
               absl::StrCat("\"", ours, "\" and \"", other.name, ".", theirs, "\" differ in kind or number."));
    }
  }
  for (const Party& party : other.parties) {
    const auto bound = opens.bind.find(party.name);
    if (party.name == opens.each) continue;
    if (party.optional || (bound != opens.bind.end() && !c.procedure.FindParty(bound->second)->optional)) continue;
    Mismatch(c, path,
             absl::StrCat("开启“", other.name, "”须在 bind 中给出参与方“", party.name, "”，且不能取自可缺省的参与方。"),
             absl::StrCat("To open \"", other.name, "\", bind its party \"", party.name,
                          "\", to one that is not optional."));
  }
}

// Kinds of what a field names; nothing where it names nobody.
std::optional<PartyKind> KindNamed(const Field& field) {
  if (field.type == FieldType::kUnit) return PartyKind::kUnit;
  if (field.type == FieldType::kPost) return PartyKind::kPost;
  if (field.type == FieldType::kPerson) return PartyKind::kPerson;
  return std::nullopt;
}

// One case for each: of several units, posts or persons, each bound to a party of their kind.
void CheckForEach(const Checked& c, const Opens& opens, const Procedure& other, const Path& path) {
  if (opens.each.empty()) return;
  const Path at = With(path, {"for_each", opens.each});
  const Party* to = other.FindParty(opens.each);
  const Party* party = c.procedure.FindParty(opens.of);
  const Field* field = party == nullptr ? c.procedure.FindField(opens.of) : nullptr;
  const std::optional<PartyKind> kind = party != nullptr ? party->kind : KindNamed(*field);
  if (to == nullptr) {
    Mismatch(c, With(at, {kItsKey}), absl::StrCat("规程“", other.name, "”没有参与方“", opens.each, "”。"),
             absl::StrCat("Procedure \"", other.name, "\" has no party \"", opens.each, "\"."));
  } else if (to->drawn) {
    c.Error("PARTY_DRAWN", With(at, {kItsKey}),
            absl::StrCat("“", other.name, ".", opens.each, "”须由抽取产生，不能逐个指定。"),
            absl::StrCat("\"", other.name, ".", opens.each, "\" is drawn and cannot be each of several."));
  } else if (field != nullptr && !field->sees.empty()) {
    c.Error("SEALED_FIELD_USED", at, absl::StrCat("字段“", opens.of, "”只给部分人看，不能逐个开启事项，否则会泄露。"),
            absl::StrCat("Field \"", opens.of, "\" is not for everybody; a case for each would give it away."));
  } else if (kind != to->kind || !(party != nullptr ? party->many : field->many)) {
    Mismatch(
        c, at,
        absl::StrCat("“", opens.of, "”不是可有几个（many）、与“", other.name, ".", opens.each, "”同类的参与方或字段。"),
        absl::StrCat("\"", opens.of, "\" is no party or field of several (many) of the kind of \"", other.name, ".",
                     opens.each, "\"."));
  }
}

// Copying one field into another must neither change its kind nor show it to more people.
void CheckCopy(const Checked& c, const Field& from, const Field* to, const Procedure& other, const std::string& theirs,
               const Path& path) {
  if (to == nullptr) {
    Mismatch(c, With(path, {kItsKey}), absl::StrCat("规程“", other.name, "”没有字段“", theirs, "”。"),
             absl::StrCat("Procedure \"", other.name, "\" has no field \"", theirs, "\"."));
  } else if (from.sealed || to->sealed || !from.sees.empty()) {
    c.Error("SEALED_FIELD_USED", path, absl::StrCat("密封的或只给部分人看的字段不能带入“", other.name, "”。"),
            absl::StrCat("A field that is sealed or not for everybody cannot be carried into \"", other.name, "\"."));
  } else if (from.type != to->type || from.codes != to->codes || (from.many && !to->many)) {
    Mismatch(c, path, absl::StrCat("字段“", from.name, "”与“", other.name, ".", theirs, "”类型、代码表或数量不合。"),
             absl::StrCat("Field \"", from.name, "\" and \"", other.name, ".", theirs,
                          "\" differ in type, codes or number."));
  }
}

// Parts are summed up for everybody who sees the whole, so none may be hidden from him; and an ended whole has no more.
void CheckPart(const Checked& c, const Procedure& other, bool ended, const Path& path) {
  const bool hides =
      std::any_of(other.stages.begin(), other.stages.end(), [](const Stage& stage) { return !stage.sees.empty(); });
  if (hides) {
    c.Error("PART_HIDDEN", With(path, {"as"}),
            absl::StrCat("“", other.name, "”在有的环节只给部分人看（sees），作为组成部分会从汇总数中泄露。"),
            absl::StrCat("\"", other.name,
                         "\" is not for everybody in some stage (sees); as a part its sums would give it away."));
  }
  if (ended) {
    c.Error("PART_OF_ENDED", With(path, {"as"}), "结束环节开启的不能是组成部分；请在结束之前分解，或写 as: follow_up。",
            "What an end stage opens cannot be a part; divide the case before, or write as: follow_up.");
  }
}

// `given`: fields that whoever opens it gives with the action that does.
void CheckOpens(const Checked& c, const std::optional<Opens>& opens, Path path, bool ended = false,
                const std::vector<std::string>& given = {}) {
  if (!opens.has_value()) return;
  path.push_back("opens");
  const Procedure* other = c.FindOther(opens->procedure);
  if (opens->as == v1::LINK_KIND_PART) CheckPart(c, *other, ended, path);
  CheckForEach(c, *opens, *other, path);
  CheckBind(c, *opens, *other, path);
  for (const auto& [theirs, ours] : opens->set) {
    CheckCopy(c, *c.procedure.FindField(ours), other->FindField(theirs), *other, theirs, With(path, {"set", theirs}));
  }
  for (const Field& field : other->fields) {
    const auto set = opens->set.find(field.name);
    if (!field.required || (set != opens->set.end() && (c.procedure.FindField(set->second)->required ||
                                                        absl::c_linear_search(given, set->second)))) {
      continue;
    }
    Mismatch(
        c, path,
        absl::StrCat("“", other->name, "”的字段“", field.name,
                     "”必填，须在 set 中由本规程的必填字段带入；由操作开启的，也可由该操作 needs 中的字段带入。"),
        absl::StrCat("Field \"", field.name, "\" of \"", other->name,
                     "\" is required: set it from a required field of this procedure, or from one that the action ",
                     "which opens it needs."));
  }
}

bool IsOpenedBy(const Checked& c, const Procedure& other, const std::string& name) {
  for (const Planned& plan : c.planned) {
    if (plan.opens == name && plan.of == other.name) return true;
  }
  for (const Clock& clock : other.clocks) {
    for (const LadderRung& rung : clock.ladder) {
      if (rung.opens.has_value() && rung.opens->procedure == name) return true;
    }
  }
  for (const Stage& stage : other.stages) {
    if (stage.opens.has_value() && stage.opens->procedure == name) return true;
    for (const Action& action : stage.actions) {
      if (action.opens.has_value() && action.opens->procedure == name) return true;
    }
  }
  return false;
}

void CheckReopens(const Checked& c, const Stage& stage) {
  if (stage.reopens_to.empty()) return;
  const Path path = {"stages", stage.name, "reopens"};
  bool opened = false;
  for (const Procedure* other : c.others) {
    if (!IsOpenedBy(c, *other, c.procedure.name)) continue;
    opened = true;
    const Stage* to = other->FindStage(stage.reopens_to);
    if (to == nullptr || to->end != v1::END_KIND_UNSPECIFIED) {
      c.Error("REOPENS_MISMATCH", With(path, {"to"}),
              absl::StrCat("开启本规程的“", other->name, "”没有可重新开始的环节“", stage.reopens_to, "”。"),
              absl::StrCat("\"", other->name, "\", which opens this procedure, has no open stage \"", stage.reopens_to,
                           "\"."));
    }
    for (const auto& [theirs, ours] : stage.reopens_set) {
      CheckCopy(c, *c.procedure.FindField(ours), other->FindField(theirs), *other, theirs, With(path, {"set", theirs}));
    }
  }
  if (opened) return;
  c.Error("REOPENS_MISMATCH", path,
          "没有规程会开启本规程，也就没有可以重开的上级事项（parent）；由事项计划开启的，请与计划文件一并给出。",
          "No procedure opens this one, so there is no parent to reopen; where a plan for cases does, give its file "
          "along.");
}

// Opening one for each may be refused, and somebody has to be told: a person leads there, never time, and no opening,
// which may be time's work of another case.
void CheckForEachByHand(const Checked& c, const Stage& stage) {
  if (!stage.opens.has_value() || stage.opens->each.empty()) return;
  bool by_time = stage.name == c.procedure.stages.front().name;
  for (const Stage& before : c.procedure.stages) {
    by_time = by_time || (before.after.has_value() && before.after->to == stage.name) ||
              (before.collect.has_value() && before.collect->below_quorum == stage.name);
  }
  if (!by_time) return;
  c.Error(
      "FOR_EACH_BY_TIME", {"stages", stage.name, "opens", "for_each"},
      absl::StrCat("环节“", stage.name,
                   "”可到时自动进入，或是起始环节；逐个开启有一件开不成就整个不成，须告诉办理的人。请写在操作上，"
                   "或让由人办理进入的环节来开启。"),
      absl::StrCat("Stage \"", stage.name,
                   "\" is entered by time, or is the first. Where one cannot be opened none is, and whoever acts is "
                   "told: write it on an action, or on a stage into which people lead alone."));
}

// A procedure whose first stage opens another at once, and so on in a ring, would open cases without end.
void CheckRing(const Checked& c) {
  const auto next = [&](const Procedure& p) -> const Procedure* {
    return p.stages.front().opens.has_value() ? c.FindOther(p.stages.front().opens->procedure) : nullptr;
  };
  const Procedure* at = &c.procedure;
  for (size_t steps = 0; steps <= c.others.size(); ++steps) {
    at = at->stages.empty() ? nullptr : next(*at);
    if (at == nullptr) return;
    if (at->name != c.procedure.name) continue;
    c.Error("OPENS_RING", {"stages", c.procedure.stages.front().name, "opens"},
            "起始环节一进入就开启的规程又会开启本规程，将无穷无尽。",
            "The procedure opened on entering the first stage opens this one again, without end.");
    return;
  }
}

}  // namespace

void CheckLinks(const Checked& c) {
  for (const Stage& stage : c.procedure.stages) {
    CheckOpens(c, stage.opens, {"stages", stage.name}, stage.end != v1::END_KIND_UNSPECIFIED);
    CheckReopens(c, stage);
    CheckForEachByHand(c, stage);
    for (const Action& action : stage.actions) {
      CheckOpens(c, action.opens, ActionPath(stage, action), false, action.needs);
    }
  }
  for (const Clock& clock : c.procedure.clocks) {
    for (size_t i = 0; i < clock.ladder.size(); ++i) {
      CheckOpens(c, clock.ladder[i].opens, {"clocks", clock.name, "ladder", absl::StrCat("#", i)});
    }
  }
  CheckRing(c);
}

}  // namespace duban::engine::language
