// Losses of a slice of a log summed per group of rows (a query's or a user's), from the parts that
// the workers evaluated. Sums run row by row within a block and then block by block, in double, and
// groups are in the order of their first row: the same bits whatever the number of workers and the
// size of their batches, and two evaluations of a slice have the same groups at the same places.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "worker/metrics/evaluation.h"

namespace primacy {

// Memory: 8 bytes a group, and 16 a group and task asked for.
struct GroupLosses {
  struct Column {
    std::vector<double> weight;  // [groups], Σ weight over the rows of weight above 0
    std::vector<double> loss;    // [groups], Σ weight · loss
  };
  size_t groups = 0;
  std::vector<uint64_t> ids;  // [groups]; empty where the log has none: every row is a group
  std::vector<Column> tasks;  // [task], empty but for the tasks asked for
};

// What one worker evaluated: a group in several blocks has several entries. Not thread safe.
class GroupLossPart {
 public:
  struct Block {
    uint32_t block = 0;
    uint32_t entries = 0;
  };

  // `wanted`: bit t for every task of [0, tasks) whose losses are summed.
  GroupLossPart(size_t tasks, uint64_t wanted);

  // Rows follow those given before for the same block; blocks come in rising order. Group ids come
  // with all rows or none.
  void Add(uint32_t block, const ScoredRows& rows);

  // Bytes for Cluster::Gather, of this machine's byte order (little-endian).
  std::string Serialize() const;
  // Refuses bytes that are not a part with these tasks.
  static Result<GroupLossPart> Parse(size_t tasks, uint64_t wanted, const std::string& bytes);

  const std::vector<Block>& blocks() const { return blocks_; }
  const GroupLosses& entries() const { return entries_; }  // of all blocks, one after another

 private:
  bool Wanted(size_t task) const { return (wanted_ >> task & 1) != 0; }
  size_t EntryOf(const ScoredRows& rows, size_t row);

  uint64_t wanted_;
  std::vector<Block> blocks_;
  GroupLosses entries_;
  std::unordered_map<uint64_t, size_t> entry_of_;  // by group id, of the newest block
};

// The parts of all workers as one. Fails unless each of the slice's blocks [0, block_count) is in
// exactly one part.
Result<GroupLosses> MergeGroupLosses(size_t tasks, uint64_t wanted, uint32_t block_count,
                                     std::span<const std::string> parts);

}  // namespace primacy
