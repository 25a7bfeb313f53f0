#include <cstdio>

#include "common/base/strings.h"
#include "tools/commands/command.h"
#include "tools/commands/flags.h"
#include "tools/export/export_npy.h"

DEFINE_bool(optimizer_slots, false, "the optimizer's slots too");

namespace primacy {

Result<int> RunExport(const std::vector<std::string>&) {
  PRIMACY_TRY(RequireFlag("checkpoint", FLAGS_checkpoint, "a run directory or a generation of it"));
  PRIMACY_TRY(RequireFlag("out", FLAGS_out, "the directory for the arrays"));
  PRIMACY_ASSIGN(const ExportSummary summary,
                 ExportNpy({FLAGS_checkpoint, FLAGS_out, FLAGS_optimizer_slots}));
  std::printf("%s rows and %s dense tensors of %s in %s\n", WithCommas(summary.rows).c_str(),
              WithCommas(summary.tensors).c_str(), summary.checkpoint.c_str(), FLAGS_out.c_str());
  return 0;
}

}  // namespace primacy
