// How much memory there is left.
#pragma once

#include <cstdint>
#include <string>

namespace primacy {

// Bytes that this process can take before the system has to swap or to kill: what the machine has
// available, or less where a control group (version 2) allows less. The largest number where the
// system does not say.
int64_t AvailableMemoryBytes();

// The same from other places than /proc/meminfo, /sys/fs/cgroup and the group that
// /proc/self/cgroup names ("/a/b").
int64_t AvailableMemoryBytes(const std::string& meminfo_path, const std::string& groups_root,
                             const std::string& group);

}  // namespace primacy
