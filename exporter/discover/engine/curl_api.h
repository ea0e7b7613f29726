// The functions of libcurl that are used, loaded only when an engine is configured: the library and what it
// needs weigh about 10 MB.
#pragma once

#include <curl/curl.h>

#include "exporter/base/result.h"

namespace bottleneck {

struct CurlApi {
  decltype(::curl_easy_init)* easy_init = nullptr;
  decltype(::curl_easy_cleanup)* easy_cleanup = nullptr;
  decltype(::curl_easy_getinfo)* easy_getinfo = nullptr;
  decltype(::curl_easy_setopt)* easy_setopt = nullptr;
  decltype(::curl_easy_strerror)* easy_strerror = nullptr;
  decltype(::curl_multi_init)* multi_init = nullptr;
  decltype(::curl_multi_cleanup)* multi_cleanup = nullptr;
  decltype(::curl_multi_add_handle)* multi_add_handle = nullptr;
  decltype(::curl_multi_remove_handle)* multi_remove_handle = nullptr;
  decltype(::curl_multi_perform)* multi_perform = nullptr;
  decltype(::curl_multi_poll)* multi_poll = nullptr;
  decltype(::curl_multi_wakeup)* multi_wakeup = nullptr;
  decltype(::curl_multi_info_read)* multi_info_read = nullptr;
  decltype(::curl_multi_setopt)* multi_setopt = nullptr;
};

/// Loads libcurl (7.68 or newer) once in the process; thread safe. kUnsupported when it is not installed or
/// too old.
Result<const CurlApi*> load_curl();

}  // namespace bottleneck
