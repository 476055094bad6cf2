#include "engine/documents/report.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "engine/base/limits.h"
#include "engine/cases/draft.h"
#include "engine/cases/numbering.h"
#include "engine/documents/letters.h"
#include "engine/documents/text.h"

namespace duban::engine {
namespace {

// A post in which the actor may issue, and whose it is.
struct Desk {
  const v1::Post* post = nullptr;
  std::string on_behalf_of;
};

bool MayIssue(const v1::Post& post) { return absl::c_linear_search(post.rights(), kRightIssue); }

// In that unit; in any, where none is named, as long as there is one unit only.
Outcome<Desk> FindDesk(const Directory& directory, const std::string& person, const std::string& unit) {
  std::vector<Desk> desks;
  for (const v1::Post* post : directory.PostsOf(person)) desks.push_back({post, ""});
  for (const LentPost& lent : directory.LentTo(person)) desks.push_back({lent.post, lent.holder});
  Desk found;
  for (const Desk& desk : desks) {
    if (!MayIssue(*desk.post) || (!unit.empty() && desk.post->unit() != unit)) continue;
    if (found.post == nullptr) found = desk;
    if (found.post->unit() != desk.post->unit()) {
      return Reject(Kind::kInvalid, "REPORT_FROM", "您可以代表不止一个单位发文，请指明发文单位 from",
                    "you may issue for more than one unit; say for which", {{"field", "from"}});
    }
  }
  if (found.post != nullptr) return found;
  return Reject(Kind::kForbidden, "RIGHT_REQUIRED", absl::StrCat("发文须有权限 ", kRightIssue, "，且任职于发文单位"),
                absl::StrCat("issuing takes the right \"", kRightIssue, "\" in a post of the unit that issues"),
                {{"right", kRightIssue}});
}

std::string MonthText(const Period& period) {
  return absl::StrCat(period.first.year(), "年", period.first.month(), "月");
}

// "2026年第三季度", as a report calls it.
std::string PeriodText(const Period& period) {
  static constexpr const char* kQuarters[] = {"一", "二", "三", "四"};
  const std::string year = absl::StrCat(period.first.year(), "年");
  switch (period.kind) {
    case Period::Kind::kMonth:
      return MonthText(period);
    case Period::Kind::kQuarter:
      return absl::StrCat(year, "第", kQuarters[(period.first.month() - 1) / 3], "季度");
    case Period::Kind::kHalfYear:
      return absl::StrCat(year, period.first.month() == 1 ? "上半年" : "下半年");
    case Period::Kind::kYear:
      return year;
    case Period::Kind::kDates:
      return absl::StrCat(LongDay(period.first), "至", LongDay(period.last));
  }
  return "";
}

}  // namespace

Outcome<v1::DocumentIssued> DecideReport(const Context& context, absl::FunctionRef<std::string()> fresh_document,
                                         const Report& report, const Period& period, const ReportEnds& ends,
                                         const std::vector<v1::DocumentBlock>& data) {
  const Outcome<Desk> desk = FindDesk(context.directory, context.actor, ends.from);
  DUBAN_REQUIRE(desk);
  const std::string& from = desk->post->unit();
  if (!ends.to.empty() && (context.directory.FindUnit(ends.to) == nullptr || ends.to == from)) {
    return Reject(Kind::kInvalid, "REPORT_TO", absl::StrCat("没有可以送达的单位“", ends.to, "”"),
                  absl::StrCat("there is no unit \"", ends.to, "\" to which it could be sent"), {{"field", "to"}});
  }
  const Day day = context.zone.DayOf(context.now);
  v1::DocumentIssued out;
  out.set_document(fresh_document());
  out.set_template_(report.name);
  *out.mutable_template_title() = report.made_of.title;
  out.set_from(from);
  out.set_from_title(context.directory.TitleOf(from));
  out.set_to(ends.to);
  out.set_to_title(ends.to.empty() ? "" : context.directory.TitleOf(ends.to));
  out.set_period(period.Name());
  out.set_series(SeriesOf(report.numbers, static_cast<int>(day.year()), {{"from", CodeOf(context.directory, from)}}));
  out.set_sequence(context.next_in_series(SeriesKey(out.series())));
  out.set_number(NumberIn(out.series(), out.sequence()));
  out.set_person(context.actor);
  out.set_post(desk->post->name());
  out.set_on_behalf_of(desk->on_behalf_of);
  *out.mutable_at() = ToProto(context.now);
  const auto filled = [&](const std::string& text) {
    return Filled(text, [&](const std::string& place) -> std::string {
      if (place == "number") return out.number();
      if (place == "from") return out.from_title();
      if (place == "to") return out.to_title();
      if (place == "date") return LongDay(day);
      if (place == "year") return absl::StrCat(day.year());
      if (place == "period") return PeriodText(period);
      if (place == "first") return LongDay(period.first);
      if (place == "last") return LongDay(period.last);
      return "";
    });
  };
  out.set_title(filled(report.made_of.heading));
  size_t next = 0;
  for (const TemplateBlock& block : report.made_of.blocks) {
    v1::DocumentBlock& said = *out.add_blocks();
    if (block.kind == TemplateBlock::Kind::kHeading) {
      said.mutable_heading()->set_level(block.level);
      said.mutable_heading()->set_text(filled(block.text));
    } else if (!block.of_reports()) {
      said.set_paragraph(filled(block.text));
    } else if (next < data.size()) {
      said = data[next++];
      if (said.has_table()) said.mutable_table()->set_caption(filled(block.text));
    }
  }
  for (; next < data.size(); ++next) *out.add_blocks() = data[next];
  const size_t bytes = out.ByteSizeLong();
  if (bytes <= limits::kDocumentBytesMax) return out;
  return Reject(Kind::kInvalid, "DOCUMENT_TOO_LARGE", absl::StrCat("报告内容过多（", bytes, " 字节），请缩短期间"),
                absl::StrCat("the report says too much (", bytes, " bytes); take a shorter period"),
                {{"bytes", absl::StrCat(bytes)}, {"bytes_max", absl::StrCat(limits::kDocumentBytesMax)}});
}

}  // namespace duban::engine
