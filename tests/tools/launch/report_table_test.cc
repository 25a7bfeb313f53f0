#include "tools/launch/report_table.h"

#include <gtest/gtest.h>

#include "common/base/atomic_file.h"
#include "common/base/strings.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tools/launch/report_file.h"

namespace primacy {
namespace {

using testing_support::TempDir;

TEST(ReportTable, ALineForEachTaskOfAStage) {
  TempDir dir;
  ASSERT_OK(WriteFileAtomically(dir / "report.json", std::string_view(R"({
    "rows_per_s": 12345.6,
    "stages": [{"name": "click", "kept": false, "tasks": [
      {"task": "like", "role": "constraint", "lambda": 1.25, "bound": 0.41234,
       "test": {"auc": 0.71239, "gauc": 0.6, "loss": 0.432109, "calibration": 1.01}},
      {"task": "click", "role": "objective", "lambda": null, "bound": null,
       "test": {"auc": null, "gauc": null, "loss": 0.5, "calibration": 0.99}}],
       "constraints": [{"task": "like", "verdict": "not decidable", "groups": 1}]}]})")));
  const auto report = ReadReport(dir.path());
  ASSERT_OK(report);
  const auto table = ReportTable(dir.path(), *report);
  ASSERT_OK(table);
  const auto lines = Split(*table, '\n');
  ASSERT_GE(lines.size(), 5u);
  EXPECT_EQ(Trim(lines[1]),
            "click          like             0.7124   0.6000   0.43211    1.010   1.250   0.41234  "
            "not kept");
  EXPECT_EQ(Trim(lines[2]),
            "click                 -        -   0.50000    0.990       -         -");
  EXPECT_EQ(lines[3], "like in stage click: not decidable with 1 group of rows");
  EXPECT_EQ(lines[4].substr(0, 13), "12,345 rows/s");
}

TEST(ReportTable, WithoutAReport) {
  TempDir dir;
  EXPECT_FALSE(ReadReport(dir.path()).ok());
  ASSERT_OK(WriteFileAtomically(dir / "report.json", std::string_view("{}")));
  const auto report = ReadReport(dir.path());
  ASSERT_OK(report);
  EXPECT_FALSE(ReportTable(dir.path(), *report).ok());
}

}  // namespace
}  // namespace primacy
