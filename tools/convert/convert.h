// Converts delimited text (CSV, TSV, gzip or plain) into a click log split into train, holdout and
// test. What the columns mean is said by a ConvertSpec, a protobuf text file; docs/convert.md
// explains it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/clicklog/schema.pb.h"

namespace primacy {

struct ConvertProgress {
  uint64_t rows = 0;         // records read so far
  uint64_t input_bytes = 0;  // bytes read so far, after decompression
};

struct ConvertOptions {
  std::string schema_file;          // ConvertSpec as protobuf text
  std::vector<std::string> inputs;  // paths; "-" is standard input, at most once
  std::string out_dir;              // must not be there, or be an empty directory
  int parts = 1;  // part files of the train slice; holdout and test are one part each
  // Rows held before they go to disk; each side file of a join may take as much again.
  uint64_t memory_bytes_max = uint64_t{1} << 30;
  uint32_t rows_per_block = 4096;
  int bad_rows_shown = 5;
  int threads = 1;  // that read rows and pack blocks; the log is the same for any number
  int stdin_fd = 0;
  // Called every hundred thousand records or so. Returning false stops the conversion with a
  // failure.
  std::function<bool(const ConvertProgress&)> progress;
};

struct ConvertLabelReport {
  std::string name;
  uint64_t present = 0;   // rows that have the label
  uint64_t positive = 0;  // of them, rows whose label is above 0
  double sum = 0;         // of the labels that are present
};

struct ConvertJoinReport {
  std::string file;
  uint64_t keys = 0;    // in the side file
  uint64_t misses = 0;  // rows whose key was not there
};

struct ConvertReport {
  LogSchema schema;
  uint64_t rows_read = 0;  // good and bad ones
  uint64_t train_rows = 0;
  uint64_t holdout_rows = 0;
  uint64_t test_rows = 0;
  uint64_t bad_rows = 0;
  std::map<std::string, uint64_t> bad_by_reason;  // only reasons that occurred
  std::vector<std::string> bad_examples;          // "file:line: reason: detail"
  std::vector<ConvertLabelReport> labels;
  std::vector<ConvertJoinReport> joins;
  uint64_t input_bytes = 0;  // after decompression
  uint64_t log_bytes = 0;    // of all parts written
  uint64_t spilled_bytes =
      0;  // rows that did not fit memory_bytes_max and went through a temporary file
  double seconds = 0;
};

// Reads everything, writes out_dir/{train,holdout,test}/part-NNNNN.clog and a copy of the spec as
// out_dir/convert.txt. Slices with share 0 are left out. The directory appears whole or not at all:
// it is written beside out_dir and renamed. TIME sorts rows by (timestamp, order of input), and
// parts follow one another in time; ORDER keeps the order of input. Parts and blocks are cut
// between groups where rows of a group follow one another.
//
// Usage errors: a missing input or side file, an unknown column or field (with its line), an
// out_dir that is not empty, a split that leaves a slice without rows. Failures: too many bad rows,
// a damaged gzip file, a full disk.
Result<ConvertReport> Convert(const ConvertOptions& options);

// The report for a person, several lines.
std::string DescribeReport(const ConvertReport& report);

}  // namespace primacy
