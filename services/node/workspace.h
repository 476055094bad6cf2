// A workspace as it lies on disk, and how it comes to be.
//
//   <directory>/db/             the store (store/rocks_store.h)
//   <directory>/keys/           the keys of sealed values (store/key_vault.h)
//   <directory>/files/          files that commits refer to, encrypted (store/file_store.h)
//   <directory>/uploads/        files on their way
//   <directory>/secret.key      32 random bytes that vouch for tokens; mode 0600
//   <directory>/operator.token  the token an operator uses first; mode 0600
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/node/clock.h"
#include "services/node/node.h"
#include "services/node/random.h"
#include "services/node/tokens.h"
#include "store/file_store.h"
#include "store/key_vault.h"
#include "store/store.h"

namespace duban::node {

// What a node stands on.
struct Workspace {
  std::shared_ptr<store::Store> store;
  std::shared_ptr<store::KeyVault> vault;
  std::string secret;                                 // kSecretBytes.
  std::shared_ptr<store::FileStore> files = nullptr;  // On `vault`. Null: none yet, in memory.
};

// Opens or creates what lies in a directory; in memory when it is empty. FAILED_PRECONDITION when a history is there
// but its secret is not: every token and key mark would silently change.
absl::StatusOr<Workspace> OpenWorkspace(const NodeOptions& options, Random& random);

// Writes the operator's token file; nothing in memory. Done before the first commit, so that a workspace never exists
// without a way in.
absl::Status WriteOperatorToken(const std::string& directory, const Tokens& tokens, absl::Time now);

// The first commit of a workspace: its facts, a unit, the operator's post and person.
v1::Commit FirstCommit(const NodeOptions& options, absl::Time now);

// A node on a workspace that is open already: tests keep it while nodes come and go.
absl::StatusOr<std::unique_ptr<Node>> OpenNode(NodeOptions options, Workspace workspace);

}  // namespace duban::node
