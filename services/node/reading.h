// What one read stands on: a viewer, and everything as it was at one position.
//
// The one door through which anything is shown: whoever reads gets a Reading, and a Reading decides what its viewer may
// see. Cheap to make; not kept longer than a call, or a pull of a stream.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "duban/v1/case_service.pb.h"
#include "engine/base/rejection.h"
#include "engine/cases/audience.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "services/node/batch.h"
#include "services/node/cases.h"
#include "services/node/tokens.h"
#include "services/node/vitals.h"
#include "services/node/watch_hub.h"
#include "store/key_vault.h"
#include "store/store.h"

namespace duban::node {

// What all reads of a node share.
struct Source {
  const store::Store& log;
  const store::KeyVault& vault;
  const Tokens& tokens;
  Vitals& vitals;
};

// A time in the past as the log has it.
struct Past {
  store::Position commits = 0;            // How many had been recorded by then.
  std::optional<engine::Instant> moment;  // The instant asked for, where one was; at most now.
};

class Reading {
 public:
  // `clock_now` is the machine's time; a workspace on a virtual clock does not use it.
  Reading(const Source& source, Published at, std::string person, absl::Time clock_now);

  const Source& source() const { return source_; }
  const Library& library() const { return *at_.library; }
  const LibraryPtr& shared_library() const { return at_.library; }
  const store::Snapshot& rows() const { return *at_.rows; }
  const std::shared_ptr<const store::Snapshot>& shared_rows() const { return at_.rows; }
  // For deciding on what this reading knows, without writing.
  Ground ground() const { return {&source_.log, at_.rows, at_.head, at_.library, at_.views, at_.recorded}; }
  // Commits that this reading knows.
  store::Position head() const { return at_.head; }
  engine::Instant now() const { return now_; }
  engine::Instant fired_to() const { return fired_to_; }

  const std::string& person() const { return person_; }
  const engine::Ids& viewer() const { return viewer_; }
  // What the viewer sees with by his own posts and units alone.
  const engine::Ids& own() const { return own_; }
  const ViewSet& views() const { return *at_.views; }
  bool HasRight(absl::string_view right) const;

  // The row, or nullopt when there is none.
  absl::StatusOr<std::optional<std::string>> Row(engine::Table table, absl::string_view key) const;
  // The name behind "cases/…" or a number; empty when there is none.
  absl::StatusOr<std::string> CaseNamed(absl::string_view named) const;
  // The case after the first `before` commits; null when it had not been opened.
  absl::StatusOr<CasePtr> FindCase(const std::string& name, store::Position before) const;
  const engine::Procedure& ProcedureOf(const CaseState& state) const;
  // Whether the viewer may see the case as it stands now; false when there is none.
  absl::StatusOr<bool> SeesNow(const std::string& case_name) const;

  // The newest commit's position, as answers carry it.
  std::string position() const { return source_.tokens.Position(at_.head - 1); }

  // What a time in the past takes in; everything where none is given. Refuses a date that does not exist, an instant
  // that cannot be and a position that is not ours.
  absl::StatusOr<engine::Outcome<Past>> PastAt(const v1::AsOf& as_of) const;

  // Visits commits from `from` on, in order: all of them, or those that hold events of `stream`.
  absl::Status Visit(absl::string_view stream, store::Position from,
                     absl::FunctionRef<bool(const v1::Commit& commit)> visit) const;

 private:
  absl::StatusOr<store::Position> CountRecordedBefore(engine::Instant end) const;

  const Source& source_;
  const Published at_;
  const std::string person_;
  const engine::Ids viewer_;
  const engine::Ids own_;
  engine::Instant now_;
  engine::Instant fired_to_;
};

// Fills what every answer of a list says of its circumstances.
template <typename Answer>
void Stamp(const Reading& reading, Answer& answer) {
  *answer.mutable_timers_fired_to() = engine::ToProto(reading.fired_to());
  answer.set_position(reading.position());
  answer.set_virtual_clock(reading.library().workspace.virtual_clock());
}

// What binds a page token: the method, the viewer and the request apart from its page.
template <typename R>
std::string PageBound(const Reading& reading, R request) {
  request.clear_page_token();
  request.clear_page_size();
  // A filter's labels are a map, whose entries come in any order unless they are told not to.
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream out(&bytes);
    google::protobuf::io::CodedOutputStream coded(&out);
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  return request.GetTypeName() + "\n" + reading.person() + "\n" + bytes;
}

// A page's size: what was asked for, within bounds; a refusal when negative.
engine::Outcome<int> PageSize(const Reading& reading, int asked, int by_default, int most, Bound bound = Bound::kPage);

}  // namespace duban::node
