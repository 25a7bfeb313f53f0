#include "common/base/available_memory.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing_support::TempDir;

class AvailableMemoryTest : public testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path(dir_ / name);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  int64_t Available(const std::string& group) {
    return AvailableMemoryBytes(dir_ / "meminfo", dir_ / "groups", group);
  }

  const TempDir dir_;
};

TEST_F(AvailableMemoryTest, IsWhatTheMachineHasLeft) {
  Write("meminfo", "MemTotal:       1000 kB\nMemFree:  10 kB\nMemAvailable:    500 kB\nX: 1 kB\n");
  EXPECT_EQ(Available("/"), 500 * 1024);
}

TEST_F(AvailableMemoryTest, IsLessWhereAGroupAllowsLess) {
  Write("meminfo", "MemAvailable: 500 kB\n");
  Write("groups/outer/memory.max", "300000\n");
  Write("groups/outer/memory.current", "200000\n");
  Write("groups/outer/inner/memory.max", "max\n");
  Write("groups/outer/inner/memory.current", "100\n");
  EXPECT_EQ(Available("/outer/inner"), 100'000);
  EXPECT_EQ(Available("/other"), 500 * 1024);
  // Pages of files go when memory is wanted.
  Write("groups/outer/memory.stat", "anon 7\ninactive_file 2000\nshmem 9\nactive_file 3000\n");
  EXPECT_EQ(Available("/outer/inner"), 105'000);
  Write("groups/outer/memory.current", "400000\n");
  EXPECT_EQ(Available("/outer"), 0);
}

TEST_F(AvailableMemoryTest, IsWithoutLimitWhereNothingIsSaid) {
  EXPECT_EQ(Available("/"), std::numeric_limits<int64_t>::max());
}

TEST(AvailableMemoryOfThisMachineTest, IsThere) { EXPECT_GT(AvailableMemoryBytes(), 1 << 20); }

}  // namespace
}  // namespace primacy
