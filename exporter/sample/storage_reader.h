// Size of a container's writable layer. Waits for the disk: not for the sampler's thread.
#pragma once

#include <string>

#include "exporter/model/values.h"

namespace bottleneck {

struct StorageUse {
  double used_bytes = kAbsent;
  double limit_bytes = kAbsent;  ///< its project quota; absent when none is set
};

/// `upper_dir` is the layer's directory as we see it. Where a project quota is set statfs(2) tells both
/// numbers (XFS, ext4: the directory's file system looks smaller than that of the directory above). Without
/// one the size is found by a walk, only when `walk` asks for it, of at most a million files; else both stay
/// absent.
StorageUse read_writable_layer(const std::string& upper_dir, bool walk);

}  // namespace bottleneck
