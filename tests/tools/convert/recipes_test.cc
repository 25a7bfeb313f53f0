// The recipes of tools/recipes on the real data sets; skipped without PRIMACY_TEST_DATA.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "common/base/atomic_file.h"
#include "common/config/job.pb.h"
#include "tests/support/test_data.h"
#include "tests/tools/convert/convert_support.h"

namespace primacy {
namespace {

using testing_support::DistinctKeys;
using testing_support::ReadSlice;
using testing_support::SlotIndex;
using testing_support::TempDir;

class RecipeTest : public testing_support::WithTestData {
 protected:
  // Converts `input` (below the data directory) and reads the slices back.
  void Run(const std::string& recipe, const std::string& input) {
    const std::string folder = std::string(PRIMACY_SOURCE_DIR) + "/tools/recipes/" + recipe;
    ConvertOptions options;
    options.schema_file = folder + "/convert.txt";
    options.inputs = {*testing_support::TestData() + "/" + input};
    options.out_dir = dir_ / "out";
    options.parts = 2;
    auto report = Convert(options);
    ASSERT_OK(report);
    report_ = *report;
    EXPECT_EQ(report_.bad_rows, 0u);
    for (const char* slice : {"train", "holdout", "test"}) {
      slices_.push_back(ReadSlice(options.out_dir + "/" + slice));
    }
    ReadJob(folder + "/job.txt");
  }

  // Every task of the job must be a label of the log.
  void ReadJob(const std::string& path) {
    const auto text = ReadFile(path, 1 << 20);
    ASSERT_OK(text);
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(*text, &job_));
    EXPECT_EQ(job_.data().log(), ".");
    ASSERT_EQ(job_.task_size(), 3 - (report_.schema.label_size() == 2));
    for (int t = 0; t < job_.task_size(); ++t) {
      const TaskConfig& task = job_.task(t);
      EXPECT_EQ(task.has_label() ? task.label() : task.name(), report_.schema.label(t).name());
    }
  }

  size_t Distinct(const std::string& slot) const {
    std::vector<const LogBlock*> blocks;
    for (const LogBlock& block : slices_) blocks.push_back(&block);
    return DistinctKeys(blocks, SlotIndex(report_.schema, slot));
  }

  // Rows of a slice whose label is above 0.
  static int Positive(const LogBlock& block, size_t label) {
    int positive = 0;
    const size_t labels = block.labels.size() / block.rows;
    for (size_t r = 0; r < block.rows; ++r) positive += block.labels[r * labels + label] > 0;
    return positive;
  }

  TempDir dir_;
  ConvertReport report_;
  std::vector<LogBlock> slices_;
  Job job_;
};

TEST_F(RecipeTest, KuaiRand) {
  ASSERT_NO_FATAL_FAILURE(
      Run("kuairand_kcore15", "kuairand27k_kcore15/processed_standard_kcore_15.tsv"));
  EXPECT_EQ(report_.rows_read, 41828u);
  EXPECT_EQ(report_.train_rows, 33462u);
  EXPECT_EQ(report_.holdout_rows, 4183u);
  EXPECT_EQ(report_.test_rows, 4183u);
  EXPECT_EQ(report_.schema.slot_size(), 5);
  EXPECT_EQ(report_.schema.dense_size(), 0);
  EXPECT_EQ(report_.labels[0].positive, 33745u);
  EXPECT_EQ(report_.labels[1].positive, 19320u);
  EXPECT_EQ(report_.labels[2].positive, 27484u);
  EXPECT_EQ(Distinct("user_id"), 664u);
  EXPECT_EQ(Distinct("video_id"), 9359u);
  EXPECT_EQ(Distinct("duration"), 26u);
  EXPECT_EQ(Distinct("hour"), 24u);
  EXPECT_EQ(Distinct("date"), 14u);
  EXPECT_EQ(Positive(slices_[0], 0), 27189);
  EXPECT_EQ(Positive(slices_[1], 0), 3445);
  EXPECT_EQ(Positive(slices_[2], 0), 3111);
  // The first rows of train and hold-out and the last of test, from the file itself.
  EXPECT_EQ(slices_[0].timestamps.front(), 1649346288441);
  EXPECT_EQ(slices_[0].timestamps.back(), 1650209893129);
  EXPECT_EQ(slices_[1].timestamps.front(), 1650209940876);
  EXPECT_EQ(slices_[2].timestamps.front(), 1650375545024);
  EXPECT_EQ(slices_[2].timestamps.back(), 1650556315790);
  const auto key = [&](const std::string& slot) {
    return slices_[0].slots[SlotIndex(report_.schema, slot)].keys.front();
  };
  EXPECT_EQ(key("user_id"), HashBytes("4854"));
  EXPECT_EQ(key("video_id"), HashBytes("3431182"));
  EXPECT_EQ(key("duration"), HashBytes("39"));
  EXPECT_EQ(key("hour"), HashBytes("15"));
  EXPECT_EQ(slices_[0].group_ids.front(), HashBytes("4854"));
}

TEST_F(RecipeTest, CensusIncome) {
  ASSERT_NO_FATAL_FAILURE(Run("census_income", "census_income_kdd_test/census-income.test.gz"));
  EXPECT_EQ(report_.rows_read, 99762u);
  EXPECT_EQ(report_.schema.slot_size(), 39);
  EXPECT_EQ(report_.labels[0].positive, 6186u);   // 0.0620
  EXPECT_EQ(report_.labels[1].positive, 43143u);  // 0.4325
  // Four standard deviations of a binomial share.
  EXPECT_NEAR(static_cast<double>(report_.train_rows), 79810, 506);
  EXPECT_NEAR(static_cast<double>(report_.holdout_rows), 9976, 380);
  EXPECT_EQ(report_.train_rows + report_.holdout_rows + report_.test_rows, 99762u);
  EXPECT_EQ(Distinct("age"), 31u);
  EXPECT_EQ(Distinct("wage_per_hour"), 15u);
  EXPECT_EQ(Distinct("capital_gains"), 17u);
  EXPECT_EQ(Distinct("capital_losses"), 12u);
  EXPECT_EQ(Distinct("dividends"), 34u);
  EXPECT_EQ(Distinct("education"), 17u);
  EXPECT_EQ(Distinct("previous_state"), 51u);
  EXPECT_EQ(Distinct("year"), 2u);
  for (const auto& slot : report_.schema.slot()) {
    EXPECT_NE(slot.name(), "marital_status");
    EXPECT_NE(slot.name(), "instance_weight");
    EXPECT_NE(slot.name(), "income");
  }
}

TEST_F(RecipeTest, MovieLens) {
  ASSERT_NO_FATAL_FAILURE(Run("ml_100k", "ml_100k/ml-100k.inter"));
  EXPECT_EQ(report_.rows_read, 100000u);
  EXPECT_EQ(report_.schema.slot_size(), 7);
  EXPECT_EQ(report_.labels[0].positive, 55375u);
  EXPECT_EQ(report_.labels[1].positive, 21201u);
  EXPECT_EQ(report_.labels[2].positive, 82520u);
  EXPECT_NEAR(static_cast<double>(report_.train_rows), 80000, 506);
  EXPECT_NEAR(static_cast<double>(report_.test_rows), 10000, 380);
  EXPECT_EQ(Distinct("user"), 943u);
  EXPECT_EQ(Distinct("item"), 1682u);
  EXPECT_EQ(Distinct("age"), 61u);
  EXPECT_EQ(Distinct("gender"), 2u);
  EXPECT_EQ(Distinct("occupation"), 21u);
  EXPECT_EQ(Distinct("release_year"), 73u);
  EXPECT_EQ(Distinct("class"), 216u);
  ASSERT_EQ(report_.joins.size(), 2u);
  EXPECT_EQ(report_.joins[0].keys, 943u);
  EXPECT_EQ(report_.joins[0].misses, 0u);
  EXPECT_EQ(report_.joins[1].keys, 1682u);
  EXPECT_EQ(report_.joins[1].misses, 0u);
}

TEST_F(RecipeTest, HomeDepot) {
  ASSERT_NO_FATAL_FAILURE(Run("home_depot", "home_depot/train.csv.gz"));
  EXPECT_EQ(report_.rows_read, 74067u);
  EXPECT_EQ(report_.schema.slot_size(), 4);
  EXPECT_EQ(report_.labels[0].positive, 19125u);
  EXPECT_EQ(report_.labels[1].positive, 34357u);
  EXPECT_EQ(report_.labels[2].positive, 62158u);
  EXPECT_NEAR(static_cast<double>(report_.train_rows), 59254, 436);
  EXPECT_EQ(Distinct("product"), 54667u);
  EXPECT_EQ(Distinct("query"), 11795u);
  EXPECT_EQ(Distinct("query_words"), 8923u);
  EXPECT_EQ(Distinct("title_words"), 28919u);
}

}  // namespace
}  // namespace primacy
