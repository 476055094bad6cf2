#include "engine/documents/letters.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/limits.h"
#include "engine/cases/audience.h"
#include "engine/cases/checks.h"
#include "engine/cases/draft.h"
#include "engine/cases/evolve.h"
#include "engine/cases/numbering.h"
#include "engine/cases/secrecy.h"
#include "engine/documents/text.h"

namespace duban::engine {
namespace {

std::string NameOf(const LetterKind& letter) { return absl::StrCat(letter.procedure->name, "/", letter.kind->name); }

// The unit bound to a party; empty where none is.
std::string UnitOf(const CaseState& state, const std::string& party) {
  const v1::BoundParty* bound = FindBound(state, party);
  return bound == nullptr || bound->bound().empty() ? "" : bound->bound(0).unit();
}

std::vector<std::pair<std::string, std::string>> About(const CaseState& state) {
  return {{"case", state.number().empty() ? state.name() : state.number()}};
}

Rejection TooManyCases(const char* reason, size_t given, size_t most, const std::string& to) {
  const std::string whose = to.empty() ? "" : absl::StrCat("发给", to, "的");
  return Reject(Kind::kInvalid, reason, absl::StrCat(whose, "事项有 ", given, " 件，一次最多 ", most, " 件，请分几次"),
                absl::StrCat(given, " cases", to.empty() ? "" : absl::StrCat(" for ", to), ", at most ", most,
                             " at once; divide them"),
                {{"cases", absl::StrCat(given)}, {"cases_max", absl::StrCat(most)}, {"to", to}});
}

// Its words, now that it has a number.
void Write(const Context& context, const LetterKind& letter, const std::vector<const CaseState*>& cases,
           v1::DocumentIssued& out) {
  const Day day = context.zone.DayOf(context.now);
  const auto of_letter = [&](const std::string& place) -> std::string {
    if (place == "number") return out.number();
    if (place == "from") return out.from_title();
    if (place == "to") return out.to_title();
    if (place == "date") return LongDay(day);
    if (place == "year") return absl::StrCat(day.year());
    if (place == "count") return absl::StrCat(cases.size());
    return "";
  };
  const auto of_case = [&](const CaseState& state, const std::string& place) {
    const Procedure* procedure = context.procedures.Find(state.procedure(), state.procedure_version());
    return PlaceOfCase(*procedure, state, context.directory, context.zone, place);
  };
  out.set_title(Filled(letter.kind->made_of.heading, of_letter));
  for (const TemplateBlock& block : letter.kind->made_of.blocks) {
    if (block.kind == TemplateBlock::Kind::kParagraph) {
      out.add_blocks()->set_paragraph(Filled(block.text, of_letter));
    } else if (block.kind == TemplateBlock::Kind::kHeading) {
      v1::DocumentHeading& heading = *out.add_blocks()->mutable_heading();
      heading.set_level(block.level);
      heading.set_text(Filled(block.text, of_letter));
    } else if (block.kind == TemplateBlock::Kind::kEach) {
      for (const CaseState* state : cases) {
        out.add_blocks()->set_paragraph(Filled(block.text, [&](const std::string& place) {
          const std::string known = of_letter(place);
          return known.empty() ? of_case(*state, place) : known;
        }));
      }
    } else if (block.kind == TemplateBlock::Kind::kTable) {
      v1::DocumentTable& table = *out.add_blocks()->mutable_table();
      table.set_caption(Filled(block.text, of_letter));
      table.add_columns("序号");
      for (const std::string& name : block.names) table.add_columns(HeadOfPlace(*letter.procedure, name));
      for (const CaseState* state : cases) {
        v1::DocumentTableRow& row = *table.add_rows();
        row.add_cells(absl::StrCat(table.rows_size()));
        for (const std::string& name : block.names) row.add_cells(of_case(*state, name));
      }
    }
  }
}

// In each case that it stands in a letter.
CaseEvents File(const Context& context, const v1::DocumentIssued& letter, const CaseState& state) {
  CaseDraft draft;
  draft.state = state;
  draft.procedure = context.procedures.Find(state.procedure(), state.procedure_version());
  v1::Event event;
  v1::DocumentFiled& filed = *event.mutable_document_filed();
  filed.set_document(letter.document());
  filed.set_template_(letter.template_());
  *filed.mutable_template_title() = letter.template_title();
  filed.set_number(letter.number());
  filed.set_to(letter.to());
  filed.set_from(letter.from());
  *filed.mutable_at() = letter.at();
  draft.Emit(std::move(event));
  CaseEvents out;
  out.name = state.name();
  out.events = std::move(draft.events);
  out.audience = AudienceOf(*draft.procedure, draft.state);
  out.after = std::move(draft.state);
  return out;
}

// The post of that unit in which the actor serves, his own before those in which he stands in for another.
std::optional<Capacity> ServesIn(const Directory& directory, const std::string& unit, const std::string& person) {
  for (const v1::Post* post : directory.PostsOf(person)) {
    if (post->unit() == unit) return Capacity{"", post->name(), ""};
  }
  for (const LentPost& lent : directory.LentTo(person)) {
    if (lent.post->unit() == unit) return Capacity{"", lent.post->name(), lent.holder};
  }
  return std::nullopt;
}

size_t BytesOf(const std::vector<v1::Event>& events) {
  size_t bytes = 0;
  for (const v1::Event& event : events) bytes += event.ByteSizeLong();
  return bytes;
}

}  // namespace

LetterKind FindLetterKind(const Procedures& procedures, absl::string_view name) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(name, absl::MaxSplits('/', 1));
  const Procedure* procedure = procedures.Newest(parts.first);
  const DocumentKind* kind = procedure == nullptr ? nullptr : procedure->FindDocument(parts.second);
  return kind == nullptr ? LetterKind{} : LetterKind{procedure, kind};
}

std::string SeriesKey(absl::string_view series) { return absl::StrCat("documents/", series); }

Outcome<Capacity> MayStandIn(const Context& context, const LetterKind& letter, const CaseState& state) {
  const DocumentKind& kind = *letter.kind;
  if (state.procedure() != letter.procedure->name) {
    return Reject(
        Kind::kInvalid, "DOCUMENT_OTHER_PROCEDURE",
        absl::StrCat("“", About(state)[0].second, "”不是“", letter.procedure->title.zh(), "”，不能写进这份文书"),
        absl::StrCat(About(state)[0].second, " is no case of \"", letter.procedure->name, "\""), About(state));
  }
  if (state.end_kind() != v1::END_KIND_UNSPECIFIED || !absl::c_linear_search(kind.at, state.stage())) {
    return Reject(Kind::kState, "DOCUMENT_WRONG_STAGE",
                  absl::StrCat("“", About(state)[0].second, "”现在的环节不发“", kind.title.zh(), "”"),
                  absl::StrCat(About(state)[0].second, " stands in no stage in which this letter is issued"),
                  About(state));
  }
  for (const v1::DocumentFiled& filed : state.documents()) {
    if (filed.template_() != NameOf(letter) || FromProto(filed.at()) < FromProto(state.stage_since())) continue;
    return Reject(Kind::kState, "DOCUMENT_ISSUED",
                  absl::StrCat("“", About(state)[0].second, "”在本环节已发过“", kind.title.zh(), "”"),
                  absl::StrCat("such a letter has been issued about ", About(state)[0].second, " in this stage"),
                  About(state));
  }
  if (state.documents_size() >= limits::kDocumentsPerCaseMax) {
    return Reject(Kind::kState, "TOO_MANY_DOCUMENTS",
                  absl::StrCat("“", About(state)[0].second, "”已有 ", limits::kDocumentsPerCaseMax, " 件文书"),
                  absl::StrCat(About(state)[0].second, " has ", limits::kDocumentsPerCaseMax, " documents already"),
                  About(state));
  }
  if (UnitOf(state, kind.per).empty() || UnitOf(state, kind.from).empty()) {
    return Reject(
        Kind::kState, "DOCUMENT_WITHOUT_UNIT", absl::StrCat("“", About(state)[0].second, "”没有收文或发文单位"),
        absl::StrCat(About(state)[0].second, " has no unit that issues it, or none to which it is sent"), About(state));
  }
  const Procedure* own = context.procedures.Find(state.procedure(), state.procedure_version());
  // The checker asks this of the version that the letter is of; the case may stand on an earlier one.
  const Ids audience = AudienceOf(*own, state);
  for (const std::string& party : {kind.per, kind.from}) {
    if (absl::c_binary_search(audience, UnitOf(state, party))) continue;
    return Reject(Kind::kState, "DOCUMENT_HIDDEN",
                  absl::StrCat("“", About(state)[0].second, "”所用的规程版本在此环节不给",
                               letter.procedure->FindParty(party)->title.zh(), "看，发文会泄露它；请先换到新版"),
                  absl::StrCat("in the version that ", About(state)[0].second, " follows, its stage is not for ", party,
                               " to see; the letter would give it away: take it to the new version first"),
                  About(state));
  }
  return FindCapacity(*own, state, context.directory, {Role{kind.from}}, ActorOf(context));
}

Outcome<Letters> DecideLetters(const Context& context, absl::FunctionRef<std::string()> fresh_document,
                               const LetterKind& letter, std::vector<const CaseState*> cases) {
  const DocumentKind& kind = *letter.kind;
  if (cases.size() > limits::kLettersCasesMax) {
    return TooManyCases("DOCUMENT_CASES", cases.size(), limits::kLettersCasesMax, "");
  }
  std::sort(cases.begin(), cases.end(), [](const CaseState* a, const CaseState* b) {
    return std::make_pair(a->opened_position(), a->name()) < std::make_pair(b->opened_position(), b->name());
  });
  std::map<std::pair<std::string, std::string>, std::vector<const CaseState*>> by_units;
  for (const CaseState* state : cases) by_units[{UnitOf(*state, kind.from), UnitOf(*state, kind.per)}].push_back(state);

  Letters out;
  size_t bytes = 0;
  for (const auto& [units, its] : by_units) {
    const auto& [from, to] = units;
    if (its.size() > limits::kLetterCasesMax) {
      return TooManyCases("DOCUMENT_CASES", its.size(), limits::kLetterCasesMax, context.directory.TitleOf(to));
    }
    const Outcome<Capacity> capacity = MayStandIn(context, letter, *its.front());
    DUBAN_REQUIRE(capacity);
    v1::DocumentIssued& issued = out.letters.emplace_back();
    issued.set_document(fresh_document());
    issued.set_template_(NameOf(letter));
    *issued.mutable_template_title() = kind.title;
    issued.set_from(from);
    issued.set_from_title(context.directory.TitleOf(from));
    issued.set_to(to);
    issued.set_to_title(context.directory.TitleOf(to));
    const int year = static_cast<int>(context.zone.DayOf(context.now).year());
    issued.set_series(SeriesOf(kind.numbers, year, {{kind.from, CodeOf(context.directory, from)}}));
    issued.set_sequence(context.next_in_series(SeriesKey(issued.series())));
    issued.set_number(NumberIn(issued.series(), issued.sequence()));
    const Actor actor = ActorOf(context);
    issued.set_person(actor.person);
    issued.set_post(capacity->post);
    issued.set_on_behalf_of(capacity->on_behalf_of);
    *issued.mutable_at() = ToProto(context.now);
    for (const CaseState* state : its) {
      const bool first = issued.cases().empty();
      issued.set_secrecy(first ? Graded(state->secrecy()) : Higher(issued.secrecy(), state->secrecy()));
      v1::DocumentCase& named = *issued.add_cases();
      named.set_case_(state->name());
      named.set_number(state->number());
    }
    Write(context, letter, its, issued);
    const size_t size = issued.ByteSizeLong();
    bytes += size;
    if (size > limits::kDocumentBytesMax || bytes > limits::kDocumentsBytesMax) {
      return Reject(Kind::kInvalid, "DOCUMENT_TOO_LARGE",
                    absl::StrCat("文书内容过多（发给", issued.to_title(), "的一件 ", size, " 字节），请分几次发"),
                    absl::StrCat("the letters say too much (that for ", to, " has ", size, " bytes); divide the cases"),
                    {{"to", to},
                     {"bytes", absl::StrCat(size)},
                     {"bytes_max", absl::StrCat(limits::kDocumentBytesMax)},
                     {"bytes_max_together", absl::StrCat(limits::kDocumentsBytesMax)}});
    }
    for (const CaseState* state : its) out.filed.cases.push_back(File(context, issued, *state));
  }
  return out;
}

Outcome<Receipt> DecideReceipt(const Context& context, const v1::DocumentIssued& issued, const std::string& action,
                               const std::string& reason, const std::vector<LetterCase>& cases) {
  const Actor actor = ActorOf(context);
  const std::optional<Capacity> capacity =
      issued.to().empty() ? std::nullopt : ServesIn(context.directory, issued.to(), actor.person);
  if (!capacity.has_value()) {
    return Reject(Kind::kForbidden, "NOT_ADDRESSEE",
                  absl::StrCat("此件", issued.to().empty() ? "没有收文单位" : absl::StrCat("发给", issued.to_title()),
                               "，须由收文单位的人员签收"),
                  "only somebody of the unit to which it was sent takes it in", {{"document", issued.number()}});
  }
  if (context.occurred < FromProto(issued.at())) return OccurredTooEarly(context.zone, FromProto(issued.at()));
  Receipt out;
  out.received.set_document(issued.document());
  out.received.set_person(actor.person);
  out.received.set_post(capacity->post);
  out.received.set_entered_by(actor.entered_by);
  out.received.set_on_behalf_of(capacity->on_behalf_of);
  *out.received.mutable_at() = ToProto(context.occurred);
  if (action.empty()) return out;
  size_t bytes = 0;
  for (const LetterCase& one : cases) {
    std::string why = one.reason;
    if (one.state != nullptr) {
      v1::ActOnCaseRequest command;
      command.set_case_(one.named.case_());
      command.set_action(action);
      command.set_reason(reason);
      Outcome<Decision> decision = DecideAct(context, *one.state, command);
      if (!decision.ok()) {
        why = decision.rejection().reason;
      } else if (decision->cases.size() != 1) {
        why = "RECEIPT_SPREADS";
      } else if (bytes + BytesOf(decision->cases[0].events) > limits::kReceiptBytesMax) {
        why = "RECEIPT_FULL";
      } else {
        bytes += BytesOf(decision->cases[0].events);
        out.taken.cases.push_back(std::move(decision->cases[0]));
        continue;
      }
    }
    v1::DocumentCaseLeft& left = *out.received.add_left();
    left.set_case_(one.named.case_());
    left.set_number(one.named.number());
    left.set_reason(why);
  }
  return out;
}

}  // namespace duban::engine
