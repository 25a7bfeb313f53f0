// Saves a server's parameters while training goes on: a copy in memory, which alone training waits
// for, and a thread that writes it. Between two saves the thread makes the copy's memory grow along
// with the store, so that no copy waits for fresh pages.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/protocol/messages.pb.h"
#include "ps/table/parameter_store.h"

namespace primacy {

// Follow, Take and Write are for the owner of the store; GiveUp is for any thread.
class SnapshotWriter {
 public:
  // Told of the file once it is on disk under its name, or why it is not; on the writing thread,
  // once per Write unless it was given up.
  using Done = std::function<void(uint64_t generation, Result<CheckpointFile> file)>;

  // `available_memory`: bytes that may be taken for the copy.
  SnapshotWriter(std::function<int64_t()> available_memory, Done done);
  // Gives up.
  ~SnapshotWriter();
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  // Notes how large `store` has become. Cheap: to be called after every update.
  void Follow(const ParameterStore& store);
  // Whether a file is being written still: its copy cannot be replaced.
  bool busy() const;
  // Copies `store`; false where there is no memory for that. REQUIRES: !busy().
  bool Take(const ParameterStore& store);
  // Begins to write the copy, which is of `shards` of `parameters`, into `directory`.
  void Write(uint64_t generation, const std::string& directory, ShardRange shards,
             const ParameterSpec& parameters);
  // Ends the write under way, if any, at its next shard: it leaves no file and reports nothing.
  // Waits until it has; no write begins afterwards.
  void GiveUp();

 private:
  using Clock = std::chrono::steady_clock;
  struct Work {
    uint64_t generation = 0;
    std::string directory;
    ShardRange shards;
    ParameterSpec parameters;
  };

  void Loop();
  // Waits for a write, which comes first, or for memory to prepare (then it returns nothing), or
  // for the end.
  std::optional<Work> NextWork();
  // Prepares some memory of what is wanted.
  void PrepareSome();
  Result<CheckpointFile> WriteFile(const Work& work);
  int64_t NewBytesMax() const;

  const std::function<int64_t()> available_memory_;
  const Done done_;
  bool warned_ = false;
  Clock::time_point followed_at_;
  std::atomic<bool> given_up_ = false;

  mutable Mutex mutex_;
  CondVar changed_;
  std::optional<Work> work_ GUARDED_BY(mutex_);         // to be written, or being written
  std::optional<StoreSize> wanted_ GUARDED_BY(mutex_);  // to be prepared
  // Held to copy and to prepare. Nobody copies while the thread writes.
  Mutex snapshot_mutex_;
  StoreSnapshot snapshot_;
  Mutex joining_;
  std::thread thread_ GUARDED_BY(joining_);
};

// The file of `store` in `directory`, written while whoever calls waits.
Result<CheckpointFile> WriteInPlace(const ParameterStore& store, const std::string& directory);

}  // namespace primacy
