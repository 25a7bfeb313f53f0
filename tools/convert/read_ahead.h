// Reads a byte source, and inflates what it inflates, on a thread of its own.
#pragma once

#include <memory>

#include "tools/convert/byte_source.h"

namespace primacy {

// Gives the same bytes and the same error. Holds a few megabytes that were read ahead.
std::unique_ptr<ByteSource> ReadAhead(std::unique_ptr<ByteSource> source);

}  // namespace primacy
