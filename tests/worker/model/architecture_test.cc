#include "worker/model/architecture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/worker/model/small_job.h"
#include "worker/model/model.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_support::SmallInput;

TEST(Architecture, Defaults) {
  ModelConfig config;
  const Architecture shared = *MakeArchitecture(config, SmallInput());
  EXPECT_THAT(shared.bottom, ElementsAre(64));
  EXPECT_THAT(shared.tower, ElementsAre(32));
  EXPECT_EQ(shared.levels, 0);
  EXPECT_TRUE(shared.mean_pooling);

  config.set_kind(ModelConfig::PLE);
  config.set_linear_tower(true);
  const Architecture ple = *MakeArchitecture(config, SmallInput());
  EXPECT_THAT(ple.bottom, IsEmpty());
  EXPECT_THAT(ple.expert, ElementsAre(32));
  EXPECT_THAT(ple.tower, IsEmpty());
  EXPECT_EQ(ple.levels, 1);
  EXPECT_EQ(ple.shared_experts, 4);
  EXPECT_EQ(ple.task_experts, 2);
}

struct Mistake {
  std::string names;  // what the message must say
  std::function<void(ModelConfig&, InputSpec&)> make;
};

class ArchitectureMistakes : public testing::TestWithParam<Mistake> {};

TEST_P(ArchitectureMistakes, NameTheField) {
  Job job;
  job.mutable_model()->set_kind(ModelConfig::PLE);
  InputSpec input = SmallInput();
  GetParam().make(*job.mutable_model(), input);
  const auto model = Model::Create(job, input);
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().kind(), ErrorKind::kUsage);
  EXPECT_THAT(model.error().message(), HasSubstr(GetParam().names));
}

INSTANTIATE_TEST_SUITE_P(
    All, ArchitectureMistakes,
    testing::Values(
        Mistake{"model.bottom", [](ModelConfig& model, InputSpec&) { model.add_bottom(0); }},
        Mistake{"model.bottom", [](ModelConfig& model, InputSpec&) { model.add_bottom(1 << 20); }},
        Mistake{"model.expert", [](ModelConfig& model, InputSpec&) { model.add_expert(-3); }},
        Mistake{"model.tower", [](ModelConfig& model, InputSpec&) { model.add_tower(0); }},
        Mistake{"model.experts", [](ModelConfig& model, InputSpec&) { model.set_experts(0); }},
        Mistake{"model.task_experts",
                [](ModelConfig& model, InputSpec&) { model.set_task_experts(0); }},
        Mistake{"model.levels", [](ModelConfig& model, InputSpec&) { model.set_levels(0); }},
        Mistake{"model.dropout", [](ModelConfig& model, InputSpec&) { model.set_dropout(1.0f); }},
        Mistake{"model.dropout", [](ModelConfig& model, InputSpec&) { model.set_dropout(NAN); }},
        Mistake{"model.embedding_stddev",
                [](ModelConfig& model, InputSpec&) { model.set_embedding_stddev(-1); }},
        Mistake{"model.linear_tower",
                [](ModelConfig& model, InputSpec&) {
                  model.set_linear_tower(true);
                  model.add_tower(8);
                }},
        Mistake{"model.linear_bottom",
                [](ModelConfig& model, InputSpec&) { model.set_linear_bottom(true); }},
        Mistake{"embedding_dim", [](ModelConfig&, InputSpec& input) { input.table_dims[1] = 0; }},
        Mistake{"classes", [](ModelConfig&, InputSpec& input) { input.tasks[1].classes = 1; }},
        Mistake{"two tasks are called 'like'",
                [](ModelConfig&, InputSpec& input) { input.tasks[2].name = "like"; }},
        Mistake{"task", [](ModelConfig&, InputSpec& input) { input.tasks.clear(); }},
        Mistake{"task", [](ModelConfig&, InputSpec& input) { input.tasks.resize(65); }},
        Mistake{"ignored", [](ModelConfig&, InputSpec& input) {
                  input.slots.clear();
                  input.dense_columns.clear();
                }}));

// The parameters as they are published: names, shapes and initial bounds.
TEST(Parameters, OfASharedBottom) {
  Job job;
  job.mutable_model()->add_bottom(20);
  job.mutable_model()->add_bottom(16);
  job.mutable_model()->add_tower(8);
  job.mutable_model()->set_embedding_stddev(0.02f);
  const auto model = *Model::Create(job, SmallInput());
  std::vector<std::string> lines;
  for (const TensorSpec& tensor : model->parameters().tensor()) {
    lines.push_back(tensor.name() + " " + std::to_string(tensor.rows()) + " " +
                    std::to_string(tensor.cols()) + " " + std::to_string(tensor.owner_task()));
    const bool bias = tensor.name().ends_with("/bias");
    const double fan_in = tensor.name().starts_with("bottom/0")                     ? 18
                          : tensor.name().starts_with("bottom/1")                   ? 20
                          : tensor.name().ends_with(bias ? "/0/bias" : "/0/weight") ? 16
                                                                                    : 8;
    EXPECT_FLOAT_EQ(tensor.init_bound(), 1 / std::sqrt(fan_in)) << tensor.name();
  }
  EXPECT_THAT(lines, ElementsAre("bottom/0/weight 20 18 -1", "bottom/0/bias 1 20 -1",
                                 "bottom/1/weight 16 20 -1", "bottom/1/bias 1 16 -1",
                                 "tower/like/0/weight 8 16 0", "tower/stars/0/weight 8 16 1",
                                 "tower/price/0/weight 8 16 2", "tower/like/0/bias 1 8 0",
                                 "tower/stars/0/bias 1 8 1", "tower/price/0/bias 1 8 2",
                                 "tower/like/1/weight 1 8 0", "tower/stars/1/weight 3 8 1",
                                 "tower/price/1/weight 1 8 2", "tower/like/1/bias 1 1 0",
                                 "tower/stars/1/bias 1 3 1", "tower/price/1/bias 1 1 2"));
  ASSERT_EQ(model->parameters().table_size(), 2);
  EXPECT_EQ(model->parameters().table(0).dim(), 4);
  EXPECT_EQ(model->parameters().table(1).dim(), 8);
  EXPECT_EQ(model->parameters().table(1).init_stddev(), 0.02f);
}

}  // namespace
}  // namespace primacy
