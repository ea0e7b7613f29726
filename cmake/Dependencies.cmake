# Everything comes from the distribution's packages (Debian 12); nothing is downloaded by the build.
find_package(Threads REQUIRED)
find_package(prometheus-cpp REQUIRED CONFIG)
find_package(nlohmann_json 3.11 REQUIRED CONFIG)
find_package(yaml-cpp REQUIRED CONFIG)
find_package(CLI11 REQUIRED CONFIG)
find_package(PkgConfig REQUIRED)
pkg_check_modules(DEFLATE REQUIRED IMPORTED_TARGET libdeflate)
# Headers only: the library is loaded at run time, and only when an engine is configured (10 MB of memory less).
find_path(CURL_INCLUDE_DIR curl/curl.h REQUIRED)
find_path(OPENSSL_INCLUDE_DIR openssl/ssl.h REQUIRED)  # the same: with TLS only
find_path(CIVETWEB_INCLUDE_DIR civetweb.h REQUIRED)
find_library(CIVETWEB_LIBRARY civetweb REQUIRED)
find_library(CRYPT_LIBRARY crypt REQUIRED)
