#include "common/config/job_limits.h"

#include <array>
#include <cmath>

#include "common/base/strings.h"

namespace primacy {
namespace {

constexpr double kDayMs = 86400000;

constexpr auto kLimits = std::to_array<Limit>({
    {"DataConfig.shuffle_window_rows", 1},
    {"DataConfig.cache_bytes", 0},
    {"TaskConfig.classes", 0, 65536},
    {"TaskConfig.tier", -kNoLimit},
    {"TaskConfig.slack", 0, 10},
    {"TaskConfig.margin", 0, 10},
    {"ModelConfig.embedding_dim", 1, 1024},
    {"GroupDim.dim", 1, 1024},
    {"ModelConfig.bottom", 1, 16384},
    {"ModelConfig.experts", 1, 256},
    {"ModelConfig.task_experts", 1, 256},
    {"ModelConfig.levels", 1, 16},
    {"ModelConfig.expert", 1, 16384},
    {"ModelConfig.tower", 1, 16384},
    {"ModelConfig.dropout", 0, 1, Bounds::kOpenAbove},
    {"ModelConfig.embedding_stddev", 0},
    {"PriorityConfig.weight", 0},
    {"PriorityConfig.lambda_start", 0, 1e6},
    {"PriorityConfig.lambda_rate", 0, 1e6},
    {"PriorityConfig.holdout_rate", 0, 1e6},
    {"PriorityConfig.holdout_gain", 0, 1e6},
    {"PriorityConfig.lambda_max", 0, 1e6},
    {"PriorityConfig.slack", 0, 10},
    {"PriorityConfig.margin", 0, 10},
    {"PriorityConfig.length_max", 0, 1000},
    {"PriorityConfig.warm_head_passes", 0},
    {"PriorityConfig.gradnorm_alpha", 0, 100},
    {"PriorityConfig.gradnorm_rate", 0, 1},
    {"PriorityConfig.cagrad_c", 0, 1, Bounds::kOpenAbove},
    {"PriorityConfig.metabalance_r", 0, 1},
    {"PriorityConfig.metabalance_beta", 0, 1, Bounds::kOpenAbove},
    {"PriorityConfig.pe_ltr_floor", 0, 1},
    {"PriorityConfig.uncertainty_rate", 0, 1},
    {"PriorityConfig.famo_rate", 0, 1},
    {"PriorityConfig.famo_decay", 0, 1},
    {"PriorityConfig.emtl_rho", 0, 100},
    {"OptimizerConfig.learning_rate", 0, kNoLimit, Bounds::kOpenBelow},
    {"OptimizerConfig.epsilon", 0, kNoLimit, Bounds::kOpenBelow},
    {"OptimizerConfig.beta1", 0, 1, Bounds::kOpenAbove},
    {"OptimizerConfig.beta2", 0, 1, Bounds::kOpenAbove},
    {"OptimizerConfig.initial_accumulator", 0},
    {"OptimizerConfig.l2", 0},
    {"Schedule.warmup_steps", 0},
    {"Schedule.decay_steps", 0},
    {"Schedule.final_factor", 0, 1},
    {"TrainingConfig.batch_rows", 1, 1 << 24},
    {"TrainingConfig.seed", 0},
    {"TrainingConfig.passes_max", 1},
    {"TrainingConfig.evaluations_per_pass", 1},
    {"TrainingConfig.patience", 0},
    {"TrainingConfig.clip_norm", 0},
    {"TableConfig.admit_count", 1},
    {"TableConfig.evict_after_passes", 0},
    {"TableConfig.rows_per_shard_max", 0},
    {"RuntimeConfig.staleness", 0},
    {"RuntimeConfig.compute_threads", 1, 1024},
    {"RuntimeConfig.prefetch_batches", 1, 1024},
    {"RuntimeConfig.keep_generations", 1},
    {"RuntimeConfig.checkpoint_every_seconds", 0},
    {"RuntimeConfig.checkpoint_every_steps", 0},
    {"RuntimeConfig.heartbeat_ms", 1, kDayMs},
    {"RuntimeConfig.request_timeout_ms", 1, kDayMs},
    {"RuntimeConfig.port", 0, 65535},
    {"RuntimeConfig.bad_record_share_max", 0, 1},
    // A frame holds at least one row of the widest table with its optimizer slots.
    {"RuntimeConfig.frame_bytes_max", 65536, 68719476736},
    {"RuntimeConfig.spin_us", 0, 1000000},
    {"RuntimeConfig.bsp_warmup_steps", 0},
});

std::string Number(double value) { return Format("%.12g", value); }

}  // namespace

std::span<const Limit> JobLimits() { return kLimits; }

std::string OutOfRange(const Limit& limit, double value) {
  const bool open_below = limit.bounds == Bounds::kOpenBelow;
  const bool open_above = limit.bounds == Bounds::kOpenAbove;
  const bool above_least = open_below ? value > limit.least : value >= limit.least;
  const bool below_most = open_above ? value < limit.most : value <= limit.most;
  if (above_least && below_most && std::isfinite(value)) return "";
  const std::string is = ", is " + Number(value);
  const std::string least = std::string(open_below ? "above " : "at least ") + Number(limit.least);
  if (!std::isfinite(limit.least)) return "must be a finite number" + is;
  if (!std::isfinite(limit.most)) {
    return (above_least ? "must be a finite number" : "must be " + least) + is;
  }
  if (open_below || open_above) {
    return "must be " + least + " and " + (open_above ? "below " : "at most ") +
           Number(limit.most) + is;
  }
  return "must be between " + Number(limit.least) + " and " + Number(limit.most) + is;
}

}  // namespace primacy
