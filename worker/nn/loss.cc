#include "worker/nn/loss.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "worker/nn/vector_math.h"

namespace primacy {
namespace {

constexpr size_t kBlockRows = 256;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// The class a label names, or `classes` when it names none.
size_t ClassOf(float label, size_t classes) {
  if (!(label >= 0.0f && label < static_cast<float>(classes))) return classes;
  const size_t index = static_cast<size_t>(label);
  return static_cast<float>(index) == label ? index : classes;
}

double SoftmaxLoss(std::span<const float> scores, float label) {
  const size_t index = ClassOf(label, scores.size());
  if (index == scores.size()) return kNan;
  const double top = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (const float score : scores) sum += std::exp(score - top);
  return std::log(sum) - (scores[index] - top);
}

void SoftmaxGradient(std::span<const float> scores, float label, double factor, float* gradient) {
  const size_t index = ClassOf(label, scores.size());
  if (index == scores.size()) {
    std::fill_n(gradient, scores.size(), kNan);
    return;
  }
  const double top = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (const float score : scores) sum += std::exp(score - top);
  for (size_t k = 0; k < scores.size(); ++k) {
    const double p = std::exp(scores[k] - top) / sum;
    gradient[k] = static_cast<float>(factor * (p - (k == index ? 1.0 : 0.0)));
  }
}

// Logistic losses of up to kBlockRows rows at a time, so that the transcendental functions run in
// vectors.
LossSum SumLogistic(ConstMatrix scores, const Targets& targets) {
  LossSum total;
  std::array<double, kBlockRows> z;
  std::array<double, kBlockRows> softplus;
  for (size_t begin = 0; begin < scores.rows; begin += kBlockRows) {
    const size_t count = std::min(kBlockRows, scores.rows - begin);
    for (size_t i = 0; i < count; ++i) z[i] = scores.row(begin + i)[0];
    Softplus(z.data(), softplus.data(), count);
    for (size_t i = 0; i < count; ++i) {
      const double weight = targets.weights[(begin + i) * targets.stride];
      if (weight == 0) continue;
      total.loss += weight * (softplus[i] - z[i] * targets.labels[(begin + i) * targets.stride]);
      total.weight += weight;
    }
  }
  return total;
}

void LogisticGradient(ConstMatrix scores, const Targets& targets, double factor, Matrix gradient) {
  std::array<float, kBlockRows> p;
  for (size_t begin = 0; begin < scores.rows; begin += kBlockRows) {
    const size_t count = std::min(kBlockRows, scores.rows - begin);
    for (size_t i = 0; i < count; ++i) p[i] = scores.row(begin + i)[0];
    Sigmoid(p.data(), p.data(), count);
    for (size_t i = 0; i < count; ++i) {
      const size_t target = (begin + i) * targets.stride;
      const double weight = targets.weights[target];
      const double d = factor * weight * (static_cast<double>(p[i]) - targets.labels[target]);
      gradient.row(begin + i)[0] = weight == 0 ? 0.0f : static_cast<float>(d);
    }
  }
}

}  // namespace

double RowLoss(LossKind kind, std::span<const float> scores, float label) {
  const double z = scores[0];
  switch (kind) {
    case LossKind::kLogistic:
      return std::max(z, 0.0) + std::log1p(std::exp(-std::fabs(z))) - z * label;
    case LossKind::kSquared:
      return (z - label) * (z - label);
    case LossKind::kSoftmax:
      return SoftmaxLoss(scores, label);
  }
  LOG(FATAL) << "no such loss";
}

LossSum SumLoss(LossKind kind, ConstMatrix scores, const Targets& targets) {
  if (kind == LossKind::kLogistic) return SumLogistic(scores, targets);
  LossSum total;
  for (size_t i = 0; i < scores.rows; ++i) {
    const double weight = targets.weights[i * targets.stride];
    if (weight == 0) continue;
    const float label = targets.labels[i * targets.stride];
    total.loss += weight * RowLoss(kind, {scores.row(i), scores.cols}, label);
    total.weight += weight;
  }
  return total;
}

void LossGradient(LossKind kind, ConstMatrix scores, const Targets& targets, double factor,
                  Matrix gradient) {
  if (kind == LossKind::kLogistic) return LogisticGradient(scores, targets, factor, gradient);
  for (size_t i = 0; i < scores.rows; ++i) {
    const double weight = targets.weights[i * targets.stride];
    float* row = gradient.row(i);
    if (weight == 0) {
      std::fill_n(row, scores.cols, 0.0f);
      continue;
    }
    const float label = targets.labels[i * targets.stride];
    if (kind == LossKind::kSquared) {
      row[0] =
          static_cast<float>(2 * factor * weight * (static_cast<double>(scores.row(i)[0]) - label));
    } else {
      SoftmaxGradient({scores.row(i), scores.cols}, label, factor * weight, row);
    }
  }
}

}  // namespace primacy
