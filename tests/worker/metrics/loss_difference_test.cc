#include "worker/metrics/loss_difference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "common/base/hash.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

struct Rows {
  std::vector<uint64_t> groups;
  std::vector<float> weights;
  std::vector<double> before, now;
};

GroupLosses Summed(const Rows& rows, const std::vector<double>& losses, bool with_ids) {
  GroupLossPart part(1, 1);
  const std::span<const uint64_t> ids(rows.groups);
  part.Add(0, {losses.size(), {}, losses, {}, rows.weights, with_ids ? ids : ids.first(0)});
  const std::vector<std::string> bytes = {part.Serialize()};
  Result<GroupLosses> merged = MergeGroupLosses(1, 1, 1, bytes);
  CHECK(merged.ok()) << merged.error().trace();
  return *std::move(merged);
}

LossDifference Compared(const Rows& rows, bool with_ids) {
  return CompareLosses(Summed(rows, rows.before, with_ids).tasks[0],
                       Summed(rows, rows.now, with_ids).tasks[0]);
}

// Groups of weight 2, 1, 1 with differences (of Σ weight · loss) .4, −.1, .3: the mean is .6 / 4;
// residuals .4 − .3, −.1 − .15, .3 − .15; their squares sum to .095.
TEST(LossDifference, ByHand) {
  const Rows rows{{1, 1, 2, 3, 4}, {1, 1, 1, 1, 0}, {.5, .5, .6, .2, .1}, {.7, .7, .5, .5, 9}};
  const LossDifference difference = Compared(rows, true);
  EXPECT_NEAR(difference.mean(), 0.15, 1e-15);
  EXPECT_NEAR(difference.standard_error(), std::sqrt(1.5 * 0.095) / 4, 1e-15);
  EXPECT_EQ(difference.groups(), 3) << "the fourth has no weight";
}

// NumPy: least squares of now − before on a constant, weighted, with the sandwich variance over
// groups times G / (G − 1).
TEST(LossDifference, IsTheClusterRobustVariance) {
  const Rows rows{{7, 7, 7, 3, 3, 9, 9, 9, 9, 4, 8, 8},
                  {1, 2, 1, .5, 1.5, 1, 1, 1, 3, 2, 0, 1},
                  {.31, .42, .15, .77, .62, .05, .11, .20, .09, .93, .5, .44},
                  {.35, .41, .22, .70, .66, .12, .10, .29, .05, .99, .9, .47}};
  const LossDifference by_group = Compared(rows, true);
  EXPECT_NEAR(by_group.mean(), 0.019666666666666655, 1e-15);
  EXPECT_NEAR(by_group.standard_error(), 0.00903443344401412, 1e-15);
  EXPECT_EQ(by_group.groups(), 5);
  const LossDifference by_row = Compared(rows, false);
  EXPECT_NEAR(by_row.mean(), 0.019666666666666655, 1e-15);
  EXPECT_NEAR(by_row.standard_error(), 0.01660858100389563, 1e-15);
  EXPECT_EQ(by_row.groups(), 11);
}

// 50 rows a group whose differences share a part of variance 1/4 of a row's own: by rows the error
// would be √(1.25 / n), where it is √((1/4 + 1/50) / groups), 3.3 times as much.
TEST(LossDifference, RowsOfAGroupThatDependOnEachOtherWidenIt) {
  Rows rows;
  constexpr uint64_t kGroups = 400, kRows = 50;
  for (uint64_t i = 0; i < kGroups * kRows; ++i) {
    rows.groups.push_back(i / kRows);
    rows.weights.push_back(1);
    rows.before.push_back(1);
    rows.now.push_back(1 + 0.5 * RandomNormal(1, i / kRows) + RandomNormal(2, i));
  }
  const double by_group = Compared(rows, true).standard_error();
  EXPECT_NEAR(by_group, std::sqrt((0.25 + 1.0 / kRows) / kGroups), 0.08 * by_group);
  EXPECT_NEAR(by_group / Compared(rows, false).standard_error(), 3.29, 0.3);
}

TEST(LossDifference, TooFewGroups) {
  const LossDifference one = Compared({{1, 1}, {1, 1}, {.5, .5}, {.5, .75}}, true);
  EXPECT_NEAR(one.mean(), 0.125, 1e-15);
  EXPECT_FALSE(one.has_standard_error());
  EXPECT_EQ(one.groups(), 1);
  const LossDifference none = Compared({{1, 2}, {0, 0}, {.5, .5}, {.5, .75}}, true);
  EXPECT_FALSE(none.has_mean() || none.has_standard_error());
  EXPECT_EQ(none.groups(), 0);
}

TEST(LossMemory, ComparesWithWhatItRemembers) {
  const Rows rows{{1, 1, 2}, {1, 1, 2}, {.5, .5, .6}, {.7, .7, .5}};
  const GroupLosses before = Summed(rows, rows.before, true), now = Summed(rows, rows.now, true);
  LossMemory memory;
  EXPECT_FALSE(memory.Compare(now, 0).ok()) << "nothing is remembered";
  ASSERT_OK(memory.Remember(before, 0));
  EXPECT_FALSE(memory.Compare(now, 0).ok());
  ASSERT_OK(memory.Remember(before, 1));
  const Result<LossDifference> difference = memory.Compare(now, 0);
  ASSERT_OK(difference);
  EXPECT_EQ(difference->SerializeAsString(), Compared(rows, true).SerializeAsString());
  // A later memory takes the place of an older one.
  ASSERT_OK(memory.Remember(now, 1));
  EXPECT_EQ(memory.Compare(now, 0)->mean(), 0);
}

TEST(LossMemory, RefusesOtherRows) {
  const Rows rows{{1, 1, 2}, {1, 1, 2}, {.5, .5, .6}, {}};
  Rows others = rows;
  others.groups = {1, 1, 3};
  LossMemory memory;
  ASSERT_OK(memory.Remember(Summed(rows, rows.before, true), 1));
  EXPECT_FALSE(memory.Compare(Summed(others, rows.before, true), 0).ok());
  EXPECT_FALSE(memory.Compare(Summed(rows, rows.before, false), 0).ok());
  EXPECT_FALSE(memory.Remember(Summed(others, rows.before, true), 1).ok());
}

}  // namespace
}  // namespace primacy
