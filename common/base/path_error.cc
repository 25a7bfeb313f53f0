#include "common/base/path_error.h"

#include <algorithm>
#include <array>

namespace primacy {

Error PathError(const std::string& action, const std::string& path, std::error_code code,
                std::source_location where) {
  constexpr auto kMistakes = std::to_array<std::errc>(
      {std::errc::no_such_file_or_directory, std::errc::not_a_directory, std::errc::is_a_directory,
       std::errc::file_exists, std::errc::permission_denied, std::errc::operation_not_permitted,
       std::errc::read_only_file_system, std::errc::filename_too_long,
       std::errc::too_many_symbolic_link_levels});
  const std::string message = "cannot " + action + " " + path + ": " + code.message();
  const bool mistake =
      std::any_of(kMistakes.begin(), kMistakes.end(), [&](std::errc errc) { return code == errc; });
  return mistake ? UsageError(message, where) : Failure(message, where);
}

}  // namespace primacy
