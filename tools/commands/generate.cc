#include "tools/generate/generate.h"

#include <cstdio>

#include "common/base/strings.h"
#include "tools/commands/command.h"
#include "tools/commands/flags.h"

DEFINE_uint64(rows, primacy::GenerateOptions().rows, "rows of train, hold-out and test together");
DEFINE_uint64(seed, primacy::GenerateOptions().seed, "everything is a pure function of it");
DEFINE_int32(tasks, primacy::GenerateOptions().tasks, "labels, 2 to 5");
DEFINE_double(conflict, primacy::GenerateOptions().conflict,
              "0: the tasks want the same, 1: they compete");
DEFINE_uint64(users, primacy::GenerateOptions().users, "users");
DEFINE_uint64(items, primacy::GenerateOptions().items, "items");
DEFINE_double(zipf, primacy::GenerateOptions().zipf,
              "exponent of the popularity of users and items");
DEFINE_int32(slots, primacy::GenerateOptions().slots,
             "slots; more than the base seven tell nothing");
DEFINE_double(appeal_share, primacy::GenerateOptions().appeal_share,
              "of the logits' variance: what users and items add without regard to each other");
DEFINE_double(
    own_share, primacy::GenerateOptions().own_share,
    "of a user's and an item's tastes: what their segment, category and tags do not tell");
DEFINE_bool(truth, false, "the planted probabilities of every row too, as NumPy arrays");
DEFINE_bool(mask_last, primacy::GenerateOptions().mask_last,
            "the last label is known only where the one before it is 1");

namespace primacy {

Result<int> RunGenerate(const std::vector<std::string>&) {
  PRIMACY_TRY(RequireFlag("out", FLAGS_out, "the directory for the log"));
  GenerateOptions options;
  options.out = FLAGS_out;
  options.rows = FLAGS_rows;
  options.seed = FLAGS_seed;
  options.tasks = FLAGS_tasks;
  options.conflict = FLAGS_conflict;
  options.users = FLAGS_users;
  options.items = FLAGS_items;
  options.zipf = FLAGS_zipf;
  options.slots = FLAGS_slots;
  options.appeal_share = FLAGS_appeal_share;
  options.own_share = FLAGS_own_share;
  options.truth = FLAGS_truth;
  options.mask_last = FLAGS_mask_last;
  if (!gflags::GetCommandLineFlagInfoOrDie("parts").is_default) options.parts = FLAGS_parts;
  PRIMACY_TRY(Generate(options, {}));
  std::printf("%s rows in %s: train/, holdout/, test/, job.txt, truth.txt%s\n",
              WithCommas(options.rows).c_str(), options.out.c_str(),
              options.truth ? ", truth/" : "");
  return 0;
}

}  // namespace primacy
