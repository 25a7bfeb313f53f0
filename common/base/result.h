// What a function that may fail for expected reasons returns: a value, or an error that carries its
// causes.
//
// Three kinds of wrong are kept apart (see docs/architecture.md): a user's mistake (kUsage: exit
// code 2, the message names the thing to change), an expected failure of the world (kFailure: a
// peer, a disk, a bad record; exit code 1), and a bug of ours, which is a CHECK and never an Error.
// No exception crosses a header of this project.
#pragma once

#include <glog/logging.h>

#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <utility>

namespace primacy {

enum class ErrorKind { kUsage, kFailure };

// A message, where it was made, and optionally the error that caused it. Cheap to copy.
class Error {
 public:
  Error(ErrorKind kind, std::string message,
        std::source_location where = std::source_location::current());

  // An error of the same kind whose cause is `cause`: "reading part-00001.clog: block 7: checksum
  // differs".
  Error(std::string message, Error cause,
        std::source_location where = std::source_location::current());

  ErrorKind kind() const { return node_->kind; }
  // The whole chain in one line, outermost first, joined by ": ".
  std::string message() const;
  // The chain with file and line of each link, for the log.
  std::string trace() const;

 private:
  struct Node {
    ErrorKind kind;
    std::string message;
    std::source_location where;
    std::shared_ptr<const Node> cause;
  };
  std::shared_ptr<const Node> node_;
};

inline Error UsageError(std::string message,
                        std::source_location where = std::source_location::current()) {
  return Error(ErrorKind::kUsage, std::move(message), where);
}
inline Error Failure(std::string message,
                     std::source_location where = std::source_location::current()) {
  return Error(ErrorKind::kFailure, std::move(message), where);
}

// A value or an Error. Reading the value of a failed Result is a bug and dies.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}      // NOLINT: implicit on purpose
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit on purpose

  bool ok() const { return value_.has_value(); }
  const Error& error() const {
    CHECK(!ok());
    return *error_;
  }
  T& operator*() & {
    CHECK(ok()) << error_->trace();
    return *value_;
  }
  const T& operator*() const& {
    CHECK(ok()) << error_->trace();
    return *value_;
  }
  T&& operator*() && {
    CHECK(ok()) << error_->trace();
    return std::move(*value_);
  }
  T* operator->() { return &**this; }
  const T* operator->() const { return &**this; }

 private:
  std::optional<T> value_;
  std::optional<Error> error_;
};

// Success or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}  // NOLINT: implicit on purpose

  bool ok() const { return !error_.has_value(); }
  const Error& error() const {
    CHECK(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

inline Status Ok() { return Status(); }

}  // namespace primacy

#define PRIMACY_CONCAT_INNER(a, b) a##b
#define PRIMACY_CONCAT(a, b) PRIMACY_CONCAT_INNER(a, b)

// Returns the error of `expression` (a Status or a Result) to the caller, if it has one.
#define PRIMACY_TRY(expression)                                        \
  do {                                                                 \
    auto primacy_try_outcome = (expression);                           \
    if (!primacy_try_outcome.ok()) return primacy_try_outcome.error(); \
  } while (false)

// Declares or assigns `target` from the value of `expression` (a Result), or returns its error to
// the caller.
#define PRIMACY_ASSIGN(target, expression)                       \
  auto PRIMACY_CONCAT(primacy_assign_, __LINE__) = (expression); \
  if (!PRIMACY_CONCAT(primacy_assign_, __LINE__).ok())           \
    return PRIMACY_CONCAT(primacy_assign_, __LINE__).error();    \
  target = *std::move(PRIMACY_CONCAT(primacy_assign_, __LINE__))  // NOLINT: may declare
