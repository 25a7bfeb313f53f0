#include "tools/generate/generate.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/base/out_dir.h"
#include "common/clicklog/slices.h"
#include "common/clicklog/writer.h"
#include "tools/generate/output.h"
#include "tools/generate/row_source.h"
#include "tools/generate/truth_writer.h"

namespace primacy {
namespace {

using generate::Logits;
using generate::PlantedRow;
using generate::RowSource;
using generate::TruthWriter;

constexpr uint64_t kProgressRows = 1 << 14;
// The ceiling is measured on so many test rows at most.
constexpr uint64_t kCeilingRowsMax = 1'000'000;

// Labels of the train rows and logits of the test rows, one task.
struct TaskCounts {
  uint64_t rows = 0;
  uint64_t ones = 0;
  std::vector<float> scores;
  std::vector<uint8_t> labels;
};

class LogGenerator {
 public:
  LogGenerator(const GenerateOptions& options, const GenerateProgress& progress)
      : options_(options), progress_(progress), source_(options), counts_(options.tasks) {}

  Status Run() {
    PRIMACY_ASSIGN(const auto out, OutDir::Create(options_.out));
    folder_ = out->folder();
    for (const char* slice : kSliceNames) PRIMACY_TRY(MakeDirectories(folder_ + "/" + slice));
    const uint64_t tenth = options_.rows / 10;
    const uint64_t train = options_.rows - 2 * tenth;
    const int fewer_parts = std::max(1, options_.parts / 8);
    PRIMACY_TRY(WriteFolder(0, 0, train, options_.parts));
    PRIMACY_TRY(WriteFolder(1, train, train + tenth, fewer_parts));
    PRIMACY_TRY(WriteFolder(2, train + tenth, options_.rows, fewer_parts));
    PRIMACY_TRY(WriteFileAtomically(folder_ + "/job.txt", generate::JobText(options_)));
    PRIMACY_TRY(WriteFileAtomically(folder_ + "/truth.txt",
                                    generate::TruthText(options_, source_, Measure())));
    return out->Publish();
  }

 private:
  // Rows [begin, end) in `parts` parts of equal size.
  Status WriteFolder(int folder, uint64_t begin, uint64_t end, int parts) {
    const uint64_t rows = end - begin;
    if (options_.truth) {
      PRIMACY_ASSIGN(truth_, TruthWriter::Create(folder_ + "/truth/" + kSliceNames[folder], rows,
                                                 options_.tasks));
    }
    const uint64_t count = static_cast<uint64_t>(parts);
    for (uint64_t p = 0; p < count; ++p) {
      const std::string path =
          folder_ + "/" + kSliceNames[folder] + "/" + PartName(static_cast<int>(p));
      const uint64_t first = begin + rows / count * p + std::min(p, rows % count);
      const uint64_t next = first + rows / count + (p < rows % count ? 1 : 0);
      PRIMACY_TRY(WritePart(path, folder, first, next));
    }
    if (truth_ != nullptr) return truth_->Finish();
    return Ok();
  }

  Status WritePart(const std::string& path, int folder, uint64_t begin, uint64_t end) {
    LogWriterOptions writing;
    writing.rows_per_block = options_.rows_per_block;
    PRIMACY_ASSIGN(const std::unique_ptr<LogPartWriter> writer,
                   LogPartWriter::Create(path, source_.schema(), writing));
    LogRow row;
    for (uint64_t r = begin; r < end; ++r) {
      const PlantedRow planted = source_.Fill(r, row);
      Count(folder, row, planted.logits);
      PRIMACY_TRY(writer->AppendRow(row));
      if (truth_ != nullptr) PRIMACY_TRY(truth_->Append(r, planted));
      if (progress_ && ((r + 1) % kProgressRows == 0 || r + 1 == options_.rows)) {
        progress_(r + 1, options_.rows);
      }
    }
    return writer->Finish();
  }

  void Count(int folder, const LogRow& row, const Logits& logits) {
    for (size_t t = 0; t < counts_.size(); ++t) {
      if (row.masks[t] == 0) continue;
      TaskCounts& counts = counts_[t];
      const bool one = row.labels[t] != 0.0f;
      if (folder == 0) {
        ++counts.rows;
        counts.ones += one;
      } else if (folder == 2 && counts.scores.size() < kCeilingRowsMax) {
        counts.scores.push_back(static_cast<float>(logits[t]));
        counts.labels.push_back(one);
      }
    }
  }

  generate::Measured Measure() const {
    generate::Measured measured;
    for (const TaskCounts& counts : counts_) {
      const double rows = static_cast<double>(std::max<uint64_t>(1, counts.rows));
      measured.label_rate.push_back(static_cast<double>(counts.ones) / rows);
      measured.ceiling_auc.push_back(generate::AreaUnderCurve(counts.scores, counts.labels));
    }
    return measured;
  }

  const GenerateOptions options_;
  std::string folder_;  // where the log is written before it is published
  const GenerateProgress progress_;
  const RowSource source_;
  std::unique_ptr<TruthWriter> truth_;  // of the folder being written; null: not wanted
  std::vector<TaskCounts> counts_;      // [task]
};

}  // namespace

Status Generate(const GenerateOptions& options, const GenerateProgress& progress) {
  PRIMACY_TRY(CheckGenerateOptions(options));
  LogGenerator generator(options, progress);
  return generator.Run();
}

}  // namespace primacy
