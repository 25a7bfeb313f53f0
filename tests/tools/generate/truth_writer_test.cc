#include "tools/generate/truth_writer.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/hash.h"
#include "common/clicklog/reader.h"
#include "tests/support/read_blocks.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/tools/export/npy_reader.h"
#include "tools/generate/generate.h"

namespace primacy::generate {
namespace {

using testing_support::Npy;
using testing_support::ReadBlocks;
using testing_support::ReadNpy;
using testing_support::TempDir;

struct Truth {
  explicit Truth(const std::string& folder)
      : probability(ReadNpy<float>(folder + "/probability.npy")),
        value(ReadNpy<uint64_t>(folder + "/value.npy")),
        dense(ReadNpy<float>(folder + "/dense.npy")) {}

  Npy<float> probability;
  Npy<uint64_t> value;
  Npy<float> dense;
};

GenerateOptions WithTruth(const std::string& out) {
  GenerateOptions options;
  options.out = out;
  options.rows = 60'000;
  options.parts = 3;
  options.rows_per_block = 1'000;
  options.truth = true;
  return options;
}

TEST(TruthWriter, TheValuesAreThoseBehindTheLogsKeys) {
  const TempDir dir;
  ASSERT_OK(Generate(WithTruth(dir / "log"), {}));
  const std::array<std::string, 6> slots = {"user_id",      "item_id", "item_category",
                                            "user_segment", "hour",    "position"};
  const auto key = [](const std::string& slot, uint64_t value) {
    return HashCombine(HashBytes(slot), value);
  };
  for (const std::string slice : {"train", "holdout", "test"}) {
    const Truth truth(dir / "log/truth/" + slice);
    size_t row = 0;
    for (const LogBlock& block : ReadBlocks(dir / "log/" + slice)) {
      for (uint32_t r = 0; r < block.rows; ++r, ++row) {
        const uint64_t* value = &truth.value.elements[row * kTruthValues];
        ASSERT_EQ(value[0], block.row_ids[r]);
        for (size_t s = 0; s < slots.size(); ++s) {
          ASSERT_EQ(block.slots[s].keys[r], key(slots[s], value[1 + s])) << slots[s];
        }
        const uint32_t begin = block.slots[6].offsets[r];
        ASSERT_EQ(block.slots[6].offsets[r + 1] - begin, value[7]);
        for (size_t k = 0; k < kTagsPerItemMax; ++k) {
          const uint64_t tag = value[8 + k];
          if (k < value[7]) {
            ASSERT_EQ(block.slots[6].keys[begin + k], key("item_tags", tag));
          } else {
            ASSERT_EQ(tag, 0u);
          }
        }
        ASSERT_EQ(truth.dense.elements[2 * row], block.dense[0][r]);
        ASSERT_EQ(truth.dense.elements[2 * row + 1], block.dense[1][r]);
      }
    }
    EXPECT_EQ(truth.value.shape, (std::vector<uint64_t>{row, kTruthValues}));
    EXPECT_EQ(truth.probability.shape, (std::vector<uint64_t>{row, 3}));
    EXPECT_EQ(truth.dense.shape, (std::vector<uint64_t>{row, 2}));
  }
}

// In every tenth of the rows by probability, the labels' mean is the mean probability but for luck.
TEST(TruthWriter, LabelsAreDrawnWithTheProbabilities) {
  const TempDir dir;
  GenerateOptions options = WithTruth(dir / "log");
  options.tasks = 5;
  ASSERT_OK(Generate(options, {}));
  const Truth truth(dir / "log/truth/train");
  struct Bin {
    double rows = 0, ones = 0, expected = 0, variance = 0;
  };
  std::vector<std::array<Bin, 10>> bins(5);
  size_t row = 0;
  for (const LogBlock& block : ReadBlocks(dir / "log/train")) {
    for (uint32_t r = 0; r < block.rows; ++r, ++row) {
      for (size_t t = 0; t < 5; ++t) {
        const double p = truth.probability.elements[5 * row + t];
        ASSERT_TRUE(p > 0 && p < 1) << p;
        Bin& bin = bins[t][static_cast<size_t>(10 * p)];
        bin.rows += 1;
        bin.ones += block.labels[size_t{5} * r + t];
        bin.expected += p;
        bin.variance += p * (1 - p);
      }
    }
  }
  ASSERT_EQ(row, 48'000u);
  double squares = 0;
  int count = 0;
  for (const auto& of_task : bins) {
    double ones = 0, expected = 0, variance = 0;
    for (const Bin& bin : of_task) {
      ones += bin.ones, expected += bin.expected, variance += bin.variance;
      ASSERT_GT(bin.rows, 100) << "every tenth occurs";
      const double z = (bin.ones - bin.expected) / std::sqrt(bin.variance);
      EXPECT_LT(std::abs(z), 4);
      squares += z * z;
      ++count;
    }
    EXPECT_LT(std::abs(ones - expected) / std::sqrt(variance), 3);
  }
  // χ² with 50 degrees of freedom: 50 ± 10.
  EXPECT_EQ(count, 50);
  EXPECT_GT(squares, 20);
  EXPECT_LT(squares, 90);
}

// The logits are the planted scores and the intercepts.
TEST(TruthWriter, ProbabilitiesAreThoseOfThePlantedModel) {
  const TempDir dir;
  const GenerateOptions options = WithTruth(dir / "log");
  ASSERT_OK(Generate(options, {}));
  const Truth truth(dir / "log/truth/test");
  const RowSource source(options);
  const PlantedModel& model = source.model();
  for (size_t row = 0; row < 500; ++row) {
    const uint64_t* value = &truth.value.elements[row * kTruthValues];
    const Context context = {static_cast<int>(value[6]), static_cast<int>(value[5]),
                             truth.dense.elements[2 * row + 1]};
    const auto scores = model.Scores(model.MakeUser(value[1]), model.MakeItem(value[2]), context);
    for (size_t t = 0; t < 3; ++t) {
      ASSERT_NEAR(truth.probability.elements[3 * row + t],
                  1 / (1 + std::exp(-scores[t] - source.intercepts()[t])), 1e-6);
    }
  }
}

TEST(TruthWriter, IsOnRequestAndChangesNothingElse) {
  const TempDir dir;
  GenerateOptions options = WithTruth(dir / "with");
  ASSERT_OK(Generate(options, {}));
  options.out = dir / "without";
  options.truth = false;
  ASSERT_OK(Generate(options, {}));
  EXPECT_FALSE(std::filesystem::exists(dir / "without/truth"));
  for (const char* file : {"train/part-00002.clog", "test/part-00000.clog", "truth.txt"}) {
    EXPECT_EQ(*ReadFile(dir / "with/" + file, 1 << 26),
              *ReadFile(dir / "without/" + file, 1 << 26));
  }
}

TEST(TruthWriter, FailsWhenRowsAreMissing) {
  const TempDir dir;
  const auto writer = TruthWriter::Create(dir / "truth", 2, 3);
  ASSERT_OK(writer);
  ASSERT_OK((*writer)->Append(0, {}));
  EXPECT_FALSE((*writer)->Finish().ok());
  EXPECT_FALSE(std::filesystem::exists(dir / "truth/probability.npy"));
}

}  // namespace
}  // namespace primacy::generate
