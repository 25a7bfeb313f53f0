// Numbers worked by hand, and stored results of PyTorch 1.13. The stored ones come from
//
//   w = torch.nn.Parameter(torch.tensor([.5, -.25, .125, 1, -2])); o = torch.optim.Adagrad([w],
//   lr=.05) for g in ([.1, -.2, .3, 0, .5], [-.4, .05, .25, 1.5, -.001], [.02, .3, -.6, .7, 2]):
//       w.grad = torch.tensor(g); o.step(); print(w.tolist())
//
// with the optimizer and arguments that each test names.
#include "ps/optimizer/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

constexpr size_t kDim = 5;
constexpr int kSteps = 3;
constexpr float kStart[kDim] = {0.5f, -0.25f, 0.125f, 1.0f, -2.0f};
constexpr float kGradients[kSteps][kDim] = {{0.1f, -0.2f, 0.3f, 0.0f, 0.5f},
                                            {-0.4f, 0.05f, 0.25f, 1.5f, -0.001f},
                                            {0.02f, 0.3f, -0.6f, 0.7f, 2.0f}};

OptimizerConfig Config(OptimizerConfig::Kind kind, double rate) {
  OptimizerConfig config;
  config.set_kind(kind);
  config.set_learning_rate(rate);
  return config;
}

std::unique_ptr<Optimizer> Make(const OptimizerConfig& config) {
  auto made = MakeOptimizer(config, "dense_optimizer");
  CHECK(made.ok()) << made.error().trace();
  return *std::move(made);
}

std::vector<float> NewRow(const Optimizer& optimizer, std::span<const float> weights) {
  std::vector<float> row(weights.begin(), weights.end());
  row.resize(weights.size() + optimizer.SlotFloats(weights.size()), -7.0f);
  optimizer.InitialSlots(weights.size(), row.data() + weights.size());
  return row;
}

void UpdateOne(const Optimizer& optimizer, Step step, size_t dim, std::vector<float>& row,
               const float* gradient, float scale = 1) {
  float* rows[] = {row.data()};
  optimizer.Update({.step = step, .gradient = scale}, dim, rows, gradient);
}

void ExpectPyTorch(const OptimizerConfig& config, const float (&expected)[kSteps][kDim]) {
  const auto optimizer = Make(config);
  std::vector<float> row = NewRow(*optimizer, kStart);
  for (int step = 0; step < kSteps; ++step) {
    UpdateOne(*optimizer, step, kDim, row, kGradients[step]);
    for (size_t i = 0; i < kDim; ++i) {
      // Two units in the last place of the larger of the value and 1.
      const float tolerance = 2.4e-7f * std::max(1.0f, std::abs(expected[step][i]));
      EXPECT_NEAR(row[i], expected[step][i], tolerance) << "step " << step << " element " << i;
    }
  }
}

TEST(SgdTest, IsPyTorchs) {  // SGD(lr=.1)
  ExpectPyTorch(Config(OptimizerConfig::SGD, 0.1),
                {{0.49000001f, -0.230000004f, 0.0949999988f, 1.0f, -2.04999995f},
                 {0.530000031f, -0.234999999f, 0.0700000003f, 0.850000024f, -2.04990005f},
                 {0.528000057f, -0.265000015f, 0.13000001f, 0.780000031f, -2.2499001f}});
}

TEST(SgdTest, WithL2IsPyTorchs) {  // SGD(lr=.1, weight_decay=.01)
  OptimizerConfig config = Config(OptimizerConfig::SGD, 0.1);
  config.set_l2(0.01);
  ExpectPyTorch(config, {{0.489499986f, -0.229749992f, 0.0948750004f, 0.999000013f, -2.0480001f},
                         {0.529010475f, -0.234520242f, 0.0697801262f, 0.848001003f, -2.04585218f},
                         {0.52648145f, -0.264285713f, 0.129710346f, 0.777153015f, -2.24380636f}});
}

TEST(AdagradTest, IsPyTorchs) {  // Adagrad(lr=.05)
  ExpectPyTorch(Config(OptimizerConfig::ADAGRAD, 0.05),
                {{0.449999988f, -0.199999988f, 0.075000003f, 1.0f, -2.04999995f},
                 {0.498507112f, -0.212126777f, 0.0429907851f, 0.949999988f, -2.04990005f},
                 {0.496084601f, -0.253334939f, 0.0848966092f, 0.928855717f, -2.09840727f}});
}

TEST(AdagradTest, WithAllSettingsIsPyTorchs) {
  // Adagrad(lr=.05, eps=1e-3, initial_accumulator_value=.1, weight_decay=.01)
  OptimizerConfig config = Config(OptimizerConfig::ADAGRAD, 0.05);
  config.set_epsilon(1e-3);
  config.set_initial_accumulator(0.1);
  config.set_l2(0.01);
  ExpectPyTorch(config, {{0.484291047f, -0.223108143f, 0.0905911773f, 0.998424649f, -2.04168081f},
                         {0.522441804f, -0.229401246f, 0.0657338351f, 0.949519038f, -2.03982234f},
                         {0.520009398f, -0.260246634f, 0.103962578f, 0.928640425f, -2.08781314f}});
}

TEST(AdagradTest, ByHand) {
  // a = 9 + 4² = 25, w = 1 − 0.5 · 4 / (5 + 3) = 0.75.
  OptimizerConfig config = Config(OptimizerConfig::ADAGRAD, 0.5);
  config.set_initial_accumulator(9);
  config.set_epsilon(3);
  const auto optimizer = Make(config);
  const float start[] = {1.0f};
  std::vector<float> row = NewRow(*optimizer, start);
  const float gradient[] = {4.0f};
  UpdateOne(*optimizer, 0, 1, row, gradient);
  EXPECT_EQ(row, (std::vector<float>{0.75f, 25.0f}));
}

TEST(RowwiseAdagradTest, ByHand) {
  // Gradient (3, 5, 1, 1) · 2: squares 36, 100, 4, 4, mean 36; a = 28 + 36 = 64; w = 1 − 2 · g / (8
  // + 8).
  OptimizerConfig config = Config(OptimizerConfig::ROWWISE_ADAGRAD, 2);
  config.set_initial_accumulator(28);
  config.set_epsilon(8);
  const auto optimizer = Make(config);
  const float start[] = {1, 1, 1, 1};
  std::vector<float> row = NewRow(*optimizer, start);
  const float gradient[] = {3, 5, 1, 1};
  UpdateOne(*optimizer, 0, 4, row, gradient, 2);
  EXPECT_EQ(row, (std::vector<float>{0.25f, -0.25f, 0.75f, 0.75f, 64.0f}));
}

TEST(RowwiseAdagradTest, AveragesAllElementsOfLongRows) {
  // Squares of 1, 2, …, 19 sum to 2470, their mean is 130: 14 + 130 = 144.
  constexpr size_t kLong = 19;
  OptimizerConfig config = Config(OptimizerConfig::ROWWISE_ADAGRAD, 12);
  config.set_initial_accumulator(14);
  const auto optimizer = Make(config);
  std::vector<float> gradient(kLong);
  for (size_t i = 0; i < kLong; ++i) gradient[i] = static_cast<float>(i + 1);
  std::vector<float> row = NewRow(*optimizer, std::vector<float>(kLong, 0.0f));
  UpdateOne(*optimizer, 0, kLong, row, gradient.data());
  EXPECT_EQ(row[kLong], 144.0f);
  for (size_t i = 0; i < kLong; ++i) EXPECT_FLOAT_EQ(row[i], -gradient[i]) << i;
}

TEST(AdamTest, IsPyTorchs) {  // Adam(lr=.001)
  ExpectPyTorch(Config(OptimizerConfig::ADAM, 0.001),
                {{0.499000013f, -0.248999998f, 0.123999998f, 1.0f, -2.00099993f},
                 {0.499559522f, -0.248530537f, 0.123008825f, 0.999255836f, -2.00166845f},
                 {0.499960542f, -0.248851791f, 0.123126641f, 0.998464346f, -2.00241351f}});
}

TEST(AdamTest, WithAllSettingsIsPyTorchs) {
  // Adam(lr=.01, betas=(.8, .95), eps=1e-3, weight_decay=.02)
  OptimizerConfig config = Config(OptimizerConfig::ADAM, 0.01);
  config.set_beta1(0.8);
  config.set_beta2(0.95);
  config.set_epsilon(1e-3);
  config.set_l2(0.02);
  ExpectPyTorch(config, {{0.490090102f, -0.240048543f, 0.115032949f, 0.990476191f, -2.00997829f},
                         {0.495863765f, -0.235580042f, 0.105186425f, 0.982644439f, -2.01559186f},
                         {0.499555111f, -0.239450186f, 0.107162483f, 0.974464655f, -2.02324104f}});
}

TEST(AdamTest, LazyRowsCountGlobalSteps) {
  // w = torch.nn.Parameter(torch.tensor([[.5, -.25], [1, -2]])); o = torch.optim.SparseAdam([w],
  // lr=.01) for row, g in ((0, [.1, -.2]), (1, [.3, .4]), (0, [-.5, .6])):
  //     w.grad = torch.sparse_coo_tensor([[row]], [g], (2, 2)); o.step()
  const auto optimizer = Make(Config(OptimizerConfig::ADAM, 0.01));
  std::vector<float> row0 = NewRow(*optimizer, std::vector<float>{0.5f, -0.25f});
  std::vector<float> row1 = NewRow(*optimizer, std::vector<float>{1.0f, -2.0f});
  const float gradients[3][2] = {{0.1f, -0.2f}, {0.3f, 0.4f}, {-0.5f, 0.6f}};
  UpdateOne(*optimizer, 0, 2, row0, gradients[0]);
  UpdateOne(*optimizer, 1, 2, row1, gradients[1]);
  UpdateOne(*optimizer, 2, 2, row0, gradients[2]);
  // The tolerance covers epsilon's place: here it is added after the second correction.
  EXPECT_NEAR(row0[0], 0.495136678f, 3e-7f);
  EXPECT_NEAR(row0[1], -0.244242445f, 3e-7f);
  EXPECT_NEAR(row1[0], 0.992558658f, 3e-7f);
  EXPECT_NEAR(row1[1], -2.00744128f, 3e-7f);
}

// Every element is updated alone, so a row of any length has the bits of as many rows of one
// element. (Lengths with a loop of their own, and others.)
TEST(OptimizerTest, LengthOfTheRowDoesNotMatter) {
  for (const auto kind : {OptimizerConfig::SGD, OptimizerConfig::ADAGRAD, OptimizerConfig::ADAM}) {
    OptimizerConfig config = Config(kind, 0.03);
    config.set_l2(0.01);
    const auto optimizer = Make(config);
    for (const size_t dim : {2, 3, 4, 5, 8, 13, 16, 17, 31, 32, 33, 64, 100}) {
      constexpr size_t kRows = 3;
      const size_t slots = optimizer->SlotFloats(1);
      std::vector<float> start;
      for (size_t i = 0; i < dim; ++i) start.push_back(std::sin(static_cast<float>(i)));
      std::vector<std::vector<float>> rows(kRows, NewRow(*optimizer, start));
      std::vector<std::vector<float>> single;
      for (size_t i = 0; i < kRows * dim; ++i) {
        single.push_back(NewRow(*optimizer, std::span(start).subspan(i % dim, 1)));
      }
      std::vector<float*> row_pointers;
      std::vector<float*> single_pointers;
      for (auto& row : rows) row_pointers.push_back(row.data());
      for (auto& row : single) single_pointers.push_back(row.data());
      for (Step step = 0; step < 3; ++step) {
        std::vector<float> gradients;
        for (size_t i = 0; i < kRows * dim; ++i) {
          gradients.push_back(std::cos(static_cast<float>(i + static_cast<size_t>(step) * 7)));
        }
        optimizer->Update({.step = step, .gradient = 0.7f}, dim, row_pointers, gradients.data());
        optimizer->Update({.step = step, .gradient = 0.7f}, 1, single_pointers, gradients.data());
      }
      for (size_t i = 0; i < kRows * dim; ++i) {
        for (size_t s = 0; s <= slots; ++s) {
          ASSERT_EQ(rows[i / dim][i % dim + s * dim], single[i][s]) << kind << " " << dim;
        }
      }
    }
  }
}

TEST(RowwiseAdagradTest, EveryLength) {
  OptimizerConfig config = Config(OptimizerConfig::ROWWISE_ADAGRAD, 0.5);
  config.set_l2(0.25);
  const auto optimizer = Make(config);
  for (const size_t dim : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 100}) {
    std::vector<float> start;
    std::vector<float> gradient;
    double squares = 0;
    std::vector<double> g;
    for (size_t i = 0; i < dim; ++i) {
      start.push_back(std::sin(static_cast<float>(i + 1)));
      gradient.push_back(std::cos(static_cast<float>(i)));
      g.push_back(0.5 * gradient[i] + 0.25 * start[i]);
      squares += g[i] * g[i];
    }
    std::vector<float> row = NewRow(*optimizer, start);
    UpdateOne(*optimizer, 0, dim, row, gradient.data(), 0.5f);
    const double sum = squares / static_cast<double>(dim);
    EXPECT_NEAR(row[dim], sum, 1e-6) << dim;
    for (size_t i = 0; i < dim; ++i) {
      EXPECT_NEAR(row[i], start[i] - 0.5 * g[i] / std::sqrt(sum), 1e-6) << dim;
    }
  }
}

TEST(OptimizerTest, ScheduleScalesTheRate) {
  OptimizerConfig config = Config(OptimizerConfig::SGD, 1);
  config.mutable_schedule()->set_warmup_steps(4);
  const auto optimizer = Make(config);
  std::vector<float> row = {0.0f};
  const float gradient[] = {-1.0f};
  for (Step step = 0; step < 6; ++step) UpdateOne(*optimizer, step, 1, row, gradient);
  EXPECT_EQ(row[0], 0.25f + 0.5f + 0.75f + 1.0f + 1.0f + 1.0f);
}

TEST(OptimizerTest, RefusesNonsenseByName) {
  const auto message = [](const OptimizerConfig& config) {
    const auto made = MakeOptimizer(config, "table_optimizer");
    if (made.ok()) return std::string("accepted");
    EXPECT_EQ(made.error().kind(), ErrorKind::kUsage);
    return made.error().message();
  };
  OptimizerConfig config;
  EXPECT_EQ(message(config), "table_optimizer.kind must be set");
  config.set_kind(OptimizerConfig::ADAM);
  EXPECT_EQ(message(config), "table_optimizer.learning_rate must be set");
  config.set_learning_rate(-1);
  EXPECT_EQ(message(config), "table_optimizer.learning_rate must be above 0, not -1");
  config.set_learning_rate(NAN);
  EXPECT_EQ(message(config), "table_optimizer.learning_rate must be above 0, not nan");
  config.set_learning_rate(0.1);
  EXPECT_EQ(message(config), "accepted");
  config.set_beta2(1);
  EXPECT_EQ(message(config), "table_optimizer.beta2 must be at least 0 and below 1, not 1");
  config.clear_beta2();
  config.set_beta1(-0.1);
  EXPECT_EQ(message(config), "table_optimizer.beta1 must be at least 0 and below 1, not -0.1");
  config.clear_beta1();
  config.set_epsilon(1e-60);  // zero as a float
  EXPECT_EQ(message(config), "table_optimizer.epsilon must be above 0, not 1e-60");
  config.clear_epsilon();
  config.set_l2(INFINITY);
  EXPECT_EQ(message(config), "table_optimizer.l2 must be 0 or more, not inf");
  config.clear_l2();
  config.set_initial_accumulator(-2);
  EXPECT_EQ(message(config), "table_optimizer.initial_accumulator must be 0 or more, not -2");
  config.clear_initial_accumulator();
  config.mutable_schedule()->set_warmup_steps(-1);
  EXPECT_EQ(message(config), "table_optimizer.schedule.warmup_steps must be 0 or more, not -1");
  config.mutable_schedule()->clear_warmup_steps();
  config.mutable_schedule()->set_decay(Schedule::EXPONENTIAL);
  EXPECT_EQ(message(config),
            "table_optimizer.schedule.decay_steps must be above 0 with this decay, not 0");
  config.mutable_schedule()->set_decay_steps(10);
  EXPECT_EQ(message(config),
            "table_optimizer.schedule.final_factor must be above 0 and at most 1 with "
            "EXPONENTIAL, not 0");
  config.mutable_schedule()->set_decay(Schedule::LINEAR);
  config.mutable_schedule()->set_final_factor(1.5);
  EXPECT_EQ(message(config),
            "table_optimizer.schedule.final_factor must be between 0 and 1, not 1.5");
}

}  // namespace
}  // namespace primacy
