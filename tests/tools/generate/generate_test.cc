#include "tools/generate/generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <sstream>

#include "common/base/atomic_file.h"
#include "common/base/strings.h"
#include "common/clicklog/reader.h"
#include "common/config/job_config.h"
#include "tests/support/read_blocks.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing_support::ReadBlocks;
using testing_support::TempDir;

GenerateOptions Small(const std::string& out) {
  GenerateOptions options;
  options.out = out;
  options.rows = 5'000;
  options.parts = 3;
  options.rows_per_block = 500;
  return options;
}

std::map<std::string, std::string> Contents(const std::string& out) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(out)) {
    if (!entry.is_regular_file()) continue;
    contents[entry.path().lexically_relative(out)] = *ReadFile(entry.path(), 1 << 24);
  }
  return contents;
}

// The numbers behind "NAME:" in truth.txt.
std::vector<double> Truth(const std::string& out, const std::string& name) {
  const std::string text = *ReadFile(out + "/truth.txt", 1 << 20);
  for (const std::string_view line : Split(text, '\n')) {
    if (!line.starts_with(name + ":")) continue;
    std::istringstream numbers{std::string(line.substr(name.size() + 1))};
    std::vector<double> values;
    for (double value; numbers >> value;) values.push_back(value);
    return values;
  }
  ADD_FAILURE() << name << " is not in truth.txt";
  return {};
}

TEST(Generate, WritesThreeFoldersInTheOrderOfTime) {
  const TempDir dir;
  ASSERT_OK(Generate(Small(dir / "log"), {}));
  uint64_t next_row = 0;
  int64_t last_time = 0;
  const std::map<std::string, uint64_t> wanted = {{"train", 4000}, {"holdout", 500}, {"test", 500}};
  for (const std::string folder : {"train", "holdout", "test"}) {
    uint64_t rows = 0;
    for (const LogBlock& block : ReadBlocks(dir / "log/" + folder)) {
      for (uint32_t r = 0; r < block.rows; ++r) {
        ASSERT_EQ(block.row_ids[r], next_row++);
        ASSERT_GE(block.timestamps[r], last_time);
        last_time = block.timestamps[r];
        ASSERT_EQ(block.group_ids[r], block.slots[0].keys[r]) << "the group is the user";
        const uint32_t tags = block.slots[6].offsets[r + 1] - block.slots[6].offsets[r];
        ASSERT_TRUE(tags >= 1 && tags <= 3);
      }
      rows += block.rows;
    }
    EXPECT_EQ(rows, wanted.at(folder)) << folder;
  }
  EXPECT_EQ((*LogDirectory::Open(dir / "log/train"))->parts().size(), 3u);
  EXPECT_EQ((*LogDirectory::Open(dir / "log/test"))->parts().size(), 1u);
}

TEST(Generate, IsAFunctionOfTheOptions) {
  const TempDir dir;
  ASSERT_OK(Generate(Small(dir / "a"), {}));
  ASSERT_OK(Generate(Small(dir / "b"), {}));
  GenerateOptions other = Small(dir / "c");
  other.seed = 2;
  ASSERT_OK(Generate(other, {}));
  EXPECT_EQ(Contents(dir / "a"), Contents(dir / "b"));
  EXPECT_NE(Contents(dir / "a")["train/part-00000.clog"],
            Contents(dir / "c")["train/part-00000.clog"]);
}

TEST(Generate, RowsDoNotDependOnHowManyPartsThereAre) {
  const TempDir dir;
  GenerateOptions options = Small(dir / "a");
  ASSERT_OK(Generate(options, {}));
  options.out = dir / "b";
  options.parts = 7;
  ASSERT_OK(Generate(options, {}));
  const auto keys = [](const std::vector<LogBlock>& blocks) {
    std::vector<uint64_t> items;
    for (const LogBlock& b : blocks)
      items.insert(items.end(), b.slots[1].keys.begin(), b.slots[1].keys.end());
    return items;
  };
  EXPECT_EQ(keys(ReadBlocks(dir / "a/train")), keys(ReadBlocks(dir / "b/train")));
}

TEST(Generate, LabelsHaveTheirBaseRatesAndAreLearnable) {
  const TempDir dir;
  GenerateOptions options = Small(dir / "log");
  options.rows = 40'000;
  options.tasks = 5;
  ASSERT_OK(Generate(options, {}));
  const std::vector<double> rates = Truth(dir / "log", "label_rate");
  const std::vector<double> ceilings = Truth(dir / "log", "ceiling_auc");
  ASSERT_EQ(rates.size(), 5u);
  ASSERT_EQ(ceilings.size(), 5u);
  std::vector<double> ones(5);
  for (const LogBlock& block : ReadBlocks(dir / "log/train")) {
    for (size_t cell = 0; cell < block.labels.size(); ++cell) ones[cell % 5] += block.labels[cell];
  }
  for (int t = 0; t < 5; ++t) {
    EXPECT_NEAR(rates[t], GenerateBaseRate(t), 0.01) << t;
    EXPECT_NEAR(rates[t], ones[t] / 32'000, 1e-6) << t;
    EXPECT_GT(ceilings[t], 0.85) << t;
    EXPECT_LT(ceilings[t], 0.97) << t;
  }
}

TEST(Generate, ConflictTurnsTheLabelsCorrelationAround) {
  const TempDir dir;
  const auto correlation = [&](double conflict) {
    GenerateOptions options = Small(dir / Format("%g", conflict));
    options.rows = 20'000;
    options.conflict = conflict;
    CHECK(Generate(options, {}).ok());
    double n = 0, a = 0, b = 0, ab = 0;
    for (const LogBlock& block : ReadBlocks(options.out + "/train")) {
      for (uint32_t r = 0; r < block.rows; ++r) {
        const float first = block.labels[size_t{3} * r];
        const float second = block.labels[size_t{3} * r + 1];
        ++n, a += first, b += second, ab += first * second;
      }
    }
    a /= n, b /= n;
    return (ab / n - a * b) / std::sqrt(a * (1 - a) * b * (1 - b));
  };
  EXPECT_GT(correlation(0.0), 0.3);
  EXPECT_LT(correlation(1.0), 0.0);
}

TEST(Generate, TheLastLabelMayBeMasked) {
  const TempDir dir;
  GenerateOptions options = Small(dir / "log");
  options.mask_last = true;
  ASSERT_OK(Generate(options, {}));
  uint64_t known = 0;
  for (const LogBlock& block : ReadBlocks(dir / "log/train")) {
    for (uint32_t r = 0; r < block.rows; ++r) {
      EXPECT_EQ(block.masks[size_t{3} * r], 1);
      EXPECT_EQ(block.masks[size_t{3} * r + 1], 1);
      EXPECT_EQ(block.masks[size_t{3} * r + 2], block.labels[size_t{3} * r + 1] == 1.0f ? 1 : 0);
      known += block.masks[size_t{3} * r + 2];
    }
  }
  EXPECT_NEAR(static_cast<double>(known) / 4000, GenerateBaseRate(1), 0.03);
}

TEST(Generate, TheJobNamesTheLabelsInOrder) {
  const TempDir dir;
  GenerateOptions options = Small(dir / "log");
  options.tasks = 4;
  ASSERT_OK(Generate(options, {}));
  const Result<Job> loaded = LoadJob(dir / "log/job.txt", {});
  ASSERT_OK(loaded);
  const Job& job = *loaded;
  EXPECT_TRUE(std::filesystem::equivalent(job.data().log(), dir / "log"));
  const auto log = LogDirectory::Open(dir / "log/train");
  ASSERT_OK(log);
  ASSERT_EQ(job.task_size(), 4);
  ASSERT_EQ((*log)->schema().label_size(), 4);
  for (int t = 0; t < 4; ++t) {
    EXPECT_EQ(job.task(t).name(), (*log)->schema().label(t).name());
    EXPECT_EQ(job.task(t).name(), GenerateTaskName(t));
  }
}

TEST(Generate, MoreSlotsAreAddedBehindTheBaseOnes) {
  const TempDir dir;
  GenerateOptions options = Small(dir / "log");
  options.slots = 21;
  ASSERT_OK(Generate(options, {}));
  const auto log = LogDirectory::Open(dir / "log/train");
  ASSERT_OK(log);
  ASSERT_EQ((*log)->schema().slot_size(), 21);
  EXPECT_EQ((*log)->schema().slot(20).name(), "extra_013");
  const LogBlock block = *(*log)->ReadBlock(0);
  EXPECT_GT(std::set<uint64_t>(block.slots[20].keys.begin(), block.slots[20].keys.end()).size(),
            50u);
}

TEST(Generate, ReportsProgress) {
  const TempDir dir;
  GenerateOptions options = Small(dir / "log");
  options.rows = 40'000;
  std::vector<uint64_t> done;
  ASSERT_OK(Generate(options, [&](uint64_t rows, uint64_t total) {
    EXPECT_EQ(total, 40'000u);
    done.push_back(rows);
  }));
  EXPECT_EQ(done, (std::vector<uint64_t>{16384, 32768, 40000}));
}

TEST(Generate, TouchesNothingThatIsThere) {
  const TempDir dir;
  GenerateOptions options = Small(dir / "log");
  ASSERT_OK(Generate(options, {}));
  options.parts = 1;
  const Status refused = Generate(options, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::kUsage);
  EXPECT_THAT(refused.error().message(), HasSubstr("log is not empty"));
  EXPECT_EQ((*LogDirectory::Open(dir / "log/train"))->rows(), 4000u);
}

TEST(Generate, WrongOptionsAreNamed) {
  const auto error = [](auto&& change) {
    GenerateOptions options = Small("/nowhere");
    change(options);
    const Status status = CheckGenerateOptions(options);
    if (status.ok()) return std::string();
    EXPECT_EQ(status.error().kind(), ErrorKind::kUsage);
    return status.error().message();
  };
  EXPECT_EQ(error([](GenerateOptions&) {}), "");
  EXPECT_EQ(error([](GenerateOptions& o) { o.tasks = 6; }), "tasks is 6, must be from 2 to 5");
  EXPECT_EQ(error([](GenerateOptions& o) { o.conflict = 1.5; }),
            "conflict is 1.5, must be from 0 to 1");
  EXPECT_THAT(
      error([](GenerateOptions& o) { o.conflict = std::numeric_limits<double>::quiet_NaN(); }),
      StartsWith("conflict is"));
  EXPECT_THAT(error([](GenerateOptions& o) { o.out = ""; }), StartsWith("out "));
  EXPECT_THAT(error([](GenerateOptions& o) { o.rows = 9; }), StartsWith("rows is 9"));
  EXPECT_THAT(error([](GenerateOptions& o) { o.users = 0; }), StartsWith("users is 0"));
  EXPECT_THAT(error([](GenerateOptions& o) { o.slots = 6; }), StartsWith("slots is 6"));
  EXPECT_THAT(error([](GenerateOptions& o) { o.parts = 0; }), StartsWith("parts is 0"));
  EXPECT_THAT(error([](GenerateOptions& o) { o.tag_share = 0.95; }),
              StartsWith("tag_share is 0.95"));
  EXPECT_THAT(error([](GenerateOptions& o) { o.rows_per_block = 0; }),
              StartsWith("rows_per_block is 0"));
}

}  // namespace
}  // namespace primacy
