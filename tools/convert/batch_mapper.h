// From a batch of records to rows as bytes: joins, features, labels and the slice of each row.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tools/convert/bad_rows.h"
#include "tools/convert/convert.h"
#include "tools/convert/record_batch.h"
#include "tools/convert/row_codec.h"
#include "tools/convert/row_joins.h"
#include "tools/convert/row_mapper.h"
#include "tools/convert/row_store.h"
#include "tools/convert/splitter.h"

namespace primacy {

struct BadRow {
  uint64_t line = 0;
  RowFault fault;
};

// What became of one batch, in its order.
struct MappedRows {
  std::string input;
  std::vector<std::byte> bytes;    // of all rows, one behind the other
  std::vector<SequencedRow> rows;  // they point into `bytes`; slice 0 when it depends on others
  std::vector<BadRow> bad;
  std::vector<ConvertLabelReport> labels;  // [label], without names
  std::vector<uint64_t> join_misses;       // [join]
};

// Has scratch space: one per thread.
class BatchMapper {
 public:
  // `joins`, `splitter` and `codec` outlive the mapper.
  BatchMapper(const RowMapper& mapper, const RowJoins& joins, const Splitter& splitter,
              const RowCodec& codec)
      : mapper_(mapper), joins_(joins), splitter_(splitter), codec_(codec) {}

  MappedRows Map(const RecordBatch& batch);

 private:
  void CountLabels(MappedRows& mapped) const;

  RowMapper mapper_;
  const RowJoins& joins_;
  const Splitter& splitter_;
  const RowCodec& codec_;
  size_t bytes_expected_ = 0;  // of a batch's rows: the most so far
  LogRow row_;
  std::vector<std::string_view> own_;
  std::vector<std::string_view> joined_;
};

}  // namespace primacy
