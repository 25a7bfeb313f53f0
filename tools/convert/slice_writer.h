// Writes the rows of one slice into its part files, block by block.
#pragma once

#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/clicklog/block_packer.h"
#include "common/clicklog/writer.h"
#include "tools/convert/row_codec.h"
#include "tools/convert/row_store.h"
#include "tools/convert/worker_threads.h"

namespace primacy {

struct SliceOptions {
  std::string folder;
  int parts = 1;
  uint32_t rows_per_block = 4096;
  // Rows that will come. With it, the parts follow one another and are of equal size; without,
  // blocks are dealt to them in turn.
  std::optional<uint64_t> rows;
};

// Where blocks are packed.
struct PackingThreads {
  WorkerThreads& threads;
  std::vector<BlockPacker>& packers;  // [thread]
};

// Parts and blocks end where the group changes, unless a group is several times a block. Blocks are
// packed and parts are synced on the threads, in any order; the files do not depend on it. Not
// thread safe.
class SliceWriter {
 public:
  // Creates the folder with the first row; a slice without rows leaves nothing. `schema`, `codec`
  // and what `packing` names outlive the threads.
  SliceWriter(const LogSchema& schema, const RowCodec& codec, PackingThreads packing,
              SliceOptions options);

  // Copies the row.
  Status Add(const SequencedRow& row);
  Status Finish();
  uint64_t rows() const { return rows_; }
  // Of the finished part files.
  uint64_t file_bytes() const { return file_bytes_; }

 private:
  // The rows of a block as RowCodec encodes them, one behind the other.
  struct RowRun {
    std::vector<std::byte> bytes;
    std::vector<size_t> ends;
  };
  struct Packing {
    size_t part;
    std::future<Result<PackedBlock>> block;
  };
  using FinishedPart = Result<uint64_t>;  // bytes of the file

  // Whether the block should end before a row of `group`.
  bool BlockEnds(uint64_t group) const;
  bool PartEnds(uint64_t group) const;
  std::string PathOf(size_t part) const;
  // Hands the block to the threads; writes what is packed when enough is in flight.
  Status EndBlock();
  // Waits for the oldest block and appends it to its part.
  Status WriteOldest();
  // Hands the part, all of whose blocks have been written, to the threads to be synced.
  void FinishPart(size_t part);

  const LogSchema& schema_;
  const RowCodec& codec_;
  const PackingThreads packing_;
  const SliceOptions options_;
  std::vector<std::unique_ptr<LogPartWriter>> parts_;
  size_t part_ = 0;
  RowRun run_;
  std::deque<Packing> in_flight_;
  std::vector<std::future<FinishedPart>> finished_;
  uint64_t last_group_ = 0;
  uint64_t rows_ = 0;
  uint64_t file_bytes_ = 0;
};

}  // namespace primacy
