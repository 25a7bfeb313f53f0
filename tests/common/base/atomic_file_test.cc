#include "common/base/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <vector>

#include "common/base/hash.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using testing_support::NamesIn;
using testing_support::TempDir;

std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

// Files of this process may not grow past `bytes`, as on a full disk, for the length of a scope.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    CHECK_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
    const rlimit limit{bytes, before_.rlim_max};
    CHECK_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST(AtomicFile, AppearsWholeAtCommit) {
  const TempDir dir;
  auto file = AtomicFile::Create(dir / "a");
  ASSERT_OK(file);
  ASSERT_OK((*file)->Append(Bytes("one ")));
  ASSERT_OK((*file)->Append(Bytes("two")));
  EXPECT_EQ((*file)->size(), 7u);
  EXPECT_THAT(NamesIn(dir.path()), ElementsAre("a.tmp"));
  ASSERT_OK((*file)->Commit());
  EXPECT_THAT(NamesIn(dir.path()), ElementsAre("a"));
  EXPECT_EQ(*ReadFile(dir / "a", 100), "one two");
}

TEST(AtomicFile, KeepsEveryByteAroundItsBuffer) {
  const TempDir dir;
  std::string expected;
  auto file = AtomicFile::Create(dir / "a");
  ASSERT_OK(file);
  for (size_t size : {1, 262143, 1, 262144, 5, 300000, 262145, 0, 100000, 200000}) {
    std::string piece(size, '\0');
    for (size_t i = 0; i < size; ++i) piece[i] = static_cast<char>(RandomBits(size, i));
    ASSERT_OK((*file)->Append(Bytes(piece)));
    expected += piece;
  }
  EXPECT_EQ((*file)->size(), expected.size());
  ASSERT_OK((*file)->Commit());
  EXPECT_TRUE(*ReadFile(dir / "a", expected.size()) == expected);
}

TEST(AtomicFile, WithoutCommitNothingIsLeftAndTheOldFileStays) {
  const TempDir dir;
  ASSERT_OK(WriteFileAtomically(dir / "a", "old"));
  {
    auto file = AtomicFile::Create(dir / "a");
    ASSERT_OK(file);
    ASSERT_OK((*file)->Append(Bytes("new")));
  }
  EXPECT_THAT(NamesIn(dir.path()), ElementsAre("a"));
  EXPECT_EQ(*ReadFile(dir / "a", 100), "old");
}

TEST(AtomicFile, ReplacesAFileAndItsLeftOver) {
  const TempDir dir;
  ASSERT_OK(WriteFileAtomically(dir / "a", "old"));
  ASSERT_OK(WriteFileAtomically(dir / "a.tmp", "from a run that was killed"));
  ASSERT_OK(WriteFileAtomically(dir / "a", "new"));
  EXPECT_EQ(*ReadFile(dir / "a", 100), "new");
  EXPECT_FALSE(std::filesystem::exists(dir / "a.tmp"));
}

TEST(AtomicFile, AFullDiskIsAFailureThatLeavesNothing) {
  const TempDir dir;
  ASSERT_OK(WriteFileAtomically(dir / "a", "old"));
  const FileSizeLimit limit(100000);
  const Status written = WriteFileAtomically(dir / "a", std::string(300000, 'x'));
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().kind(), ErrorKind::kFailure);
  EXPECT_THAT(written.error().message(), HasSubstr("cannot write " + (dir / "a.tmp")));
  // Held back in the buffer, the bytes fail at the commit.
  EXPECT_FALSE(WriteFileAtomically(dir / "a", std::string(200000, 'x')).ok());
  EXPECT_THAT(NamesIn(dir.path()), ElementsAre("a"));
  EXPECT_EQ(*ReadFile(dir / "a", 100), "old");
}

TEST(AtomicFile, ACommitThatCannotRenameLeavesNothing) {
  const TempDir dir;
  auto file = AtomicFile::Create(dir / "a");
  ASSERT_OK(file);
  ASSERT_OK(MakeDirectories(dir / "a/inside"));
  const Status written = (*file)->Commit();
  ASSERT_FALSE(written.ok());
  EXPECT_THAT(written.error().message(), HasSubstr("cannot rename to " + (dir / "a")));
  file->reset();
  EXPECT_THAT(NamesIn(dir.path()), ElementsAre("a"));
}

TEST(AtomicFile, ReplacesFilesOnly) {
  const TempDir dir;
  ASSERT_OK(WriteFileAtomically(dir / "file", "kept"));
  std::filesystem::create_symlink(dir / "file", dir / "link");
  ASSERT_OK(MakeDirectories(dir / "folder"));
  for (const char* name : {"link", "folder"}) {
    const auto file = AtomicFile::Create(dir / name);
    ASSERT_FALSE(file.ok());
    EXPECT_EQ(file.error().kind(), ErrorKind::kUsage);
    EXPECT_THAT(file.error().message(), HasSubstr(dir / name));
  }
  EXPECT_TRUE(std::filesystem::is_symlink(dir / "link"));
}

TEST(AtomicFile, AMissingDirectoryIsNamed) {
  const TempDir dir;
  const auto file = AtomicFile::Create(dir / "none/a");
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().message(),
            "cannot create " + (dir / "none/a") + ": No such file or directory");
}

TEST(AtomicFileDeathTest, CommittingTwiceDies) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const TempDir dir;
  auto file = AtomicFile::Create(dir / "a");
  ASSERT_OK(file);
  ASSERT_OK((*file)->Commit());
  EXPECT_DEATH(static_cast<void>((*file)->Commit()), "committed twice");
}

TEST(ReadFile, RefusesWhatIsTooLargeOrNoFile) {
  const TempDir dir;
  ASSERT_OK(WriteFileAtomically(dir / "a", "12345"));
  EXPECT_EQ(*ReadFile(dir / "a", 5), "12345");
  const auto large = ReadFile(dir / "a", 4);
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().message(),
            (dir / "a") + " has 5 bytes, more than the 4 expected at most");
  EXPECT_THAT(ReadFile(dir.path(), 10).error().message(), HasSubstr("is not a regular file"));
  EXPECT_THAT(ReadFile(dir / "b", 10).error().message(), HasSubstr("cannot open " + (dir / "b")));
}

TEST(ReadFile, AnEmptyFileIsEmpty) {
  const TempDir dir;
  ASSERT_OK(WriteFileAtomically(dir / "a", ""));
  EXPECT_EQ(*ReadFile(dir / "a", 0), "");
}

TEST(MakeDirectories, MakesParentsAndAcceptsWhatIsThere) {
  const TempDir dir;
  ASSERT_OK(MakeDirectories(dir / "x/y"));
  ASSERT_OK(MakeDirectories(dir / "x/y"));
  EXPECT_THAT(NamesIn(dir / "x/y"), IsEmpty());
  ASSERT_OK(SyncDirectory(dir / "x/y"));
  ASSERT_OK(WriteFileAtomically(dir / "file", ""));
  EXPECT_FALSE(MakeDirectories(dir / "file/z").ok());
  EXPECT_FALSE(SyncDirectory(dir / "none").ok());
  EXPECT_THAT(NamesIn(dir.path()), UnorderedElementsAre("x", "file"));
}

}  // namespace
}  // namespace primacy
