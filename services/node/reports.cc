#include "services/node/reports.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/documents/text.h"
#include "engine/views/words.h"
#include "services/node/limits.h"
#include "services/node/metric_reads.h"
#include "services/node/view_reads.h"

namespace duban::node {

using engine::Kind;
using engine::Outcome;
using engine::Reject;
using engine::TemplateBlock;

namespace {

using Blocks = Outcome<std::vector<v1::DocumentBlock>>;
using Cells = std::vector<std::string>;

void AddRow(v1::DocumentTable& table, Cells cells) {
  v1::DocumentTableRow& row = *table.add_rows();
  for (std::string& cell : cells) row.add_cells(std::move(cell));
}

std::string Percent(const std::string& percent) { return percent.empty() ? "—" : absl::StrCat(percent, "%"); }

std::string WithCounts(const v1::Rate& rate) {
  return absl::StrCat(rate.above(), "/", rate.below(), "（", Percent(rate.percent()), "）");
}

// With which periods a block compares: 环比, 同比.
std::vector<v1::Comparison> ComparisonsOf(const TemplateBlock& block) {
  std::vector<v1::Comparison> out;
  if (block.period_before) out.push_back(v1::COMPARISON_PERIOD_ON_PERIOD);
  if (block.year_before) out.push_back(v1::COMPARISON_YEAR_ON_YEAR);
  if (out.empty()) out.push_back(v1::COMPARISON_UNSPECIFIED);
  return out;
}

class ReportReader {
 public:
  ReportReader(const Reading& reading, const PastSource& past, const engine::Period& period)
      : reading_(reading), past_(past), period_(period) {}

  // What one block asks for. Sets `refused` where it cannot be.
  absl::StatusOr<v1::DocumentBlock> Read(const TemplateBlock& block) {
    v1::DocumentBlock out;
    absl::Status read;
    switch (block.kind) {
      case TemplateBlock::Kind::kFigures:
        read = Figures(block, /*by_unit=*/false, *out.mutable_table());
        break;
      case TemplateBlock::Kind::kUnits:
        read = Figures(block, /*by_unit=*/true, *out.mutable_table());
        break;
      case TemplateBlock::Kind::kOverdue:
        read = Overdue(block, *out.mutable_table());
        break;
      case TemplateBlock::Kind::kRegister:
        read = Register(block, *out.mutable_table());
        break;
      case TemplateBlock::Kind::kParagraph:
      case TemplateBlock::Kind::kHeading:
      case TemplateBlock::Kind::kEach:
      case TemplateBlock::Kind::kTable:
        break;
    }
    if (!read.ok()) return read;
    if (out.table().rows_size() > limits::kReportRowsMax) TooLong(out.table().rows_size());
    if (out.table().rows().empty()) out.set_paragraph("无。");
    return out;
  }

  std::optional<engine::Rejection> refused;

 private:
  template <typename T>
  absl::StatusOr<std::optional<T>> Taken(Reply<T> reply) {
    if (auto* trouble = std::get_if<absl::Status>(&reply)) return *trouble;
    if (auto* rejection = std::get_if<engine::Rejection>(&reply)) {
      if (!refused.has_value()) refused = std::move(*rejection);
      return std::optional<T>();
    }
    return std::optional<T>(std::get<T>(std::move(reply)));
  }

  void TooLong(int rows) {
    if (refused.has_value()) return;
    refused = Reject(Kind::kInvalid, "REPORT_ROWS",
                     absl::StrCat("报告中的一张表超过 ", limits::kReportRowsMax, " 行，请在模板中缩小范围"),
                     absl::StrCat("a table of the report has more than ", limits::kReportRowsMax,
                                  " rows; narrow it in the template"),
                     {{"rows", absl::StrCat(rows)}, {"rows_max", absl::StrCat(limits::kReportRowsMax)}});
  }

  absl::Status Figures(const TemplateBlock& block, bool by_unit, v1::DocumentTable& table) {
    const std::vector<v1::Comparison> comparisons = ComparisonsOf(block);
    table.add_columns("指标");
    if (by_unit) table.add_columns("单位");
    for (const char* head : {"分子", "分母", "率"}) table.add_columns(head);
    for (const v1::Comparison comparison : comparisons) {
      if (comparison == v1::COMPARISON_UNSPECIFIED) continue;
      const bool year = comparison == v1::COMPARISON_YEAR_ON_YEAR;
      table.add_columns(year ? "上年同期" : "上期");
      table.add_columns(year ? "同比（百分点）" : "环比（百分点）");
    }
    for (const std::string& name : block.names) {
      // The rows of one metric by their unit, filled comparison by comparison.
      std::vector<std::pair<std::string, Cells>> rows;
      for (const v1::Comparison comparison : comparisons) {
        v1::QueryMetricRequest request;
        request.set_metric(name);
        request.set_period(period_.Name());
        request.set_compare(comparison);
        if (by_unit) request.add_by("unit");
        auto answer = Taken(QueryMetric(reading_, past_, request));
        if (!answer.ok()) return answer.status();
        if (!answer->has_value()) return absl::OkStatus();
        Add(**answer, by_unit, comparison == comparisons.front(), comparison != v1::COMPARISON_UNSPECIFIED, rows);
      }
      for (auto& [unit, cells] : rows) AddRow(table, std::move(cells));
    }
    return absl::OkStatus();
  }

  static void Add(const v1::QueryMetricResponse& answer, bool by_unit, bool first, bool compared,
                  std::vector<std::pair<std::string, Cells>>& rows) {
    const auto add = [&](const std::string& key, const std::string& title, const v1::Rate& rate,
                         const v1::RateChange& change) {
      auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& one) { return one.first == key; });
      if (row == rows.end()) {
        row = rows.insert(rows.end(), {key, {answer.definition().title().zh()}});
        if (by_unit) row->second.push_back(title);
        row->second.insert(row->second.end(),
                           {absl::StrCat(rate.above()), absl::StrCat(rate.below()), Percent(rate.percent())});
        // A unit that stands in a later comparison alone has nothing to say for the earlier ones.
        if (!first) row->second.insert(row->second.end(), {"—", "—"});
      }
      if (!compared) return;
      row->second.push_back(WithCounts(change.before()));
      row->second.push_back(change.points().empty() ? "—" : change.points());
    };
    if (!by_unit) return add("", "", answer.rate(), answer.change());
    for (const v1::MetricGroup& group : answer.groups()) {
      add(group.keys(0), group.titles(0).zh(), group.rate(), group.change());
    }
  }

  // As it stood at the period's end, where that is over; else as it stands.
  v1::AsOf Then() const {
    v1::AsOf then;
    if (reading_.library().zone.EndOf(period_.last) < reading_.fired_to()) {
      then.set_date(engine::FormatDay(period_.last));
    }
    return then;
  }

  // All rows of a view that match, page by page; no more than a report holds.
  template <typename Take>
  absl::Status Rows(v1::View view, const v1::ViewFilter& filter, Take take) {
    v1::QueryViewRequest request;
    request.set_view(view);
    *request.mutable_filter() = filter;
    request.set_page_size(limits::kPageMax);
    const v1::AsOf then = Then();
    const bool past = then.when_case() != v1::AsOf::WHEN_NOT_SET;
    if (past) *request.mutable_as_of() = then;
    int rows = 0;
    do {
      auto page = Taken(past ? QueryViewThen(reading_, past_, request) : QueryView(reading_, request));
      if (!page.ok()) return page.status();
      if (!page->has_value()) return absl::OkStatus();
      for (const v1::ViewRow& row : (*page)->rows()) take(row);
      rows += (*page)->rows_size();
      if (rows > limits::kReportRowsMax) {
        TooLong(rows);
        return absl::OkStatus();
      }
      request.set_page_token((*page)->next_page_token());
    } while (!request.page_token().empty());
    return absl::OkStatus();
  }

  std::string DayText(const google::protobuf::Timestamp& t) const {
    return engine::LongDay(reading_.library().zone.DayOf(engine::FromProto(t)));
  }

  // The units that answer for a case, as its row has them.
  std::string Answering(const v1::LedgerRow& row) const {
    const engine::Procedure* procedure = reading_.library().procedures->Newest(row.procedure());
    if (procedure == nullptr) return "";
    const std::vector<std::string> answering = engine::AnsweringParties(*procedure);
    std::vector<std::string> titles;
    for (const auto& party : row.parties()) {
      if (std::find(answering.begin(), answering.end(), party.party()) == answering.end()) continue;
      titles.insert(titles.end(), party.titles().begin(), party.titles().end());
    }
    return absl::StrJoin(titles, "、");
  }

  absl::Status Overdue(const TemplateBlock& block, v1::DocumentTable& table) {
    for (const char* head : {"序号", "编号", "事项", "责任单位", "时限"}) table.add_columns(head);
    for (const std::string& procedure : block.names) {
      v1::ViewFilter filter;
      if (procedure != engine::kAllProcedures) (*filter.mutable_labels())["procedure"] = procedure;
      (*filter.mutable_labels())["timeliness"] = engine::TimelinessWord(v1::TIMELINESS_OVERDUE);
      (*filter.mutable_labels())["state"] = "open";
      const absl::Status read = Rows(v1::VIEW_LEDGER, filter, [&](const v1::ViewRow& row) {
        const v1::LedgerRow& of = row.ledger();
        AddRow(table, {absl::StrCat(table.rows_size() + 1), of.number(), of.subject(), Answering(of),
                       of.has_due() ? DayText(of.due()) : ""});
      });
      if (!read.ok()) return read;
    }
    return absl::OkStatus();
  }

  absl::Status Register(const TemplateBlock& block, v1::DocumentTable& table) {
    for (const char* head : {"序号", "对象", "事由", "自", "至", "来自事项"}) table.add_columns(head);
    for (const std::string& name : block.names) {
      v1::ViewFilter filter;
      (*filter.mutable_labels())["register"] = name;
      const absl::Status read = Rows(v1::VIEW_REGISTERS, filter, [&](const v1::ViewRow& row) {
        const v1::RegisterEntry& of = row.register_();
        AddRow(table, {absl::StrCat(table.rows_size() + 1), of.subject_title(), of.reason().zh(), DayText(of.from()),
                       of.has_until() ? DayText(of.until()) : "移出为止", of.number()});
      });
      if (!read.ok()) return read;
    }
    return absl::OkStatus();
  }

  const Reading& reading_;
  const PastSource& past_;
  const engine::Period& period_;
};

}  // namespace

absl::StatusOr<Blocks> ReportData(const Reading& reading, const PastSource& past, const engine::Report& report,
                                  const engine::Period& period) {
  ReportReader reader(reading, past, period);
  std::vector<v1::DocumentBlock> out;
  for (const TemplateBlock& block : report.made_of.blocks) {
    if (!block.of_reports()) continue;
    absl::StatusOr<v1::DocumentBlock> read = reader.Read(block);
    if (!read.ok()) return read.status();
    if (reader.refused.has_value()) return Blocks(*std::move(reader.refused));
    out.push_back(*std::move(read));
  }
  // Whoever reads it has to know of what it speaks.
  if (!out.empty() && !reading.HasRight(engine::kRightAudit)) {
    out.emplace_back().set_paragraph("注：以上只计发文人可以查看的事项。");
  }
  return Blocks(std::move(out));
}

}  // namespace duban::node
