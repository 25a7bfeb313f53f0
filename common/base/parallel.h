// Independent pieces of work on a few threads.
#pragma once

#include <cstddef>
#include <functional>

namespace primacy {

// Processors that this process may use.
int AvailableProcessors();

// Calls work(i) once for every i below `count`, on up to `threads` threads, the caller's among
// them; lower ones begin first. Returns when all are done.
void ForEachInParallel(size_t count, int threads, const std::function<void(size_t)>& work);

}  // namespace primacy
