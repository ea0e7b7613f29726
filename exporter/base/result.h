// Result<T>: a value or an Error, with the member names of std::expected (GCC 12 has none in C++20).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace bottleneck {

/// Why a value could not be had. The meaning, what is done about it and how it shows in the metrics is one
/// table: `error_action()` in error_table.h.
enum class ErrorCode : unsigned char {
  kAbsent,       ///< no such file or key for this container or kernel
  kGone,         ///< the container vanished (ENODEV, ESRCH)
  kUnsupported,  ///< EOPNOTSUPP, controller not mounted
  kDenied,       ///< EACCES, EPERM
  kMalformed,    ///< unexpected text
  kTimeout,      ///< a slow source did not answer in time
  kUnavailable,  ///< a source is down
  kInvalid,      ///< bad configuration or bad argument
};

struct Error {
  ErrorCode code = ErrorCode::kInvalid;
  std::string message;  ///< empty on the sampling path, where nothing may allocate
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)
  Result(ErrorCode code) : Result(Error{code, {}}) {}        // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  [[nodiscard]] const Error& error() const { return std::get<1>(state_); }
  [[nodiscard]] T value_or(T fallback) const { return has_value() ? value() : std::move(fallback); }

 private:
  std::variant<T, Error> state_;
};

/// A Result without a value: success or an Error.
using Status = Result<std::monostate>;
inline Status ok() { return Status(std::monostate{}); }

}  // namespace bottleneck
