#include "exporter/base/library.h"

#include <dlfcn.h>

namespace bottleneck {

Result<SharedLibrary> SharedLibrary::open(std::initializer_list<const char*> names) {
  std::string errors;
  for (const char* name : names) {
    void* handle = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle != nullptr) return SharedLibrary(handle, name);
    const char* error = dlerror();
    errors += errors.empty() ? "" : "; ";
    errors += error == nullptr ? name : error;
  }
  return Error{ErrorCode::kUnsupported, errors};
}

void* SharedLibrary::find(const char* symbol) const { return dlsym(handle_, symbol); }

}  // namespace bottleneck
