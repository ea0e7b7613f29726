#include "exporter/expose/web_security.h"

#include "exporter/base/log.h"

namespace bottleneck {

WebSecurity::Outcome WebSecurity::create(const std::string& file, const Clock& clock) {
  Outcome outcome;
  outcome.security.reset(new WebSecurity(file, clock));
  outcome.errors = outcome.security->load();
  if (!outcome.errors.empty()) outcome.security.reset();
  return outcome;
}

std::shared_ptr<const WebSecurity::State> WebSecurity::current() {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = clock_.monotonic_ns();
  if (file_.empty() || now - looked_ns_ < kSecondNs) return state_;
  looked_ns_ = now;
  if (!changed()) return state_;
  const std::vector<std::string> errors = load();
  for (const std::string& error : errors)
    log(LogLevel::kError, "web configuration not reloaded", {{"reason", error}});
  if (errors.empty()) log(LogLevel::kInfo, "web configuration reloaded", {{"file", file_}});
  return state_;
}

/// Keeps the old state when there is an error.
std::vector<std::string> WebSecurity::load() {
  looked_ns_ = clock_.monotonic_ns();
  if (file_.empty()) {
    state_ = std::make_shared<State>();
    return {};
  }
  std::vector<Stamp> stamps = {stamp(file_)};  // before reading: a change in between is seen the next time
  WebFileOutcome outcome = load_web_file(file_);
  auto state = std::make_shared<State>();
  if (outcome.config) {
    state->config = std::move(*outcome.config);
    if (const auto& tls = state->config.tls) {
      for (const std::string& file : {tls->cert_file, tls->key_file, tls->client_ca_file}) {
        if (!file.empty()) stamps.push_back(stamp(file));
      }
      Result<TlsContext> context = make_tls_context(*tls);
      if (context) {
        state->tls = *context;
      } else {
        outcome.errors.push_back(file_ + ": " + context.error().message);
      }
    }
  }
  stamps_ = std::move(stamps);
  if (!outcome.errors.empty()) return outcome.errors;
  if (state_ && (state_->tls != nullptr) != (state->tls != nullptr)) {
    return {file_ + ": tls_server_config: switching TLS on or off needs a restart"};
  }
  state_ = std::move(state);
  return {};
}

bool WebSecurity::changed() const {
  for (const Stamp& old : stamps_) {
    const Stamp now = stamp(old.file);
    const bool same = now.readable == old.readable && now.identity.inode == old.identity.inode &&
                      now.identity.modified_ns == old.identity.modified_ns &&
                      now.identity.size == old.identity.size;
    if (!same) return true;
  }
  return false;
}

WebSecurity::Stamp WebSecurity::stamp(const std::string& file) {
  const Result<FileIdentity> identity = stat_file(file);
  return {file, identity ? *identity : FileIdentity{}, identity.has_value()};
}

}  // namespace bottleneck
