// Stepwise Lagrangian multipliers of one stage: the heart of the NMT method ("No More Tuning",
// arXiv 2412.12092).
//
// Stage k minimises its objective L_k subject to L_i <= b_i for every task i of the tiers above, by
// gradient descent on the parameters and gradient ascent on the multipliers (Platt and Barr 1987):
//
//     θ   ← θ − η · (g_k + Σ_i λ_i g_i) / (1 + Σ_i λ_i)
//     λ_i ← max(0, λ_i + η_λ · (L_i − b_i))
//
// The denominator re-scales the gradient, so that large multipliers do not act as a larger learning
// rate. The method is constrained and checked afterwards; deep networks give no duality guarantee.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/config/job.pb.h"
#include "ps/priority/loss_weighing.h"
#include "ps/priority/stage.h"

namespace primacy {

// Values per task of the job, 0 for tasks that are no constraint. A value type: copied into
// checkpoints and back.
struct MultiplierState {
  std::vector<double> lambda;
  int64_t version = 0;  // updates so far
};

// Not thread safe.
class Multipliers final : public LossWeighing {
 public:
  // bounds: per task, read for constraints only. rate: η_λ of one step (already scaled to the
  // batch); 0 where the hold-out slice moves λ (holdout_control.h).
  Multipliers(const Stage& stage, std::vector<double> bounds, double rate, MultiplierState state);

  // They sum to 1.
  std::vector<double> Weights() const override;
  // One ascent step. Tasks without labels keep their λ.
  void Observe(std::span<const double> losses, const std::vector<bool>& has_loss) override;

  const MultiplierState& state() const { return state_; }
  // Values are λ of each task.
  WeighingState Saved() const override { return {state_.lambda, state_.version, 0}; }
  std::span<const double> lambda() const override { return state_.lambda; }

 private:
  const Stage stage_;
  const std::vector<double> bounds_;
  const double rate_;
  MultiplierState state_;
};

// η_λ of one step: lambda_rate per 512 rows where train batches move λ, otherwise 0.
double MultiplierRate(const PriorityConfig& priority, int64_t batch_rows);

// λ at the start of a stage, 0 for tasks that are no constraint. The first tier begins with
// `lambda_start`, and those below it fall evenly to the objective's weight, 1: of two tiers of
// constraints the second one is half-way. A start of at most 1 is that of every tier.
MultiplierState InitialMultipliers(const Stage& stage, int tasks, double lambda_start);

}  // namespace primacy
