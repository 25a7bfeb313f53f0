#include "tools/generate/planted_model.h"

#include <cmath>
#include <numbers>

#include "common/base/hash.h"

namespace primacy::generate {
namespace {

// Streams of random numbers, one for each thing drawn.
enum Stream : uint64_t {
  kSegmentCentroids = 1,
  kCategoryCentroids,
  kTagCentroids,
  kUserSegment,
  kUserNoise,
  kItemAttributes,
  kItemPrice,
  kItemNoise,
};

uint64_t Seed(const GenerateOptions& options, uint64_t stream) {
  return HashCombine(options.seed, stream);
}

}  // namespace

PlantedModel::PlantedModel(const GenerateOptions& options)
    : options_(options),
      taste_(1.0 - options.conflict),
      appeal_(1.0 - 2.0 * options.conflict),
      width_(static_cast<size_t>(options.factors) + 1),
      dimensions_(width_ * static_cast<size_t>(options.tasks)),
      segments_(MakeCentroids(kSegmentCentroids, options.segments)),
      categories_(MakeCentroids(kCategoryCentroids, options.categories)),
      tags_(MakeCentroids(kTagCentroids, options.tags)) {}

PlantedModel::Vectors PlantedModel::MakeCentroids(uint64_t stream, int count) const {
  Vectors centroids(static_cast<size_t>(count) * dimensions_);
  for (size_t i = 0; i < centroids.size(); ++i)
    centroids[i] = RandomNormal(Seed(options_, stream), i);
  return centroids;
}

User PlantedModel::MakeUser(uint64_t number) const {
  const uint64_t segments = static_cast<uint64_t>(options_.segments);
  return {number, static_cast<int>(RandomBelow(Seed(options_, kUserSegment), number, segments))};
}

Item PlantedModel::MakeItem(uint64_t number) const {
  const uint64_t seed = HashCombine(Seed(options_, kItemAttributes), number);
  Item item;
  item.number = number;
  item.category =
      static_cast<int>(RandomBelow(seed, 0, static_cast<uint64_t>(options_.categories)));
  item.tag_count = 1 + static_cast<int>(RandomBelow(seed, 1, kTagsPerItemMax));
  for (int k = 0; k < item.tag_count; ++k) {
    item.tags[k] = static_cast<int>(RandomBelow(seed, 2 + k, static_cast<uint64_t>(options_.tags)));
  }
  item.price = RandomNormal(Seed(options_, kItemPrice), number);
  return item;
}

void PlantedModel::AddNoise(uint64_t stream, uint64_t number, double scale,
                            Vectors& vectors) const {
  const uint64_t seed = HashCombine(Seed(options_, stream), number);
  for (size_t d = 0; d < dimensions_; ++d) vectors[d] += scale * RandomNormal(seed, d);
}

void PlantedModel::AddCentroid(const Vectors& centroids, int which, double scale,
                               Vectors& vectors) const {
  const double* centroid = centroids.data() + static_cast<size_t>(which) * dimensions_;
  for (size_t d = 0; d < dimensions_; ++d) vectors[d] += scale * centroid[d];
}

PlantedModel::Vectors PlantedModel::UserVectors(const User& user) const {
  Vectors vectors(dimensions_, 0.0);
  AddCentroid(segments_, user.segment, std::sqrt(1.0 - options_.own_share), vectors);
  AddNoise(kUserNoise, user.number, std::sqrt(options_.own_share), vectors);
  return vectors;
}

PlantedModel::Vectors PlantedModel::ItemVectors(const Item& item) const {
  Vectors vectors(dimensions_, 0.0);
  AddCentroid(categories_, item.category, std::sqrt(1.0 - options_.own_share - options_.tag_share),
              vectors);
  const double tag_scale = std::sqrt(options_.tag_share / item.tag_count);
  for (int k = 0; k < item.tag_count; ++k) AddCentroid(tags_, item.tags[k], tag_scale, vectors);
  AddNoise(kItemNoise, item.number, std::sqrt(options_.own_share), vectors);
  return vectors;
}

std::array<double, kGenerateTasksMax> PlantedModel::Scores(const User& user, const Item& item,
                                                           const Context& context) const {
  const Vectors z = UserVectors(user);
  const Vectors x = ItemVectors(item);
  std::array<double, kGenerateTasksMax> taste{};
  std::array<double, kGenerateTasksMax> appeal{};
  for (int b = 0; b < options_.tasks; ++b) {
    const size_t at = static_cast<size_t>(b) * width_;
    const size_t last = at + width_ - 1;
    for (size_t d = at; d < last; ++d) taste[b] += z[d] * x[d];
    taste[b] /= std::sqrt(static_cast<double>(options_.factors));
    appeal[b] = (z[last] + x[last]) / std::numbers::sqrt2;
  }
  const double hour_effect = 0.2 * std::sin(2.0 * std::numbers::pi * context.hour / 24.0);
  const double common = hour_effect - 0.1 * context.position - 0.3 * context.age;
  std::array<double, kGenerateTasksMax> scores{};
  for (int t = 0; t < options_.tasks; ++t) {
    const double q = t == 0 ? 1.0 : taste_;
    const double p = t == 0 ? 1.0 : appeal_;
    const double wants = q * taste[0] + std::sqrt(1.0 - q * q) * taste[t];
    const double draws = p * appeal[0] + std::sqrt(1.0 - p * p) * appeal[t];
    scores[t] = options_.strength * (std::sqrt(1.0 - options_.appeal_share) * wants +
                                     std::sqrt(options_.appeal_share) * draws) +
                0.3 * p * item.price + common;
  }
  return scores;
}

}  // namespace primacy::generate
