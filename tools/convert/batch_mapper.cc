#include "tools/convert/batch_mapper.h"

#include <algorithm>
#include <utility>

namespace primacy {

void BatchMapper::CountLabels(MappedRows& mapped) const {
  mapped.labels.resize(row_.labels.size());
  for (size_t i = 0; i < row_.labels.size(); ++i) {
    if (row_.masks[i] == 0) continue;
    ConvertLabelReport& label = mapped.labels[i];
    ++label.present;
    label.positive += row_.labels[i] > 0;
    label.sum += row_.labels[i];
  }
}

MappedRows BatchMapper::Map(const RecordBatch& batch) {
  MappedRows mapped{.input = batch.input()};
  mapped.bytes.reserve(bytes_expected_);
  std::vector<size_t> ends;  // of the rows' bytes, which move while they grow
  for (const RecordBatch::Record& record : batch.records()) {
    if (record.fault) {
      mapped.bad.push_back({record.line, *record.fault});
      continue;
    }
    batch.FieldsOf(record, own_);
    joins_.Find(own_, joined_, mapped.join_misses);
    const RowView view{
        .own = own_, .joined = joined_, .line = batch.TextOf(record), .number = record.number};
    if (auto fault = mapper_.Map(view, row_)) {
      mapped.bad.push_back({record.line, *std::move(fault)});
      continue;
    }
    CountLabels(mapped);
    SequencedRow row{.number = record.number};
    if (splitter_.by_time()) row.time = row_.timestamp;
    if (!splitter_.by_place()) row.slice = splitter_.OfRow(view, row_);
    codec_.Encode(row_, mapped.bytes);
    mapped.rows.push_back(row);
    ends.push_back(mapped.bytes.size());
  }
  size_t begin = 0;
  for (size_t r = 0; r < ends.size(); ++r) {
    mapped.rows[r].bytes = std::span(mapped.bytes).subspan(begin, ends[r] - begin);
    begin = ends[r];
  }
  bytes_expected_ = std::max(bytes_expected_, mapped.bytes.size());
  return mapped;
}

}  // namespace primacy
