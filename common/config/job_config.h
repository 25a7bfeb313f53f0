// The job file (job.proto): from the text a person wrote to a checked job, in which every field is
// explicit and in range.
//
// Whatever is wrong is a usage error of one line that names the file or the override and the field,
// as it is written there: "jobs/mine.job: training.batch_rows must be at least 1, is 0".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/config/job.pb.h"

namespace primacy {

// Reads the file, applies `overrides` in order, resolves data.log, checks the job and makes every
// field explicit.
//
// An override is FIELD=VALUE with the field's path: "training.seed=3", "task[1].loss=SQUARED",
// "data.log=/logs/may". Lists are replaced as a whole: "model.bottom=128,64"; an empty value
// empties the list. It counts as if it stood in the file, so a relative data.log is taken from the
// file's folder in either place.
Result<Job> LoadJob(const std::string& path, const std::vector<std::string>& overrides);

// `text` as a job, nothing checked or filled in yet. Syntax errors and unknown names are
// "SOURCE:line:column: ...", counted from 1, with the nearest known name where there is one.
Result<Job> ParseJob(const std::string& text, const std::string& source);

// `job` with one override applied.
Result<Job> OverrideJob(Job job, const std::string& assignment);

// What can be known wrong without the log. Unset fields count as their defaults, so it holds before
// and after FillDefaults.
Status ValidateJob(const Job& job);

// Makes every field but task.slack and task.margin explicit: the defaults of job.proto and the ones
// that depend on other fields.
// - task.label: the task's name. task.tier: numbered from 0 without gaps, in the order of the file.
// - model: bottom 64 for SHARED_BOTTOM, expert 32, tower 32 unless linear_tower.
// - table_optimizer.kind ADAGRAD, dense_optimizer.kind ADAM; learning_rate 0.05 for ADAGRAD and
// ROWWISE_ADAGRAD, 0.001 for
//   ADAM, 0.01 for SGD; epsilon 1e-10 for ADAGRAD and ROWWISE_ADAGRAD, else 1e-8;
//   dense_optimizer.l2 1e-6.
// - priority.margin: priority.slack where that is set.
// REQUIRES: ValidateJob(job) is fine. Filling twice is filling once.
Job FillDefaults(Job job);

// A task's slack: its own, else priority.slack.
double SlackOf(const Job& job, int task);
// The margin of a task's verdicts: its own, else its own slack, else priority.margin. REQUIRES:
// FillDefaults made the job.
double MarginOf(const Job& job, int task);

// Identity of the job for resuming: equal for jobs that train the same model on the same log,
// whoever runs them and where. `schema_bytes` is the log's serialised LogSchema. Left out: name,
// runtime, data.log (a moved log is the same log), data.cache_bytes, and what only judges the
// result (priority.margin, task.margin, priority.fail_on). Unset fields count as their defaults.
// The same on all machines.
uint64_t JobHash(const Job& job, std::string_view schema_bytes);

}  // namespace primacy
