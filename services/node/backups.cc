#include "services/node/backups.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/node/limits.h"
#include "services/node/refusals.h"
#include "services/node/restore.h"
#include "store/backup.h"

namespace duban::node {

using engine::Kind;
using engine::Reject;

namespace {

// One directory's name, of nobody's making but ours: no way out of the parent, nothing hidden.
bool IsBackupName(absl::string_view name) {
  return !name.empty() && name.size() <= limits::kBackupNameBytesMax && name.front() != '.' &&
         std::none_of(name.begin(), name.end(), [](char c) { return c == '/' || c == '\\' || absl::ascii_iscntrl(c); });
}

// "中文 / English", as the store words it for people.
engine::Rejection Refused(absl::string_view message) {
  const std::pair<std::string, std::string> said = absl::StrSplit(message, absl::MaxSplits(" / ", 1));
  return Reject(Kind::kState, "BACKUP_REFUSED", said.first, said.second);
}

BackupStep StepOf(const store::BackupProgress& progress) {
  using Step = store::BackupProgress::Step;
  BackupStep out;
  out.done = progress.done;
  out.total = progress.total;
  switch (progress.step) {
    case Step::kLog:
      out.what = {"日志", "log"};
      break;
    case Step::kFiles:
      out.what = {"文件", "files"};
      break;
    case Step::kKeys:
      out.what = {"密钥", "keys"};
      break;
    case Step::kVerify:
      out.what = {"核对", "verifying"};
      break;
    case Step::kRestore:
      out.what = {"恢复", "restoring"};
      break;
    case Step::kRead:
      out.what = {"通读日志", "reading the log"};
      break;
  }
  return out;
}

absl::StatusOr<BackupFacts> FactsOf(const absl::StatusOr<store::BackupSummary>& summary) {
  if (!summary.ok()) return summary.status();
  return BackupFacts{summary->commits, absl::FromUnixMillis(summary->made_at_ms), summary->bytes_total};
}

store::OnBackupProgress Telling(const OnBackupStep& tell) {
  return [tell](const store::BackupProgress& progress) {
    if (tell != nullptr) tell(StepOf(progress));
    return true;
  };
}

}  // namespace

Reply<v1::CreateBackupResponse> Backups::Create(const Reading& reading, const v1::CreateBackupRequest& request) {
  if (!reading.HasRight(engine::kRightOperate)) return RightRequired(engine::kRightOperate);
  if (parent_.empty() || directory_.empty()) {
    return Reject(Kind::kState, "BACKUP_NOT_SET_UP",
                  "服务器启动时没有给出 --backups 目录，不能备份；请运维人员加上后重新启动",
                  "the server was started without --backups, so none is made; its operator must name that directory");
  }
  Vitals& vitals = reading.source().vitals;
  if (!IsBackupName(request.directory())) {
    if (request.directory().size() > limits::kBackupNameBytesMax) vitals.Reached(Bound::kBackupName);
    return Reject(Kind::kInvalid, "BACKUP_NAME_INVALID",
                  absl::StrCat("备份名称应为 1 至 ", limits::kBackupNameBytesMax, " 字节，不含目录，不以点开头"),
                  absl::StrCat("a backup's name has 1 to ", limits::kBackupNameBytesMax,
                               " bytes, names no path and does not begin with a dot"),
                  {{"field", "directory"}});
  }
  const std::unique_lock<std::mutex> running(running_, std::try_to_lock);
  if (!running.owns_lock()) {
    return Reject(Kind::kState, "BACKUP_RUNNING", "正在备份，请等它结束", "a backup is being made; wait for its end");
  }
  const absl::Time now = clock_.Now();
  const absl::Duration began = clock_.Steady();
  const store::BackupParts parts{
      workspace_.store.get(), workspace_.vault.get(), directory_, {"secret.key", "operator.token"}, "files"};
  const absl::StatusOr<store::BackupSummary> made =
      store::CreateBackup(parts, absl::StrCat(parent_, "/", request.directory()), absl::ToUnixMillis(now),
                          [this](const store::BackupProgress&) { return !stopping_; });
  if (made.ok()) {
    vitals.log().Write(Level::kInfo, "backup_made",
                       {{"commits", static_cast<int64_t>(made->commits)},
                        {"bytes_written", static_cast<int64_t>(made->bytes_written)},
                        {"seconds", absl::ToDoubleSeconds(clock_.Steady() - began)}});
  } else {
    vitals.log().Write(Level::kError, "backup_failed", {{"code", absl::StatusCodeToString(made.status().code())}});
  }
  if (absl::IsFailedPrecondition(made.status())) return Refused(made.status().message());
  if (absl::IsCancelled(made.status())) return absl::UnavailableError("SHUTTING_DOWN: the backup was stopped");
  if (absl::IsResourceExhausted(made.status())) {
    return absl::ResourceExhaustedError("DISK_FULL: the backup's disk is full; the backup before stands");
  }
  if (!made.ok()) return made.status();
  {
    std::lock_guard<std::mutex> lock(mu_);
    last_ = now;
  }
  v1::CreateBackupResponse out;
  out.set_commits(made->commits);
  out.set_last_record_sha256(made->last_record_sha256);
  out.set_bytes_written(made->bytes_written);
  out.set_bytes_total(made->bytes_total);
  return out;
}

std::optional<absl::Time> Backups::last() const {
  std::lock_guard<std::mutex> lock(mu_);
  return last_;
}

absl::StatusOr<BackupFacts> RestoreWorkspace(const std::string& from, const std::string& to, const OnBackupStep& tell) {
  return FactsOf(store::RestoreBackup(from, to, Telling(tell)));
}

absl::StatusOr<BackupFacts> VerifyBackup(const std::string& from, const OnBackupStep& tell) {
  return FactsOf(store::VerifyBackup(from, Telling(tell)));
}

}  // namespace duban::node
