#include "exporter/expose/basic_auth.h"

#include <crypt.h>
#include <sys/random.h>

#include <bit>
#include <cstring>
#include <memory>

#include "exporter/base/text.h"
#include "exporter/expose/http_message.h"

namespace bottleneck {
namespace {

constexpr std::size_t kKnown = 32;
constexpr int kMostWaiting = 2;

/// Takes the same time wherever the texts differ.
bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned>(static_cast<unsigned char>(a[i] ^ b[i]));
  }
  return difference == 0;
}

/// Lengths first, so that no two triples give one text.
std::string joined(std::string_view user, std::string_view hash, std::string_view password) {
  std::string text = std::to_string(user.size()) + ":" + std::to_string(hash.size()) + ":";
  text += user;
  text += hash;
  text += password;
  return text;
}

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32) + v3;
    v2 += v1;
    v3 = std::rotl(v3, 21) ^ v0;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void absorb(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

}  // namespace

std::uint64_t siphash(std::uint64_t key0, std::uint64_t key1, std::string_view text) {
  SipState state{key0 ^ 0x736f6d6570736575ULL, key1 ^ 0x646f72616e646f6dULL, key0 ^ 0x6c7967656e657261ULL,
                 key1 ^ 0x7465646279746573ULL};
  const std::uint64_t last_byte = static_cast<std::uint64_t>(text.size()) << 56U;
  while (text.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    state.absorb(word);
    text.remove_prefix(8);
  }
  std::uint64_t word = 0;
  std::memcpy(&word, text.data(), text.size());
  state.absorb(word | last_byte);
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

bool matches_bcrypt(const std::string& password, const std::string& hash) {
  const auto data = std::make_unique<crypt_data>();  // 32 kB: too much for a worker's stack
  const char* const result = crypt_r(password.c_str(), hash.c_str(), data.get());
  return result != nullptr && equal_in_constant_time(result, hash);
}

BasicAuth::BasicAuth() {
  // Without random numbers nothing is remembered, rather than guessable.
  remembers_ = getrandom(key_.data(), sizeof key_, 0) == static_cast<ssize_t>(sizeof key_);
}

LogIn BasicAuth::check(const Users& users, std::string_view authorization) {
  if (users.empty()) return LogIn::kGranted;
  const std::string_view scheme = next_word(authorization);
  const auto credentials = base64_decode(trim(authorization));
  if (!equals_ignoring_case(scheme, "Basic") || !credentials) return LogIn::kRefused;
  const std::size_t colon = credentials->find(':');
  if (colon == std::string::npos || credentials->find('\0') != std::string::npos) return LogIn::kRefused;
  const std::string user = credentials->substr(0, colon);
  const std::string password = credentials->substr(colon + 1);
  const auto found = users.find(user);
  // An unknown user pays for somebody's hash as well, and the result is thrown away.
  const std::string& hash = found == users.end() ? users.begin()->second : found->second;
  const Digest wanted = digest(user, hash, password);
  if (is_known(wanted)) return LogIn::kGranted;
  {
    const std::lock_guard lock(waiting_mutex_);
    if (waiting_ >= kMostWaiting) return LogIn::kBusy;
    ++waiting_;
  }
  bool right = false;
  {
    const std::lock_guard lock(bcrypt_mutex_);
    right = matches_bcrypt(password, hash) && found != users.end();
  }
  {
    const std::lock_guard lock(waiting_mutex_);
    --waiting_;
  }
  if (right) remember(wanted);
  return right ? LogIn::kGranted : LogIn::kRefused;
}

BasicAuth::Digest BasicAuth::digest(std::string_view user, std::string_view hash,
                                    std::string_view password) const {
  const std::string text = joined(user, hash, password);
  return {siphash(key_[0], key_[1], text), siphash(key_[2], key_[3], text)};
}

bool BasicAuth::is_known(const Digest& digest) {
  const std::lock_guard lock(known_mutex_);
  std::uint64_t found = 0;
  for (const Digest& known : known_) {
    const std::uint64_t difference = (known[0] ^ digest[0]) | (known[1] ^ digest[1]);
    found |= difference == 0 ? 1U : 0U;
  }
  return found != 0;
}

void BasicAuth::remember(const Digest& digest) {
  if (!remembers_) return;
  const std::lock_guard lock(known_mutex_);
  if (known_.size() < kKnown) {
    known_.push_back(digest);
    return;
  }
  known_[next_] = digest;
  next_ = (next_ + 1) % kKnown;
}

}  // namespace bottleneck
