// What a parameter store is given comes from other processes and from files: checked here before
// anything is sized by it.
#pragma once

#include "common/base/result.h"
#include "ps/table/parameter_store.h"

namespace primacy {

// Dimensions, shapes, shard range and table settings are in their ranges.
Status CheckStoreOptions(const StoreOptions& options, const Optimizer& table_optimizer);

// A usage error that names the first table or tensor in which a checkpoint's parameters differ from
// the model's.
Status CheckSameParameters(const ParameterSpec& model, const ParameterSpec& checkpoint);

}  // namespace primacy
