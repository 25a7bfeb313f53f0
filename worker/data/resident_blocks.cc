#include "worker/data/resident_blocks.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace primacy {

ResidentBlocks::ResidentBlocks(CachedLog log, BatchPlan& plan)
    : log_(std::move(log)), plan_(plan), blocks_(log_.source->block_count()) {}

Status ResidentBlocks::Hold(Step step) {
  std::vector<WindowId> windows = plan_.WindowsOf(step);
  windows.push_back(plan_.WindowAfter(windows.back()));
  if (windows != windows_) Switch(std::move(windows));

  for (; held_loaded_ < held_.size(); ++held_loaded_) PRIMACY_TRY(Load(held_[held_loaded_]));
  const double ahead = plan_.ProgressOf(step) * static_cast<double>(coming_.size());
  const size_t wanted = std::min(coming_.size(), static_cast<size_t>(std::ceil(ahead)));
  for (; coming_loaded_ < wanted; ++coming_loaded_) PRIMACY_TRY(Load(coming_[coming_loaded_]));
  return Ok();
}

void ResidentBlocks::Switch(std::vector<WindowId> windows) {
  windows_ = std::move(windows);
  std::vector<uint32_t> held;
  for (size_t w = 0; w + 1 < windows_.size(); ++w) {
    const std::vector<uint32_t> blocks = plan_.BlocksOf(windows_[w]);
    held.insert(held.end(), blocks.begin(), blocks.end());
  }
  std::vector<uint32_t> coming = plan_.BlocksOf(windows_.back());

  std::vector<std::pair<uint32_t, std::shared_ptr<const LogBlock>>> kept;
  const auto keep = [&](const std::vector<uint32_t>& blocks) {
    for (const uint32_t block : blocks) {
      if (blocks_[block] != nullptr) kept.emplace_back(block, blocks_[block]);
    }
  };
  keep(held);
  keep(coming);
  for (const uint32_t block : held_) blocks_[block].reset();
  for (const uint32_t block : coming_) blocks_[block].reset();
  for (auto& [block, decoded] : kept) blocks_[block] = std::move(decoded);

  held_ = std::move(held);
  coming_ = std::move(coming);
  held_loaded_ = 0;
  coming_loaded_ = 0;
}

Status ResidentBlocks::Load(uint32_t block) {
  if (blocks_[block] != nullptr) return Ok();
  PRIMACY_ASSIGN(blocks_[block], log_.cache->Get(log_.source, block));
  return Ok();
}

size_t ResidentBlocks::size() const {
  return static_cast<size_t>(std::count_if(blocks_.begin(), blocks_.end(),
                                           [](const auto& block) { return block != nullptr; }));
}

}  // namespace primacy
