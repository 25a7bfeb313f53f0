#include "tools/generate/truth_writer.h"

#include <array>
#include <span>

#include "common/base/atomic_file.h"

namespace primacy::generate {

Result<std::unique_ptr<TruthWriter>> TruthWriter::Create(const std::string& folder, uint64_t rows,
                                                         int tasks) {
  PRIMACY_TRY(MakeDirectories(folder));
  std::unique_ptr<TruthWriter> writer(new TruthWriter);
  writer->tasks_ = tasks;
  const auto begin = [&](const char* name, NpyType type, uint64_t columns) {
    return NpyStream::Create(folder + "/" + name + ".npy", {type, {rows, columns}});
  };
  PRIMACY_ASSIGN(writer->probability_,
                 begin("probability", NpyType::kFloat32, static_cast<uint64_t>(tasks)));
  PRIMACY_ASSIGN(writer->value_, begin("value", NpyType::kUint64, kTruthValues));
  PRIMACY_ASSIGN(writer->dense_, begin("dense", NpyType::kFloat32, 2));
  return writer;
}

Status TruthWriter::Append(uint64_t number, const PlantedRow& row) {
  std::array<float, kGenerateTasksMax> probability{};
  for (int t = 0; t < tasks_; ++t) probability[t] = static_cast<float>(Sigmoid(row.logits[t]));
  PRIMACY_TRY(probability_->Append(
      std::as_bytes(std::span(probability).first(static_cast<size_t>(tasks_)))));
  std::array<uint64_t, kTruthValues> value = {number,
                                              row.user.number,
                                              row.item.number,
                                              static_cast<uint64_t>(row.item.category),
                                              static_cast<uint64_t>(row.user.segment),
                                              static_cast<uint64_t>(row.context.hour),
                                              static_cast<uint64_t>(row.context.position),
                                              static_cast<uint64_t>(row.item.tag_count)};
  for (int k = 0; k < row.item.tag_count; ++k) {
    value[kTruthValues - kTagsPerItemMax + k] = static_cast<uint64_t>(row.item.tags[k]);
  }
  PRIMACY_TRY(value_->Append(std::as_bytes(std::span(value))));
  const std::array<float, 2> dense = {static_cast<float>(row.item.price),
                                      static_cast<float>(row.context.age)};
  return dense_->Append(std::as_bytes(std::span(dense)));
}

Status TruthWriter::Finish() {
  PRIMACY_TRY(probability_->Finish());
  PRIMACY_TRY(value_->Finish());
  return dense_->Finish();
}

}  // namespace primacy::generate
