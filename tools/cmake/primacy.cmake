# Compiler settings, dependencies and the functions that every CMakeLists.txt of the project uses:
#
#   primacy_library(name SOURCES a.cc b.cc [ALONE c.cc] DEPS other_library ...)     one folder, one library
#   primacy_proto(name PROTOS x.proto DEPS other_proto_library ...)    generated next to its folder in the build tree
#   primacy_test(name SOURCES x_test.cc DEPS library ... [ALONE] [LABELS slow|fault|mpi|data] [TIMEOUT seconds] [ARGS ...])
#
#   primacy_oracle(name SCRIPT x.py VALUES x.txt)      a test that computes stored values anew
#
# With PRIMACY_UNITY the sources of a library are compiled as one, and so are the tests of a folder, because headers are
# most of what a source costs: a build from nothing takes a third of the time, a changed source brings its library with it.
# ALONE are those that share a name or a macro with another one, and tests whose target is spoken of by name.

option(PRIMACY_TESTS "Build the tests" ON)
option(PRIMACY_UNITY "Compile a library's sources as one: fast from nothing, slower after a change" ON)
set(PRIMACY_SANITIZE "" CACHE STRING "Value of -fsanitize=, for example address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

# What a sanitizer adds to the code makes GCC 12 see overflows and overlaps that are none: warnings are errors without one.
set(warnings_are_errors -Werror)
if(PRIMACY_SANITIZE)
  set(warnings_are_errors)
endif()
# One floating-point result on every machine: no contraction to fused multiply-add behind our back, no fast-math.
add_compile_options(-Wall -Wextra ${warnings_are_errors} -Wno-missing-field-initializers -ffp-contract=off -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 takes the empty state of a std::optional for uninitialised memory.
  add_compile_options(-Wno-maybe-uninitialized)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-O3)
endif()
if(PRIMACY_SANITIZE)
  add_compile_options(-fsanitize=${PRIMACY_SANITIZE} -fno-sanitize-recover=all -O1 -g1)
  add_link_options(-fsanitize=${PRIMACY_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # libstdc++ and GCC 12 give false positives of these two under the sanitizers.
    add_compile_options(-Wno-stringop-overflow -Wno-tsan)
  endif()
endif()

# Test programs have most of the project in them, and the default linker takes its time for each.
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gflags REQUIRED)
find_package(glog REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(MPI REQUIRED COMPONENTS C)
find_library(ZSTD_LIBRARY zstd REQUIRED)
find_library(XXHASH_LIBRARY xxhash REQUIRED)
# Debian's dnnl-config.cmake wants OpenCL headers, so the library is looked up by name.
find_library(DNNL_LIBRARY dnnl REQUIRED)

function(primacy_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;ALONE;DEPS" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES} ${ARG_ALONE})
    set(kind PUBLIC)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ${PRIMACY_UNITY} UNITY_BUILD_BATCH_SIZE 0)
    set_source_files_properties(${ARG_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  else()
    add_library(${name} INTERFACE)
    set(kind INTERFACE)
  endif()
  target_include_directories(${name} ${kind} "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}")
  target_link_libraries(${name} ${kind} ${ARG_DEPS})
endfunction()

# primacy_short_loops(source ...): with vectorised loops of a short known length. GCC unrolls such loops before it looks for vectors, and
# then finds none.
function(primacy_short_loops)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON COMPILE_OPTIONS --param=max-completely-peel-times=1)
  endif()
endfunction()

function(primacy_proto name)
  cmake_parse_arguments(ARG "" "" "PROTOS;DEPS" ${ARGN})
  set(sources)
  foreach(proto ${ARG_PROTOS})
    get_filename_component(stem "${proto}" NAME_WE)
    file(RELATIVE_PATH folder "${CMAKE_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
    set(out "${CMAKE_BINARY_DIR}/${folder}/${stem}.pb")
    add_custom_command(
      OUTPUT "${out}.cc" "${out}.h"
      COMMAND protobuf::protoc "--proto_path=${CMAKE_SOURCE_DIR}" "--cpp_out=${CMAKE_BINARY_DIR}"
              "${CMAKE_CURRENT_SOURCE_DIR}/${proto}"
      DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${proto}" VERBATIM)
    list(APPEND sources "${out}.cc")
  endforeach()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} SYSTEM PUBLIC "${CMAKE_BINARY_DIR}")
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf ${ARG_DEPS})
endfunction()

# primacy_leave_out_under_sanitizers(target label ...): MPI does not go with them, so nothing that needs it is built.
function(primacy_leave_out_under_sanitizers target)
  if(PRIMACY_SANITIZE AND "mpi" IN_LIST ARGN)
    set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
endfunction()

function(primacy_test name)
  cmake_parse_arguments(ARG "ALONE" "TIMEOUT" "SOURCES;DEPS;LABELS;ARGS" ${ARGN})
  set(program ${name})
  if(PRIMACY_UNITY AND NOT ARG_ALONE AND NOT ARG_LABELS AND NOT ARG_ARGS)
    # One program for the folder's tests, each of which runs what its sources have.
    file(RELATIVE_PATH program "${CMAKE_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
    string(REPLACE "/" "_" program "${program}")
    list(JOIN ARG_SOURCES "," sources)
    set(ARG_ARGS "--only_in=${sources}")
  endif()
  if(NOT TARGET ${program})
    add_executable(${program})
    set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests"
                          UNITY_BUILD ${PRIMACY_UNITY} UNITY_BUILD_BATCH_SIZE 0)
    target_link_libraries(${program} PRIVATE test_main)
    if(PRIMACY_UNITY)
      target_precompile_headers(${program} REUSE_FROM test_main)
    endif()
    primacy_leave_out_under_sanitizers(${program} ${ARG_LABELS})
  endif()
  target_sources(${program} PRIVATE ${ARG_SOURCES})
  target_link_libraries(${program} PRIVATE ${ARG_DEPS})
  add_test(NAME ${name} COMMAND ${program} ${ARG_ARGS})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  # Those that may take long begin first: no core is then left with one of them at the end.
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} COST ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
                       SKIP_RETURN_CODE 77)
endfunction()

# Where Python lacks what the script needs it is skipped (77), and with PRIMACY_TEST_DATA fails. A sanitizer sees none of it.
function(primacy_oracle name)
  cmake_parse_arguments(ARG "" "SCRIPT;VALUES" "" ${ARGN})
  if(PRIMACY_SANITIZE)
    return()
  endif()
  add_test(NAME ${name} COMMAND /usr/bin/python3 "${CMAKE_CURRENT_SOURCE_DIR}/${ARG_SCRIPT}"
                                --check "${CMAKE_CURRENT_SOURCE_DIR}/${ARG_VALUES}")
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 120)
endfunction()
