#include "exporter/discover/engine/curl_api.h"

#include "exporter/base/library.h"

namespace bottleneck {
namespace {

struct Loaded {
  CurlApi api;
  Error error;
};

bool load_all(const SharedLibrary& library, CurlApi& api) {
  return library.load("curl_easy_init", api.easy_init) &&
         library.load("curl_easy_cleanup", api.easy_cleanup) &&
         library.load("curl_easy_getinfo", api.easy_getinfo) &&
         library.load("curl_easy_setopt", api.easy_setopt) &&
         library.load("curl_easy_strerror", api.easy_strerror) &&
         library.load("curl_multi_init", api.multi_init) &&
         library.load("curl_multi_cleanup", api.multi_cleanup) &&
         library.load("curl_multi_add_handle", api.multi_add_handle) &&
         library.load("curl_multi_remove_handle", api.multi_remove_handle) &&
         library.load("curl_multi_perform", api.multi_perform) &&
         library.load("curl_multi_poll", api.multi_poll) &&
         library.load("curl_multi_wakeup", api.multi_wakeup) &&
         library.load("curl_multi_info_read", api.multi_info_read) &&
         library.load("curl_multi_setopt", api.multi_setopt);
}

Loaded load() {
  Loaded loaded;
  // The soname is one for all of them; distributions build it with one TLS library or another.
  const auto library = SharedLibrary::open({"libcurl.so.4", "libcurl-gnutls.so.4"});
  if (!library) {
    loaded.error =
        Error{ErrorCode::kUnsupported, "libcurl is needed to ask an engine: " + library.error().message};
    return loaded;
  }
  decltype(::curl_global_init)* global_init = nullptr;
  if (!library->load("curl_global_init", global_init) || !load_all(*library, loaded.api)) {
    loaded.api = CurlApi{};
    loaded.error = Error{ErrorCode::kUnsupported, library->name() + " is older than 7.68"};
    return loaded;
  }
  if (const CURLcode code = global_init(CURL_GLOBAL_DEFAULT); code != CURLE_OK) {
    loaded.error = Error{ErrorCode::kUnsupported, std::string("libcurl: ") + loaded.api.easy_strerror(code)};
    loaded.api = CurlApi{};
  }
  return loaded;
}

}  // namespace

Result<const CurlApi*> load_curl() {
  static const Loaded loaded = load();
  if (loaded.api.easy_init == nullptr) return loaded.error;
  return &loaded.api;
}

}  // namespace bottleneck
