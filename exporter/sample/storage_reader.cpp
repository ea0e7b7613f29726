#include "exporter/sample/storage_reader.h"

#include "exporter/base/file.h"

namespace bottleneck {
namespace {

constexpr std::size_t kMostFiles = 1'000'000;

}  // namespace

StorageUse read_writable_layer(const std::string& upper_dir, bool walk) {
  StorageUse use;
  // <root>/overlay2/<layer>/diff: the quota covers <layer>, the directory above it is the whole file system.
  const auto own = disk_space(upper_dir);
  const auto whole = disk_space(join_path(upper_dir, "../.."));
  if (!own || !whole) return use;
  if (own->total_bytes < whole->total_bytes) {
    use.limit_bytes = own->total_bytes;
    use.used_bytes = own->total_bytes - own->free_bytes;
  } else if (walk) {
    const auto used = disk_usage(upper_dir, kMostFiles);
    if (used) use.used_bytes = *used;
  }
  return use;
}

}  // namespace bottleneck
