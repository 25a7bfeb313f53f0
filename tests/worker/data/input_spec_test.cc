#include "worker/data/input_spec.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "common/base/hash.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  CHECK(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

LogSchema Schema() {
  return Parse<LogSchema>(R"(
      slot { name: "user" } slot { name: "item" group: "goods" }
      slot { name: "history" group: "goods" multi_valued: true } slot { name: "day" }
      dense { name: "price" } dense { name: "age" }
      label { name: "click" } label { name: "buy" } label { name: "stars" })");
}

TEST(InputSpecTest, JoinsSchemaAndJob) {
  const Result<InputSpec> spec = MakeInputSpec(Schema(), Parse<Job>(R"(
      data { ignore_slot: "day" ignore_dense: "price" }
      model { embedding_dim: 8 group_dim { group: "goods" dim: 16 } }
      task { name: "purchase" label: "buy" }
      task { name: "click" }
      task { name: "stars" loss: SOFTMAX classes: 5 })"));
  ASSERT_OK(spec);
  ASSERT_EQ(spec->slots.size(), 3u);
  EXPECT_EQ(spec->slots[0].name, "user");
  EXPECT_EQ(spec->slots[0].group, "user");
  EXPECT_EQ(spec->slots[0].group_hash, HashBytes("user"));
  EXPECT_EQ(spec->slots[0].table, 0);
  EXPECT_EQ(spec->slots[2].name, "history");
  EXPECT_EQ(spec->slots[2].group_hash, HashBytes("goods"));
  EXPECT_EQ(spec->slots[2].column, 2);
  EXPECT_TRUE(spec->slots[2].multi_valued);
  EXPECT_EQ(spec->slots[1].table, 1);
  EXPECT_EQ(spec->slots[2].table, 1);
  EXPECT_THAT(spec->table_dims, ElementsAre(8, 16));
  EXPECT_THAT(spec->dense_columns, ElementsAre(1));
  ASSERT_EQ(spec->tasks.size(), 3u);
  EXPECT_EQ(spec->tasks[0].name, "purchase");
  EXPECT_EQ(spec->tasks[0].label_column, 1);
  EXPECT_EQ(spec->tasks[1].label_column, 0);
  EXPECT_EQ(spec->tasks[2].loss, TaskConfig::SOFTMAX);
  EXPECT_EQ(spec->tasks[2].classes, 5);
  EXPECT_EQ(spec->tasks[2].tier, 2);
}

TEST(InputSpecTest, GroupsOfEqualDimensionShareATable) {
  const Result<InputSpec> spec = MakeInputSpec(Schema(), Parse<Job>(R"(
      model { embedding_dim: 4 group_dim { group: "goods" dim: 4 } group_dim { group: "user" dim: 32 } }
      task { name: "click" })"));
  ASSERT_OK(spec);
  EXPECT_THAT(spec->table_dims, ElementsAre(32, 4));
  EXPECT_EQ(spec->slots[0].table, 0);
  EXPECT_EQ(spec->slots[1].table, 1);
  EXPECT_EQ(spec->slots[3].table, 1);
}

TEST(InputSpecTest, TiersAreNumberedWithoutGaps) {
  const Result<InputSpec> spec = MakeInputSpec(Schema(), Parse<Job>(R"(
      task { name: "click" tier: 3 } task { name: "buy" tier: 3 } task { name: "stars" tier: 7 })"));
  ASSERT_OK(spec);
  EXPECT_EQ(spec->tasks[0].tier, 0);
  EXPECT_EQ(spec->tasks[1].tier, 0);
  EXPECT_EQ(spec->tasks[2].tier, 1);
}

TEST(InputSpecTest, MistakesNameTheField) {
  const auto message = [](const std::string& job) {
    const Result<InputSpec> spec = MakeInputSpec(Schema(), Parse<Job>(job));
    if (spec.ok()) return std::string("fine");
    EXPECT_EQ(spec.error().kind(), ErrorKind::kUsage);
    return spec.error().message();
  };
  EXPECT_THAT(
      message(R"(task { name: "click" } task { name: "like" })"),
      AllOf(HasSubstr("task[1].label"), HasSubstr("'like'"), HasSubstr("click, buy, stars")));
  EXPECT_THAT(message(R"(task { name: "click" } data { ignore_slot: "dya" })"),
              AllOf(HasSubstr("data.ignore_slot"), HasSubstr("'dya'")));
  EXPECT_THAT(message(R"(task { name: "click" } data { ignore_dense: "user" })"),
              AllOf(HasSubstr("data.ignore_dense"), HasSubstr("'user'")));
  EXPECT_THAT(message(R"(task { name: "click" } model { group_dim { group: "item" dim: 4 } })"),
              AllOf(HasSubstr("model.group_dim"), HasSubstr("'item'")));
  EXPECT_THAT(message(R"(task { name: "click" }
      data { ignore_slot: ["user", "item", "history", "day"] ignore_dense: ["price", "age"] })"),
              HasSubstr("no inputs"));
}

}  // namespace
}  // namespace primacy
