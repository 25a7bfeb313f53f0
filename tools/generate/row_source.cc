#include "tools/generate/row_source.h"

#include <algorithm>
#include <cmath>

#include "common/base/hash.h"
#include "common/base/strings.h"

namespace primacy::generate {
namespace {

enum Slot { kUser, kItem, kCategory, kSegment, kHour, kPosition, kTags };
constexpr const char* kSlotNames[kGenerateSlotsBase] = {
    "user_id", "item_id", "item_category", "user_segment", "hour", "position", "item_tags"};

enum Stream : uint64_t { kRows = 101, kSample, kLabels, kExtra };

// Draws of one row, counters within its own stream.
enum Counter : uint64_t { kDrawUser, kDrawItem, kDrawPosition, kDrawAge };

constexpr int64_t kFirstSecond = 1'704'067'200;           // 2024-01-01 00:00:00 UTC
constexpr int64_t kSeconds = int64_t{14} * 24 * 60 * 60;  // the log spans two weeks
constexpr uint64_t kExtraValues = 1000;
constexpr uint64_t kSampleRows = 20'000;

LogSchema MakeSchema(const GenerateOptions& options) {
  LogSchema schema;
  for (int s = 0; s < options.slots; ++s) {
    LogSchema::Slot* slot = schema.add_slot();
    slot->set_name(s < kGenerateSlotsBase ? std::string(kSlotNames[s])
                                          : Format("extra_%03d", s - kGenerateSlotsBase));
    if (s == kTags) slot->set_multi_valued(true);
  }
  schema.add_dense()->set_name("item_price");
  schema.add_dense()->set_name("item_age");
  for (int t = 0; t < options.tasks; ++t) schema.add_label()->set_name(GenerateTaskName(t));
  schema.set_has_group_id(true);
  schema.set_has_row_id(true);
  schema.set_has_timestamp(true);
  return schema;
}

// The intercept at which the mean probability of `scores` is `rate`, by bisection: the mean rises
// with the intercept.
double FitIntercept(const std::vector<double>& scores, double rate) {
  double low = -50.0;
  double high = 50.0;
  for (int step = 0; step < 60; ++step) {
    const double middle = 0.5 * (low + high);
    double sum = 0;
    for (const double score : scores) sum += Sigmoid(score + middle);
    (sum < rate * static_cast<double>(scores.size()) ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace

double Sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

RowSource::RowSource(const GenerateOptions& options)
    : options_(options),
      schema_(MakeSchema(options)),
      model_(options),
      users_(options.users, options.zipf),
      items_(options.items, options.zipf),
      extra_values_(kExtraValues, options.zipf) {
  for (const LogSchema::Slot& slot : schema_.slot()) slot_hashes_.push_back(HashBytes(slot.name()));
  intercepts_ = FitIntercepts();
}

PlantedRow RowSource::DrawRow(uint64_t stream, uint64_t number) const {
  const uint64_t seed = HashCombine(HashCombine(options_.seed, stream), number);
  PlantedRow draw;
  draw.user = model_.MakeUser(users_.Rank(RandomUniform(seed, kDrawUser)));
  draw.item = model_.MakeItem(items_.Rank(RandomUniform(seed, kDrawItem)));
  draw.context.position = static_cast<int>(RandomBelow(seed, kDrawPosition, kPositions));
  draw.context.age = RandomUniform(seed, kDrawAge);
  const double share = static_cast<double>(number) / static_cast<double>(options_.rows);
  const int64_t second = static_cast<int64_t>(share * static_cast<double>(kSeconds));
  draw.timestamp = kFirstSecond + second;
  draw.context.hour = static_cast<int>(second / 3600 % 24);
  return draw;
}

Logits RowSource::FitIntercepts() const {
  std::array<std::vector<double>, kGenerateTasksMax> scores;
  for (uint64_t k = 0; k < kSampleRows; ++k) {
    PlantedRow draw = DrawRow(kSample, k);
    draw.context.hour = static_cast<int>(k % 24);
    const Logits row = model_.Scores(draw.user, draw.item, draw.context);
    for (int t = 0; t < options_.tasks; ++t) scores[t].push_back(row[t]);
  }
  Logits intercepts{};
  for (int t = 0; t < options_.tasks; ++t)
    intercepts[t] = FitIntercept(scores[t], GenerateBaseRate(t));
  return intercepts;
}

void RowSource::FillFeatures(const PlantedRow& draw, uint64_t number, LogRow& row) const {
  const auto key = [&](int slot, uint64_t value) { return HashCombine(slot_hashes_[slot], value); };
  const auto one = [&](int slot, uint64_t value) { row.slots[slot].assign(1, key(slot, value)); };
  row.slots.resize(static_cast<size_t>(options_.slots));
  one(kUser, draw.user.number);
  one(kItem, draw.item.number);
  one(kCategory, static_cast<uint64_t>(draw.item.category));
  one(kSegment, static_cast<uint64_t>(draw.user.segment));
  one(kHour, static_cast<uint64_t>(draw.context.hour));
  one(kPosition, static_cast<uint64_t>(draw.context.position));
  row.slots[kTags].clear();
  for (int k = 0; k < draw.item.tag_count; ++k) {
    row.slots[kTags].push_back(key(kTags, static_cast<uint64_t>(draw.item.tags[k])));
  }
  const uint64_t seed = HashCombine(HashCombine(options_.seed, kExtra), number);
  for (int s = kGenerateSlotsBase; s < options_.slots; ++s) {
    one(s, extra_values_.Rank(RandomUniform(seed, static_cast<uint64_t>(s))));
  }
  row.dense = {static_cast<float>(draw.item.price), static_cast<float>(draw.context.age)};
  row.group_id = row.slots[kUser][0];
  row.row_id = number;
  row.timestamp = draw.timestamp;
}

void RowSource::FillLabels(const Logits& logits, uint64_t number, LogRow& row) const {
  const size_t tasks = static_cast<size_t>(options_.tasks);
  const uint64_t seed = HashCombine(HashCombine(options_.seed, kLabels), number);
  row.labels.resize(tasks);
  row.masks.assign(tasks, 1);
  for (size_t t = 0; t < tasks; ++t) {
    row.labels[t] = RandomUniform(seed, t) < Sigmoid(logits[t]) ? 1.0f : 0.0f;
  }
  if (options_.mask_last && row.labels[tasks - 2] == 0.0f) {
    row.masks[tasks - 1] = 0;
    row.labels[tasks - 1] = 0.0f;
  }
}

PlantedRow RowSource::Fill(uint64_t number, LogRow& row) const {
  PlantedRow draw = DrawRow(kRows, number);
  draw.logits = model_.Scores(draw.user, draw.item, draw.context);
  for (int t = 0; t < options_.tasks; ++t) draw.logits[t] += intercepts_[t];
  FillFeatures(draw, number, row);
  FillLabels(draw.logits, number, row);
  return draw;
}

}  // namespace primacy::generate
