#include <gtest/gtest.h>

#include "common/config/job_config.h"
#include "common/config/job_fields.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

// What a person reads when `text` is the file mine.job.
std::string Complaint(const std::string& text) {
  const Result<Job> job = ParseJob(text, "mine.job");
  if (job.ok()) return "fine";
  EXPECT_EQ(job.error().kind(), ErrorKind::kUsage);
  std::string message = job.error().message();
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  return message;
}

TEST(JobText, AFileIsReadAsItStands) {
  const auto job = ParseJob(R"(
# Two objectives.
name: "feed"
data { log: "log" ignore_slot: "hour" ignore_slot: "day" }
task { name: "like" }
task { name: "stars" loss: SOFTMAX classes: 5 }
model { kind: MMOE bottom: [64, 32] }
training { seed: 18446744073709551615 }
)",
                            "mine.job");
  ASSERT_OK(job);
  EXPECT_EQ(job->name(), "feed");
  EXPECT_EQ(job->data().ignore_slot_size(), 2);
  EXPECT_EQ(job->task(1).loss(), TaskConfig::SOFTMAX);
  EXPECT_EQ(job->model().bottom(1), 32);
  EXPECT_EQ(job->training().seed(), 18446744073709551615u);
  EXPECT_FALSE(job->has_runtime());
}

TEST(JobText, AnUnknownFieldIsNamedWithItsPathAndTheNearestOne) {
  EXPECT_EQ(Complaint("name: \"x\"\ntraining {\n  bach_rows: 3\n}\n"),
            "mine.job:3:3: unknown field training.bach_rows (did you mean \"batch_rows\"?)");
  EXPECT_EQ(Complaint("modle { }"), "mine.job:1:1: unknown field modle (did you mean \"model\"?)");
  EXPECT_EQ(Complaint("table_optimizer { schedule { warmup: 1 } }"),
            "mine.job:1:30: unknown field table_optimizer.schedule.warmup (did you mean "
            "\"warmup_steps\"?)");
  EXPECT_EQ(Complaint("zzzzzz: 1"), "mine.job:1:1: unknown field zzzzzz");
}

TEST(JobText, BracesInStringsAndCommentsDoNotCount) {
  EXPECT_EQ(Complaint("name: \"}{\\\"{\" # { {\ndata < log: '{' lgo: '' >"),
            "mine.job:2:17: unknown field data.lgo (did you mean \"log\"?)");
}

TEST(JobText, ATabIsOneColumn) {
  EXPECT_EQ(Complaint("data {\n\t\tlgo: ''\n}"),
            "mine.job:2:3: unknown field data.lgo (did you mean \"log\"?)");
}

TEST(JobText, AnUnknownValueIsNamedWithTheNearestOneOfItsField) {
  EXPECT_EQ(Complaint("task { loss: LOGISTC }"),
            "mine.job:1:14: task.loss has no value LOGISTC (did you mean \"LOGISTIC\"?)");
  // Another message has a field of the same name with other values.
  EXPECT_EQ(Complaint("model { kind: ADAM }"),
            "mine.job:1:15: model.kind has no value ADAM; it is one of SHARED_BOTTOM, OMOE, MMOE, "
            "PLE");
}

TEST(JobText, OtherMistakesKeepTheirPlace) {
  EXPECT_EQ(Complaint("training {\n  batch_rows: \"many\"\n}"),
            "mine.job:2:15: in training: Expected integer, got: \"many\"");
  EXPECT_EQ(Complaint("training { batch_rows: 3 batch_rows: 4 }").substr(0, 26),
            "mine.job:1:36: in training");
  EXPECT_EQ(Complaint("training { batch_rows: 3000000000 }").substr(0, 15), "mine.job:1:24: ");
  EXPECT_EQ(Complaint("training {").substr(0, 15), "mine.job:1:11: ");
  EXPECT_EQ(Complaint("name: \"open").substr(0, 9), "mine.job:");
  EXPECT_EQ(Complaint(std::string("name\0: 1", 8)).substr(0, 9), "mine.job:");
}

TEST(JobText, NoPrefixOfAFileCrashesTheExplanation) {
  const std::string text =
      "# c\nname: \"a\\\"b\" data { log: 'x' }\ntask < name: \"t\" loss: SOFTMAX >\nmodel { "
      "bottom: "
      "[1, 2] dropout: .5e-1 }\ntable_optimizer { schedule { decay: COSINE } }\n";
  int wrong = 0;
  for (size_t size = 0; size <= text.size(); ++size) {
    const std::string complaint = Complaint(text.substr(0, size));
    if (complaint == "fine") continue;
    ++wrong;
    EXPECT_EQ(complaint.substr(0, 9), "mine.job:");
  }
  EXPECT_GT(wrong, 100);
}

TEST(NearestName, IsTheClosestWithinAThirdOfTheName) {
  const std::vector<std::string> known = {"batch_rows", "seed", "patience", "port"};
  EXPECT_EQ(NearestName("batch_row", known), "batch_rows");
  EXPECT_EQ(NearestName("Seeds", known), "seed");
  EXPECT_EQ(NearestName("pateince", known), "patience");
  EXPECT_EQ(NearestName("batch", known), "batch_rows");
  EXPECT_EQ(NearestName("momentum", known), "");
  EXPECT_EQ(NearestName("", known), "");
  EXPECT_EQ(NearestName("seed", {}), "");
}

}  // namespace
}  // namespace primacy
