// Small samples of public data sets through specs of every kind; skipped without PRIMACY_TEST_DATA.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/test_data.h"
#include "tests/tools/convert/convert_support.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing_support::Keys;
using testing_support::ReadSlice;
using testing_support::SlotIndex;
using testing_support::TempDir;

class SampleTest : public testing_support::WithTestData {
 protected:
  void Run(const std::string& spec, const std::vector<std::string>& inputs) {
    options_.schema_file =
        std::string(PRIMACY_SOURCE_DIR) + "/tests/tools/convert/specs/" + spec + ".txt";
    for (const std::string& input : inputs) {
      options_.inputs.push_back(*testing_support::TestData() + "/small_fixtures/" + input);
    }
    options_.out_dir = dir_ / "out";
    auto report = Convert(options_);
    ASSERT_OK(report);
    report_ = *report;
    EXPECT_EQ(report_.bad_rows, 0u);
    train_ = ReadSlice(options_.out_dir + "/train");
  }
  const SlotColumn& Slot(const std::string& name) const {
    return train_.slots[SlotIndex(report_.schema, name)];
  }

  TempDir dir_;
  ConvertOptions options_;
  ConvertReport report_;
  LogBlock train_;
};

TEST_F(SampleTest, Criteo) {
  ASSERT_NO_FATAL_FAILURE(Run("criteo", {"criteo_sample.txt"}));
  EXPECT_EQ(report_.rows_read, 200u);
  EXPECT_EQ(report_.schema.slot_size(), 26);
  EXPECT_EQ(report_.schema.dense_size(), 13);
  EXPECT_EQ(report_.labels[0].positive, 49u);
  uint64_t missing = 0;
  for (const char* slice : {"train", "holdout", "test"}) {
    const LogBlock block = ReadSlice(options_.out_dir + "/" + slice);
    const auto& keys = block.slots[SlotIndex(report_.schema, "C26")].keys;
    missing += static_cast<uint64_t>(std::count(keys.begin(), keys.end(), HashBytes("")));
    // The first row of the file: I1 is empty, I2 is 3.
    for (size_t r = 0; r < block.rows; ++r) {
      if (block.row_ids[r] != 1) continue;
      EXPECT_EQ(block.dense[0][r], 0);
      EXPECT_FLOAT_EQ(block.dense[1][r], std::log(4.0f));
      EXPECT_EQ(block.slots[0].keys[r], HashBytes("05db9164"));
    }
  }
  EXPECT_EQ(missing, 82u);
}

TEST_F(SampleTest, Avazu) {
  ASSERT_NO_FATAL_FAILURE(Run("avazu", {"avazu_sample.txt"}));
  EXPECT_EQ(report_.rows_read, 100u);
  EXPECT_EQ(report_.train_rows, 80u);
  EXPECT_EQ(report_.schema.slot_size(), 1 + 13 + 8 + 1);
  EXPECT_EQ(report_.labels[0].positive, 20u);
  EXPECT_EQ(train_.row_ids.front(), 1000009418151094273u);
  EXPECT_EQ(train_.timestamps.front(), 14102100);
  EXPECT_EQ(Slot("hour_of_day").keys.front(), HashBytes("00"));
  EXPECT_EQ(Slot("C20").keys.front(), HashBytes(""));
  EXPECT_EQ(Slot("site_and_app").keys.front(), HashBytes("28905ebd\x1f"
                                                         "07d7df22"));
  // All rows have the same hour, so the order of the file decides; ids above 2^63 are kept.
  EXPECT_EQ(ReadSlice(options_.out_dir + "/test").row_ids.back(), 10015745448500295401u);
}

TEST_F(SampleTest, AliCcp) {
  ASSERT_NO_FATAL_FAILURE(Run("ali_ccp", {"ali_ccp_train_sample.csv", "ali_ccp_val_sample.csv",
                                          "ali_ccp_test_sample.csv"}));
  EXPECT_EQ(report_.rows_read, 200u);
  EXPECT_EQ(report_.train_rows, 160u);
  EXPECT_EQ(report_.schema.slot_size(), 23);
  EXPECT_EQ(report_.schema.dense_size(), 8);
  EXPECT_EQ(report_.labels[0].positive, 12u);
  EXPECT_EQ(report_.labels[0].present, 200u);
  EXPECT_EQ(report_.labels[1].present, 12u);
  EXPECT_EQ(report_.labels[1].positive, 3u);
  EXPECT_FLOAT_EQ(train_.dense[0].front(), 0.4734f);
}

TEST_F(SampleTest, AliCcpTokens) {
  ASSERT_NO_FATAL_FAILURE(Run("ali_ccp_esmm", {"ali_ccp_esmm_small.txt"}));
  EXPECT_EQ(report_.rows_read, 10u);
  EXPECT_EQ(report_.labels[0].positive, 2u);
  EXPECT_EQ(report_.labels[1].positive, 1u);
  const auto lengths = [&](const std::string& slot) {
    const auto& offsets = Slot(slot).offsets;
    std::vector<uint32_t> length;
    for (size_t r = 1; r < offsets.size(); ++r) length.push_back(offsets[r] - offsets[r - 1]);
    return length;
  };
  EXPECT_THAT(lengths("intents"), ElementsAre(3, 5, 11, 4, 3, 14, 6, 3, 3, 3));
  EXPECT_THAT(lengths("match"), ElementsAre(0, 0, 1, 3, 0, 1, 1, 0, 0, 0));
  EXPECT_THAT(lengths("category_history"), testing::Each(117));
  EXPECT_THAT(lengths("brand_history"), testing::Each(209));
  EXPECT_EQ(Slot("item").keys.size(), 10u);
  EXPECT_EQ(Slot("item").keys.front(), HashBytes("6"));
  EXPECT_EQ(std::vector<uint64_t>(Slot("intents").keys.begin(), Slot("intents").keys.begin() + 3),
            Keys({"1", "2", "3"}));
  EXPECT_THAT(train_.row_ids, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
}

TEST_F(SampleTest, AliExpress) {
  ASSERT_NO_FATAL_FAILURE(
      Run("aliexpress", {"aliexpress_train_sample.csv", "aliexpress_test_sample.csv"}));
  EXPECT_EQ(report_.rows_read, 120u);
  EXPECT_EQ(report_.schema.slot_size(), 16);
  EXPECT_EQ(report_.schema.dense_size(), 63);
  EXPECT_EQ(report_.labels[0].positive, 70u);
  EXPECT_EQ(report_.labels[1].positive, 4u);
  EXPECT_EQ(report_.train_rows + report_.holdout_rows + report_.test_rows, 120u);
}

TEST_F(SampleTest, TikTok) {
  ASSERT_NO_FATAL_FAILURE(Run("byterec", {"byterec_sample.txt"}));
  EXPECT_EQ(report_.rows_read, 200u);
  EXPECT_EQ(report_.train_rows, 160u);
  EXPECT_EQ(report_.schema.slot_size(), 9);
  EXPECT_EQ(report_.labels[0].positive, 76u);
  EXPECT_EQ(report_.labels[1].positive, 7u);
  EXPECT_EQ(train_.timestamps.back(), 53086423410);
  EXPECT_EQ(ReadSlice(options_.out_dir + "/holdout").timestamps.front(), 53086423678);
  EXPECT_EQ(report_.schema.slot(1).group(), "city");
}

TEST_F(SampleTest, KuaiRand) {
  ASSERT_NO_FATAL_FAILURE(Run("kuairand", {"kuairand_sample.csv"}));
  EXPECT_EQ(report_.rows_read, 200u);
  // 42 columns without the label, three that are ignored.
  EXPECT_EQ(report_.schema.slot_size(), 38);
  EXPECT_EQ(report_.labels[0].positive, 32u);
  EXPECT_EQ(report_.labels[1].positive, 5u);
}

TEST_F(SampleTest, AlimamaBehaviourSequences) {
  ASSERT_NO_FATAL_FAILURE(Run("alimama_dmr", {"alimama_dmr_500.txt"}));
  EXPECT_EQ(report_.rows_read, 500u);
  EXPECT_EQ(report_.schema.slot_size(), 3 + 1 + 8 + 6);
  EXPECT_EQ(report_.labels[0].positive, 210u);
  size_t values = 0;
  for (const char* slice : {"train", "holdout", "test"}) {
    values += ReadSlice(options_.out_dir + "/" + slice).slots[1].keys.size();
  }
  EXPECT_EQ(values, 24879u);
}

TEST_F(SampleTest, Census) {
  ASSERT_NO_FATAL_FAILURE(Run("census_sample", {"census-income.sample"}));
  EXPECT_EQ(report_.rows_read, 200u);
  // 43 columns without row number, two labels and the weight.
  EXPECT_EQ(report_.schema.slot_size(), 39);
  EXPECT_EQ(report_.labels[0].positive, 12u);
  EXPECT_EQ(report_.labels[1].positive, 84u);
}

}  // namespace
}  // namespace primacy
