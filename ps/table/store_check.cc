#include "ps/table/store_check.h"

#include <cmath>
#include <limits>

#include "common/base/strings.h"
#include "ps/table/row_arena.h"

namespace primacy {
namespace {

constexpr int64_t kTensorFloatsMax = int64_t{1} << 31;
constexpr int64_t kDenseFloatsMax = int64_t{1} << 33;
constexpr int32_t kTasksMax = 64;

Status CheckTable(int number, const TableSpec& table, const Optimizer& optimizer) {
  const size_t floats_max = RowArena::kRowFloatsMax;
  if (table.dim() <= 0 || static_cast<size_t>(table.dim()) > floats_max ||
      static_cast<size_t>(table.dim()) + optimizer.SlotFloats(static_cast<size_t>(table.dim())) >
          floats_max) {
    return Failure(
        Format("table %d has rows of %d weights; 1 to %zu floats with their slots are "
               "possible",
               number, table.dim(), floats_max));
  }
  if (!(table.init_stddev() >= 0 && std::isfinite(table.init_stddev()))) {
    return Failure(Format("table %d has an initial standard deviation of %g", number,
                          static_cast<double>(table.init_stddev())));
  }
  return Ok();
}

Status CheckTensor(const TensorSpec& tensor) {
  const int64_t rows = tensor.rows();
  const int64_t cols = tensor.cols();
  if (rows <= 0 || cols <= 0 || rows > kTensorFloatsMax / cols) {
    return Failure(Format("tensor %s has the shape [%lld, %lld]", tensor.name().c_str(),
                          static_cast<long long>(rows), static_cast<long long>(cols)));
  }
  if (!std::isfinite(tensor.init_bound())) {
    return Failure(Format("tensor %s has initial values without a bound", tensor.name().c_str()));
  }
  if (tensor.owner_task() < -1 || tensor.owner_task() >= kTasksMax) {
    return Failure(Format("tensor %s belongs to task %d; there can be %d", tensor.name().c_str(),
                          tensor.owner_task(), kTasksMax));
  }
  return Ok();
}

}  // namespace

Status CheckStoreOptions(const StoreOptions& options, const Optimizer& table_optimizer) {
  // One accumulator for a block of 4,096 elements would be another method; the job's checks refuse
  // it by name.
  DCHECK(options.dense_optimizer.kind() != OptimizerConfig::ROWWISE_ADAGRAD);
  CHECK_LE(options.shards.begin, options.shards.end);
  CHECK_LE(options.shards.end, kVirtualShards);
  if (options.table.admit_count() < 1) return UsageError("table.admit_count must be at least 1");
  if (options.table.evict_after_passes() < 0) {
    return UsageError("table.evict_after_passes must be 0 or more");
  }
  if (options.table.rows_per_shard_max() < 0) {
    return UsageError("table.rows_per_shard_max must be 0 or more");
  }
  for (int t = 0; t < options.parameters.table_size(); ++t) {
    PRIMACY_TRY(CheckTable(t, options.parameters.table(t), table_optimizer));
  }
  int64_t dense_floats = 0;
  for (const TensorSpec& tensor : options.parameters.tensor()) {
    PRIMACY_TRY(CheckTensor(tensor));
    dense_floats += tensor.rows() * tensor.cols();
    if (dense_floats > kDenseFloatsMax) return Failure("the dense tensors are too large");
  }
  return Ok();
}

Status CheckSameParameters(const ParameterSpec& model, const ParameterSpec& checkpoint) {
  if (model.table_size() != checkpoint.table_size()) {
    return UsageError(Format("the checkpoint has %d tables, the model %d", checkpoint.table_size(),
                             model.table_size()));
  }
  for (int t = 0; t < model.table_size(); ++t) {
    if (model.table(t).dim() != checkpoint.table(t).dim()) {
      return UsageError(Format("table %d has rows of %d weights in the checkpoint, %d in the model",
                               t, checkpoint.table(t).dim(), model.table(t).dim()));
    }
  }
  if (model.tensor_size() != checkpoint.tensor_size()) {
    return UsageError(Format("the checkpoint has %d dense tensors, the model %d",
                             checkpoint.tensor_size(), model.tensor_size()));
  }
  for (int t = 0; t < model.tensor_size(); ++t) {
    const TensorSpec& wanted = model.tensor(t);
    const TensorSpec& stored = checkpoint.tensor(t);
    if (wanted.name() != stored.name()) {
      return UsageError(Format("tensor %d is %s in the checkpoint, %s in the model", t,
                               stored.name().c_str(), wanted.name().c_str()));
    }
    if (wanted.rows() != stored.rows() || wanted.cols() != stored.cols()) {
      return UsageError(
          Format("tensor %s is [%lld, %lld] in the checkpoint, [%lld, %lld] in the "
                 "model",
                 wanted.name().c_str(), static_cast<long long>(stored.rows()),
                 static_cast<long long>(stored.cols()), static_cast<long long>(wanted.rows()),
                 static_cast<long long>(wanted.cols())));
    }
  }
  return Ok();
}

}  // namespace primacy
