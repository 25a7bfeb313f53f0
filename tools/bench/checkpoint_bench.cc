#include "tools/bench/checkpoint_bench.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "common/base/atomic_file.h"
#include "ps/checkpoint/shard_file.h"
#include "tools/bench/scratch_directory.h"
#include "tools/bench/table_work.h"

namespace primacy {
namespace {

using Clock = std::chrono::steady_clock;

struct Times {
  double written = 0;  // into the page cache
  double synced = 0;   // written and on disk
  double loaded = 0;
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
  const ParameterStore& store = *filled.store;
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
      {"pause_ms_per_gb", 1e6 * MedianOf(runs, &Times::synced) / megabytes},
  };
  return record;
}

}  // namespace primacy
