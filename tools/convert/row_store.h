// Rows that wait for their place: in memory up to a limit, then as sorted runs in one temporary
// file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace primacy {

// A row's bytes with what orders it and where it goes.
struct SequencedRow {
  int64_t time = 0;     // first key of the order
  uint64_t number = 0;  // second key, unique
  uint32_t slice = 0;
  std::span<const std::byte> bytes;
};

// Holds at most about `memory_bytes_max` of rows; beyond that they are sorted and appended to
// `spill_path`, which is removed again with the store. Not thread safe.
class RowStore {
 public:
  RowStore(std::string spill_path, uint64_t memory_bytes_max);
  ~RowStore();
  RowStore(const RowStore&) = delete;
  RowStore& operator=(const RowStore&) = delete;

  // Copies the row. Failures: the temporary file cannot be written.
  Status Add(const SequencedRow& row);
  // Whether the rows in memory have reached the limit: the next Add spills them.
  bool full() const { return memory_bytes_ >= memory_bytes_max_; }
  uint64_t rows() const { return rows_; }
  uint64_t spilled_bytes() const { return spill_end_; }

  // Calls `visit` with every row in rising (time, number), and empties the store. Stops at the
  // first error.
  Status Drain(const std::function<Status(const SequencedRow&)>& visit);

 private:
  class RunReader;
  struct Entry {
    int64_t time;
    uint64_t number;
    const std::byte* record;  // header, then the row's bytes
  };
  struct Run {
    uint64_t begin;
    uint64_t end;
  };

  std::byte* Allocate(size_t bytes);
  void SortEntries();
  Status Spill();
  void ClearMemory();

  const std::string spill_path_;
  const uint64_t memory_bytes_max_;
  int spill_fd_ = -1;
  uint64_t spill_end_ = 0;
  std::vector<Run> runs_;
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::byte* chunk_at_ = nullptr;
  size_t chunk_left_ = 0;
  uint64_t memory_bytes_ = 0;
  std::vector<Entry> entries_;
  bool sorted_ = true;  // entries_ came in order
  uint64_t rows_ = 0;
};

}  // namespace primacy
