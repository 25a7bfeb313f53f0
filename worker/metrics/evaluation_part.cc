#include "worker/metrics/evaluation.h"

namespace primacy {

EvaluationPart::EvaluationPart(const EvaluationSpec& spec)
    : spec_(spec), columns_(spec.tasks.size()) {}

void EvaluationPart::Add(uint32_t block, const ScoredRows& rows) {
  const size_t values = rows.rows * spec_.tasks.size();
  CHECK_EQ(rows.predictions.size(), values);
  CHECK_EQ(rows.losses.size(), values);
  CHECK_EQ(rows.labels.size(), values);
  CHECK_EQ(rows.weights.size(), values);
  CHECK(blocks_.empty() || blocks_.back().block <= block)
      << "block " << block << " is out of order";
  if (blocks_.empty() || blocks_.back().block != block) {
    blocks_.push_back({block, 0, std::vector<TaskSums>(spec_.tasks.size())});
  }
  AddSums(rows, blocks_.back());
  if (!spec_.losses_only) AddColumns(rows);
  blocks_.back().rows += static_cast<uint32_t>(rows.rows);
  rows_ += rows.rows;
}

void EvaluationPart::AddSums(const ScoredRows& rows, Block& block) const {
  const size_t tasks = spec_.tasks.size();
  for (size_t i = 0; i < rows.rows; ++i) {
    for (size_t t = 0; t < tasks; ++t) {
      const size_t at = i * tasks + t;
      const double weight = rows.weights[at];
      if (!(weight > 0) || !spec_.tasks[t].active) continue;
      const double prediction = rows.predictions[at];
      const double label = rows.labels[at];
      TaskSums& sums = block.sums[t];
      sums.weight += weight;
      sums.loss += weight * rows.losses[at];
      sums.prediction += weight * prediction;
      sums.label += weight * label;
      sums.squared_error += weight * (prediction - label) * (prediction - label);
      ++sums.rows;
    }
  }
}

void EvaluationPart::AddColumns(const ScoredRows& rows) {
  const size_t tasks = spec_.tasks.size();
  for (size_t t = 0; t < tasks; ++t) {
    if (!spec_.Ranked(t)) continue;
    Column& column = columns_[t];
    for (size_t at = t; at < rows.rows * tasks; at += tasks) {
      column.predictions.push_back(rows.predictions[at]);
      column.labels.push_back(rows.labels[at]);
      column.weights.push_back(rows.weights[at]);
    }
  }
  if (rows.rows == 0) return;
  CHECK(rows.group_ids.empty() || rows.group_ids.size() == rows.rows);
  CHECK(rows_ == 0 || group_ids_.empty() == rows.group_ids.empty());
  group_ids_.insert(group_ids_.end(), rows.group_ids.begin(), rows.group_ids.end());
}

}  // namespace primacy
