// Errors of paths that people give.
#pragma once

#include <source_location>
#include <string>
#include <system_error>

#include "common/base/result.h"

namespace primacy {

// "cannot ACTION PATH: …". A usage error where another path would do, because this one is missing,
// no directory, not permitted or read only; a failure where it would not: a full disk, a broken
// one.
Error PathError(const std::string& action, const std::string& path, std::error_code code,
                std::source_location where = std::source_location::current());

}  // namespace primacy
