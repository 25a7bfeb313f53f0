// docs/job.md says everything about the job file, and what it shows works.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/config/job_config.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

std::string Page() {
  const Result<std::string> page = ReadFile(PRIMACY_SOURCE_DIR "/docs/job.md", 1 << 20);
  CHECK(page.ok()) << page.error().trace();
  return *page;
}

// What stands between the pairs of ``` lines.
std::vector<std::string> Examples(const std::string& page) {
  std::vector<std::string> examples;
  const std::string fence = "\n```\n";
  for (size_t at = page.find(fence); at != std::string::npos;) {
    const size_t begin = at + fence.size();
    const size_t end = page.find(fence, begin - 1);
    CHECK(end != std::string::npos);
    examples.push_back(page.substr(begin, end + 1 - begin));
    at = page.find(fence, end + fence.size() - 1);
  }
  return examples;
}

// Every name of `message`, at every depth, stands in the page as code.
void ExpectNames(const std::string& page, const google::protobuf::Descriptor& message) {
  for (int i = 0; i < message.field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *message.field(i);
    const bool direct = page.find("`" + field.name() + "`") != std::string::npos;
    const bool qualified = page.find("." + field.name() + "`") != std::string::npos;
    EXPECT_TRUE(direct || qualified) << field.full_name();
    if (field.message_type() != nullptr) ExpectNames(page, *field.message_type());
    if (field.enum_type() == nullptr) continue;
    for (int v = 0; v < field.enum_type()->value_count(); ++v) {
      const std::string& value = field.enum_type()->value(v)->name();
      EXPECT_NE(page.find("`" + value + "`"), std::string::npos) << value;
    }
  }
}

TEST(JobPageTest, NamesEveryFieldAndValue) { ExpectNames(Page(), *Job::descriptor()); }

TEST(JobPageTest, TheExamplesAreJobs) {
  const std::vector<std::string> examples = Examples(Page());
  ASSERT_EQ(examples.size(), 2u);
  for (const std::string& example : examples) {
    const Result<Job> job = ParseJob(example, "example");
    ASSERT_OK(job);
    EXPECT_OK(ValidateJob(*job));
  }
}

TEST(JobPageTest, TheOverridesCanBeGiven) {
  const std::string page = Page();
  Result<Job> job = ParseJob(Examples(page).back(), "example");
  ASSERT_OK(job);
  int overrides = 0;
  for (size_t at = page.find("\n    --set="); at != std::string::npos;
       at = page.find("\n    --set=", at + 1)) {
    const size_t begin = at + 11;
    const std::string assignment = page.substr(begin, page.find_first_of(" \n", begin) - begin);
    EXPECT_OK(OverrideJob(*job, assignment));
    ++overrides;
  }
  EXPECT_EQ(overrides, 5);
}

}  // namespace
}  // namespace primacy
