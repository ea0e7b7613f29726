// What a request asks for: content negotiation and query strings. RFC 9110 section 12.5, RFC 3986.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/expose/metric_text.h"

namespace bottleneck {

/// The format that an Accept header prefers; text when it names neither or wants them equally.
TextFormat negotiate_format(std::string_view accept);

/// Whether an Accept-Encoding header allows gzip; an empty header does not.
bool accepts_gzip(std::string_view accept_encoding);

/// "%41" decoded, and '+' as a blank in queries; nothing for a broken escape or a zero byte.
std::optional<std::string> url_decode(std::string_view text, bool plus_is_blank);

using QueryParameters = std::vector<std::pair<std::string, std::string>>;
/// "a=1&b[]=2"; nothing when an escape is broken or there are more than 1000 parameters.
std::optional<QueryParameters> parse_query(std::string_view query);

/// Base64 of RFC 4648 with padding; nothing for other text.
std::optional<std::string> base64_decode(std::string_view text);

/// Whether a comma-separated header value has that token.
bool has_token(std::string_view header, std::string_view token);

bool equals_ignoring_case(std::string_view a, std::string_view b);

/// Text for HTML: & < > " ' escaped, what is no UTF-8 replaced.
std::string html_escape(std::string_view text);

}  // namespace bottleneck
