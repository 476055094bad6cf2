#include "services/node/downloads.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "engine/cases/fields.h"
#include "services/node/history.h"
#include "services/node/limits.h"
#include "services/node/refusals.h"
#include "services/node/uploads.h"

namespace duban::node {
namespace {

using Fields = google::protobuf::RepeatedPtrField<v1::FieldValue>;

// The title of a value "files/…#title" of that file; nothing where it is another's.
std::optional<std::string> TitleOf(const std::string& value, const std::string& file) {
  if (engine::UploadedFile(value) != file) return std::nullopt;
  return value.substr(std::min(value.size(), file.size() + 1));
}

// The title under which a file stands in a list of fields.
std::optional<std::string> TitleIn(const Fields& fields, const std::string& file) {
  for (const v1::FieldValue& field : fields) {
    for (const v1::Value& value : field.values()) {
      if (std::optional<std::string> title = TitleOf(value.file(), file)) return title;
    }
  }
  return std::nullopt;
}

// The title of a file that the viewer sees in the case's history; nothing when he sees none.
absl::StatusOr<std::optional<std::string>> SeenTitle(const Reading& reading, const std::string& case_name,
                                                     const std::string& file) {
  History history(reading);
  std::optional<std::string> title;
  absl::Status trouble;
  const absl::Status visited = reading.Visit(case_name, 0, [&](const v1::Commit& commit) {
    absl::StatusOr<std::vector<v1::EventRecord>> seen = history.Visible(commit, case_name);
    if (!seen.ok()) {
      trouble = seen.status();
      return false;
    }
    for (const v1::EventRecord& record : *seen) {
      const v1::Event& event = record.event();
      if (!title) title = TitleIn(event.fields_set().fields(), file);
      if (!title) title = TitleIn(event.approval_requested().proposed(), file);
      for (const std::string& attached : event.action_taken().files()) {
        if (!title) title = TitleOf(attached, file);
      }
    }
    return !title.has_value();
  });
  if (!visited.ok()) return visited;
  if (!trouble.ok()) return trouble;
  return title;
}

class Download final : public DownloadStream {
 public:
  Download(DownloadSource& source, std::string file, std::string title, int64_t bytes, int64_t offset)
      : source_(source), name_(StoredName(file)), title_(std::move(title)), bytes_(bytes), offset_(offset) {}
  ~Download() override { --source_.open; }

  Step Next(v1::DownloadFileResponse* message) override {
    if (source_.streams.hub.closed()) return End(StreamsEnd());
    if (!described_) {
      described_ = true;
      message->set_title(title_);
      message->set_bytes(bytes_);
      return Step::kMessage;
    }
    if (offset_ == bytes_) return Step::kEnd;
    absl::StatusOr<std::string> data = source_.files.Read(name_, static_cast<uint64_t>(offset_));
    // Erased while it was read.
    if (absl::IsNotFound(data.status())) return End(FileErased("files/" + name_));
    if (!data.ok()) return End(data.status());
    offset_ += static_cast<int64_t>(data->size());
    message->set_data(*std::move(data));
    return Step::kMessage;
  }
  v1::DownloadFileResponse Heartbeat() override { return {}; }
  absl::Time NextAt() const override { return absl::InfiniteFuture(); }
  Reply<bool> status() const override { return status_; }

 private:
  Step End(Reply<bool> why) {
    status_ = std::move(why);
    return Step::kEnd;
  }

  DownloadSource& source_;
  const std::string name_;
  const std::string title_;
  const int64_t bytes_;
  int64_t offset_;
  bool described_ = false;
  Reply<bool> status_ = true;
};

}  // namespace

Reply<std::unique_ptr<DownloadStream>> OpenDownload(DownloadSource& source, const std::string& viewer,
                                                    const v1::DownloadFileRequest& request) {
  const Reading reading = source.streams.Read(viewer);
  const absl::StatusOr<std::string> name = reading.CaseNamed(request.case_());
  if (!name.ok()) return name.status();
  const absl::StatusOr<bool> sees = name->empty() ? absl::StatusOr<bool>(false) : reading.SeesNow(*name);
  if (!sees.ok()) return sees.status();
  if (!*sees) return CaseNotFound(request.case_());
  if (!IsFile(request.file())) return FileNotFound(request.file());
  absl::StatusOr<std::optional<std::string>> title = SeenTitle(reading, *name, request.file());
  if (!title.ok()) return title.status();
  if (!title->has_value()) return FileNotFound(request.file());
  const absl::StatusOr<std::optional<std::string>> erased = reading.Row(engine::Table::kFileErased, request.file());
  if (!erased.ok()) return erased.status();
  if (erased->has_value()) return FileErased(request.file());

  absl::StatusOr<store::FileState> state = source.files.Find(StoredName(request.file()));
  if (absl::IsNotFound(state.status()) || (state.ok() && !state->complete)) {
    return absl::DataLossError(absl::StrCat("the file ", request.file(), " is referred to and not there"));
  }
  if (!state.ok()) return state.status();
  const int64_t bytes = static_cast<int64_t>(state->facts.bytes);
  if (request.offset() < 0 || request.offset() > bytes) return WrongNumber("offset", request.offset(), 0, bytes);
  if (++source.open > limits::kDownloadsMax) {
    --source.open;
    reading.source().vitals.Reached(Bound::kDownloads);
    return absl::ResourceExhaustedError("TOO_MANY_DOWNLOADS: too many files are being sent");
  }
  return std::unique_ptr<DownloadStream>(
      std::make_unique<Download>(source, request.file(), **std::move(title), bytes, request.offset()));
}

std::string FileOf(const v1::Value& value) { return std::string(engine::UploadedFile(value.file())); }

absl::Status ForgetErased(const Reading& reading, std::string& value) {
  const std::string file(engine::UploadedFile(value));
  if (file.empty() || file == value) return absl::OkStatus();
  const absl::StatusOr<std::optional<std::string>> erased = reading.Row(engine::Table::kFileErased, file);
  if (!erased.ok()) return erased.status();
  if (erased->has_value()) value = file;
  return absl::OkStatus();
}

absl::Status ForgetErased(const Reading& reading, google::protobuf::RepeatedPtrField<v1::Value>& values) {
  for (v1::Value& value : values) {
    if (!value.has_file()) continue;
    if (absl::Status done = ForgetErased(reading, *value.mutable_file()); !done.ok()) return done;
  }
  return absl::OkStatus();
}

absl::Status ForgetErased(const Reading& reading, Fields& fields) {
  for (v1::FieldValue& field : fields) {
    if (absl::Status done = ForgetErased(reading, *field.mutable_values()); !done.ok()) return done;
  }
  return absl::OkStatus();
}

}  // namespace duban::node
