// Host files: the only place that opens, reads, lists and writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/result.h"

namespace bottleneck {

/// Owns a file descriptor; -1 is "none".
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { reset(); }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  int release();
  void reset();

 private:
  int fd_ = -1;
};

/// A buffer that kernel files are read into. It grows to the largest file seen and is then reused, so a
/// steady pass allocates nothing. `text` stays valid until the next read.
class ReadBuffer {
 public:
  /// Files larger than this are cut: no kernel file that we read is (a v2 io.stat line set is one page).
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 20U;

  ReadBuffer() : storage_(std::size_t{16} << 10U) {}
  /// Reads a kept descriptor from its start. Errors: see error_from_errno().
  Result<std::string_view> read(int fd);
  /// Opens `name` below the directory `dir_fd`, reads it whole and closes it.
  Result<std::string_view> read_at(int dir_fd, const char* name);

 private:
  std::vector<char> storage_;
};

Result<FileDescriptor> open_directory(const std::string& path);
Result<FileDescriptor> open_directory_at(int dir_fd, const char* name);
Result<FileDescriptor> open_file_at(int dir_fd, const char* name);
/// Opens with O_NONBLOCK for reading; for streams such as the kernel log.
Result<FileDescriptor> open_stream(const std::string& path);

/// The whole text of a file of at most `max_bytes` (larger: kMalformed). For configuration, state and engine
/// files.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes = std::size_t{16} << 20U);
/// Replaces `path` atomically (temporary file beside it, fsync, rename): a crash or a full disk keeps the old
/// one.
Status write_file_atomically(const std::string& path, std::string_view text, unsigned mode = 0644);
/// rename(2).
Status move_file(const std::string& from, const std::string& to);
/// Removes a file; none there is fine.
void remove_file(const std::string& path);
/// Creates `path` and its parents.
Status make_directories(const std::string& path);

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;
  bool is_link = false;
};
/// Entries without "." and "..", in the order of the file system.
Result<std::vector<DirectoryEntry>> list_directory(const std::string& path);
/// Calls `visit(name)` for each entry of an open directory; no allocation.
Status visit_directory(int dir_fd, const std::function<void(std::string_view)>& visit);
Result<std::string> read_link(const std::string& path);
Result<std::string> read_link_at(int dir_fd, const char* name);

struct FileIdentity {
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
  std::int64_t modified_ns = 0;  ///< since the epoch
  std::int64_t size = 0;
  unsigned owner = 0;  ///< user id
  /// Hard links. Of a directory on kernfs (cgroups): sub-directories + 2, so 2 says "no children" without a
  /// listing.
  std::uint64_t links = 0;
};
/// Follows links.
Result<FileIdentity> stat_file(const std::string& path);
Result<FileIdentity> stat_descriptor(int fd);
/// Follows links.
Result<FileIdentity> stat_at(int dir_fd, const char* name);
/// Number of open files in a /proc/PID/fd directory: its size since Linux 6.2, else its entries.
Result<std::uint64_t> count_open_files(int dir_fd, const char* name);
bool path_exists(const std::string& path);

struct DiskSpace {
  double total_bytes = 0;
  double free_bytes = 0;
};
/// statfs(2).
Result<DiskSpace> disk_space(const std::string& path);

/// Disk space that a directory's files take, links counted once each, other file systems left out. kMalformed
/// when there are more than `most_files`.
Result<double> disk_usage(const std::string& directory, std::size_t most_files);

/// Joins with exactly one '/'.
std::string join_path(std::string_view directory, std::string_view name);

/// Raises the soft limit on open files to the hard one; returns the soft limit then in force.
std::uint64_t raise_open_file_limit();

}  // namespace bottleneck
