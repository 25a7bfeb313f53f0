// The checks before a start, for commands: the same ones that server 0 makes.
#pragma once

#include "ps/coordinator/prepare_run.h"  // IWYU pragma: export
