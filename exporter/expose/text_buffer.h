// A growing array of bytes that is written by pointer and reused: no allocation once it has seen its largest
// text. Its pages come from mmap(2): they grow without a copy, are resident only as far as they were written,
// and leave no holes in the heaps of the many threads that answer requests.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>

namespace bottleneck {

class TextBuffer {
 public:
  TextBuffer() = default;
  TextBuffer(const TextBuffer&) = delete;
  TextBuffer& operator=(const TextBuffer&) = delete;
  ~TextBuffer() {
    if (data_ != nullptr) munmap(data_, capacity_);
  }

  void clear() { size_ = 0; }
  /// Gives back the pages of a large text, which is over; the next one costs a fault a page.
  void clear_pages() {
    if (capacity_ > kKeptBytes && size_ > kKeptBytes)
      madvise(data_ + kKeptBytes, capacity_ - kKeptBytes, MADV_DONTNEED);
    size_ = 0;
  }
  [[nodiscard]] std::string_view view() const { return {data_, size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }

  /// Room for `bytes` more; write from the returned place on and say with commit() where the text ends.
  char* room(std::size_t bytes) {
    if (capacity_ - size_ < bytes) grow(bytes);
    return data_ + size_;
  }
  void commit(const char* end) { size_ = static_cast<std::size_t>(end - data_); }

  /// Takes back what was appended after it was `size` long.
  void truncate(std::size_t size) { size_ = size; }

  void append(std::string_view text) {
    if (text.empty()) return;
    char* const place = room(text.size());
    std::memcpy(place, text.data(), text.size());
    size_ += text.size();
  }
  void append(char c) {
    *room(1) = c;
    ++size_;
  }

 private:
  static constexpr std::size_t kPage = 4096;
  static constexpr std::size_t kKeptBytes = 16 * kPage;

  void grow(std::size_t bytes) {
    std::size_t wanted = std::max({size_ + bytes, capacity_ * 2, 16 * kPage});
    wanted = (wanted + kPage - 1) / kPage * kPage;
    void* const larger =
        data_ == nullptr ? mmap(nullptr, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                         : mremap(data_, capacity_, wanted, MREMAP_MAYMOVE);
    if (larger == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<char*>(larger);
    capacity_ = wanted;
  }

  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace bottleneck
