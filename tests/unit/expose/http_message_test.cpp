#include "exporter/expose/http_message.h"

#include <gtest/gtest.h>

namespace bottleneck {
namespace {

struct AcceptCase {
  const char* accept;
  bool open_metrics;
};

TEST(Accept, NegotiatesByQualityAndExactness) {
  const std::vector<AcceptCase> cases = {
      {"", false},
      {"*/*", false},
      {"text/plain", false},
      {"text/html,application/xhtml+xml,*/*;q=0.8", false},
      {"application/openmetrics-text", true},
      {"application/openmetrics-text;version=1.0.0", true},
      {"application/openmetrics-text; version=\"1.0.0\"; charset=utf-8", true},
      {"APPLICATION/OpenMetrics-Text", true},
      {"application/openmetrics-text;version=0.0.1", false},
      {"application/openmetrics-text;version=2.0.0, text/plain;q=0.1", false},
      // Prometheus 2.42
      {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       true},
      // Prometheus 3
      {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
       "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
       "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
       true},
      {"application/openmetrics-text;q=0.4, text/plain;q=0.5", false},
      {"application/openmetrics-text;q=0.5, text/plain;q=0.4", true},
      {"application/openmetrics-text;q=0, */*", false},
      {"application/openmetrics-text;q=0", false},
      {"text/plain;q=0, application/*;q=0.1", true},
      {"application/*, text/plain", false},
      {"application/openmetrics-text;q=0.5;q=abc", false},
      {"application/openmetrics-text;q=1.5", false},
      {"application/openmetrics-text;q=0.0001, text/plain;q=0", false},
      {",,;;,=;q=,application/openmetrics-text", true},
      {"image/png", false},
  };
  for (const AcceptCase& one : cases) {
    EXPECT_EQ(negotiate_format(one.accept) == TextFormat::kOpenMetrics100, one.open_metrics) << one.accept;
  }
}

TEST(AcceptEncoding, GzipCanBeAskedForAndRefused) {
  for (const char* yes :
       {"gzip", "GZIP", "deflate, gzip;q=0.5", "gzip;q=1.0", "x-gzip", "*", "identity;q=0.5, *;q=0.1"}) {
    EXPECT_TRUE(accepts_gzip(yes)) << yes;
  }
  for (const char* no : {"", "identity", "gzip;q=0", "gzip;q=0.000", "gzip;q=0, *", "*;q=0", "gzipp",
                         "br, deflate", "gzip;q=x"}) {
    EXPECT_FALSE(accepts_gzip(no)) << no;
  }
}

TEST(Query, IsDecodedOrRefused) {
  const auto parameters = parse_query("collect[]=cpu&name%5B%5D=a+b%2Bc&&empty&x==y");
  ASSERT_TRUE(parameters);
  EXPECT_EQ(*parameters,
            (QueryParameters{{"collect[]", "cpu"}, {"name[]", "a b+c"}, {"empty", ""}, {"x", "=y"}}));
  for (const char* bad : {"%", "a=%4", "a=%zz", "a=%00"}) EXPECT_FALSE(parse_query(bad)) << bad;
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "a=b&";
  EXPECT_FALSE(parse_query(many));
}

TEST(Base64, IsExact) {
  EXPECT_EQ(base64_decode(""), "");
  EXPECT_EQ(base64_decode("dXNlcjpwYXNz"), "user:pass");
  EXPECT_EQ(base64_decode("dTpw"), "u:p");
  EXPECT_EQ(base64_decode("dTpwcA=="), "u:pp");
  EXPECT_EQ(base64_decode("dTpwcHA="), "u:ppp");
  for (const char* bad : {"a", "ab=c", "====", "dTp w", "dTpw\n", "d*pw"})
    EXPECT_FALSE(base64_decode(bad)) << bad;
}

TEST(Html, IsEscaped) {
  EXPECT_EQ(html_escape("<a href=\"x\">'&\xff"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;\xef\xbf\xbd");
}

TEST(Token, IsFoundInAList) {
  EXPECT_TRUE(has_token("TE, Keep-Alive", "keep-alive"));
  EXPECT_FALSE(has_token("close", "keep-alive"));
  EXPECT_FALSE(has_token("", "keep-alive"));
}

}  // namespace
}  // namespace bottleneck
