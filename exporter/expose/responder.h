// From a request to the bytes of its answer; knows nothing of sockets.
#pragma once

#include <libdeflate.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "exporter/expose/basic_auth.h"
#include "exporter/expose/http.h"
#include "exporter/expose/self_metrics.h"
#include "exporter/expose/web_security.h"

namespace bottleneck {

/// What the server's library knows of a request.
struct RawRequest {
  std::string_view method;
  HttpRequest request;
  bool path_is_valid = true;  ///< its escapes could be decoded
  bool has_body = false;
  bool keep_alive = false;  ///< the client wants it
};

/// Memory of one answer, reused.
struct AnswerBuffers {
  TextBuffer body;
  TextBuffer packed;  ///< the body, compressed
  TextBuffer head;    ///< status line and headers; a small body follows in the same place
  std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor{
      nullptr, libdeflate_free_compressor};
};

/// What to send: `head`, then `body`.
struct Answer {
  int code = 200;
  std::string_view handler;
  std::string_view head;
  std::string_view body;
  bool keep_alive = false;
};

class Responder {
 public:
  Responder(std::vector<Route> routes, WebSecurity& security)
      : routes_(std::move(routes)), security_(security) {}

  /// Never throws; what a handler throws becomes a 500. The answer lives as long as `buffers` is not used
  /// again.
  Answer answer(const RawRequest& raw, AnswerBuffers& buffers);
  /// For requests that were not understood.
  Answer error(int code, AnswerBuffers& buffers);

  std::unique_ptr<AnswerBuffers> take_buffers();
  void give_back(std::unique_ptr<AnswerBuffers> buffers);

 private:
  std::string_view handle(const RawRequest& raw, const WebSecurity::State& state, HttpResponse& response);
  bool admit(const RawRequest& raw, const WebSecurity::State& state, HttpResponse& response);
  [[nodiscard]] const Route* route_of(std::string_view path) const;
  Answer finish(const RawRequest& raw, const WebSecurity::State& state, HttpResponse& response,
                AnswerBuffers& buffers);

  std::vector<Route> routes_;
  WebSecurity& security_;
  BasicAuth auth_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<AnswerBuffers>> idle_;
};

}  // namespace bottleneck
