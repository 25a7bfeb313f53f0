// Which rows make up the batch of a step: a pure function of (seed, stage, pass, step) and the log,
// so that every worker computes it alone and a resumed job needs no more than the number of the
// next step.
//
// A pass puts the blocks of the log into a random order. Consecutive blocks form windows of at most
// `window_rows` rows (at least one block); the rows of a window are permuted. Batches are cut from
// the resulting sequence, across the borders of windows; the last batch of a pass may be smaller. A
// step counts on over the passes of its stage.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/config/job.pb.h"
#include "common/protocol/ids.h"

namespace primacy {

struct PlanOptions {
  uint64_t seed = 1;
  int stage = 0;
  uint32_t batch_rows = 512;  // of all workers together
  uint32_t window_rows = 262144;
};
PlanOptions MakePlanOptions(const Job& job, int stage);

// The share of a batch that one of `workers` workers computes: of n rows, [n · rank / workers, n ·
// (rank + 1) / workers).
struct BatchSlice {
  int rank = 0;
  int workers = 1;
};

struct RowRef {
  uint32_t block = 0;  // of the log
  uint32_t row = 0;    // within the block
  auto operator<=>(const RowRef&) const = default;
};

struct StepRows {
  uint64_t first_sequence =
      0;                     // of rows[0] in the stage: step · batch_rows + index within the batch
  std::vector<RowRef> rows;  // empty when the batch has fewer rows than there are workers
};

// A window's place: the unit of residence in memory.
struct WindowId {
  int64_t pass = 0;
  size_t window = 0;
  auto operator<=>(const WindowId&) const = default;
};

// Not thread safe: it keeps the last two passes' block orders and the last two windows, so that
// steps asked for in about rising order cost little.
class BatchPlan {
 public:
  // `block_rows`: rows of each block of the log, none empty. A log without blocks has no steps to
  // ask for.
  BatchPlan(std::vector<uint32_t> block_rows, const PlanOptions& options);

  uint64_t rows() const { return rows_; }
  Step steps_per_pass() const;

  StepRows RowsOf(Step step, BatchSlice slice);

  // The windows that the whole batch of a step touches, in order, never none.
  std::vector<WindowId> WindowsOf(Step step);
  std::vector<uint32_t> BlocksOf(WindowId window);
  WindowId WindowAfter(WindowId window);
  // How much of the last of WindowsOf(step) is used up once the step is done, in (0, 1].
  double ProgressOf(Step step);

 private:
  struct Pass {
    int64_t pass = -1;
    std::vector<uint32_t> order;      // blocks
    std::vector<size_t> first_block;  // [windows + 1] index into order
    std::vector<uint64_t> first_row;  // [windows + 1] position within the pass
    size_t windows() const { return first_block.size() - 1; }
    size_t WindowAt(uint64_t position) const;
  };
  struct Window {
    WindowId id{-1, 0};
    std::vector<RowRef> rows;  // permuted
  };
  struct Range {
    int64_t pass = 0;
    uint64_t begin = 0;  // positions within the pass
    uint64_t end = 0;
  };

  Range RangeOf(Step step) const;
  const Pass& PassOf(int64_t pass);
  const Window& WindowOf(WindowId id);

  const std::vector<uint32_t> block_rows_;
  const PlanOptions options_;
  uint64_t rows_ = 0;
  std::array<Pass, 2> passes_;     // most recently used first
  std::array<Window, 2> windows_;  // most recently used first
};

}  // namespace primacy
