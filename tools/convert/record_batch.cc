#include "tools/convert/record_batch.h"

#include <functional>
#include <utility>

namespace primacy {

void RecordBatch::Add(uint64_t number, uint64_t line, std::string_view text,
                      std::span<const std::string_view> fields) {
  const size_t text_begin = text_.size();
  const size_t pieces_begin = pieces_.size();
  text_ += text;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  for (const std::string_view field : fields) {
    const char* const at = field.data();
    if (std::greater_equal<>()(at, begin) && std::less_equal<>()(at + field.size(), end)) {
      pieces_.push_back({text_begin + static_cast<size_t>(at - begin), field.size()});
    } else {
      pieces_.push_back({text_.size(), field.size()});
      text_ += field;
    }
  }
  records_.push_back({.number = number,
                      .line = line,
                      .text_begin = text_begin,
                      .text_size = text.size(),
                      .pieces_begin = pieces_begin,
                      .pieces_end = pieces_.size()});
}

void RecordBatch::AddBad(uint64_t number, uint64_t line, RowFault fault) {
  records_.push_back({.number = number, .line = line, .fault = std::move(fault)});
}

void RecordBatch::FieldsOf(const Record& record, std::vector<std::string_view>& fields) const {
  fields.clear();
  for (size_t p = record.pieces_begin; p < record.pieces_end; ++p) {
    fields.emplace_back(text_.data() + pieces_[p].begin, pieces_[p].size);
  }
}

}  // namespace primacy
