#include "tools/launch/progress_text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace primacy {
namespace {

JobStatus Training() {
  JobStatus status;
  status.set_activity("training");
  status.set_stage(1);
  status.set_stages(3);
  status.set_stage_name("click");
  status.set_step(25);
  status.set_steps_max(100);
  status.set_pass(0.5);
  status.set_rows_per_second(12345.6);
  status.set_seconds_left(130);
  for (const char* task : {"like", "click", "share"}) status.add_task(task);
  for (double loss : {0.25, 0.5, std::nan("")}) status.add_loss(loss);
  status.add_holdout_auc(0.75);
  for (double lambda : {1.5, 1.0, 1.0}) status.add_lambda(lambda);
  for (double bound : {0.3, 0.0, 0.0}) status.add_bound(bound);
  return status;
}

TEST(ProgressText, TwoLinesForATerminal) {
  const ProgressLines lines = DrawProgress(Training(), 200);
  EXPECT_EQ(lines.job,
            "stage 2/3 click  [###---------]  pass 0.5  12,345 rows/s  at most 2 min left");
  EXPECT_EQ(lines.tasks, "like .2500 auc .7500 λ 1.50 | click .5000");
}

TEST(ProgressText, ThreeTasksAndTheTimeLeftFitInto80Columns) {
  JobStatus status = Training();
  status.set_rows_per_second(1234567);
  status.set_loss(2, 0.125);
  for (double auc : {0.625, 0.6875}) status.add_holdout_auc(auc);
  status.set_bound(1, 0.25);
  const ProgressLines lines = DrawProgress(status, 80);
  EXPECT_TRUE(lines.job.ends_with("at most 2 min left")) << lines.job;
  EXPECT_EQ(lines.tasks,
            "like .2500 auc .7500 λ 1.50 | click .5000 auc .6250 λ 1.00 | share .1250 auc .68");
}

TEST(ProgressText, APlainLine) {
  JobStatus status = Training();
  status.set_activity("saving");
  status.set_seconds_left(0);
  EXPECT_EQ(PlainProgressLine(status),
            "stage 2/3 click  step 25  pass 0.5  12,345 rows/s  saving  "
            "like loss 0.2500 auc 0.7500 λ 1.50 | click loss 0.5000");
}

TEST(ProgressText, IsCutBetweenCharacters) {
  JobStatus status;
  status.set_activity("λλλλ");
  EXPECT_EQ(DrawProgress(status, 3).job, "λλλ");
  EXPECT_EQ(DrawProgress(status, 4).job, "λλλλ");
}

TEST(ProgressText, Seconds) {
  EXPECT_EQ(DescribeSeconds(45.4), "45 s");
  EXPECT_EQ(DescribeSeconds(720), "12 min");
  EXPECT_EQ(DescribeSeconds(12600), "3.5 h");
}

}  // namespace
}  // namespace primacy
