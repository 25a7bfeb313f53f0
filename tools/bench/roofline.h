// The share of the roofline of the step bench: the least time in which one core of this machine
// could take the step, over the time it took.
//
//   roofline = Σ over the model's products: 2 · m · n · k / (oneDNN's best rate for m, n, k)
//            + rows gathered / (rate of reading rows at random places of a table)
//            + rows updated / (rate of reading and writing rows, with their slots, at such places)
//            + bytes that are moved beside these / (rate of memcpy)
//   share = roofline / time of a step
//
// The rates are measured on the spot by kernels that are not Primacy's (machine_rates.h). The work
// is counted from the model and the batch, never from what is executed: a slow kernel, a copy or a
// conversion of ours makes the step longer and leaves the roofline as it is.
#pragma once

#include <cstddef>
#include <vector>

#include "tools/bench/step_options.h"

namespace primacy::bench {

// c [m, n] = a [m, k] · b [k, n], each operand row-major or, where it says so, stored transposed.
struct Product {
  size_t m = 0;
  size_t n = 0;
  size_t k = 0;
  bool a_transposed = false;  // stored as [k, m]
  bool b_transposed = false;  // stored as [n, k]
  double flops() const {
    return 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  }
  bool operator==(const Product&) const = default;
};

// What one step has to do.
struct StepWork {
  // Three for each layer: outputs, gradient of the inputs, gradient of the weights. Layers that
  // read the same inputs are one. Layers of one output are no products: what they read counts as
  // bytes.
  std::vector<Product> products;
  double rows = 0;              // unique ones: each gathered once and updated once
  size_t row_bytes = 0;         // weights of a row
  size_t row_slot_bytes = 0;    // its optimizer's slots
  double bytes_moved = 0;       // read + written
  size_t activation_bytes = 0;  // of the widest activations: the size of the pieces that are moved
};

// `unique_keys` of a batch of `options`. Bytes moved are, per step, with activations of 4 bytes or,
// in bf16, 2:
//   keys: read once (8), their positions written once and read by pooling and its gradient (4),
//     unique ones written once (8);
//   pooling: a row per value read, the inputs written; its gradient: the inputs' gradient read, a
//     row per value read and written, a row per unique key read by the update (rows in fp32);
//   hidden units: activation and gradient read, gradient written (the ReLU's gradient; bias and
//     ReLU forward are part of the product);
//   units below the single outputs: read forward, read and written backward;
//   MMoE's mixtures: gates and experts read, mixtures written; backward the same and the mixtures'
//     gradients read, gates' and experts' gradients written;
//   scores: label, weight, score and gradient of each task (fp32);
//   dense weights: weight and accumulator read and written, gradient read (fp32); in bf16 also the
//     rounded weight written.
StepWork CountStepWork(const StepBenchOptions& options, size_t unique_keys);

struct MachineRates {
  std::vector<double> flops_per_s;  // [product]
  double rows_read_per_s = 0;
  double rows_updated_per_s = 0;
  double bytes_moved_per_s = 0;  // read + written: twice the bytes copied
};

// The parts of the roofline, in seconds of a step.
struct Roofline {
  double products = 0;
  double rows = 0;
  double bytes = 0;
  double seconds() const { return products + rows + bytes; }
};
Roofline RooflineOf(const StepWork& work, const MachineRates& rates);

}  // namespace primacy::bench
