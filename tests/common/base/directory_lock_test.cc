#include "common/base/directory_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing::HasSubstr;

TEST(DirectoryLock, OneHolderAtATime) {
  const testing_support::TempDir dir;
  auto first = DirectoryLock::Take(dir.path(), "lock");
  ASSERT_OK(first);
  const auto second = DirectoryLock::Take(dir.path(), "lock");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), ErrorKind::kUsage);
  EXPECT_THAT(second.error().message(), HasSubstr(dir.path()));
  EXPECT_THAT(second.error().message(), HasSubstr(std::to_string(::getpid())));
  EXPECT_OK(DirectoryLock::Take(dir.path(), "another"));
  first->reset();
  EXPECT_OK(DirectoryLock::Take(dir.path(), "lock"));
}

TEST(DirectoryLock, NamesADirectoryThatIsNotThere) {
  const auto lock = DirectoryLock::Take("/nowhere/at/all", "lock");
  ASSERT_FALSE(lock.ok());
  EXPECT_EQ(lock.error().kind(), ErrorKind::kUsage);
  EXPECT_THAT(lock.error().message(), HasSubstr("/nowhere/at/all"));
}

}  // namespace
}  // namespace primacy
