// Gradients in planes: one gradient per task, and what a server reports of them per virtual shard
// (docs/formats/wire.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace primacy {

// The tasks of a bit mask, rising: plane p is of the p-th.
inline std::vector<int> TasksOf(uint64_t plane_tasks) {
  std::vector<int> tasks;
  for (int task = 0; task < 64; ++task) {
    if (plane_tasks >> task & 1) tasks.push_back(task);
  }
  return tasks;
}

// A shard's numbers: ⟨g_i, g_j⟩ of the shared parameters for j <= i, row by row, then the sum of
// squares over the private parameters of each plane's task.
constexpr size_t ProductAt(size_t i, size_t j) { return i * (i + 1) / 2 + j; }  // j <= i
constexpr size_t PrivateSquareAt(size_t planes, size_t i) { return planes * (planes + 1) / 2 + i; }
constexpr size_t NumbersPerShard(size_t planes) { return planes * (planes + 1) / 2 + planes; }

}  // namespace primacy
