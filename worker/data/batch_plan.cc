#include "worker/data/batch_plan.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "common/base/hash.h"

namespace primacy {
namespace {

uint64_t PassSeed(const PlanOptions& options, int64_t pass) {
  const uint64_t stage_seed = HashCombine(options.seed, static_cast<uint64_t>(options.stage));
  return HashCombine(stage_seed, static_cast<uint64_t>(pass));
}

// Fisher and Yates (Durstenfeld 1964).
template <typename T>
void Permute(uint64_t seed, std::vector<T>& items) {
  for (size_t left = items.size(); left > 1; --left) {
    std::swap(items[left - 1], items[RandomBelow(seed, left, left)]);
  }
}

}  // namespace

PlanOptions MakePlanOptions(const Job& job, int stage) {
  PlanOptions options;
  options.seed = job.training().seed();
  options.stage = stage;
  options.batch_rows = static_cast<uint32_t>(job.training().batch_rows());
  options.window_rows = static_cast<uint32_t>(std::max(1, job.data().shuffle_window_rows()));
  return options;
}

BatchPlan::BatchPlan(std::vector<uint32_t> block_rows, const PlanOptions& options)
    : block_rows_(std::move(block_rows)), options_(options) {
  CHECK_GT(options_.batch_rows, 0u);
  for (const uint32_t rows : block_rows_) {
    CHECK_GT(rows, 0u);
    rows_ += rows;
  }
}

Step BatchPlan::steps_per_pass() const {
  return static_cast<Step>((rows_ + options_.batch_rows - 1) / options_.batch_rows);
}

BatchPlan::Range BatchPlan::RangeOf(Step step) const {
  CHECK_GE(step, 0);
  CHECK_GT(rows_, 0u);
  const uint64_t begin = static_cast<uint64_t>(step % steps_per_pass()) * options_.batch_rows;
  return {step / steps_per_pass(), begin, std::min(begin + options_.batch_rows, rows_)};
}

StepRows BatchPlan::RowsOf(Step step, BatchSlice slice) {
  CHECK(slice.workers > 0 && slice.rank >= 0 && slice.rank < slice.workers);
  const Range range = RangeOf(step);
  const uint64_t batch = range.end - range.begin;
  const uint64_t begin = range.begin + batch * slice.rank / slice.workers;
  const uint64_t end = range.begin + batch * (slice.rank + 1) / slice.workers;

  StepRows result;
  result.first_sequence = static_cast<uint64_t>(step) * options_.batch_rows + (begin - range.begin);
  result.rows.reserve(end - begin);
  for (uint64_t at = begin; at < end;) {
    const Pass& pass = PassOf(range.pass);
    const size_t w = pass.WindowAt(at);
    const uint64_t window_begin = pass.first_row[w];
    const uint64_t stop = std::min(end, pass.first_row[w + 1]);
    const std::vector<RowRef>& rows = WindowOf({range.pass, w}).rows;
    result.rows.insert(result.rows.end(), rows.begin() + (at - window_begin),
                       rows.begin() + (stop - window_begin));
    at = stop;
  }
  return result;
}

std::vector<WindowId> BatchPlan::WindowsOf(Step step) {
  const Range range = RangeOf(step);
  const Pass& pass = PassOf(range.pass);
  std::vector<WindowId> windows;
  for (size_t w = pass.WindowAt(range.begin); w <= pass.WindowAt(range.end - 1); ++w) {
    windows.push_back({range.pass, w});
  }
  return windows;
}

std::vector<uint32_t> BatchPlan::BlocksOf(WindowId window) {
  const Pass& pass = PassOf(window.pass);
  CHECK_LT(window.window, pass.windows());
  return {pass.order.begin() + pass.first_block[window.window],
          pass.order.begin() + pass.first_block[window.window + 1]};
}

WindowId BatchPlan::WindowAfter(WindowId window) {
  if (window.window + 1 < PassOf(window.pass).windows()) {
    return {window.pass, window.window + 1};
  }
  return {window.pass + 1, 0};
}

double BatchPlan::ProgressOf(Step step) {
  const Range range = RangeOf(step);
  const Pass& pass = PassOf(range.pass);
  const size_t w = pass.WindowAt(range.end - 1);
  return static_cast<double>(range.end - pass.first_row[w]) /
         static_cast<double>(pass.first_row[w + 1] - pass.first_row[w]);
}

size_t BatchPlan::Pass::WindowAt(uint64_t position) const {
  const auto after = std::upper_bound(first_row.begin(), first_row.end(), position);
  return static_cast<size_t>(after - first_row.begin()) - 1;
}

const BatchPlan::Pass& BatchPlan::PassOf(int64_t number) {
  if (passes_[0].pass == number) return passes_[0];
  std::swap(passes_[0], passes_[1]);
  Pass& pass = passes_[0];
  if (pass.pass == number) return pass;

  pass.pass = number;
  pass.order.resize(block_rows_.size());
  for (uint32_t b = 0; b < pass.order.size(); ++b) pass.order[b] = b;
  Permute(HashCombine(PassSeed(options_, number), 0), pass.order);

  pass.first_block.assign(1, 0);
  pass.first_row.assign(1, 0);
  uint64_t position = 0;
  for (size_t i = 0; i < pass.order.size(); ++i) {
    const uint64_t rows = block_rows_[pass.order[i]];
    const uint64_t in_window = position - pass.first_row.back();
    if (in_window > 0 && in_window + rows > options_.window_rows) {
      pass.first_block.push_back(i);
      pass.first_row.push_back(position);
    }
    position += rows;
  }
  pass.first_block.push_back(pass.order.size());
  pass.first_row.push_back(position);
  return pass;
}

const BatchPlan::Window& BatchPlan::WindowOf(WindowId id) {
  if (windows_[0].id == id) return windows_[0];
  std::swap(windows_[0], windows_[1]);
  Window& window = windows_[0];
  if (window.id == id) return window;

  window.id = id;
  window.rows.clear();
  for (const uint32_t block : BlocksOf(id)) {
    for (uint32_t row = 0; row < block_rows_[block]; ++row) window.rows.push_back({block, row});
  }
  Permute(HashCombine(PassSeed(options_, id.pass), 1 + id.window), window.rows);
  return window;
}

}  // namespace primacy
