// The truth behind a generated log: who likes what, for every task. The formulas are in generate.h.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "tools/generate/generate.h"

namespace primacy::generate {

inline constexpr int kTagsPerItemMax = 3;
inline constexpr int kPositions = 10;

struct Item {
  uint64_t number = 0;
  int category = 0;
  int tag_count = 0;
  std::array<int, kTagsPerItemMax> tags{};
  double price = 0;  // standard normal
};

struct User {
  uint64_t number = 0;
  int segment = 0;
};

struct Context {
  int position = 0;  // 0 .. kPositions − 1
  int hour = 0;      // 0 .. 23
  double age = 0;    // of the item's entry, in [0, 1)
};

// Immutable after construction, pure functions of the options.
class PlantedModel {
 public:
  explicit PlantedModel(const GenerateOptions& options);

  User MakeUser(uint64_t number) const;
  Item MakeItem(uint64_t number) const;
  // Logits of all tasks without their intercepts.
  std::array<double, kGenerateTasksMax> Scores(const User& user, const Item& item,
                                               const Context& context) const;

  double taste_correlation() const { return taste_; }    // q
  double appeal_correlation() const { return appeal_; }  // p

 private:
  // A user or an item in all bundles: [bundle][factors], the last factor is eagerness or pull.
  using Vectors = std::vector<double>;
  void AddNoise(uint64_t stream, uint64_t number, double scale, Vectors& vectors) const;
  void AddCentroid(const Vectors& centroids, int which, double scale, Vectors& vectors) const;
  Vectors UserVectors(const User& user) const;
  Vectors ItemVectors(const Item& item) const;
  Vectors MakeCentroids(uint64_t stream, int count) const;

  const GenerateOptions options_;
  const double taste_;
  const double appeal_;
  const size_t width_;       // of one bundle: factors and one
  const size_t dimensions_;  // of all bundles
  const Vectors segments_;   // [segment][bundle][width]
  const Vectors categories_;
  const Vectors tags_;
};

}  // namespace primacy::generate
