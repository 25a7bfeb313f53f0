#include "ps/coordinator/event_log.h"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <regex>

#include "common/base/json_value.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

std::vector<JsonValue> Lines(const std::string& path) {
  std::vector<JsonValue> values;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    Result<JsonValue> value = ParseJson(line);
    CHECK(value.ok()) << value.error().trace();
    values.push_back(*std::move(value));
  }
  return values;
}

TEST(EventLogTest, WritesOneObjectALineAndAppendsAfterwards) {
  testing_support::TempDir dir;
  const std::string path = dir / "events.jsonl";
  for (int run = 0; run < 2; ++run) {
    auto log = EventLog::Open(path);
    ASSERT_OK(log);
    JsonWriter event = EventLog::Begin("start");
    event.Field("run", run).Field("name", "a \"quoted\"\nname");
    event.Field("loss", std::numeric_limits<double>::quiet_NaN());
    ASSERT_OK((*log)->Append(event));
  }
  const std::vector<JsonValue> lines = Lines(path);
  ASSERT_EQ(lines.size(), 2u);
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(lines[run].TextOr("event", ""), "start");
    EXPECT_EQ(lines[run].IntegerOr("run", -1), run);
    EXPECT_EQ(lines[run].TextOr("name", ""), "a \"quoted\"\nname");
    EXPECT_TRUE(lines[run].Find("loss")->is_null());
    EXPECT_TRUE(std::regex_match(lines[run].TextOr("time", ""),
                                 std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
  }
}

TEST(EventLogTest, ADirectoryThatIsNotThereIsNamed) {
  const auto log = EventLog::Open("/nowhere/events.jsonl");
  ASSERT_FALSE(log.ok());
  EXPECT_NE(log.error().message().find("/nowhere/events.jsonl"), std::string::npos);
}

}  // namespace
}  // namespace primacy
