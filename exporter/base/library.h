// A shared library that is loaded when it is needed.
#pragma once

#include <initializer_list>
#include <string>

#include "exporter/base/result.h"

namespace bottleneck {

/// Stays loaded for the life of the process: libraries with threads or exit handlers of their own cannot be
/// unloaded safely.
class SharedLibrary {
 public:
  /// The first of `names` that the loader finds; kUnsupported with the loader's words when none is.
  static Result<SharedLibrary> open(std::initializer_list<const char*> names);
  /// Sets `function`; false when the library has no such symbol.
  template <class Function>
  bool load(const char* symbol, Function*& function) const {
    function = reinterpret_cast<Function*>(find(symbol));
    return function != nullptr;
  }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  SharedLibrary(void* handle, std::string name) : handle_(handle), name_(std::move(name)) {}
  [[nodiscard]] void* find(const char* symbol) const;

  void* handle_;
  std::string name_;
};

}  // namespace bottleneck
