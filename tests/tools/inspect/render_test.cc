#include "tools/inspect/render.h"

#include <gtest/gtest.h>

#include "common/base/json_value.h"
#include "common/base/strings.h"

namespace primacy {
namespace {

std::string Render(const char* json) { return RenderText(*ParseJson(json)); }

TEST(RenderTest, AlignsNamesAndValues) {
  EXPECT_EQ(
      Render(
          R"({"kind":"run","file_bytes":1234567,"kept":true,"bound":null,"rows":12345,"loss":0.123456789,
                       "list":["a","b"],"none":[]})"),
      "kind        run\n"
      "file bytes  1.23 MB\n"
      "kept        yes\n"
      "bound       -\n"
      "rows        12,345\n"
      "loss        0.123457\n"
      "list        a, b\n"
      "none        none");
}

TEST(RenderTest, ListsOfObjectsAreTables) {
  EXPECT_EQ(
      Render(
          R"({"n":1,"tasks":[{"task":"click","auc":0.75},{"task":"λ","auc":null,"rows":7}],"x":{"y":2}})"),
      "n  1\n"
      "tasks\n"
      "  task    auc  rows\n"
      "  click  0.75\n"
      "  λ         -     7\n"
      "x\n"
      "  y  2");
}

TEST(RenderTest, LongTablesAreCut) {
  std::string json = R"({"rows":[)";
  for (int i = 0; i < 40; ++i) json += Format("%s{\"i\":%d}", i == 0 ? "" : ",", i);
  const std::string text = Render((json + "]}").c_str());
  EXPECT_NE(text.find("  31\n  … and 8 more"), std::string::npos) << text;
}

TEST(RenderTest, LargeNumbers) {
  EXPECT_EQ(Render(R"({"a":-9223372036854775808,"b_bytes":999,"c_bytes":12.5e9})"),
            "a        -9,223,372,036,854,775,808\n"
            "b bytes  999 B\n"
            "c bytes  12.5 GB");
}

}  // namespace
}  // namespace primacy
