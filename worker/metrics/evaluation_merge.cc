#include <algorithm>
#include <limits>
#include <optional>

#include "common/base/strings.h"
#include "worker/metrics/evaluation.h"
#include "worker/metrics/metrics.h"

namespace primacy {
namespace {

// Where a block's rows are.
struct BlockAt {
  const EvaluationPart* part = nullptr;
  size_t index = 0;      // in part->blocks()
  size_t first_row = 0;  // in the part's columns
  const EvaluationPart::Block& block() const { return part->blocks()[index]; }
};

// All blocks in order, each of [0, block_count) exactly once.
Result<std::vector<BlockAt>> InOrder(const std::vector<EvaluationPart>& parts,
                                     uint32_t block_count) {
  std::vector<BlockAt> order;
  for (const EvaluationPart& part : parts) {
    size_t first_row = 0;
    for (size_t b = 0; b < part.blocks().size(); ++b) {
      order.push_back({&part, b, first_row});
      first_row += part.blocks()[b].rows;
    }
  }
  std::sort(order.begin(), order.end(),
            [](const BlockAt& a, const BlockAt& b) { return a.block().block < b.block().block; });
  for (size_t b = 0; b < order.size(); ++b) {
    if (order[b].block().block != b) {
      return Failure(Format("evaluation: block %zu is missing or block %u was evaluated twice", b,
                            order[b].block().block));
    }
  }
  if (order.size() != block_count) {
    return Failure(
        Format("evaluation: %zu blocks were evaluated of %u", order.size(), block_count));
  }
  return order;
}

// A column of the parts as one, in the order of the blocks.
template <typename T, typename ColumnOf>
std::vector<T> Joined(const std::vector<BlockAt>& order, uint64_t rows, ColumnOf column_of) {
  std::vector<T> joined;
  joined.reserve(rows);
  for (const BlockAt& at : order) {
    const std::vector<T>& column = column_of(*at.part);
    const auto begin = column.begin() + static_cast<ptrdiff_t>(at.first_row);
    joined.insert(joined.end(), begin, begin + at.block().rows);
  }
  return joined;
}

TaskSums Total(const std::vector<BlockAt>& order, size_t task) {
  TaskSums total;
  for (const BlockAt& at : order) {
    const TaskSums& sums = at.block().sums[task];
    total.weight += sums.weight;
    total.loss += sums.loss;
    total.prediction += sums.prediction;
    total.label += sums.label;
    total.squared_error += sums.squared_error;
    total.rows += sums.rows;
  }
  return total;
}

void SetMeans(const TaskSums& total, TaskConfig::Loss loss, TaskMetrics& metrics) {
  metrics.set_weight(total.weight);
  metrics.set_rows(static_cast<int64_t>(total.rows));
  if (!(total.weight > 0)) return;
  metrics.set_loss(total.loss / total.weight);
  metrics.set_squared_error(total.squared_error / total.weight);
  if (loss == TaskConfig::SOFTMAX) return;
  metrics.set_label_mean(total.label / total.weight);
  if (loss == TaskConfig::LOGISTIC && total.label != 0) {
    metrics.set_calibration(total.prediction / total.label);
  }
}

void SetRankings(const std::vector<BlockAt>& order, uint64_t rows, size_t task,
                 const std::vector<uint64_t>& groups, TaskMetrics& metrics) {
  const auto join = [&](std::vector<float> EvaluationPart::Column::*values) {
    return Joined<float>(
        order, rows, [&](const EvaluationPart& part) -> const auto& {
          return part.columns()[task].*values;
        });
  };
  const std::vector<float> predictions = join(&EvaluationPart::Column::predictions);
  const std::vector<float> labels = join(&EvaluationPart::Column::labels);
  const std::vector<float> weights = join(&EvaluationPart::Column::weights);
  if (const std::optional<double> auc = Auc(predictions, labels, weights)) metrics.set_auc(*auc);
  if (groups.empty()) return;
  const GroupAuc gauc = Gauc(predictions, labels, weights, groups);
  if (gauc.value.has_value()) metrics.set_gauc(*gauc.value);
  metrics.set_gauc_groups(gauc.groups);
}

}  // namespace

Result<EvaluateResult> MergeEvaluation(const EvaluationSpec& spec, uint32_t block_count,
                                       std::span<const std::string> parts) {
  std::vector<EvaluationPart> parsed;
  uint64_t rows = 0;
  uint64_t rows_with_groups = 0;
  for (const std::string& bytes : parts) {
    PRIMACY_ASSIGN(EvaluationPart part, EvaluationPart::Parse(spec, bytes));
    rows += part.rows();
    rows_with_groups += part.group_ids().size();
    parsed.push_back(std::move(part));
  }
  PRIMACY_ASSIGN(const std::vector<BlockAt> order, InOrder(parsed, block_count));
  if (!spec.losses_only && rows > std::numeric_limits<uint32_t>::max()) {
    return Failure("evaluation: AUC over more than 2^32 rows; evaluate a smaller slice");
  }
  std::vector<uint64_t> groups;
  if (rows_with_groups == rows && !spec.losses_only) {
    groups = Joined<uint64_t>(
        order, rows, [](const EvaluationPart& part) -> const auto& { return part.group_ids(); });
  }

  EvaluateResult result;
  result.set_rows(static_cast<int64_t>(rows));
  for (size_t t = 0; t < spec.tasks.size(); ++t) {
    TaskMetrics& metrics = *result.add_task();
    metrics.set_task(spec.tasks[t].name);
    if (!spec.tasks[t].active) continue;
    SetMeans(Total(order, t), spec.tasks[t].loss, metrics);
    if (spec.Ranked(t)) SetRankings(order, rows, t, groups, metrics);
  }
  return result;
}

}  // namespace primacy
