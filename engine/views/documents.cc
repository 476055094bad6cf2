// Documents issued, newest first: to whom, from whom, whether they have been taken in.
#include <utility>

#include "absl/strings/match.h"
#include "engine/views/tables.h"
#include "engine/views/view.h"

namespace duban::engine {
namespace {

class Documents : public View {
 public:
  const Definition& definition() const override {
    static const Definition is = [] {
      Definition d;
      d.number = v1::VIEW_DOCUMENTS;
      d.name = "documents";
      d.version = 1;
      d.labels = {"to", "from", "template", "received"};
      d.indexed = {"to", "from", "template"};
      d.counted = {"to", "from", "template", "received"};
      return d;
    }();
    return is;
  }

  void Apply(const Change& change, ViewRows& rows) const override {
    if (!absl::StartsWith(change.part.stream(), "documents/")) return;
    for (const v1::Event& event : change.part.events()) {
      if (event.has_document_issued()) rows.Put(Issued(event.document_issued()));
      if (!event.has_document_received()) continue;
      const v1::DocumentReceived& received = event.document_received();
      rows.Amend(received.document(), [&](v1::ViewRow& row) {
        *row.mutable_document()->mutable_received_at() = received.at();
        row.mutable_document()->set_received_by(received.person());
      });
    }
  }

  std::vector<Label> LabelsOf(const v1::ViewRow& row) const override {
    const v1::DocumentRow& of = row.document();
    return {{"to", of.to()},
            {"from", of.from()},
            {"template", of.template_()},
            {"received", of.has_received_at() ? "yes"
                         : of.to().empty()    ? "none"
                                              : "no"}};
  }

 private:
  static Row Issued(const v1::DocumentIssued& issued) {
    Row row;
    row.key = issued.document();
    // Of one series the greatest number first: those of one command are issued at one instant.
    row.place = KeyLatest(FromProto(issued.at())) + KeyText(issued.series()) + KeyNewest(issued.sequence());
    row.audience = AudienceOfDocument(issued.from(), issued.to());
    v1::DocumentRow& shown = *row.row.mutable_document();
    shown.set_document(issued.document());
    shown.set_template_(issued.template_());
    *shown.mutable_template_title() = issued.template_title();
    shown.set_number(issued.number());
    shown.set_title(issued.title());
    shown.set_from(issued.from());
    shown.set_from_title(issued.from_title());
    shown.set_to(issued.to());
    shown.set_to_title(issued.to_title());
    *shown.mutable_issued_at() = issued.at();
    shown.set_cases(issued.cases_size());
    return row;
  }
};

}  // namespace

const View& DocumentsView() {
  static const Documents view;
  return view;
}

}  // namespace duban::engine
