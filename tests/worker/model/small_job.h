// A small job with everything a model can be fed: two tables, repeated keys, empty lists, dense
// features, masks, and one task of each loss; and the parameters to go with it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/config/job.pb.h"
#include "worker/data/batch.h"
#include "worker/data/input_spec.h"
#include "worker/model/model.h"

namespace primacy::testing_support {

// Slots: "user" (dim 4), "tags" (dim 4, many values), "item" (dim 8); two dense features.
// Tasks: "like" (logistic), "stars" (softmax, three classes), "price" (squared).
InputSpec SmallInput();

// Two bottom layers for every kind that can have them; two experts per group, of two layers; odd
// sizes on purpose.
Job SmallJob(ModelConfig::Kind kind);

// Rows [begin, begin + rows) of an endless random log.
Batch SmallBatch(uint64_t begin, size_t rows);

// A model, its parameters for a batch's keys and room for the gradients. Values depend on names and
// keys alone, so the same key reads the same in every batch.
struct ModelUnderTest {
  ModelUnderTest(const Job& job, const InputSpec& input);

  // Looks up the rows of the batch's keys.
  void SetBatch(const Batch& batch);
  ParameterView parameters() const;
  GradientView gradients();
  // Forward and backward.
  std::vector<float> Run(const Batch& batch, const std::vector<double>& loss_factor,
                         const ForwardOptions& options = {});
  // Index of a tensor by its name.
  int tensor(const std::string& name) const;

  std::unique_ptr<Model> model;
  DenseLayout layout;
  std::vector<float> dense, dense_gradient;
  std::vector<std::vector<float>> tables, table_gradients;
};

}  // namespace primacy::testing_support
