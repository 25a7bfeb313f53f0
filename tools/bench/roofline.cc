#include "tools/bench/roofline.h"

#include <glog/logging.h>

#include "tools/bench/step_work.h"

namespace primacy::bench {
namespace {

void AddLayer(size_t rows, size_t inputs, size_t outputs, std::vector<Product>& products) {
  products.push_back({.m = rows, .n = outputs, .k = inputs, .b_transposed = true});
  products.push_back({.m = rows, .n = inputs, .k = outputs});
  products.push_back({.m = outputs, .n = inputs, .k = rows, .a_transposed = true});
}

}  // namespace

StepWork CountStepWork(const StepBenchOptions& options, size_t unique_keys) {
  constexpr size_t kFloat = sizeof(float);
  const bool mmoe = options.model == ModelConfig::MMOE;
  const bool narrow = options.compute == BF16;
  const size_t activation = narrow ? 2 : kFloat;
  const size_t rows = options.batch;
  const size_t dim = static_cast<size_t>(options.dim);
  const size_t slots = static_cast<size_t>(options.slots);
  const size_t values = rows * (slots + kListValues);
  const size_t inputs = (slots + 1) * dim;
  const size_t last = kBottom[1];
  const size_t tops = kTasks * kTopUnits;  // below the single outputs
  const size_t experts = mmoe ? kExperts * kTopUnits : 0;
  const size_t gates = mmoe ? kTasks * kExperts : 0;

  StepWork work;
  AddLayer(rows, inputs, kBottom[0], work.products);
  AddLayer(rows, kBottom[0], last, work.products);
  AddLayer(rows, last, mmoe ? experts : tops, work.products);
  if (mmoe) AddLayer(rows, last, gates, work.products);

  work.rows = static_cast<double>(unique_keys);
  work.row_bytes = dim * kFloat;
  work.row_slot_bytes = dim * kFloat;  // Adagrad's accumulators
  work.activation_bytes = rows * inputs * activation;

  const size_t keys = values * (8 + 3 * 4) + unique_keys * 8;
  const size_t pooling = values * dim * kFloat + rows * inputs * activation;
  const size_t pooling_gradient =
      rows * inputs * activation + 2 * values * dim * kFloat + unique_keys * dim * kFloat;
  const size_t hidden = 3 * rows * (kBottom[0] + last + (mmoe ? experts : tops)) * activation;
  const size_t outputs = 3 * rows * tops * activation;
  const size_t mixtures = mmoe ? rows * (3 * (experts + gates) + 2 * tops) * activation : 0;
  const size_t scores = rows * kTasks * 4 * kFloat;
  const size_t weights = inputs * kBottom[0] + kBottom[0] * last + last * (mmoe ? experts : tops) +
                         last * gates + tops;
  const size_t dense = weights * (5 * kFloat + (narrow ? 2 : 0));
  work.bytes_moved = static_cast<double>(keys + pooling + pooling_gradient + hidden + outputs +
                                         mixtures + scores + dense);
  return work;
}

Roofline RooflineOf(const StepWork& work, const MachineRates& rates) {
  CHECK_EQ(work.products.size(), rates.flops_per_s.size());
  Roofline roofline;
  for (size_t p = 0; p < work.products.size(); ++p) {
    roofline.products += work.products[p].flops() / rates.flops_per_s[p];
  }
  roofline.rows = work.rows / rates.rows_read_per_s + work.rows / rates.rows_updated_per_s;
  roofline.bytes = work.bytes_moved / rates.bytes_moved_per_s;
  return roofline;
}

}  // namespace primacy::bench
