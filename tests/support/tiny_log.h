// A small click log with planted signal, a pure function of its options: for tests that train whole
// jobs.
#pragma once

#include <glog/logging.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <string>

#include "common/base/atomic_file.h"
#include "common/base/hash.h"
#include "common/clicklog/writer.h"

namespace primacy::testing_support {

struct TinyLogOptions {
  uint64_t train_rows = 2001;
  uint64_t holdout_rows = 600;
  uint64_t test_rows = 400;
  uint32_t rows_per_block = 150;
  int parts = 2;
  uint64_t users = 300;
  uint64_t items = 120;
  // Changes a row before it is written; `row` counts over all slices. May be empty.
  std::function<void(uint64_t row, LogRow&)> change;
};

// Slots user, item (single) and tags (multi, 0 to 3 values); a dense feature; labels like, view,
// click; weights, groups, row ids.
inline LogSchema TinySchema() {
  LogSchema schema;
  schema.add_slot()->set_name("user");
  schema.add_slot()->set_name("item");
  LogSchema::Slot& tags = *schema.add_slot();
  tags.set_name("tags");
  tags.set_multi_valued(true);
  schema.add_dense()->set_name("price");
  for (const char* label : {"like", "view", "click"}) schema.add_label()->set_name(label);
  schema.set_has_weight(true);
  schema.set_has_group_id(true);
  schema.set_has_row_id(true);
  return schema;
}

// Every label is drawn from a logistic model of the row's user, item and price; `click` pulls the
// item's part the other way. Some rows lack `view`, some weigh double.
inline LogRow TinyRow(uint64_t r, const TinyLogOptions& options) {
  const uint64_t user = RandomBelow(11, r, options.users);
  const uint64_t item = RandomBelow(12, r, options.items);
  LogRow row;
  row.slots.resize(3);
  row.slots[0] = {Mix64(user)};
  row.slots[1] = {Mix64(5000 + item)};
  for (uint64_t t = 0; t < r % 4; ++t) row.slots[2].push_back(Mix64(90000 + (item + 3 * t) % 20));
  const double price = RandomNormal(13, r);
  row.dense = {static_cast<float>(price)};
  const double taste = RandomNormal(14, user), quality = RandomNormal(15, item);
  const double scores[] = {1.5 * taste + quality + 0.3 * price - 0.5, taste + 1.5 * quality,
                           taste - 1.2 * quality + 0.3};
  for (uint64_t t = 0; t < 3; ++t) {
    const double p = 1 / (1 + std::exp(-scores[t]));
    row.labels.push_back(RandomUniform(20 + t, r) < p ? 1.0f : 0.0f);
    row.masks.push_back(t == 1 && r % 7 == 0 ? 0 : 1);
  }
  row.weight = r % 5 == 0 ? 2.0f : 1.0f;
  row.group_id = user;
  row.row_id = r;
  if (options.change) options.change(r, row);
  return row;
}

inline void WriteTinySlice(const std::string& directory, uint64_t first_row, uint64_t rows,
                           const TinyLogOptions& options) {
  CHECK(MakeDirectories(directory).ok());
  for (int part = 0; part < options.parts; ++part) {
    LogWriterOptions writer_options;
    writer_options.rows_per_block = options.rows_per_block;
    auto writer =
        LogPartWriter::Create(directory + "/" + PartName(part), TinySchema(), writer_options);
    CHECK(writer.ok()) << writer.error().trace();
    for (uint64_t r = rows * part / options.parts; r < rows * (part + 1) / options.parts; ++r) {
      CHECK((*writer)->AppendRow(TinyRow(first_row + r, options)).ok());
    }
    CHECK((*writer)->Finish().ok());
  }
}

inline void WriteTinyLog(const std::string& directory, const TinyLogOptions& options = {}) {
  WriteTinySlice(directory + "/train", 0, options.train_rows, options);
  WriteTinySlice(directory + "/holdout", options.train_rows, options.holdout_rows, options);
  WriteTinySlice(directory + "/test", options.train_rows + options.holdout_rows, options.test_rows,
                 options);
}

}  // namespace primacy::testing_support
