// What the server and its handlers speak: requests, responses, routes.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/expose/text_buffer.h"

namespace bottleneck {

/// A GET or HEAD request (HEAD is answered like GET, its body left out). Views live as long as the request.
struct HttpRequest {
  std::string_view path;                                ///< decoded, without the query
  std::string_view query;                               ///< as it was sent
  std::function<std::string_view(const char*)> header;  ///< empty when it was not sent
};

struct HttpResponse {
  explicit HttpResponse(TextBuffer& buffer) : body(buffer) {}

  int code = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;
  TextBuffer& body;

  /// A plain sentence instead of what was asked for.
  void fail(int status, std::string_view sentence) {
    code = status;
    content_type = "text/plain; charset=utf-8";
    body.clear();
    body.append(sentence);
    body.append('\n');
  }
};

using HttpHandler = std::function<void(const HttpRequest&, HttpResponse&)>;

struct Route {
  /// The whole path; with a '/' at its end (other than "/" itself) everything below it.
  std::string path;
  std::string name;  ///< value of the label `handler`
  HttpHandler handle;
};

}  // namespace bottleneck
