// A file system under RocksDB that loses power. It works over real files, remembers what has been synced, and at a
// chosen operation cuts the power: from then on every change fails. Restore() then turns the directory into what a
// disk may hold after such a cut:
//   - of every file the synced bytes, and of what was written after them some first part or nothing;
//   - of the files created, renamed and deleted since their directory was last synced some first part of these
//     changes, in their order, or none. A file that was synced but whose directory was not may be gone.
//
// Which part survives is drawn from a seed. With threads in RocksDB's background the same seed may cut between other
// operations: a failure's seed says where to look, not always exactly what happened.
//
// Use: open a store over FaultEnv(it), CutPowerAfter(n), work until something fails, close the store, Restore(), open
// again.
// Threads: any.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "rocksdb/env.h"
#include "rocksdb/file_system.h"

namespace duban::store {

class FaultFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  // What is there already counts as synced. `attic`: an empty directory on the same disk, outside the store's, where
  // deleted files wait until their directory is synced.
  FaultFileSystem(std::string attic, uint64_t seed);

  const char* Name() const override { return "FaultFileSystem"; }

  // The power fails at the n-th change from now (1: the next).
  void CutPowerAfter(uint64_t changes);
  // It fails now.
  void CutPower();
  bool power_is_cut() const;
  // Changes so far: appends, syncs, creations, renames, deletions, directory syncs.
  uint64_t changes() const;

  // After a cut, with all files closed: see above. Then there is power again and no cut is planned.
  void Restore();

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& path, const std::string& old_path,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus Truncate(const std::string& path, size_t size, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;

 private:
  class File;
  class Directory;

  struct Extent {
    uint64_t synced = 0;
    uint64_t written = 0;
  };

  // A change of a directory that is not synced yet, and how to undo it.
  struct DirectoryChange {
    enum class Kind { kCreate, kDelete, kRename } kind;
    std::string path;
    std::string new_path;    // kRename.
    std::string kept_aside;  // In the attic: what was deleted or overwritten; empty: nothing was.
    Extent kept_extent;
  };

  // Counts a change; an error when there is no power for it.
  rocksdb::IOStatus Change();
  void SyncDirectory(const std::string& path);
  // Puts the file aside, if there is one. With mutex_ held.
  void PutAside(const std::string& path, DirectoryChange& change);
  void Undo(const DirectoryChange& change);
  void Record(DirectoryChange change);

  const std::string attic_;
  mutable std::mutex mutex_;  // Guards everything below.
  std::mt19937_64 random_;
  uint64_t changes_ = 0;
  uint64_t cut_at_ = 0;  // 0: no cut is planned.
  bool cut_ = false;
  uint64_t put_aside_ = 0;
  std::map<std::string, Extent> files_;
  std::map<std::string, std::vector<DirectoryChange>> unsynced_;  // By directory.
};

// What RocksOptions::env takes: this file system, and a clock that never lets RocksDB's background work sleep a second
// over each error.
std::shared_ptr<rocksdb::Env> FaultEnv(std::shared_ptr<FaultFileSystem> files);

}  // namespace duban::store
