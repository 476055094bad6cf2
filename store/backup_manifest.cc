#include "store/backup_manifest.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace duban::store {
namespace {

constexpr uint64_t kFormat = 1;
constexpr absl::string_view kTitle = "duban-backup ";

// "name value" lines, in order.
class Lines {
 public:
  explicit Lines(absl::string_view text) : lines_(absl::StrSplit(text, '\n', absl::SkipEmpty())) {}

  bool Text(absl::string_view name, std::string* value) {
    if (next_ == lines_.size()) return false;
    const std::pair<absl::string_view, absl::string_view> line = absl::StrSplit(lines_[next_], absl::MaxSplits(' ', 1));
    if (line.first != name) return false;
    *value = std::string(line.second);
    ++next_;
    return true;
  }
  template <typename Number>
  bool Value(absl::string_view name, Number* value) {
    std::string text;
    return Text(name, &text) && absl::SimpleAtoi(text, value);
  }

 private:
  std::vector<absl::string_view> lines_;
  size_t next_ = 0;
};

absl::Status Changed(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("备份的", what, "已损坏 / the backup's ", what, " is not what was written"));
}

}  // namespace

std::string EncodeFileList(const FileList& files) {
  std::string out;
  for (const auto& [path, sum] : files) absl::StrAppend(&out, sum.sha256, " ", sum.bytes, " ", path, "\n");
  return out;
}

absl::StatusOr<FileList> DecodeFileList(absl::string_view text) {
  FileList files;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(' ', 2));
    FileSum sum;
    if (parts.size() != 3 || !absl::SimpleAtoi(parts[1], &sum.bytes)) return Changed("FILES");
    sum.sha256 = parts[0];
    files[parts[2]] = std::move(sum);
  }
  return files;
}

std::string EncodeManifest(const Manifest& m) {
  std::string out = absl::StrCat(kTitle, kFormat, "\n", "commits ", m.commits, "\n");
  absl::StrAppend(&out, "first_record_sha256 ", m.first_record_sha256, "\n");
  absl::StrAppend(&out, "last_record_sha256 ", m.last_record_sha256, "\n");
  absl::StrAppend(&out, "made_at_ms ", m.made_at_ms, "\nbytes_total ", m.bytes_total, "\n");
  absl::StrAppend(&out, "bytes_written ", m.bytes_written, "\n");
  absl::StrAppend(&out, "db ", m.db.id, "\ndb_list_sha256 ", m.db.list_sha256, "\n");
  absl::StrAppend(&out, "keys ", m.keys.id, "\nkeys_list_sha256 ", m.keys.list_sha256, "\n");
  absl::StrAppend(&out, "files_sha256 ", m.files_sha256, "\n");
  return absl::StrCat(out, "sha256 ", Sha256Hex(out), "\n");
}

absl::StatusOr<Manifest> DecodeManifest(absl::string_view text) {
  const size_t end = text.rfind("sha256 ");
  if (end == absl::string_view::npos || end == 0 || text[end - 1] != '\n' ||
      text.substr(end) != absl::StrCat("sha256 ", Sha256Hex(text.substr(0, end)), "\n")) {
    return Changed("BACKUP");
  }
  Lines lines(text.substr(0, end));
  uint64_t format = 0;
  if (!lines.Value("duban-backup", &format)) return Changed("BACKUP");
  if (format > kFormat) {
    return absl::FailedPreconditionError(absl::StrCat("备份的格式是 ", format, "，本程序只认识到 ", kFormat,
                                                      " / the backup has format ", format,
                                                      "; this program knows up to ", kFormat, ": use a newer program"));
  }
  Manifest m;
  const bool whole = lines.Value("commits", &m.commits) && lines.Text("first_record_sha256", &m.first_record_sha256) &&
                     lines.Text("last_record_sha256", &m.last_record_sha256) &&
                     lines.Value("made_at_ms", &m.made_at_ms) && lines.Value("bytes_total", &m.bytes_total) &&
                     lines.Value("bytes_written", &m.bytes_written) && lines.Value("db", &m.db.id) &&
                     lines.Text("db_list_sha256", &m.db.list_sha256) && lines.Value("keys", &m.keys.id) &&
                     lines.Text("keys_list_sha256", &m.keys.list_sha256) && lines.Text("files_sha256", &m.files_sha256);
  if (!whole) return Changed("BACKUP");
  return m;
}

}  // namespace duban::store
