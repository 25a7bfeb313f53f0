// Losses per task over a column (logistic, squared) or several columns (softmax) of scores,
// weighted per row.
//
//   logistic  log(1 + e^z) - y z,  y in [0, 1]         gradient  σ(z) - y
//   squared   (z - y)²                                 gradient  2 (z - y)
//   softmax   log Σ_k e^{z_k} - z_y,  y a class        gradient  softmax(z)_k - [k = y]
//
// Rows of weight 0 take no part, whatever their score and label are. A label that is no class of a
// softmax makes the loss and the gradient NaN.
#pragma once

#include <cstddef>
#include <span>

#include "worker/nn/matrix.h"

namespace primacy {

enum class LossKind { kLogistic, kSquared, kSoftmax };

// One task's label and weight of row i are labels[i * stride] and weights[i * stride].
struct Targets {
  const float* labels = nullptr;
  const float* weights = nullptr;
  size_t stride = 1;

  Targets From(size_t row) const { return {labels + row * stride, weights + row * stride, stride}; }
};

// Loss of one row, unweighted. One score, or one per class.
double RowLoss(LossKind kind, std::span<const float> scores, float label);

struct LossSum {
  double loss = 0;    // Σ weight · loss
  double weight = 0;  // Σ weight
};
// scores [rows, 1 or classes]. Summed in row order in double.
LossSum SumLoss(LossKind kind, ConstMatrix scores, const Targets& targets);

// gradient = factor · weight · ∂loss/∂scores, overwritten; 0 in rows of weight 0.
void LossGradient(LossKind kind, ConstMatrix scores, const Targets& targets, double factor,
                  Matrix gradient);

}  // namespace primacy
