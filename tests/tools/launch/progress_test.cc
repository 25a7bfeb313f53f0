#include "tools/launch/progress.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace primacy {
namespace {

// A file is no terminal: plain lines go there.
class ProgressTest : public testing::Test {
 protected:
  std::string Written() {
    std::rewind(file_.get());
    char text[4096];
    return {text, std::fread(text, 1, sizeof(text), file_.get())};
  }
  static JobStatus InStage(int stage) {
    JobStatus status;
    status.set_activity("training");
    status.set_stage(stage);
    status.set_stage_name("like");
    status.set_stages(2);
    return status;
  }

  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{std::tmpfile(), &std::fclose};
  Progress progress_{file_.get()};
};

// A job that ends before its first stage has one line to show: its error.
TEST_F(ProgressTest, SaysNothingOfAShortStart) {
  JobStatus status;
  status.set_activity("starting");
  progress_.Show(status);
  EXPECT_EQ(Written(), "");
}

TEST_F(ProgressTest, GivesAStageItsLineAtOnceAndNotTwice) {
  progress_.Show(InStage(0));
  progress_.Show(InStage(0));
  EXPECT_EQ(Written(), "stage 1/2 like  step 0  pass 0.0\n");
}

TEST_F(ProgressTest, PutsWordsOnALineOfTheirOwn) {
  progress_.Show(InStage(0));
  progress_.Say("stopping");
  progress_.Show(InStage(1));
  EXPECT_EQ(Written(),
            "stage 1/2 like  step 0  pass 0.0\nstopping\nstage 2/2 like  step 0  pass 0.0\n");
}

}  // namespace
}  // namespace primacy
