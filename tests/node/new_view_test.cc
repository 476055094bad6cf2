// docs/views.md, followed to the letter: one more view, and what is to be tested of it. 到期表: the open cases by the
// day on which they fall due.
//
// The contract is not changed for a test: the view takes the number of the registers, which this program does not
// have, and the ledger's message.
#include <gmock/gmock.h>

#include "engine/cases/present.h"
#include "engine/views/rows.h"
#include "engine/views/tables.h"
#include "services/node/rebuild.h"
#include "tests/node/support/office.h"
#include "tests/node/support/standing.h"
#include "tests/node/support/versions.h"

namespace duban::engine {
namespace {

using duban::state::v1::CaseState;

class DueDays : public View {
 public:
  const Definition& definition() const override {
    static const Definition is = [] {
      Definition d;
      d.number = v1::VIEW_REGISTERS;
      d.name = "due_days";
      d.version = 1;
      d.one_row_each = true;
      d.labels = {"day", "procedure"};
      d.indexed = {"day"};
      d.counted = {"day"};
      return d;
    }();
    return is;
  }

  void Apply(const Change& change, ViewRows& rows) const override {
    if (change.after == nullptr) return;
    const CaseState& state = *change.after;
    std::vector<Row> standing;
    const auto* due = DueOf(state);
    if (due != nullptr && state.end_kind() == v1::END_KIND_UNSPECIFIED) {
      Row row;
      row.key = state.name();
      row.place = KeyInstant(FromProto(*due)) + KeyNumber(state.opened_position());
      row.audience = AudienceOf(*change.procedure, state);
      v1::LedgerRow& shown = *row.row.mutable_ledger();
      shown.set_case_(state.name());
      shown.set_number(state.number());
      shown.set_procedure(state.procedure());
      shown.set_subject(SubjectOf(*change.procedure, state));
      *shown.mutable_due() = *due;
      // The zone is the log's, so the day may stand in the row; labels are made from the row alone.
      shown.set_stage(FormatDay(change.zone.DayOf(FromProto(*due))));
      standing.push_back(std::move(row));
    }
    rows.Replace(state.name(), std::move(standing));
  }

  std::vector<Label> LabelsOf(const v1::ViewRow& row) const override {
    return {{"day", row.ledger().stage()}, {"procedure", row.ledger().procedure()}};
  }
};

const View& DueDaysView() {
  static const DueDays view;
  return view;
}

}  // namespace
}  // namespace duban::engine

namespace duban::node {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const ViewList& WithDueDays() {
  static const ViewList views = {&engine::LedgerView(), &engine::WorklistView(), &engine::DueDaysView()};
  return views;
}

class NewView : public testing::Test {
 protected:
  // An order that has been taken up: of its deadlines only its own runs.
  std::string Open(const std::string& unit, const std::string& problem, const std::string& due) {
    const std::string name = office_.Open(unit, problem, due).case_();
    office_.Act(unit == "units/zhujian" ? kHousing : kWater, name, "acknowledge");
    return name;
  }
  static v1::QueryViewRequest On(const std::string& day) {
    v1::QueryViewRequest request;
    request.set_view(v1::VIEW_REGISTERS);
    (*request.mutable_filter()->mutable_labels())["day"] = day;
    return request;
  }
  std::vector<std::string> Subjects(const std::string& viewer, const std::string& day) {
    v1::QueryViewRequest request = On(day);
    const v1::QueryViewResponse page = Office::MustRead(office_.node().QueryView(viewer, request));
    std::vector<std::string> subjects;
    for (const v1::ViewRow& row : page.rows()) subjects.push_back(row.ledger().subject());
    request.set_page_size(1);
    const v1::QueryViewResponse first = Office::MustRead(office_.node().QueryView(viewer, request));
    EXPECT_EQ(first.total_size(), static_cast<int64_t>(subjects.size()));
    return subjects;
  }

  Office office_{{.own_thread = false, .views = &WithDueDays()}};
};

TEST_F(NewView, FindsWhatFallsDueOnADay) {
  Open("units/zhujian", "甲", "2026-10-20");
  Open("units/zhujian", "乙", "2026-10-21");
  Open("units/zhujian", "丙", "2026-10-20");
  EXPECT_THAT(Subjects(kSupervisor, "2026-10-20"), ElementsAre("甲", "丙"));
  EXPECT_THAT(Subjects(kSupervisor, "2026-10-21"), ElementsAre("乙"));
  EXPECT_THAT(Subjects(kSupervisor, "2026-10-22"), IsEmpty());
}

TEST_F(NewView, ShowsAndCountsForEachViewerWhatHeMaySee) {
  Open("units/zhujian", "甲", "2026-10-20");
  Open("units/shuiwu", "乙", "2026-10-20");
  EXPECT_THAT(Subjects(kHousing, "2026-10-20"), ElementsAre("甲"));
  EXPECT_THAT(Subjects(kWater, "2026-10-20"), ElementsAre("乙"));
  EXPECT_THAT(Subjects(kAuditor, "2026-10-20"), ElementsAre("甲", "乙"));
}

TEST_F(NewView, LetsGoOfACaseThatHasNoDeadlineAnyMore) {
  const std::string name = Open("units/zhujian", "甲", "2026-10-20");
  EXPECT_THAT(Subjects(kSupervisor, "2026-10-20"), ElementsAre("甲"));
  v1::ActOnCaseRequest pause = office_.Action(name, "pause");
  pause.set_reason("等待资金下达");
  Office::Must<v1::ActOnCaseResponse>(office_.Call(kSupervisor, pause));
  EXPECT_THAT(Subjects(kSupervisor, "2026-10-20"), IsEmpty());
}

TEST_F(NewView, BuiltFromAHistoryOrKeptFromTheBeginningIsTheSame) {
  // Given a history without it.
  const ViewList before = {&engine::LedgerView(), &engine::WorklistView()};
  office_.options().views = &before;
  office_.Restart();
  Open("units/zhujian", "甲", "2026-10-20");
  Open("units/shuiwu", "乙", "2026-10-21");
  // When a program that has it is started.
  office_.options().views = &WithDueDays();
  office_.Restart();
  while (office_.node().Pump()) {
  }
  // Then it holds what it would have held from the beginning.
  EXPECT_THAT(Subjects(kAuditor, "2026-10-21"), ElementsAre("乙"));
  const absl::StatusOr<store::Apply> derived = DeriveRows(office_.store(), WithDueDays());
  ASSERT_TRUE(derived.ok());
  const auto of_view = [](Rows rows) {
    const std::string prefix = engine::ViewPrefix(engine::DueDaysView().definition());
    std::erase_if(rows, [&](const auto& row) {
      return row.first.first < static_cast<int>(engine::Table::kViewRow) ||
             row.first.first > static_cast<int>(engine::Table::kViewBuild) ||
             row.first.second.compare(0, prefix.size(), prefix) != 0;
    });
    return rows;
  };
  const Rows rows = of_view(RowsOf(office_.store()));
  EXPECT_GT(rows.size(), 4u);
  ExpectSame(rows, of_view(RowsOf(*derived)));
}

}  // namespace
}  // namespace duban::node
