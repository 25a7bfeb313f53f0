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

TEST(ProgressText, ALineWithABar) {
  EXPECT_EQ(ProgressLine(Training(), 200),
            "stage 2/3 click  [#####---------------]  pass 0.5  12,345 rows/s  "
            "like loss 0.2500 auc 0.7500 λ 1.50 | click loss 0.5000  at most 2 min left");
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
  EXPECT_EQ(ProgressLine(status, 3), "λλλ");
  EXPECT_EQ(ProgressLine(status, 4), "λλλλ");
}

TEST(ProgressText, Seconds) {
  EXPECT_EQ(DescribeSeconds(45.4), "45 s");
  EXPECT_EQ(DescribeSeconds(720), "12 min");
  EXPECT_EQ(DescribeSeconds(12600), "3.5 h");
}

}  // namespace
}  // namespace primacy
