#include "tools/bench/checkpoint_bench.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/base/available_memory.h"
#include "ps/checkpoint/shard_file.h"
#include "ps/service/snapshot_writer.h"
#include "tools/bench/scratch_directory.h"
#include "tools/bench/table_work.h"

namespace primacy {
namespace {

using Clock = std::chrono::steady_clock;

// Long enough to take and touch the memory of a copy.
constexpr double kFollowSecondsPerGigabyte = 3;

struct Times {
  double written = 0;  // into the page cache
  double synced = 0;   // written and on disk
  double loaded = 0;
  double pause = 0;  // of a save while updates go on
  double saved = 0;  // from its beginning until the file is whole
  double added = 0;  // to the time of the updates made meanwhile
};

double Since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

Result<uint64_t> WriteOnce(const ParameterStore& store, const std::string& directory,
                           Times& times) {
  const Clock::time_point began = Clock::now();
  PRIMACY_ASSIGN(const auto writer, ShardFileWriter::Create(directory, store.options().shards,
                                                            store.options().parameters));
  PRIMACY_TRY(store.Save(*writer));
  times.written = Since(began);
  PRIMACY_ASSIGN(const CheckpointFile file, writer->Finish());
  times.synced = Since(began);
  return file.bytes();
}

Status LoadOnce(const StoreOptions& options, const std::string& path, int64_t rows, Times& times) {
  const Clock::time_point began = Clock::now();
  PRIMACY_ASSIGN(const auto store, ParameterStore::Create(options));
  PRIMACY_ASSIGN(const auto reader, ShardFileReader::Open(path));
  PRIMACY_TRY(store->Load(*reader, /*weights_only=*/false));
  times.loaded = Since(began);
  CHECK_EQ(store->stats().rows, rows);
  return Ok();
}

// Updates of uniform keys, as a server makes them.
class Training {
 public:
  explicit Training(ParameterStore& store, uint64_t keys, int dim) : store_(store) {
    constexpr uint64_t kBatches = 16, kBatchKeys = 8192;
    for (uint64_t b = 0; b < kBatches; ++b) {
      batches_.push_back(bench::UniformKeys(b, kBatchKeys, keys));
    }
    rows_.resize(kBatchKeys * static_cast<size_t>(dim));
    gradients_.assign(rows_.size(), 0.001f);
  }

  // `writer` follows as in a server.
  Status Step(SnapshotWriter& writer) {
    const std::vector<Key>& keys = batches_[steps_++ % batches_.size()];
    store_.Locate(0, keys, places_);
    store_.Gather(0, keys, places_, rows_.data());
    store_.BeginUpdate();
    store_.Accumulate(0, keys, places_, gradients_.data());
    PRIMACY_TRY(store_.Apply({}));
    writer.Follow(store_);
    return Ok();
  }

 private:
  ParameterStore& store_;
  std::vector<std::vector<Key>> batches_;
  RowPlaces places_;
  std::vector<float> rows_, gradients_;
  size_t steps_ = 0;
};

// One save in the midst of `training`.
Status SaveOnce(const ParameterStore& store, const std::string& directory, SnapshotWriter& writer,
                const std::future<Result<CheckpointFile>>& written, Training& training,
                Times& times) {
  const StoreOptions& options = store.options();
  const Clock::time_point began = Clock::now();
  if (!writer.Take(store)) return Failure("no memory for a copy of the table");
  times.pause = Since(began);
  writer.Write(1, directory, options.shards, options.parameters);
  size_t steps = 0;
  do {
    PRIMACY_TRY(training.Step(writer));
    ++steps;
  } while (written.wait_for(std::chrono::seconds(0)) != std::future_status::ready);
  times.saved = times.added = Since(began);
  const Clock::time_point alone = Clock::now();
  for (size_t step = 0; step < steps; ++step) PRIMACY_TRY(training.Step(writer));
  times.added -= Since(alone);
  return Ok();
}

Status SaveWhileTraining(const CheckpointBenchOptions& options, ParameterStore& store,
                         const std::string& directory, std::vector<Times>& runs) {
  Training training(store, options.keys, options.dim);
  std::promise<Result<CheckpointFile>> written;
  SnapshotWriter writer(
      [] { return AvailableMemoryBytes(); },
      [&](uint64_t, Result<CheckpointFile> file) { written.set_value(std::move(file)); });
  // A server follows while its table grows; this table is there already.
  const double follow_seconds =
      kFollowSecondsPerGigabyte * 1e-9 * static_cast<double>(store.stats().bytes);
  for (const Clock::time_point began = Clock::now(); Since(began) < follow_seconds;) {
    PRIMACY_TRY(training.Step(writer));
  }
  for (Times& run : runs) {
    written = std::promise<Result<CheckpointFile>>();
    std::future<Result<CheckpointFile>> file = written.get_future();
    PRIMACY_TRY(SaveOnce(store, directory, writer, file, training, run));
    PRIMACY_ASSIGN(const CheckpointFile whole, file.get());
    (void)whole;
  }
  return Ok();
}

double MedianOf(const std::vector<Times>& runs, double Times::*field) {
  std::vector<double> values;
  for (const Times& run : runs) values.push_back(run.*field);
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

Result<BenchRecord> CheckpointBench(const CheckpointBenchOptions& options) {
  if (options.keys < 1 || options.keys > uint64_t{1} << 30) {
    return UsageError("--keys must be 1 to 1073741824");
  }
  if (options.dim < 1 || options.dim > 1024) return UsageError("--dim must be 1 to 1024");
  if (options.runs < 1 || options.runs > 1000) return UsageError("--runs must be 1 to 1000");
  constexpr uint64_t kFillKeys = 65'536;
  PRIMACY_ASSIGN(const bench::Filled filled,
                 bench::FillTable(options.keys, options.dim, kFillKeys));
  ParameterStore& store = *filled.store;
  PRIMACY_ASSIGN(const auto scratch, ScratchDirectory::Create());
  const std::string directory = *scratch / "generation";
  PRIMACY_TRY(MakeDirectories(directory));
  const std::string path = directory + "/" + ShardFileName(store.options().shards);
  std::vector<Times> runs(static_cast<size_t>(options.runs));
  uint64_t bytes = 0;
  for (Times& run : runs) {
    PRIMACY_ASSIGN(bytes, WriteOnce(store, directory, run));
    PRIMACY_TRY(LoadOnce(store.options(), path, store.stats().rows, run));
  }
  PRIMACY_TRY(SaveWhileTraining(options, store, directory, runs));

  const double longest_pause =
      std::max_element(runs.begin(), runs.end(), [](const Times& a, const Times& b) {
        return a.pause < b.pause;
      })->pause;
  const double megabytes = static_cast<double>(bytes) / 1e6;
  BenchRecord record;
  record.name = "checkpoint";
  record.labels = {{"optimizer", "adagrad"}};
  record.numbers = {
      {"keys", static_cast<double>(options.keys)},
      {"dim", options.dim},
      {"mb", megabytes},
      {"write_mb_per_s", megabytes / MedianOf(runs, &Times::written)},
      {"write_synced_mb_per_s", megabytes / MedianOf(runs, &Times::synced)},
      {"load_mb_per_s", megabytes / MedianOf(runs, &Times::loaded)},
      {"pause_ms_per_gb", 1e6 * longest_pause / megabytes},
      {"pause_ms_per_gb_median", 1e6 * MedianOf(runs, &Times::pause) / megabytes},
      {"saved_mb_per_s_while_training", megabytes / MedianOf(runs, &Times::saved)},
      {"added_ms_per_save", 1e3 * MedianOf(runs, &Times::added)},
  };
  return record;
}

}  // namespace primacy
