// A real server on a loopback port that the kernel chose, and a client that can misbehave.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>

#include "exporter/base/file.h"
#include "exporter/expose/http_server.h"
#include "exporter/expose/routes.h"
#include "tests/unit/expose/sample_snapshot.h"

namespace bottleneck {

/// One TCP connection; every wait ends after ten seconds.
class Client {
 public:
  explicit Client(const std::string& address) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const std::size_t colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    connected_ = connect(fd_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  [[nodiscard]] bool connected() const { return connected_; }
  bool send(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t n = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  /// Reads one response: head and as many bytes as Content-Length says (none for HEAD). Empty when none
  /// comes.
  std::string response(bool has_body = true) {
    std::size_t head_end = std::string::npos;
    while ((head_end = held_.find("\r\n\r\n")) == std::string::npos) {
      if (!read_more()) return std::exchange(held_, "");
    }
    std::size_t size = head_end + 4;
    const std::size_t length = held_.find("Content-Length: ");
    if (has_body && length < head_end) size += std::stoul(held_.substr(length + 16));
    while (held_.size() < size) {
      if (!read_more()) break;
    }
    std::string one = held_.substr(0, size);
    held_.erase(0, size);
    return one;
  }
  /// True when the server closes within the time.
  bool closed(int milliseconds = 10'000) {
    pollfd one{fd_.get(), POLLIN, 0};
    char byte = 0;
    while (poll(&one, 1, milliseconds) > 0) {
      if (recv(fd_.get(), &byte, 1, 0) <= 0) return true;
    }
    return false;
  }
  void reset() {
    const linger hard{1, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    fd_.reset();
  }

 private:
  bool read_more() {
    pollfd one{fd_.get(), POLLIN, 0};
    char chunk[65536];
    if (poll(&one, 1, 10'000) <= 0) return false;
    const ssize_t n = recv(fd_.get(), chunk, sizeof chunk, 0);
    if (n <= 0) return false;
    held_.append(chunk, static_cast<std::size_t>(n));
    return true;
  }

  FileDescriptor fd_;
  bool connected_ = false;
  std::string held_;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    std::filesystem::create_directories(folder_);
    config_->web.listen_addresses = {"127.0.0.1:0"};
    sources_.snapshot = [this](bool) {
      if (throw_) throw std::runtime_error("the sampler is broken");
      return ready_ ? snapshot_ : nullptr;
    };
    sources_.config = [this] { return config_; };
    sources_.version = "bottleneck_exporter <test>";
  }
  ~ServerTest() override {
    server_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// The error of a start that failed, empty when it serves.
  std::string start(const std::string& web_file = "") {
    WebSecurity::Outcome outcome = WebSecurity::create(web_file);
    if (!outcome.security) return outcome.errors.front();
    auto server =
        HttpServer::start(config_->web, std::move(outcome.security), make_routes(sources_, self_), self_);
    if (!server) return server.error().message;
    server_ = std::move(*server);
    address_ = server_->addresses().front();
    return "";
  }
  std::string write_file(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  std::string request(const std::string& method, const std::string& target,
                      const std::string& headers = "") const {
    Client client(address_);
    client.send(method + " " + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
    return client.response(method != "HEAD");
  }
  std::string get(const std::string& target, const std::string& headers = "") const {
    return request("GET", target, headers);
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("server_test." + std::to_string(getpid()));
  std::shared_ptr<ValidConfig> config_ = std::make_shared<ValidConfig>();
  std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<Snapshot>(make_snapshot());
  std::atomic<bool> ready_{true};
  std::atomic<bool> throw_{false};
  SelfMetrics self_{{"1", "2"}};
  Sources sources_;
  std::unique_ptr<HttpServer> server_;
  std::string address_;
};

inline std::string status_of(const std::string& response) {
  return response.size() < 12 ? "none" : response.substr(9, 3);
}
inline std::string header_of(const std::string& response, const std::string& name) {
  const std::size_t head_end = response.find("\r\n\r\n");
  const std::size_t at = response.find("\r\n" + name + ": ");
  if (at == std::string::npos || at > head_end) return "";
  const std::size_t begin = at + name.size() + 4;
  return response.substr(begin, response.find("\r\n", begin) - begin);
}
inline std::string body_of(const std::string& response) {
  const std::size_t head_end = response.find("\r\n\r\n");
  return head_end == std::string::npos ? "" : response.substr(head_end + 4);
}

}  // namespace bottleneck
