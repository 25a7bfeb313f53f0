// Gathers rows from decoded blocks into a Batch: keys mixed with their group, repeats removed,
// split by server.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/clicklog/block.h"
#include "common/protocol/ids.h"
#include "worker/data/batch.h"
#include "worker/data/input_spec.h"
#include "worker/data/unique_keys.h"

namespace primacy {

struct RowAt {
  const LogBlock* block = nullptr;
  uint32_t row = 0;
};

// Not thread safe: its working memory is reused from batch to batch.
class BatchBuilder {
 public:
  // servers: of the parameters, at least 1.
  BatchBuilder(InputSpec input, int servers);

  // Overwrites `batch`, whose memory is reused. Rows keep their order; row i gets row_sequence
  // first_sequence + i. The blocks must have the columns of the schema that `input` was made from.
  // Bad records: see Batch.bad_records; a LOGISTIC label must lie in [0, 1], a SOFTMAX label be a
  // class index, a SQUARED label, dense features and the row weight (≥ 0) be finite. Labels without
  // weight read as 0, and so do features that are not finite: a loss of weight 0 must not be NaN.
  void Build(Step step, uint64_t first_sequence, std::span<const RowAt> rows, Batch& batch);

 private:
  void GatherSlot(const InputSlot& input, std::span<const RowAt> rows, BatchSlot& slot);
  void GatherKeys(const InputSlot& input, std::span<const RowAt> rows);
  void GatherValueLists(const InputSlot& input, std::span<const RowAt> rows,
                        std::vector<uint32_t>& offsets);
  void SplitTables(Batch& batch);
  void GatherDense(std::span<const RowAt> rows, Batch& batch);
  void GatherLabels(std::span<const RowAt> rows, Batch& batch);

  const InputSpec input_;
  const int servers_;
  std::vector<UniqueKeys> unique_;  // [table]
  std::vector<Key> keys_;           // of one slot
  std::vector<uint8_t> unusable_;   // [rows] 1: the row counts for no task
};

}  // namespace primacy
