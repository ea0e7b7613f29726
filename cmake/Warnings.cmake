# One interface target carries the flags, so that no target is built with weaker ones.
add_library(bottleneck_flags INTERFACE)
target_compile_options(bottleneck_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-align -Wformat=2 -Werror)
# GCC 12 sees overlapping copies in std::string concatenation that are not there (GCC bug 105651).
target_compile_options(bottleneck_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(BOTTLENECK_SANITIZE)
  # Instrumented code hides initialisations from GCC's flow analysis: it complains about libstdc++'s own <regex>.
  target_compile_options(bottleneck_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_compile_options(bottleneck_flags INTERFACE
    -fsanitize=${BOTTLENECK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(bottleneck_flags INTERFACE -fsanitize=${BOTTLENECK_SANITIZE})
else()
  # Hardening that costs nothing measurable on the sampling path.
  target_compile_definitions(bottleneck_flags INTERFACE $<$<CONFIG:Release,RelWithDebInfo>:_FORTIFY_SOURCE=2>)
  target_compile_options(bottleneck_flags INTERFACE -fstack-protector-strong)
  target_link_options(bottleneck_flags INTERFACE -Wl,-z,relro,-z,now)
endif()
