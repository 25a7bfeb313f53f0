#include "worker/trainer/prediction_file.h"

#include <charconv>
#include <cstddef>

#include "common/base/strings.h"

namespace primacy {
namespace {

template <typename T>
void AppendNumber(std::string& text, T value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value);
  text.append(buffer, end.ptr);
}

}  // namespace

std::string PredictionFileName(int worker) { return Format("predictions-%05d.csv", worker); }

Result<std::unique_ptr<PredictionFile>> PredictionFile::Create(const std::string& directory,
                                                               int worker, const InputSpec& input,
                                                               uint64_t active_tasks) {
  PRIMACY_TRY(MakeDirectories(directory));
  PRIMACY_ASSIGN(auto atomic, AtomicFile::Create(directory + "/" + PredictionFileName(worker)));
  auto file = std::unique_ptr<PredictionFile>(new PredictionFile(std::move(atomic), active_tasks));
  std::string header = "row_id,group_id";
  for (size_t t = 0; t < input.tasks.size(); ++t) {
    if (active_tasks >> t & 1) header += "," + input.tasks[t].name;
  }
  PRIMACY_TRY(file->Write(header + "\n"));
  return file;
}

Status PredictionFile::Append(const Batch& batch, std::span<const float> predictions) {
  const size_t tasks = batch.rows > 0 ? predictions.size() / batch.rows : 0;
  std::string text;
  for (size_t row = 0; row < batch.rows; ++row) {
    // A log without row ids is numbered by position.
    AppendNumber(text, batch.row_ids.empty() ? batch.row_sequence[row] : batch.row_ids[row]);
    text += ',';
    if (!batch.group_ids.empty()) AppendNumber(text, batch.group_ids[row]);
    for (size_t t = 0; t < tasks; ++t) {
      if (!(active_tasks_ >> t & 1)) continue;
      text += ',';
      AppendNumber(text, predictions[row * tasks + t]);
    }
    text += '\n';
  }
  return Write(text);
}

Status PredictionFile::Write(const std::string& text) {
  return file_->Append(std::as_bytes(std::span(text.data(), text.size())));
}

Status PredictionFile::Finish() { return file_->Commit(); }

}  // namespace primacy
