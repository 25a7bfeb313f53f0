# Compiler settings, dependencies and the three functions that every CMakeLists.txt of the project uses:
#
#   primacy_library(name SOURCES a.cc b.cc DEPS other_library ...)     one folder, one library
#   primacy_proto(name PROTOS x.proto DEPS other_proto_library ...)    generated next to its folder in the build tree
#   primacy_test(name SOURCES x_test.cc DEPS library ... [LABELS slow|fault|mpi|data] [TIMEOUT seconds] [ARGS ...])

option(PRIMACY_TESTS "Build the tests" ON)
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

# One floating-point result on every machine: no contraction to fused multiply-add behind our back, no fast-math.
add_compile_options(-Wall -Wextra -Werror -Wno-missing-field-initializers -ffp-contract=off -fno-omit-frame-pointer)
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

# Each of 150 test programs has most of the project in it.
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
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    set(kind PUBLIC)
  else()
    add_library(${name} INTERFACE)
    set(kind INTERFACE)
  endif()
  target_include_directories(${name} ${kind} "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}")
  target_link_libraries(${name} ${kind} ${ARG_DEPS})
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

function(primacy_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS;ARGS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} test_main)
  add_test(NAME ${name} COMMAND ${name} ${ARG_ARGS})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
                       SKIP_RETURN_CODE 77)
endfunction()
