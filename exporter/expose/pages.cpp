#include "exporter/expose/pages.h"

#include <set>

#include "exporter/expose/http_message.h"
#include "exporter/expose/routes.h"

namespace bottleneck {
namespace {

std::string row(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  return "<tr><th scope=\"row\">" + std::string(name) + "</th><td>" + html_escape(value) + "</td></tr>\n";
}

std::string host_facts(const Snapshot& snapshot) {
  std::string facts = "<table>\n" + row("Containers", std::to_string(snapshot.container_count));
  if (snapshot.host_info) {
    const HostInfo& host = *snapshot.host_info;
    facts += row("Host", host.hostname) + row("Kernel", host.kernel) +
             row("cgroup", name_of(host.cgroup_version)) +
             row("Engine", host.engine.empty() ? "" : host.engine + " " + host.engine_version);
  }
  return facts + "</table>\n";
}

/// At most so many, in the order of the alphabet.
std::string container_list(const Snapshot& snapshot) {
  constexpr std::size_t kMost = 200;
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < snapshot.container_count; ++i)
    names.insert(snapshot.containers[i].identity->name);
  if (names.empty()) return "<p>No container is running.</p>\n";
  std::string list = "<h2>Containers</h2>\n<ul>\n";
  std::size_t shown = 0;
  for (const std::string_view name : names) {
    if (shown++ == kMost) break;
    list += "<li>" + html_escape(name) + "</li>\n";
  }
  list += "</ul>\n";
  if (names.size() > kMost) list += "<p>and " + std::to_string(names.size() - kMost) + " more</p>\n";
  return list;
}

}  // namespace

std::string_view style_sheet() {
  return ":root{color-scheme:light "
         "dark;--text:#1c2024;--quiet:#5b6470;--line:#d9dde2;--back:#fff;--link:#0b5cad}\n"
         "@media(prefers-color-scheme:dark){:root{--text:#e6e9ec;--quiet:#9aa4af;--line:#333a42;--back:#"
         "15181c;"
         "--link:#7cb7ff}}\n"
         "body{font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--back);max-width:60rem;"
         "margin:2rem auto;padding:0 1rem}\n"
         "h1{font-size:1.5rem}h2{font-size:1.15rem}a{color:var(--link)}\n"
         "table{border-collapse:collapse}th,td{text-align:left;padding:.3rem 1.5rem .3rem 0;"
         "border-bottom:1px solid var(--line)}th{font-weight:500;color:var(--quiet)}\n"
         "ul{padding-left:1.2rem}li{overflow-wrap:anywhere}footer{margin-top:2rem;color:var(--quiet)}\n";
}

void write_page(HttpResponse& response, std::string_view title, std::string_view body) {
  response.content_type = "text/html; charset=utf-8";
  response.headers.emplace_back("Content-Security-Policy",
                                "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
                                "frame-ancestors 'none'");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("X-Frame-Options", "deny");
  response.body.append(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>");
  response.body.append(html_escape(title));
  response.body.append("</title>\n<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n");
  response.body.append(body);
  response.body.append("</body>\n</html>\n");
}

void write_index(const Sources& sources, HttpResponse& response) {
  const std::shared_ptr<const Snapshot> snapshot = sources.snapshot(false);
  const std::string metrics = html_escape(sources.config()->web.telemetry_path);
  std::string body = "<main>\n<h1>bottleneck_exporter</h1>\n<ul>\n<li><a href=\"" + metrics +
                     "\">Metrics</a></li>\n<li><a href=\"/-/healthy\">Healthy</a></li>\n"
                     "<li><a href=\"/-/ready\">Ready</a></li>\n</ul>\n";
  if (snapshot) {
    body += host_facts(*snapshot) + container_list(*snapshot);
  } else {
    body += "<p>The first sample is being taken.</p>\n";
  }
  body += "</main>\n<footer>" + html_escape(sources.version) + "</footer>\n";
  write_page(response, "bottleneck_exporter", body);
}

}  // namespace bottleneck
