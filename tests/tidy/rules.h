// Rules about the project's own files. Each returns its complaints, one line each: "path:line: what
// is wrong". Exceptions stand in the lists of these sources, each with its reason.
#pragma once

#include <string>
#include <vector>

#include "tests/tidy/source_text.h"

namespace primacy::tidy {

using Complaints = std::vector<std::string>;

// Folders are layers: a file includes only what lies below its folder (docs/architecture.md).
Complaints IncludesDescend(const Tree& tree);
// Libraries that one folder alone may know: Asio, MPI, oneDNN, gflags.
Complaints LibrariesStayHome(const Tree& tree);
// A quoted include names a file of the project, from its root.
Complaints IncludesResolve(const Tree& tree);

// Every source is built: named in the CMakeLists.txt of its folder.
Complaints SourcesAreBuilt(const Tree& tree);
// Every x_test.cc is a source of a test that ctest runs.
Complaints TestsAreRegistered(const Tree& tree);
// One concept, one small file.
Complaints FilesAreShort(const Tree& tree);

// No mark of work left for later.
Complaints NothingIsLeftOver(const Tree& tree);
// A default argument of a virtual function belongs to the static type: the caller of the base class
// gets another one.
Complaints VirtualFunctionsHaveNoDefaults(const Tree& tree);
Complaints HeadersAreGuarded(const Tree& tree);

}  // namespace primacy::tidy
