// Pages for people. Nothing is loaded from elsewhere; every text from outside is escaped.
#pragma once

#include <string>
#include <string_view>

#include "exporter/expose/http.h"

namespace bottleneck {

/// The style of all pages, dark and light.
std::string_view style_sheet();

/// Wraps `body` (HTML) into a page and sets the headers that a page needs.
void write_page(HttpResponse& response, std::string_view title, std::string_view body);

}  // namespace bottleneck
