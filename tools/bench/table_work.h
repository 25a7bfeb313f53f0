// A parameter store with one table under Adagrad and nothing else, filled.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/base/result.h"
#include "ps/table/parameter_store.h"

namespace primacy::bench {

StoreOptions TableOptions(int dim);

struct Filled {
  std::unique_ptr<ParameterStore> store;
  std::vector<double> seconds;  // of each update that inserted keys
};
// Rows of the ids 0 … keys - 1, inserted `batch_keys` at a time.
Result<Filled> FillTable(uint64_t keys, int dim, uint64_t batch_keys);

// Up to `count` unique keys of uniformly drawn ids below `keys`, sorted; a
// function of the seed.
std::vector<Key> UniformKeys(uint64_t seed, uint64_t count, uint64_t keys);

// Bytes that `rows` rows cannot do without: weights, slots and key.
double BytesNeeded(int64_t rows, int dim);

}  // namespace primacy::bench
