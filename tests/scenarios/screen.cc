#include "tests/scenarios/screen.h"

#include "absl/strings/str_cat.h"
#include "clients/cli/labels.h"
#include "duban/v1/view_service.pb.h"
#include "tests/scenarios/world.h"

namespace duban::scenarios {
namespace {

v1::View ViewOf(const std::string& word) {
  static const std::map<std::string, v1::View> kViews = {{"台账", v1::VIEW_LEDGER},
                                                         {"预警", v1::VIEW_ALERTS},
                                                         {"待办", v1::VIEW_WORKLIST},
                                                         {"名册", v1::VIEW_REGISTERS},
                                                         {"单位", v1::VIEW_UNITS}};
  const auto view = kViews.find(word);
  if (view == kViews.end()) throw Wrong{absl::StrCat("大屏没有“", word, "”")};
  return view->second;
}

std::vector<v1::WatchTarget> TargetsOf(const std::vector<std::string>& views) {
  std::vector<v1::WatchTarget> targets;
  for (const std::string& view : views) {
    v1::WatchTarget& target = targets.emplace_back();
    target.set_target(view);
    target.mutable_view()->set_view(ViewOf(view));
    target.mutable_view()->set_min_interval_ms(0);
  }
  return targets;
}

v1::ViewRow RowOf(const client::ViewMap::Change& change) {
  v1::ViewRow row = change.other();
  if (change.has_ledger()) *row.mutable_ledger() = change.ledger();
  if (change.has_alert()) *row.mutable_alert() = change.alert();
  row.clear_key();
  return row;
}

// As on the wall.
std::string Line(const v1::ViewRow& row, const cli::Names& names) {
  if (row.has_ledger()) {
    const v1::LedgerRow& one = row.ledger();
    std::string line = absl::StrCat(one.number(), " ", one.subject(), " ", one.stage_title().zh(), " ",
                                    cli::TimelinessText(one.timeliness()).zh(), " ", cli::LightText(one.light()).zh());
    for (const auto& party : one.parties()) {
      for (const std::string& title : party.titles()) absl::StrAppend(&line, " ", title);
    }
    return line;
  }
  if (row.has_alert())
    return absl::StrCat(row.alert().number(), " ", row.alert().subject(), " ", row.alert().title().zh());
  if (row.has_item()) {
    std::string line = absl::StrCat(row.item().number(), " ", row.item().subject(), " ", row.item().stage_title().zh());
    for (const auto& action : row.item().actions()) absl::StrAppend(&line, " ", action.title().zh());
    return line;
  }
  if (row.has_register_()) {
    return absl::StrCat(row.register_().subject_title(), " ", row.register_().reason().zh(), " ",
                        row.register_().number());
  }
  const v1::UnitProfile& unit = row.unit();
  return absl::StrCat(names.Title(unit.unit()), " 在办", unit.open(), " 逾期", unit.overdue(), " 临期", unit.due_soon(),
                      " 按期办结", unit.ended_on_time(), " 逾期办结", unit.ended_late());
}

}  // namespace

Screen::Screen(client::Client& client, std::vector<std::string> views) : client_(client) {
  watch_ = client_.WatchMany(TargetsOf(views), /*heartbeat_s=*/5);
  thread_ = std::thread([this] { Read(); });
}

Screen::~Screen() {
  watch_->Cancel();
  thread_.join();
}

void Screen::Read() {
  for (v1::WatchManyResponse message; watch_->Next(&message);) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (message.has_ended()) {
      views_.erase(message.target());
      if (message.ended().code() != 0) ended_ = absl::StrCat(message.target(), "：", message.ended().reason());
      continue;
    }
    for (const auto& change : message.view().changes().changes()) {
      if (change.row_case() != client::ViewMap::Change::ROW_NOT_SET) shown_.push_back(RowOf(change));
    }
    client::ViewMap& map = views_[message.target()];
    if (map.Apply(message.view()) && !map.consistent()) ended_ = message.target() + "的件数或摘要与标记不符";
  }
  std::lock_guard<std::mutex> lock(mutex_);
  if (!watch_->error().ok()) ended_ = watch_->error().reason;
}

void Screen::Turn(const std::vector<std::string>& views) {
  const client::Error error = watch_->SetTargets(TargetsOf(views));
  if (!error.ok()) throw Wrong{absl::StrCat(error.reason, " ", error.message.zh())};
}

std::vector<std::string> Screen::Rows(const std::string& view, const cli::Names& names) {
  ViewOf(view);
  std::lock_guard<std::mutex> lock(mutex_);
  if (!ended_.empty()) throw Wrong{ended_};
  std::vector<std::string> lines;
  const auto map = views_.find(view);
  if (map == views_.end()) return {"（没有这一栏）"};
  for (const auto& [key, change] : map->second.rows()) lines.push_back(Line(RowOf(change), names));
  return lines;
}

bool Screen::IsAsQueried() {
  std::vector<std::string> views;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [view, map] : views_) views.push_back(view);
  }
  for (const std::string& view : views) {
    std::map<std::string, std::string> asked, held;
    v1::QueryViewRequest request;
    request.set_view(ViewOf(view));
    request.set_page_size(500);
    do {
      const v1::QueryViewResponse page = Must(client_.Call(request));
      for (v1::ViewRow row : page.rows()) {
        const std::string key = row.key();
        row.clear_key();
        asked[key] = row.SerializeAsString();
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [key, change] : views_[view].rows()) held[key] = RowOf(change).SerializeAsString();
    if (held != asked) return false;
  }
  return true;
}

bool Screen::HasShown(const std::string& text, const cli::Names& names) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (const v1::ViewRow& row : shown_) {
    if (Line(row, names).find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace duban::scenarios
