// Users with bcrypt passwords. A scrape comes every few seconds with the same password: what was right once
// is remembered as a keyed digest, so that bcrypt is paid once and not each time.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace bottleneck {

enum class LogIn : unsigned char {
  kGranted,
  kRefused,
  kBusy,  ///< too many passwords are being checked; none was looked at
};

class BasicAuth {
 public:
  using Users = std::map<std::string, std::string, std::less<>>;

  BasicAuth();
  /// Checks the value of an Authorization header. Takes as long for an unknown user as for a wrong password.
  /// Thread safe.
  LogIn check(const Users& users, std::string_view authorization);

 private:
  using Digest = std::array<std::uint64_t, 2>;

  [[nodiscard]] Digest digest(std::string_view user, std::string_view hash, std::string_view password) const;
  bool is_known(const Digest& digest);
  void remember(const Digest& digest);

  std::array<std::uint64_t, 4> key_{};  ///< random, of this process's life
  bool remembers_ = false;
  std::mutex known_mutex_;
  std::vector<Digest> known_;  ///< the last few that were right
  std::size_t next_ = 0;
  std::mutex bcrypt_mutex_;  ///< one at a time: guessing costs one core at most
  std::mutex waiting_mutex_;
  int waiting_ = 0;
};

/// Whether `password` has that bcrypt hash. About 50 ms at cost 10.
bool matches_bcrypt(const std::string& password, const std::string& hash);

/// SipHash-2-4 (Aumasson and Bernstein).
std::uint64_t siphash(std::uint64_t key0, std::uint64_t key1, std::string_view text);

}  // namespace bottleneck
