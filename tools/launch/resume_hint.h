// What `primacy train` says of a run that can be resumed, after why it ended.
#pragma once

namespace primacy {

inline constexpr char kResumeHint[] =
    "the same command with --resume continues from the newest generation";

}  // namespace primacy
