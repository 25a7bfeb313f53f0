// Row r of a generated log, for any r, in any order.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "common/clicklog/block.h"
#include "tools/generate/planted_model.h"
#include "tools/generate/power_law.h"

namespace primacy::generate {

using Logits = std::array<double, kGenerateTasksMax>;

double Sigmoid(double x);

// Who saw what, when, and the logits that the labels were drawn from.
struct PlantedRow {
  User user;
  Item item;
  Context context;
  int64_t timestamp = 0;
  Logits logits{};
};

// Immutable after construction.
class RowSource {
 public:
  explicit RowSource(const GenerateOptions& options);

  const LogSchema& schema() const { return schema_; }
  const PlantedModel& model() const { return model_; }
  // Set so that the mean of the probabilities over a sample of pairs is the base rate; [task].
  const Logits& intercepts() const { return intercepts_; }

  // Fills `row`, whose vectors are reused, and gives what is behind it.
  PlantedRow Fill(uint64_t number, LogRow& row) const;

 private:
  // Without logits.
  PlantedRow DrawRow(uint64_t stream, uint64_t number) const;
  void FillFeatures(const PlantedRow& draw, uint64_t number, LogRow& row) const;
  void FillLabels(const Logits& logits, uint64_t number, LogRow& row) const;
  Logits FitIntercepts() const;

  const GenerateOptions options_;
  const LogSchema schema_;
  const PlantedModel model_;
  const PowerLaw users_;
  const PowerLaw items_;
  const PowerLaw extra_values_;
  std::vector<uint64_t> slot_hashes_;  // [slot] hash of its name
  Logits intercepts_;
};

}  // namespace primacy::generate
