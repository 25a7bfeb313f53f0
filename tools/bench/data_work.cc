#include "tools/bench/data_work.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include "common/base/atomic_file.h"
#include "tools/bench/step_work.h"

namespace primacy::bench {
namespace {

constexpr uint64_t kTextRows = 4096;  // that are made at a time
constexpr char kValueSeparator = '|';

void AppendNumber(uint64_t number, std::string& text) {
  char digits[20];
  const auto [end, code] = std::to_chars(digits, digits + sizeof(digits), number);
  text.append(digits, end);
}

// Row `row` of the block as a line.
void AppendLine(const LogBlock& block, uint32_t row, std::string& text) {
  for (const SlotColumn& slot : block.slots) {
    const bool list = !slot.offsets.empty();
    const uint32_t begin = list ? slot.offsets[row] : row;
    const uint32_t end = list ? slot.offsets[row + 1] : row + 1;
    for (uint32_t v = begin; v < end; ++v) {
      if (v > begin) text += kValueSeparator;
      AppendNumber(slot.keys[v], text);
    }
    text += ',';
  }
  for (int t = 0; t < kTasks; ++t) {
    if (t > 0) text += ',';
    text += block.labels[row * kTasks + static_cast<uint32_t>(t)] > 0 ? '1' : '0';
  }
  text += '\n';
}

}  // namespace

Status WriteStepCsv(const std::string& path, const StepBenchOptions& options, uint64_t rows) {
  const LogSchema schema = StepSchema(options);
  std::string text;
  for (const LogSchema::Slot& slot : schema.slot()) text += slot.name() + ",";
  for (const LogSchema::Label& label : schema.label()) text += label.name() + ",";
  text.back() = '\n';
  PRIMACY_ASSIGN(const std::unique_ptr<AtomicFile> file, AtomicFile::Create(path));
  const StepRows source(options);
  for (uint64_t done = 0; done < rows; done += kTextRows) {
    const LogBlock block =
        source.Block(done, static_cast<uint32_t>(std::min(kTextRows, rows - done)));
    for (uint32_t r = 0; r < block.rows; ++r) AppendLine(block, r, text);
    PRIMACY_TRY(file->Append(std::as_bytes(std::span(text))));
    text.clear();
  }
  return file->Commit();
}

std::string StepConvertSpec(const StepBenchOptions& options) {
  const LogSchema schema = StepSchema(options);
  std::string spec;
  for (const LogSchema::Slot& slot : schema.slot()) {
    spec += "slot { column: \"" + slot.name() + "\" group: \"" + slot.group() + "\"";
    if (slot.multi_valued()) spec += std::string(" value_separator: \"") + kValueSeparator + "\"";
    spec += " }\n";
  }
  for (const LogSchema::Label& label : schema.label()) {
    spec += "label { column: \"" + label.name() + "\" }\n";
  }
  return spec;
}

}  // namespace primacy::bench
