#include "clients/cli/log_plan.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/dates.h"
#include "clients/cli/ledger_rows.h"

namespace duban::cli {
namespace {

constexpr char kLateAction[] = "comment";  // Built in for every procedure, also on ended cases.

class Planner {
 public:
  Planner(const Mapping& mapping, const CsvFile& file, const Reading& reading)
      : mapping_(mapping), file_(file), reading_(reading), reader_(mapping, file, reading, &plan_.findings) {}

  LogPlan Plan() {
    std::vector<const CsvRecord*> rows;
    for (const CsvRecord& record : file_.records) {
      if (reader_.CheckRecord(record)) rows.push_back(&record);
    }
    for (const CsvRecord* record : rows) FindEdges(*record);
    for (const CsvRecord* record : rows) AddRow(*record);
    for (const auto& [id, life] : lives_) AddEnd(life);
    std::stable_sort(plan_.operations.begin(), plan_.operations.end(), [](const auto& a, const auto& b) {
      return std::make_pair(a.at, a.kind) < std::make_pair(b.at, b.kind);
    });
    for (const LogOperation& operation : plan_.operations) plan_.last = std::max(plan_.last, operation.at);
    return std::move(plan_);
  }

 private:
  // What the log says of one case: the same in each of its rows, by its first one.
  struct Life {
    uint32_t index = 0;
    absl::Time opened;
    std::optional<absl::Time> ended;
    bool good = true;
    const CsvRecord* first = nullptr;
    const CsvRecord* end_row = nullptr;  // The row that ends it, where no column says when.
    std::map<std::string, int> rows;     // How often a row of this content has come: twins keep apart.
  };

  // When a case's rows begin, and which row ends it: for logs without columns that say so.
  struct Edges {
    absl::Time first = absl::InfiniteFuture();
    absl::Time end = absl::InfiniteFuture();
    const CsvRecord* end_row = nullptr;
  };

  void FindEdges(const CsvRecord& record) {
    auto at = ReadInstant(reader_.Cell(record, mapping_.at), reading_.zone);
    if (!at) return;
    Edges& edges = edges_[reader_.Cell(record, mapping_.case_id)];
    edges.first = std::min(edges.first, Cut(*at));
    if (mapping_.end_action.empty() || ActionOf(record) != mapping_.end_action || Cut(*at) >= edges.end) return;
    edges.end = Cut(*at);
    edges.end_row = &record;
  }

  std::optional<absl::Time> OpenedAt(const CsvRecord& record, const std::string& id) {
    if (!mapping_.opened_at.empty()) return Instant(record, mapping_.opened_at);
    auto edges = edges_.find(id);
    return edges == edges_.end() ? std::nullopt : std::make_optional(edges->second.first);
  }

  // Where the end comes from a row. Null: from a column, or the case goes on.
  const CsvRecord* EndRow(const std::string& id) const {
    auto edges = edges_.find(id);
    return !mapping_.ended_at.empty() || edges == edges_.end() ? nullptr : edges->second.end_row;
  }

  // The action that the row's activity means; empty: the mapping names none.
  std::string ActionOf(const CsvRecord& record) const {
    auto action = mapping_.actions.find(reader_.Cell(record, mapping_.activity));
    if (action == mapping_.actions.end()) action = mapping_.actions.find("*");
    return action == mapping_.actions.end() ? "" : action->second;
  }

  std::string NoteOf(const CsvRecord& record) const {
    std::vector<std::string> parts;
    for (const std::string& column : mapping_.note) parts.push_back(reader_.Cell(record, column));
    return absl::StrJoin(parts, "；");
  }

  void AddRow(const CsvRecord& record) {
    std::string id = reader_.Cell(record, mapping_.case_id);
    if (id.empty()) {
      reader_.Note(record, mapping_.case_id, "NO_KEY",
                   Both("没有案号，本行不导入。", "No case id; the row is left out."), true);
      return;
    }
    auto [found, is_new] = lives_.try_emplace(id);
    Life& life = found->second;
    if (is_new) {
      Begin(record, id, &life);
    } else {
      CheckSame(record, id, life);
    }
    auto at = Instant(record, mapping_.at);
    if (!life.good) {
      if (!is_new)
        Oddity(record, mapping_.case_id, "CASE_NOT_OPENED", id, "本案未能立案，本行不导入。",
               "Its case could not be opened; the row is left out.", true);
      return;
    }
    if (at) AddStep(record, id, *at, &life);
  }

  void Begin(const CsvRecord& record, const std::string& id, Life* life) {
    life->first = &record;
    auto opened = OpenedAt(record, id);
    std::string end = reader_.Cell(record, mapping_.ended_at);
    if (!end.empty()) life->ended = Instant(record, mapping_.ended_at);
    life->end_row = EndRow(id);
    if (life->end_row != nullptr) life->ended = edges_[id].end;
    LogCase made{id, {}};
    made.open.set_procedure(mapping_.procedure);
    bool parties = reader_.Parties(record, mapping_.parties, made.open.mutable_parties());
    bool fields = reader_.Fields(record, mapping_.fields, made.open.mutable_fields());
    life->good = opened.has_value() && parties && fields && (end.empty() || life->ended.has_value());
    if (!life->good) return;
    v1::FieldValue* kept = made.open.add_fields();
    kept->set_field(mapping_.keep_key_in);
    kept->add_values()->set_text(id);
    life->opened = *opened;
    life->index = plan_.cases.size();
    made.open.set_idempotency_key(Key(id, "open"));
    plan_.cases.push_back(std::move(made));
    LogOperation open;
    open.kind = LogOperation::Kind::kOpen;
    open.at = open.occurred = *opened;
    open.case_index = life->index;
    open.line = record.line;
    open.key = Key(id, "open");
    plan_.operations.push_back(std::move(open));
  }

  void AddStep(const CsvRecord& record, const std::string& id, absl::Time at, Life* life) {
    LogOperation step;
    step.case_index = life->index;
    step.line = record.line;
    step.at = step.occurred = at;
    std::string content = absl::StrJoin(record.fields, "\x1f");
    step.key = Key(id, absl::StrCat(content, "#", life->rows[content]++));
    if (life->ended && at > *life->ended) {
      step.kind = LogOperation::Kind::kLateEntry;
      step.action = kLateAction;
      step.note = NoteOf(record);
      if (at < life->opened) {  // Of a case that ends before it starts.
        step.at = step.occurred = life->opened;
        step.note = absl::StrCat("原始时间 ", Show(at), "；", step.note);
      }
      Oddity(record, mapping_.at, "AFTER_END", id,
             absl::StrCat("在案件结束（", Show(*life->ended), "）之后，按其时间记为备注。"),
             absl::StrCat("After its case's end (", Show(*life->ended), "): entered at its own time as a comment."));
      plan_.operations.push_back(std::move(step));
      return;
    }
    if (&record == life->end_row) return;  // Entered as the end.
    step.action = ActionOf(record);
    if (step.action.empty()) {
      Oddity(record, mapping_.activity, "UNKNOWN_ACTIVITY", id, "映射文件没有写这种活动对应的操作，本行不导入。",
             "The mapping names no action for this activity; the row is left out.", true);
      return;
    }
    if (step.action == kLateAction) step.note = NoteOf(record);
    google::protobuf::RepeatedPtrField<v1::FieldValue> fields;
    if (!reader_.Fields(record, mapping_.step_fields, &fields)) return;
    step.fields.assign(fields.begin(), fields.end());
    if (at < life->opened) {
      step.at = step.occurred = life->opened;
      step.note = absl::StrCat("原始时间 ", Show(at), step.note.empty() ? "" : "；", step.note);
      Oddity(record, mapping_.at, "BEFORE_START", id,
             absl::StrCat("在案件开始（", Show(life->opened), "）之前，记在立案之时，原始时间写在备注里。"),
             absl::StrCat("Before its case's start (", Show(life->opened),
                          "): entered at the opening; the note keeps its own time."));
    }
    plan_.operations.push_back(std::move(step));
  }

  void AddEnd(const Life& life) {
    if (!life.good || !life.ended) return;
    LogOperation end;
    end.kind = LogOperation::Kind::kEnd;
    end.case_index = life.index;
    end.line = life.first->line;
    end.action = mapping_.end_action;
    end.at = end.occurred = *life.ended;
    if (life.end_row != nullptr) {
      google::protobuf::RepeatedPtrField<v1::FieldValue> fields;
      if (!reader_.Fields(*life.end_row, mapping_.step_fields, &fields)) return;
      end.fields.assign(fields.begin(), fields.end());
      end.line = life.end_row->line;
    }
    const std::string& id = plan_.cases[life.index].id;
    end.key = Key(id, "end");
    if (end.at < life.opened) {
      end.note = absl::StrCat("原始时间 ", Show(end.at));
      end.at = end.occurred = life.opened;
      Oddity(*life.first, mapping_.ended_at, "ENDS_BEFORE_START", id,
             absl::StrCat("结束早于开始（", Show(life.opened), "），记为立案之时结案，原始时间写在备注里。"),
             absl::StrCat("Ends before it starts (", Show(life.opened),
                          "): ended at the opening; the note keeps the stated end."));
    }
    plan_.operations.push_back(std::move(end));
  }

  // A log repeats its case's columns in every row; where they differ the first row holds.
  void CheckSame(const CsvRecord& record, const std::string& id, const Life& life) {
    for (const std::string* column : {&mapping_.opened_at, &mapping_.ended_at}) {
      if (reader_.Cell(record, *column) == reader_.Cell(*life.first, *column)) continue;
      Oddity(record, *column, "CASE_COLUMNS_DIFFER", id,
             absl::StrCat("与本案首行（第 ", life.first->line, " 行）不一致，以首行为准。"),
             absl::StrCat("Differs from the case's first row (line ", life.first->line, "), which holds."));
    }
  }

  std::optional<absl::Time> Instant(const CsvRecord& record, const std::string& column) {
    std::string text = reader_.Cell(record, column);
    auto instant = ReadInstant(text, reading_.zone);
    if (!instant) {
      reader_.Note(record, column, "BAD_VALUE",
                   Both(absl::StrCat("“", text, "”不是时刻，本行不导入。"),
                        absl::StrCat("\"", text, "\" is not an instant; the row is left out.")),
                   true);
      return std::nullopt;
    }
    return Cut(*instant);
  }

  // To the resolution of the log that it goes into.
  static absl::Time Cut(absl::Time t) { return absl::FromUnixMillis(absl::ToUnixMillis(t)); }

  void Oddity(const CsvRecord& record, const std::string& column, const char* reason, const std::string& id,
              std::string zh, std::string en, bool refused = false) {
    plan_.findings.push_back({record.line, column, reason, Both(std::move(zh), std::move(en)), refused, id});
  }

  std::string Key(const std::string& id, absl::string_view what) const {
    return absl::StrCat("log:", Digest(absl::StrCat(mapping_.procedure, "\x1e", id, "\x1e", what)).substr(7));
  }

  std::string Show(absl::Time t) const { return ShowInstant(t, reading_.zone, true); }

  const Mapping& mapping_;
  const CsvFile& file_;
  const Reading& reading_;
  LogPlan plan_;
  RowReader reader_;
  std::map<std::string, Life> lives_;
  std::map<std::string, Edges> edges_;
};

}  // namespace

LogPlan PlanLog(const Mapping& mapping, const CsvFile& file, const Reading& reading) {
  return Planner(mapping, file, reading).Plan();
}

}  // namespace duban::cli
