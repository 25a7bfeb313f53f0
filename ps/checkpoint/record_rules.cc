#include "ps/checkpoint/record_rules.h"

#include <algorithm>

#include "common/base/hash.h"
#include "common/base/strings.h"
#include "common/protocol/dense_layout.h"
#include "common/protocol/sharding.h"

namespace primacy {

using shard_format::BlockInfo;
using shard_format::BlockKind;
using shard_format::kRecordFloatsMax;

Result<RecordRules> RecordRules::Create(const ParameterSpec& parameters) {
  constexpr int64_t kSideMax = int64_t{1} << 31;
  RecordRules rules;
  for (const TableSpec& table : parameters.table()) {
    if (table.dim() <= 0 || static_cast<uint32_t>(table.dim()) > kRecordFloatsMax) {
      return Failure(Format("a table with rows of %d weights", table.dim()));
    }
    rules.dims_.push_back(static_cast<uint32_t>(table.dim()));
  }
  for (const TensorSpec& tensor : parameters.tensor()) {
    if (tensor.rows() < 0 || tensor.cols() < 0 || tensor.rows() > kSideMax ||
        tensor.cols() > kSideMax) {
      return Failure(Format("tensor %s of shape [%lld, %lld]", tensor.name().c_str(),
                            static_cast<long long>(tensor.rows()),
                            static_cast<long long>(tensor.cols())));
    }
    rules.tensors_.push_back(
        {HashBytes(tensor.name()), static_cast<uint64_t>(tensor.rows() * tensor.cols())});
  }
  return rules;
}

bool RecordRules::AllowsBlock(const BlockInfo& info) const {
  if (info.records == 0 || info.floats > kRecordFloatsMax) return false;
  switch (info.kind) {
    case BlockKind::kRows:
      return info.owner < dims_.size() && info.floats >= dims_[info.owner];
    case BlockKind::kWaiting:
      return info.owner < dims_.size() && info.floats == 0;
    case BlockKind::kDense:
      return info.owner < tensors_.size() && info.floats > 0;
  }
  return false;
}

bool RecordRules::AllowsRow(uint32_t shard, Key key) const { return ShardOf(key) == shard; }

bool RecordRules::AllowsDense(uint32_t shard, uint32_t tensor, uint32_t number,
                              uint64_t floats) const {
  if (tensor >= tensors_.size()) return false;
  const Tensor& rule = tensors_[tensor];
  const uint64_t begin = uint64_t{kDenseBlockFloats} * number;
  return begin < rule.size && floats >= std::min<uint64_t>(kDenseBlockFloats, rule.size - begin) &&
         ShardOf(HashCombine(rule.name_hash, number)) == shard;
}

}  // namespace primacy
