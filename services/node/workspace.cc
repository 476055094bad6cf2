#include "services/node/workspace.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "engine/directory/directory.h"
#include "services/node/decider.h"
#include "services/node/limits.h"
#include "store/memory_store.h"
#include "store/rocks_store.h"

namespace duban::node {
namespace {

constexpr char kOperator[] = "persons/operator";

absl::Status Errno(const char* doing, const std::string& path) {
  return absl::InternalError(absl::StrCat(doing, " ", path, ": ", std::strerror(errno)));
}

// Writes a file of mode 0600 that is whole or not there, and durable.
absl::Status WritePrivate(const std::string& directory, const std::string& path, absl::string_view bytes) {
  const std::string fresh = path + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return Errno("creating", fresh);
  const bool written =
      ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) && ::fsync(fd) == 0;
  ::close(fd);
  if (!written) return Errno("writing", fresh);
  if (::rename(fresh.c_str(), path.c_str()) != 0) return Errno("naming", path);
  const int folder = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return Errno("opening", directory);
  const bool synced = ::fsync(folder) == 0;
  ::close(folder);
  return synced ? absl::OkStatus() : Errno("syncing", directory);
}

absl::StatusOr<std::string> ReadSmall(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? absl::NotFoundError(path) : Errno("opening", path);
  std::string bytes(4096, '\0');
  const ssize_t n = ::read(fd, bytes.data(), bytes.size());
  ::close(fd);
  if (n < 0) return Errno("reading", path);
  bytes.resize(static_cast<size_t>(n));
  return bytes;
}

absl::StatusOr<std::string> LoadSecret(const std::string& directory, bool may_create, Random& random) {
  const std::string path = directory + "/secret.key";
  absl::StatusOr<std::string> secret = ReadSmall(path);
  if (secret.ok() && secret->size() != kSecretBytes) {
    return absl::FailedPreconditionError(absl::StrCat(path, " does not hold ", kSecretBytes, " bytes"));
  }
  if (secret.ok() || !absl::IsNotFound(secret.status())) return secret;
  if (!may_create) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is missing although there is a history; restore it"));
  }
  std::string fresh = random.Bytes(kSecretBytes);
  if (absl::Status written = WritePrivate(directory, path, fresh); !written.ok()) return written;
  return fresh;
}

v1::Event& Begin(v1::Commit& commit, const std::string& stream) {
  v1::StreamPart& part = *commit.add_parts();
  part.set_stream(stream);
  part.set_first_revision(1);
  return *part.add_events();
}

}  // namespace

absl::StatusOr<Workspace> OpenWorkspace(const NodeOptions& options, Random& random) {
  Workspace out;
  if (options.directory.empty()) {
    out.store = store::NewMemoryStore();
    out.vault = store::NewMemoryKeyVault();
    out.files = std::make_shared<store::FileStore>(store::NewMemorySpace(), *out.vault);
    out.secret = random.Bytes(kSecretBytes);
    return out;
  }
  if (::mkdir(options.directory.c_str(), 0700) != 0 && errno != EEXIST) return Errno("creating", options.directory);
  absl::StatusOr<std::unique_ptr<store::Store>> opened = store::OpenRocksStore(options.directory + "/db");
  if (!opened.ok()) return opened.status();
  out.store = *std::move(opened);
  absl::StatusOr<std::unique_ptr<store::KeyVault>> vault = store::OpenKeyVault(options.directory + "/keys");
  if (!vault.ok()) return vault.status();
  out.vault = *std::move(vault);
  absl::StatusOr<std::unique_ptr<store::FileSpace>> space = store::OpenDiskSpace(options.directory);
  if (!space.ok()) return space.status();
  out.files = std::make_shared<store::FileStore>(*std::move(space), *out.vault);
  absl::StatusOr<std::string> secret = LoadSecret(options.directory, out.store->head() == 0, random);
  if (!secret.ok()) return secret.status();
  out.secret = *std::move(secret);
  return out;
}

std::string OperatorTokenPath(const std::string& directory) { return directory + "/operator.token"; }

absl::Status WriteOperatorToken(const std::string& directory, const Tokens& tokens, absl::Time now) {
  if (directory.empty()) return absl::OkStatus();
  const std::string token = tokens.Bearer(kOperator, now + absl::Hours(24 * limits::kTokenDaysMax));
  return WritePrivate(directory, OperatorTokenPath(directory), token + "\n");
}

v1::Commit FirstCommit(const NodeOptions& options, absl::Time now) {
  v1::Commit commit;
  commit.mutable_cause()->set_command("CreateWorkspace");
  const absl::Time start = options.virtual_clock ? options.virtual_start.value_or(now) : now;
  *commit.mutable_recorded_at() = engine::ToProto(start);
  v1::WorkspaceCreated& created = *Begin(commit, "workspace").mutable_workspace_created();
  for (const std::string& id : WorkspaceAudience()) commit.mutable_parts(0)->add_audience(id);
  created.set_name(options.title);
  created.set_zone_offset_s(options.zone_offset_s);
  created.set_virtual_clock(options.virtual_clock);
  v1::Unit& unit = *Begin(commit, "units/workspace").mutable_unit_put()->mutable_unit();
  unit.set_name("units/workspace");
  unit.set_title("工作区管理");
  unit.set_code("管理");
  v1::Post& post = *Begin(commit, "posts/operator").mutable_post_put()->mutable_post();
  post.set_name("posts/operator");
  post.set_title("系统管理员");
  post.set_unit(unit.name());
  post.add_holders(kOperator);
  post.set_scope(v1::SCOPE_OWN);
  for (const char* right :
       {engine::kRightAdminister, engine::kRightAudit, engine::kRightEnter, engine::kRightOperate}) {
    post.add_rights(right);
  }
  v1::Person& person = *Begin(commit, kOperator).mutable_person_put()->mutable_person();
  person.set_name(kOperator);
  person.set_title("系统管理员");
  return commit;
}

}  // namespace duban::node
