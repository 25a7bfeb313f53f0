// Flags that several commands read.
#pragma once

#include <gflags/gflags.h>

#include <string>
#include <vector>

#include "common/base/result.h"

DECLARE_string(job);
DECLARE_string(run_dir);
DECLARE_string(out);
DECLARE_string(checkpoint);
DECLARE_string(log);
DECLARE_int32(servers);
DECLARE_int32(workers);
DECLARE_string(launcher);
DECLARE_bool(resume);
DECLARE_string(init_from);
DECLARE_int32(parts);
DECLARE_bool(json);

namespace primacy {

// The values of every --set=field=value, in order: gflags would keep only the last of them.
std::vector<std::string>& Overrides();

// A flag that a command cannot do without.
Status RequireFlag(const std::string& name, const std::string& value, const std::string& meaning);
// --servers and --workers are at least 1.
Status RequireProcesses();
// That they are not more than one host should be given.
Status RequireOneHost();

}  // namespace primacy
