// One person's watch of a view on a node in memory: pulled by hand, cut and resumed at will, checked by the validator
// at every message and against QueryView at every rest.
#pragma once

#include <memory>
#include <string>

#include "tests/node/support/office.h"
#include "tests/support/watch_validator.h"

namespace duban::node {

// What QueryView says of a view, page by page.
inline duban::testing::RowBytes RowsOf(Node& node, const std::string& person, v1::View view,
                                       const v1::ViewFilter& filter = {}) {
  duban::testing::RowBytes rows;
  v1::QueryViewRequest request;
  request.set_view(view);
  *request.mutable_filter() = filter;
  request.set_page_size(500);
  do {
    v1::QueryViewResponse page = Office::MustRead(node.QueryView(person, request));
    for (const v1::ViewRow& row : page.rows()) rows[row.key()] = duban::testing::BytesOf(row);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return rows;
}

inline v1::ViewFilter Where(const std::string& label, const std::string& value) {
  v1::ViewFilter filter;
  (*filter.mutable_labels())[label] = value;
  return filter;
}

class Viewer {
 public:
  Viewer(Office& office, std::string person, v1::View view, v1::ViewFilter filter = {})
      : office_(office), person_(std::move(person)), validator_(v1::View_Name(view) + " of " + person_) {
    request_.set_view(view);
    *request_.mutable_rows() = std::move(filter);
    request_.set_min_interval_ms(0);
  }

  v1::WatchViewRequest& request() { return request_; }
  duban::testing::ViewValidator& validator() { return validator_; }
  ViewStream& stream() { return *stream_; }

  // Connects, from the last mark where there is one.
  void Connect() {
    request_.set_resume_token(validator_.token());
    stream_ = Office::MustRead(office_.node().WatchView(person_, request_, [] {}));
  }
  // Lets the connection break; what came after the last mark is lost.
  void Cut() {
    stream_.reset();
    validator_.Disconnect();
  }

  // Takes at most so many messages of those that are there now; how many there were.
  int Take(int most = 1 << 30) {
    v1::WatchViewResponse message;
    int taken = 0;
    while (taken < most) {
      const ViewStream::Step step = stream_->Next(&message);
      if (step == ViewStream::Step::kNothingNow && stream_->NextAt() == absl::UnixEpoch()) continue;
      if (step != ViewStream::Step::kMessage) break;
      validator_.Take(message);
      ++taken;
    }
    return taken;
  }

  // Takes all that is there; what he holds must be what a query says.
  void Rest() {
    Take();
    if (validator_.token().empty()) return;
    validator_.ExpectHolds(RowsOf(office_.node(), person_, request_.view(), request_.rows()));
  }

 private:
  Office& office_;
  const std::string person_;
  v1::WatchViewRequest request_;
  duban::testing::ViewValidator validator_;
  std::unique_ptr<ViewStream> stream_;
};

}  // namespace duban::node
