#include "ps/service/snapshot_writer.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/base/parallel.h"
#include "ps/checkpoint/shard_file.h"

namespace primacy {
namespace {

// A few cores take all the memory can give.
constexpr int kThreadsMax = 4;

// How often the store's size is looked at.
constexpr std::chrono::milliseconds kFollowInterval{50};

// Part of the memory that is left to everybody else.
constexpr double kShareMax = 0.9;

// Hands everything on until it is to be given up.
class InterruptibleWriter final : public ShardFileWriter {
 public:
  InterruptibleWriter(ShardFileWriter& writer, const std::atomic<bool>& given_up)
      : writer_(writer), given_up_(given_up) {}

  Status BeginShard(uint32_t shard) override {
    if (given_up_) return Failure("the save was given up");
    return writer_.BeginShard(shard);
  }
  Status AddRow(const StoredRow& row) override { return writer_.AddRow(row); }
  Status AddBlock(const StoredBlock& block) override { return writer_.AddBlock(block); }
  Result<CheckpointFile> Finish() override { return writer_.Finish(); }

 private:
  ShardFileWriter& writer_;
  const std::atomic<bool>& given_up_;
};

}  // namespace

SnapshotWriter::SnapshotWriter(std::function<int64_t()> available_memory, Done done)
    : available_memory_(std::move(available_memory)),
      done_(std::move(done)),
      thread_([this] { Loop(); }) {}

SnapshotWriter::~SnapshotWriter() { GiveUp(); }

void SnapshotWriter::Follow(const ParameterStore& store) {
  const Clock::time_point now = Clock::now();
  if (now - followed_at_ < kFollowInterval) return;
  followed_at_ = now;
  StoreSize size = store.SizeToCopy();
  MutexLock lock(mutex_);
  wanted_ = std::move(size);
  changed_.NotifyAll();
}

bool SnapshotWriter::busy() const {
  MutexLock lock(mutex_);
  return work_.has_value();
}

int64_t SnapshotWriter::NewBytesMax() const {
  return static_cast<int64_t>(static_cast<double>(available_memory_()) * kShareMax);
}

bool SnapshotWriter::Take(const ParameterStore& store) {
  CHECK(!busy());
  MutexLock lock(snapshot_mutex_);
  const StoreSnapshot::Limits limits{.threads = std::min(AvailableProcessors(), kThreadsMax),
                                     .new_bytes_max = NewBytesMax()};
  if (store.CopyTo(snapshot_, limits)) return true;
  if (!std::exchange(warned_, true)) {
    LOG(WARNING) << "no memory for a copy of the parameters: training waits while they are saved";
  }
  return false;
}

void SnapshotWriter::Write(uint64_t generation, const std::string& directory, ShardRange shards,
                           const ParameterSpec& parameters) {
  MutexLock lock(mutex_);
  CHECK(!work_.has_value());
  work_ = Work{generation, directory, shards, parameters};
  changed_.NotifyAll();
}

void SnapshotWriter::GiveUp() {
  {
    MutexLock lock(mutex_);
    given_up_ = true;
    changed_.NotifyAll();
  }
  MutexLock lock(joining_);
  if (thread_.joinable()) thread_.join();
}

std::optional<SnapshotWriter::Work> SnapshotWriter::NextWork() {
  MutexLock lock(mutex_);
  while (!given_up_ && !work_.has_value() && !wanted_.has_value()) changed_.Wait(mutex_);
  return work_;
}

void SnapshotWriter::Loop() {
  while (!given_up_) {
    const std::optional<Work> work = NextWork();
    if (given_up_) return;
    if (!work.has_value()) {
      PrepareSome();
      continue;
    }
    Result<CheckpointFile> file = WriteFile(*work);
    {
      MutexLock lock(mutex_);
      work_.reset();
    }
    if (!given_up_) done_(work->generation, std::move(file));
  }
}

void SnapshotWriter::PrepareSome() {
  std::optional<StoreSize> wanted;
  {
    MutexLock lock(mutex_);
    wanted = wanted_;
  }
  if (!wanted.has_value()) return;
  MutexLock snapshot_lock(snapshot_mutex_);
  if (snapshot_.Prepare(*wanted, NewBytesMax())) return;
  MutexLock lock(mutex_);
  wanted_.reset();
}

Result<CheckpointFile> SnapshotWriter::WriteFile(const Work& work) {
  PRIMACY_ASSIGN(const auto file,
                 ShardFileWriter::Create(work.directory, work.shards, work.parameters));
  InterruptibleWriter writer(*file, given_up_);
  PRIMACY_TRY(snapshot_.Save(writer));
  return writer.Finish();
}

Result<CheckpointFile> WriteInPlace(const ParameterStore& store, const std::string& directory) {
  const StoreOptions& options = store.options();
  PRIMACY_ASSIGN(const auto writer,
                 ShardFileWriter::Create(directory, options.shards, options.parameters));
  PRIMACY_TRY(store.Save(*writer));
  return writer->Finish();
}

}  // namespace primacy
