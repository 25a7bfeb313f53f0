#include "tools/commands/label_sample.h"

#include <optional>

#include "common/base/strings.h"
#include "tools/launch/check_log.h"

namespace primacy {
namespace {

std::string Wants(const InputTask& task) {
  switch (task.loss) {
    case TaskConfig::LOGISTIC:
      return "labels from 0 to 1";
    case TaskConfig::SQUARED:
      return "finite labels";
    case TaskConfig::SOFTMAX:
      return Format("whole labels from 0 to %d", task.classes - 1);
  }
  return "";
}

// What the sampled rows hold for one task.
struct Sample {
  uint32_t known = 0;
  uint32_t unsuited = 0;
  uint32_t first_row = 0;  // of the unsuited ones
  float first_label = 0;
};

Sample TakeSample(const LogBlock& block, const InputTask& task) {
  const size_t labels = block.labels.size() / block.rows;
  Sample sample;
  for (uint32_t row = 0; row < block.rows; ++row) {
    const size_t at = row * labels + static_cast<size_t>(task.label_column);
    if (block.masks[at] == 0) continue;
    ++sample.known;
    if (task.Suits(block.labels[at])) continue;
    if (sample.unsuited++ > 0) continue;
    sample.first_row = row;
    sample.first_label = block.labels[at];
  }
  return sample;
}

}  // namespace

Result<std::vector<std::string>> CheckLabelSample(const LogDirectory& log, const std::string& path,
                                                  const InputSpec& input, const Job& job) {
  PRIMACY_ASSIGN(const LogBlock block, log.ReadBlock(0));
  const std::string rows = WithCommas(block.rows);
  std::vector<std::string> notes;
  for (size_t t = 0; t < input.tasks.size(); ++t) {
    const InputTask& task = input.tasks[t];
    const std::string& label = log.schema().label(task.label_column).name();
    const Sample sample = TakeSample(block, task);
    if (sample.known == 0) {
      notes.push_back(path + ": none of the first " + rows + " rows has the label \"" + label +
                      "\"");
    }
    if (sample.unsuited == 0) continue;
    const std::string finding =
        Format("task[%zu].loss: ", t) + TaskConfig::Loss_Name(task.loss) + " takes " + Wants(task) +
        ", but the label \"" + label + "\" " +
        Format("is %g in row %u of ", sample.first_label, sample.first_row) + path + "; " +
        WithCommas(sample.unsuited) + " of the first " + rows + " rows do not suit";
    if (sample.unsuited > job.runtime().bad_record_share_max() * block.rows)
      return UsageError(finding);
    notes.push_back(finding + " and would be left out");
  }
  return notes;
}

Status CheckLogAndLabels(const Job& job) {
  PRIMACY_ASSIGN(const CheckedLog log, CheckLog(job));
  PRIMACY_TRY(CheckLabelSample(*log.slices[0], SlicePath(job.data().log(), kSliceNames[0]),
                               log.input, job));
  return Ok();
}

}  // namespace primacy
