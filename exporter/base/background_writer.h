// Writes files on a thread of its own, so that a slow disk never stalls the one who has something to keep.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace bottleneck {

class BackgroundWriter {
 public:
  BackgroundWriter();
  /// Writes what is still waiting, then ends the thread.
  ~BackgroundWriter();
  BackgroundWriter(const BackgroundWriter&) = delete;
  BackgroundWriter& operator=(const BackgroundWriter&) = delete;

  /// Runs `write` soon. Of several with one `key` that wait, the last one only.
  void submit(const std::string& key, std::function<void()> write);
  /// Waits until nothing is left to do.
  void drain();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::function<void()>> waiting_;
  bool busy_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bottleneck
