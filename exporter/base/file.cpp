#include "exporter/base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <memory>

#include "exporter/base/error_table.h"

namespace bottleneck {
namespace {

Error error_here(std::string_view what, const std::string& path) {
  const int err = errno;
  return Error{error_from_errno(err), std::string(what) + " " + path + ": " + std::strerror(err)};
}

Error silent_error() { return Error{error_from_errno(errno), {}}; }

FileIdentity identity_of(const struct stat& info) {
  return FileIdentity{.inode = info.st_ino,
                      .device = info.st_dev,
                      .modified_ns = info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec,
                      .size = info.st_size,
                      .owner = info.st_uid,
                      .links = info.st_nlink};
}

struct CloseDir {
  void operator()(DIR* dir) const { closedir(dir); }
};
using DirHandle = std::unique_ptr<DIR, CloseDir>;

bool is_dot(const char* name) { return std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0; }

Status write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return silent_error();
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return ok();
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int FileDescriptor::release() { return std::exchange(fd_, -1); }

void FileDescriptor::reset() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

Result<std::string_view> ReadBuffer::read(int fd) {
  std::size_t have = 0;
  for (;;) {
    const ssize_t n = pread(fd, storage_.data() + have, storage_.size() - have, static_cast<off_t>(have));
    if (n < 0) {
      if (errno == EINTR) continue;
      return silent_error();
    }
    have += static_cast<std::size_t>(n);
    // A short read ends a kernel file: no second call is paid to see the 0.
    if (n == 0 || have < storage_.size()) break;
    if (storage_.size() >= kMaxBytes) break;
    storage_.resize(storage_.size() * 4);
  }
  return std::string_view(storage_.data(), have);
}

Result<std::string_view> ReadBuffer::read_at(int dir_fd, const char* name) {
  const FileDescriptor file(openat(dir_fd, name, O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return silent_error();
  return read(file.get());
}

Result<FileDescriptor> open_directory(const std::string& path) {
  FileDescriptor fd(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return error_here("open", path);
  return fd;
}

Result<FileDescriptor> open_directory_at(int dir_fd, const char* name) {
  FileDescriptor fd(openat(dir_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return silent_error();
  return fd;
}

Result<FileDescriptor> open_file_at(int dir_fd, const char* name) {
  FileDescriptor fd(openat(dir_fd, name, O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return silent_error();
  return fd;
}

Result<FileDescriptor> open_stream(const std::string& path) {
  FileDescriptor fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid()) return error_here("open", path);
  return fd;
}

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const FileDescriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return error_here("open", path);
  std::string text;
  std::array<char, 16384> chunk{};
  for (;;) {
    const ssize_t n = ::read(fd.get(), chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return error_here("read", path);
    if (n == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(n));
    if (text.size() > max_bytes) {
      return Error{ErrorCode::kMalformed, path + ": larger than " + std::to_string(max_bytes) + " bytes"};
    }
  }
}

Status write_file_atomically(const std::string& path, std::string_view text, unsigned mode) {
  const std::string temporary = path + ".tmp";
  const FileDescriptor fd(
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd.valid()) return error_here("create", temporary);
  const bool written = write_all(fd.get(), text).has_value() && fsync(fd.get()) == 0;
  if (!written || rename(temporary.c_str(), path.c_str()) != 0) {
    Error error = error_here("write", path);
    unlink(temporary.c_str());
    return error;
  }
  return ok();
}

Status move_file(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return error_here("rename", from);
  return ok();
}

void remove_file(const std::string& path) { unlink(path.c_str()); }

Status make_directories(const std::string& path) {
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (mkdir(part.c_str(), 0755) != 0 && errno != EEXIST) return error_here("create", part);
    if (slash == std::string::npos) return ok();
  }
}

Result<std::vector<DirectoryEntry>> list_directory(const std::string& path) {
  const DirHandle dir(opendir(path.c_str()));
  if (!dir) return error_here("list", path);
  std::vector<DirectoryEntry> entries;
  while (const dirent* entry = readdir(dir.get())) {
    if (is_dot(entry->d_name)) continue;
    bool is_directory = entry->d_type == DT_DIR;
    if (entry->d_type == DT_UNKNOWN) {
      struct stat info {};
      is_directory =
          fstatat(dirfd(dir.get()), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
    }
    entries.push_back({entry->d_name, is_directory, entry->d_type == DT_LNK});
  }
  return entries;
}

Status visit_directory(int dir_fd, const std::function<void(std::string_view)>& visit) {
  const int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return silent_error();
  const DirHandle dir(fdopendir(copy));
  if (!dir) {
    close(copy);
    return silent_error();
  }
  while (const dirent* entry = readdir(dir.get())) {
    if (!is_dot(entry->d_name)) visit(entry->d_name);
  }
  return ok();
}

Result<std::string> read_link(const std::string& path) { return read_link_at(AT_FDCWD, path.c_str()); }

Result<std::string> read_link_at(int dir_fd, const char* name) {
  std::array<char, PATH_MAX> target{};
  const ssize_t n = readlinkat(dir_fd, name, target.data(), target.size());
  if (n < 0) return silent_error();
  return std::string(target.data(), static_cast<std::size_t>(n));
}

Result<FileIdentity> stat_file(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return error_here("stat", path);
  return identity_of(info);
}

Result<FileIdentity> stat_descriptor(int fd) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return silent_error();
  return identity_of(info);
}

Result<FileIdentity> stat_at(int dir_fd, const char* name) {
  struct stat info {};
  if (fstatat(dir_fd, name, &info, 0) != 0) return silent_error();
  return identity_of(info);
}

Result<std::uint64_t> count_open_files(int dir_fd, const char* name) {
  // Listing needs the same permission as looking into it, while stat() does not: access is asked for first,
  // so that a size of 0 means "an older kernel" and not "denied".
  const FileDescriptor directory(openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) return silent_error();
  const auto info = stat_descriptor(directory.get());
  if (!info) return info.error();
  static constexpr long kProcMagic =
      0x9fa0;  // PROC_SUPER_MAGIC; elsewhere the size of a directory means other things
  struct statfs system {};
  if (info->size > 0 && fstatfs(directory.get(), &system) == 0 && system.f_type == kProcMagic) {
    return static_cast<std::uint64_t>(info->size);
  }
  std::uint64_t count = 0;
  const auto listed = visit_directory(directory.get(), [&](std::string_view) { ++count; });
  if (!listed) return listed.error();
  return count;
}

bool path_exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

Result<DiskSpace> disk_space(const std::string& path) {
  struct statfs info {};
  if (statfs(path.c_str(), &info) != 0) return error_here("statfs", path);
  const auto block = static_cast<double>(info.f_bsize);
  return DiskSpace{static_cast<double>(info.f_blocks) * block, static_cast<double>(info.f_bfree) * block};
}

Result<double> disk_usage(const std::string& directory, std::size_t most_files) {
  // nftw(3) hands no context to its callback.
  thread_local double bytes;
  thread_local std::size_t left;
  bytes = 0;
  left = most_files;
  const auto add = [](const char*, const struct stat* info, int, FTW*) {
    if (left-- == 0) return 1;
    bytes += static_cast<double>(info->st_blocks) * 512 /
             static_cast<double>(std::max<nlink_t>(info->st_nlink, 1));
    return 0;
  };
  const int outcome = nftw(directory.c_str(), add, 16, FTW_PHYS | FTW_MOUNT);
  if (outcome < 0) return error_here("walk", directory);
  if (outcome > 0) return Error{ErrorCode::kMalformed, directory + ": more files than are counted"};
  return bytes;
}

std::string join_path(std::string_view directory, std::string_view name) {
  while (directory.size() > 1 && directory.back() == '/') directory.remove_suffix(1);
  while (!name.empty() && name.front() == '/') name.remove_prefix(1);
  std::string path(directory);
  if (!name.empty()) {
    if (path.empty() || path.back() != '/') path += '/';
    path += name;
  }
  return path;
}

std::uint64_t raise_open_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace bottleneck
