
#include "common/base/strings.h"
#include "tools/generate/generate.h"

namespace primacy {
namespace {

struct TaskKind {
  const char* name;
  double base_rate;
};
constexpr TaskKind kTasks[kGenerateTasksMax] = {
    {"like", 0.15}, {"click", 0.35}, {"stay", 0.30}, {"share", 0.20}, {"follow", 0.10}};

constexpr uint64_t kRowsMin = 10;
constexpr uint64_t kRowsMax = 1'000'000'000'000;
constexpr uint64_t kIdsMax = 1'000'000'000'000;

Status InRange(const char* option, double value, double low, double high) {
  if (value >= low && value <= high) return Ok();
  return UsageError(Format("%s is %g, must be from %.15g to %.15g", option, value, low, high));
}

Status InRange(const char* option, uint64_t value, uint64_t low, uint64_t high) {
  if (value >= low && value <= high) return Ok();
  return UsageError(Format(
      "%s is %llu, must be from %llu to %llu", option, static_cast<unsigned long long>(value),
      static_cast<unsigned long long>(low), static_cast<unsigned long long>(high)));
}

Status InRange(const char* option, int value, int low, int high) {
  if (value >= low && value <= high) return Ok();
  return UsageError(Format("%s is %d, must be from %d to %d", option, value, low, high));
}

}  // namespace

const char* GenerateTaskName(int task) {
  CHECK(task >= 0 && task < kGenerateTasksMax);
  return kTasks[task].name;
}

double GenerateBaseRate(int task) {
  CHECK(task >= 0 && task < kGenerateTasksMax);
  return kTasks[task].base_rate;
}

Status CheckGenerateOptions(const GenerateOptions& options) {
  if (options.out.empty()) return UsageError("out is empty, must be a directory");
  PRIMACY_TRY(InRange("rows", options.rows, kRowsMin, kRowsMax));
  PRIMACY_TRY(InRange("tasks", options.tasks, 2, kGenerateTasksMax));
  PRIMACY_TRY(InRange("conflict", options.conflict, 0.0, 1.0));
  PRIMACY_TRY(InRange("users", options.users, uint64_t{1}, kIdsMax));
  PRIMACY_TRY(InRange("items", options.items, uint64_t{1}, kIdsMax));
  PRIMACY_TRY(InRange("zipf", options.zipf, 0.0, 3.0));
  PRIMACY_TRY(InRange("segments", options.segments, 1, 100'000));
  PRIMACY_TRY(InRange("categories", options.categories, 1, 100'000));
  PRIMACY_TRY(InRange("tags", options.tags, 1, 100'000));
  PRIMACY_TRY(InRange("parts", options.parts, 1, 100'000));
  PRIMACY_TRY(InRange("slots", options.slots, kGenerateSlotsBase, 256));
  PRIMACY_TRY(InRange("factors", options.factors, 1, 64));
  PRIMACY_TRY(InRange("strength", options.strength, 0.0, 20.0));
  PRIMACY_TRY(InRange("appeal_share", options.appeal_share, 0.0, 1.0));
  PRIMACY_TRY(InRange("own_share", options.own_share, 0.0, 1.0));
  PRIMACY_TRY(InRange("tag_share", options.tag_share, 0.0, 1.0 - options.own_share));
  return InRange("rows_per_block", uint64_t{options.rows_per_block}, uint64_t{1},
                 uint64_t{1} << 20);
}

}  // namespace primacy
