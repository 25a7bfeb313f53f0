#include "tools/convert/spec.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <cmath>
#include <utility>

#include "common/base/atomic_file.h"

namespace primacy {
namespace {

constexpr uint64_t kSpecBytesMax = 16 << 20;

// Keeps the first error with its place.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (!text_.empty()) return;
    text_ = line < 0 ? message
                     : "line " + std::to_string(line + 1) + ", column " +
                           std::to_string(column + 1) + ": " + message;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

Status CheckByte(const std::string& text, const std::string& field) {
  if (text.size() == 1 && text[0] != '\n' && text[0] != '\r') return Ok();
  return UsageError(field + " must be one byte and no line end");
}

Status CheckSource(const Source& source, const std::string& field) {
  PRIMACY_TRY(CheckByte(source.separator(), field + ".separator"));
  if (source.separator() == "\"" && source.quoting() == Source::RFC4180) {
    return UsageError(field + ".separator cannot be the quote");
  }
  if (source.header() && (source.name_size() > 0 || source.has_columns())) {
    return UsageError(field + ": name and columns are for files with header: false");
  }
  if (source.name_size() > 0 && source.has_columns() && source.columns() != source.name_size()) {
    return UsageError(field + ".columns differs from the number of names");
  }
  if (source.has_columns() && source.columns() < 1) {
    return UsageError(field + ".columns must be at least 1");
  }
  if (source.record_bytes_max() < 1) {
    return UsageError(field + ".record_bytes_max must be at least 1");
  }
  return Ok();
}

Status CheckBucket(const Bucket& bucket, const std::string& field) {
  const int kinds = bucket.has_log_factor() + bucket.has_width() + (bucket.boundary_size() > 0);
  if (kinds != 1) return UsageError(field + " needs exactly one of log_factor, width, boundary");
  if (bucket.has_log_factor() && !(bucket.log_factor() > 0 && std::isfinite(bucket.log_factor()))) {
    return UsageError(field + ".log_factor must be above 0");
  }
  if (bucket.has_width() && !(bucket.width() > 0 && std::isfinite(bucket.width()))) {
    return UsageError(field + ".width must be above 0");
  }
  for (int i = 1; i < bucket.boundary_size(); ++i) {
    if (!(bucket.boundary(i - 1) < bucket.boundary(i))) {
      return UsageError(field + ".boundary must rise");
    }
  }
  return Ok();
}

Status CheckSlot(const SlotSpec& slot, const std::string& field) {
  if (slot.column_size() == 0) return UsageError(field + " names no column");
  if (slot.has_value_separator()) {
    PRIMACY_TRY(CheckByte(slot.value_separator(), field + ".value_separator"));
  }
  if (slot.has_field()) {
    if (slot.field().empty()) return UsageError(field + ".field is empty");
    if (!slot.has_name()) return UsageError(field + " needs a name, because it takes a field");
    if (slot.combine() != SlotSpec::JOIN)
      return UsageError(field + ".field goes with combine: JOIN");
  }
  PRIMACY_TRY(CheckByte(slot.field_separator(), field + ".field_separator"));
  if (slot.has_id_end()) PRIMACY_TRY(CheckByte(slot.id_end(), field + ".id_end"));
  if (slot.combine() == SlotSpec::CROSS) {
    if (!slot.has_name()) return UsageError(field + " needs a name, because it crosses columns");
    if (slot.has_value_separator() || slot.multi_valued() || slot.has_bucket()) {
      return UsageError(field +
                        ": a CROSS has one value: no value_separator, multi_valued, bucket");
    }
  }
  if (slot.substring().begin() < 0 ||
      (slot.substring().has_length() && slot.substring().length() < 1)) {
    return UsageError(field + ".substring needs begin >= 0 and length >= 1");
  }
  if (slot.has_bucket()) PRIMACY_TRY(CheckBucket(slot.bucket(), field + ".bucket"));
  return Ok();
}

Status CheckCondition(const Condition& condition, const std::string& field) {
  if (condition.column().empty()) return UsageError(field + " names no column");
  for (const char* op : {"==", "!=", "<", "<=", ">", ">="}) {
    if (condition.op() != op) continue;
    if (condition.right_case() == Condition::RIGHT_NOT_SET) {
      return UsageError(field + " needs one of number, text, other_column");
    }
    return Ok();
  }
  return UsageError(field + ".op must be one of == != < <= > >=, not \"" + condition.op() + "\"");
}

Status CheckLabel(const LabelSpec& label, const std::string& field) {
  if (label.has_column() == (label.is_size() > 0)) {
    return UsageError(field + " needs either a column or conditions `is`");
  }
  if (!label.has_column() && label.name().empty()) return UsageError(field + " needs a name");
  for (const Condition& condition : label.is()) {
    PRIMACY_TRY(CheckCondition(condition, field + ".is"));
  }
  for (const Condition& condition : label.present_if()) {
    PRIMACY_TRY(CheckCondition(condition, field + ".present_if"));
  }
  return Ok();
}

Status CheckSplit(const ConvertSpec& spec) {
  const SplitSpec& split = spec.split();
  if (split.by() == SplitSpec::NONE) return Ok();
  for (const double share : {split.train_share(), split.holdout_share(), split.test_share()}) {
    if (!(share >= 0 && share <= 1)) return UsageError("split: shares must lie between 0 and 1");
  }
  if (std::abs(split.train_share() + split.holdout_share() + split.test_share() - 1) > 1e-6) {
    return UsageError("split: train_share, holdout_share and test_share must sum to 1");
  }
  if (split.train_share() == 0) return UsageError("split.train_share must be above 0");
  if (split.by() == SplitSpec::TIME && !spec.has_timestamp()) {
    return UsageError("split.by: TIME needs a timestamp column");
  }
  if (split.by() != SplitSpec::HASH) return Ok();
  if (split.hash_of() == SplitSpec::ROW_ID && !spec.has_row_id() && !spec.row_number_as_id()) {
    return UsageError("split.hash_of: ROW_ID needs row_id or row_number_as_id");
  }
  if (split.hash_of() == SplitSpec::GROUP_ID && spec.group_id_size() == 0) {
    return UsageError("split.hash_of: GROUP_ID needs group_id");
  }
  return Ok();
}

Status CheckSpec(const ConvertSpec& spec) {
  PRIMACY_TRY(CheckSource(spec.source(), "source"));
  for (const Join& join : spec.join()) {
    if (join.file().empty()) return UsageError("join.file is not set");
    if (join.key().empty()) return UsageError("join " + join.file() + ": key is not set");
    if (join.columns_size() == 0) return UsageError("join " + join.file() + ": no columns");
    if (join.has_source()) {
      PRIMACY_TRY(CheckSource(join.source(), "join " + join.file() + ": source"));
    }
  }
  for (const SlotSpec& slot : spec.slot()) {
    PRIMACY_TRY(CheckSlot(slot, slot.name().empty() ? "slot" : "slot " + slot.name()));
  }
  for (const DenseSpec& dense : spec.dense()) {
    const std::string field = dense.name().empty() ? "dense" : "dense " + dense.name();
    if (dense.column_size() == 0) return UsageError(field + " names no column");
    if (!(dense.divide_by() != 0 && std::isfinite(dense.divide_by()) &&
          std::isfinite(dense.subtract()) && std::isfinite(dense.fill()))) {
      return UsageError(field + ": subtract, divide_by and fill must be finite, divide_by not 0");
    }
  }
  if (spec.slot_size() == 0 && spec.dense_size() == 0 &&
      spec.other_columns() != ConvertSpec::CATEGORICAL) {
    return UsageError("there is no feature: give a slot, a dense feature or other_columns");
  }
  if (spec.label_size() == 0) return UsageError("there is no label");
  for (const LabelSpec& label : spec.label()) {
    PRIMACY_TRY(CheckLabel(label, label.name().empty() ? "label" : "label " + label.name()));
  }
  if (spec.has_row_id() && spec.row_number_as_id()) {
    return UsageError("row_id and row_number_as_id exclude one another");
  }
  if (!(spec.bad_row_share_max() >= 0 && spec.bad_row_share_max() <= 1)) {
    return UsageError("bad_row_share_max must lie between 0 and 1");
  }
  return CheckSplit(spec);
}

}  // namespace

Result<SpecFile> ReadSpec(const std::string& path) {
  auto text = ReadFile(path, kSpecBytesMax);
  if (!text.ok()) return UsageError("schema " + path + ": " + text.error().message());
  SpecFile file;
  file.text = *std::move(text);
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  if (!parser.ParseFromString(file.text, &file.spec)) {
    return UsageError("schema " + path + ": " + error.text());
  }
  const Status checked = CheckSpec(file.spec);
  if (!checked.ok()) return Error("schema " + path, checked.error());
  return file;
}

RecordFormat FormatOf(const Source& source) {
  return {.separator = source.separator()[0],
          .quotes = source.quoting() == Source::RFC4180,
          .record_bytes_max = static_cast<size_t>(source.record_bytes_max())};
}

}  // namespace primacy
