#include "tools/launch/event_tail.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using Messages = std::vector<std::string>;
using testing_support::TempDir;

void Append(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::app) << text;
}

TEST(EventTail, TellsWhatIsNewOnce) {
  const TempDir dir;
  const std::string path = dir / "events.jsonl";
  Append(path, "{\"event\":\"set_aside\",\"message\":\"old\"}\n");
  EventTail tail(path);
  EXPECT_EQ(tail.Messages("set_aside"), Messages());
  Append(path,
         "{\"event\":\"evaluation\",\"message\":\"no\"}\nbroken\n"
         "{\"event\":\"set_aside\",\"message\":\"one\"}\n{\"event\":\"set_aside\",");
  EXPECT_EQ(tail.Messages("set_aside"), Messages{"one"});
  EXPECT_EQ(tail.Messages("set_aside"), Messages());
  Append(path, "\"message\":\"two\"}\n");
  EXPECT_EQ(tail.Messages("set_aside"), Messages{"two"});
}

TEST(EventTail, WaitsForAFileThatIsNotThereYet) {
  const TempDir dir;
  const std::string path = dir / "events.jsonl";
  EventTail tail(path);
  EXPECT_EQ(tail.Messages("set_aside"), Messages());
  Append(path, "{\"event\":\"set_aside\",\"message\":\"first\"}\n");
  EXPECT_EQ(tail.Messages("set_aside"), Messages{"first"});
}

}  // namespace
}  // namespace primacy
