#include "common/base/scratch_dir.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <set>
#include <string>

#include "common/base/atomic_file.h"
#include "common/base/out_dir.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

namespace fs = std::filesystem;
using testing_support::NamesIn;
using testing_support::TempDir;

std::string NameOf(const ScratchDir& scratch) {
  return fs::path(scratch.path()).filename().string();
}

TEST(ScratchDir, IsGoneWithItsOwner) {
  const TempDir dir;
  {
    const auto scratch = ScratchDir::Create(dir / "a.parts-");
    ASSERT_OK(scratch);
    ASSERT_OK(WriteFileAtomically((*scratch)->path() + "/file", std::string_view("x")));
    EXPECT_EQ(NamesIn(dir.path()), std::set<std::string>{NameOf(**scratch)});
  }
  EXPECT_TRUE(fs::is_empty(dir.path()));
  EXPECT_FALSE(ScratchDir::Create(dir / "nowhere/a.parts-").ok());
}

TEST(ScratchDir, PublishedItStays) {
  const TempDir dir;
  fs::create_directory(dir / "full");
  ASSERT_OK(WriteFileAtomically(dir / "full/file", std::string_view("mine")));
  {
    const auto scratch = ScratchDir::Create(dir / "a.parts-");
    ASSERT_OK(scratch);
    ASSERT_OK(WriteFileAtomically((*scratch)->path() + "/file", std::string_view("x")));
    EXPECT_FALSE((*scratch)->PublishAs(dir / "full").ok());
    ASSERT_OK((*scratch)->PublishAs(dir / "b"));
  }
  EXPECT_EQ(NamesIn(dir.path()), (std::set<std::string>{"b", "full"}));
  EXPECT_EQ(*ReadFile(dir / "b/file", 10), "x");
  EXPECT_EQ(*ReadFile(dir / "full/file", 10), "mine");
}

TEST(ScratchDir, RemovesWhatKilledOwnersLeftAndNothingElse) {
  const TempDir dir;
  const pid_t child = ::fork();
  if (child == 0) {
    const auto killed = ScratchDir::Create(dir / "a.parts-");
    if (killed.ok()) (void)WriteFileAtomically((*killed)->path() + "/f", std::string_view("x"));
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_EQ(NamesIn(dir.path()).size(), 1u);
  fs::create_directory(dir / "a.parts-of-mine");
  fs::create_directory(dir / "b.parts-01234567");
  const auto in_use = ScratchDir::Create(dir / "a.parts-");
  ASSERT_OK(in_use);
  const auto next = ScratchDir::Create(dir / "a.parts-");
  ASSERT_OK(next);
  EXPECT_EQ(NamesIn(dir.path()), (std::set<std::string>{NameOf(**in_use), NameOf(**next),
                                                        "a.parts-of-mine", "b.parts-01234567"}));
}

TEST(OutDir, ForgetsAnUnfinishedOneOfTheSameName) {
  const TempDir dir;
  fs::create_directory(dir / ".log.partial-0123abcd");
  {
    const auto out = OutDir::Create(dir / "log");
    ASSERT_OK(out);
    ASSERT_OK((*out)->Publish());
  }
  EXPECT_EQ(NamesIn(dir.path()), std::set<std::string>{"log"});
}

}  // namespace
}  // namespace primacy
