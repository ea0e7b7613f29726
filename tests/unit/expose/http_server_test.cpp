#include "exporter/expose/http_server.h"

#include <libdeflate.h>

#include <chrono>
#include <thread>

#include "tests/unit/expose/server_fixture.h"

namespace bottleneck {
namespace {

constexpr const char* kText = "text/plain; version=0.0.4; charset=utf-8";
constexpr const char* kOpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";

std::string unpack(const std::string& packed) {
  std::string text(10'000'000, '\0');
  std::size_t size = 0;
  libdeflate_decompressor* const decompressor = libdeflate_alloc_decompressor();
  const auto result =
      libdeflate_gzip_decompress(decompressor, packed.data(), packed.size(), text.data(), text.size(), &size);
  libdeflate_free_decompressor(decompressor);
  text.resize(result == LIBDEFLATE_SUCCESS ? size : 0);
  return text;
}

TEST_F(ServerTest, NegotiatesTheFormatWithExactTypes) {
  ASSERT_EQ(start(), "");
  const std::string text = get("/metrics");
  EXPECT_EQ(status_of(text), "200");
  EXPECT_EQ(header_of(text, "Content-Type"), kText);
  EXPECT_EQ(header_of(text, "Content-Length"), std::to_string(body_of(text).size()));
  EXPECT_NE(text.find("bottleneck_container_cpu_usage_seconds_total{name=\"web\"} 12.5\n"),
            std::string::npos);
  EXPECT_NE(text.find("bottleneck_exporter_http_requests_in_flight 1\n"), std::string::npos);
  EXPECT_EQ(text.find("# EOF"), std::string::npos);

  const std::string open =
      get("/metrics", "Accept: application/openmetrics-text;version=1.0.0,*/*;q=0.1\r\n");
  EXPECT_EQ(header_of(open, "Content-Type"), kOpenMetrics);
  EXPECT_TRUE(open.ends_with("\n# EOF\n"));
}

TEST_F(ServerTest, PacksWhenAskedAndNotWhenRefused) {
  ASSERT_EQ(start(), "");
  const std::string packed = get("/metrics", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(header_of(packed, "Content-Encoding"), "gzip");
  EXPECT_EQ(header_of(packed, "Content-Length"), std::to_string(body_of(packed).size()));
  EXPECT_NE(unpack(body_of(packed)).find("\nbottleneck_host_cpus 8\n"), std::string::npos);
  const std::string plain = get("/metrics", "Accept-Encoding: gzip;q=0\r\n");
  EXPECT_EQ(header_of(plain, "Content-Encoding"), "");
  EXPECT_NE(plain.find("\nbottleneck_host_cpus 8\n"), std::string::npos);
  EXPECT_EQ(header_of(get("/-/healthy", "Accept-Encoding: gzip\r\n"), "Content-Encoding"), "");  // small
}

TEST_F(ServerTest, HeadHasHeadersOnly) {
  ASSERT_EQ(start(), "");
  Client client(address_);
  client.send("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\nGET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string head = client.response(false);
  EXPECT_EQ(status_of(head), "200");
  EXPECT_GT(std::stoul(header_of(head, "Content-Length")), 1000U);
  EXPECT_EQ(body_of(head), "");
  EXPECT_EQ(body_of(client.response()), "healthy\n");  // and the next answer follows at once
}

TEST_F(ServerTest, KeepsConnectionsAlive) {
  ASSERT_EQ(start(), "");
  Client client(address_);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"));
    const std::string response = client.response();
    EXPECT_EQ(status_of(response), "200") << i;
    EXPECT_EQ(header_of(response, "Connection"), "keep-alive");
  }
  client.send("GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(header_of(client.response(), "Connection"), "close");
  EXPECT_TRUE(client.closed());

  Client old(address_);
  old.send("GET /-/healthy HTTP/1.0\r\n\r\n");
  EXPECT_EQ(header_of(old.response(), "Connection"), "close");
  EXPECT_TRUE(old.closed());
}

TEST_F(ServerTest, OtherMethodsAreRefused) {
  ASSERT_EQ(start(), "");
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"}) {
    const std::string response = request(method, "/metrics");
    EXPECT_EQ(status_of(response), "405") << method;
    EXPECT_EQ(header_of(response, "Allow"), "GET, HEAD") << method;
  }
}

TEST_F(ServerTest, ABodyIsNotTakenForTheNextRequest) {
  ASSERT_EQ(start(), "");
  Client client(address_);
  client.send(
      "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nGET /-/healthy HTTP/1.1\r\n\r\n");
  EXPECT_EQ(status_of(client.response()), "405");
  EXPECT_TRUE(client.closed());
  Client chunked(address_);
  chunked.send(
      "GET /-/healthy HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
  EXPECT_EQ(status_of(chunked.response()), "200");
  EXPECT_TRUE(chunked.closed());
}

TEST_F(ServerTest, KnowsItsPathsOnly) {
  ASSERT_EQ(start(), "");
  EXPECT_EQ(status_of(get("/")), "200");
  EXPECT_EQ(status_of(get("/-/healthy")), "200");
  EXPECT_EQ(status_of(get("/-/ready")), "200");
  for (const char* path : {"/metrics/", "/metric", "/nothing", "/etc/passwd", "/../../etc/passwd",
                           "/%2e%2e/etc/passwd", "/metrics%00"}) {
    EXPECT_NE(status_of(get(path)), "200") << path;
  }
}

TEST_F(ServerTest, IsReadyWithTheFirstSample) {
  ready_ = false;
  ASSERT_EQ(start(), "");
  EXPECT_EQ(status_of(get("/-/ready")), "503");
  EXPECT_EQ(status_of(get("/-/healthy")), "200");
  EXPECT_EQ(status_of(get("/")), "200");
  const std::string early = get("/metrics");
  EXPECT_EQ(status_of(early), "200");
  EXPECT_NE(early.find("bottleneck_exporter_build_info"), std::string::npos);
  ready_ = true;
  EXPECT_EQ(status_of(get("/-/ready")), "200");
}

TEST_F(ServerTest, FiltersCollectorsAndNames) {
  ASSERT_EQ(start(), "");
  const std::string cpu = get("/metrics?collect[]=cpu&collect%5B%5D=memory");
  EXPECT_NE(cpu.find("cpu_usage_seconds_total{"), std::string::npos);
  EXPECT_EQ(cpu.find("network_receive"), std::string::npos);
  const std::string unknown = get("/metrics?collect[]=gpu%0a");
  EXPECT_EQ(status_of(unknown), "400");
  EXPECT_NE(unknown.find("unknown collector 'gpu\\n'; there are cpu, memory, io,"), std::string::npos)
      << unknown;
  EXPECT_EQ(status_of(get("/metrics?collect[]=%zz")), "400");
  const std::string one = body_of(get("/metrics?name[]=bottleneck_host_cpus"));
  EXPECT_EQ(one,
            "# HELP bottleneck_host_cpus CPUs that are online.\n# TYPE bottleneck_host_cpus gauge\n"
            "bottleneck_host_cpus 8\n");
  config_->metrics.collectors[static_cast<std::size_t>(Collector::kIo)] = false;
  EXPECT_NE(get("/metrics?collect[]=io").find("collector io is switched off"), std::string::npos);
}

TEST_F(ServerTest, TheStartPageIsEscapedAndLoadsNothingElse) {
  ASSERT_EQ(start(), "");
  const std::string page = get("/");
  EXPECT_EQ(header_of(page, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(header_of(page, "Content-Security-Policy").find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(header_of(page, "X-Content-Type-Options"), "nosniff");
  EXPECT_NE(page.find("quo&quot;te"), std::string::npos);
  EXPECT_NE(page.find("bottleneck_exporter &lt;test&gt;"), std::string::npos);
  EXPECT_EQ(page.find("http://"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(header_of(get("/style.css"), "Content-Type"), "text/css; charset=utf-8");
}

TEST_F(ServerTest, AThrowingHandlerGives500AndTheServerLives) {
  ASSERT_EQ(start(), "");
  throw_ = true;
  EXPECT_EQ(status_of(get("/metrics")), "500");
  throw_ = false;
  EXPECT_EQ(status_of(get("/metrics")), "200");
}

TEST_F(ServerTest, HugeRequestsAreRefused) {
  ASSERT_EQ(start(), "");
  Client client(address_);
  client.send("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Big: ");
  const std::string chunk(65536, 'a');
  for (int i = 0; i < 16 && client.send(chunk); ++i) {
  }
  // The answer may be lost with the unread rest of the request; the connection must be.
  const std::string status = status_of(client.response());
  EXPECT_TRUE(status == "400" || status == "431" || status == "none") << status;
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(status_of(get("/metrics?" + std::string(9000, 'a'))), "414");
  EXPECT_EQ(status_of(get("/-/healthy")), "200");
}

TEST_F(ServerTest, GarbageIsRefused) {
  ASSERT_EQ(start(), "");
  for (const std::string garbage :
       {"\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", "\x7f\x45LF\r\n\r\n"}) {
    Client client(address_);
    client.send(garbage);
    const std::string status = status_of(client.response());
    EXPECT_TRUE(status == "none" || status[0] == '4' || status[0] == '5') << garbage << status;
  }
  EXPECT_EQ(status_of(get("/-/healthy")), "200");
}

TEST_F(ServerTest, HalfSentRequestsDoNotKeepOthersWaiting) {
  ASSERT_EQ(start(), "");
  std::vector<std::unique_ptr<Client>> half;
  for (int i = 0; i < 5 * config_->web.workers; ++i) {
    half.push_back(std::make_unique<Client>(address_));
    ASSERT_TRUE(half.back()->send("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: "));
  }
  for (int i = 0; i < 20; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(status_of(get("/metrics")), "200");
    // The patience for a half-sent request is ten seconds; behind it nobody waits.
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
  }
  EXPECT_GE(server_->evicted_connections(), static_cast<std::uint64_t>(4 * config_->web.workers));
}

TEST_F(ServerTest, ClientsThatVanishDoNoHarm) {
  ASSERT_EQ(start(), "");
  for (int i = 0; i < 50; ++i) {
    Client client(address_);
    client.send(i % 2 == 0 ? "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" : "GET /metrics HT");
    client.reset();
  }
  EXPECT_EQ(status_of(get("/metrics")), "200");
}

TEST_F(ServerTest, ManyScrapesAtOnce) {
  ASSERT_EQ(start(), "");
  std::atomic<int> good{0};
  std::vector<std::thread> scrapers;
  for (int t = 0; t < 12; ++t) {
    scrapers.emplace_back([&] {
      for (int i = 0; i < 20; ++i)
        good += body_of(get("/metrics")).find("bottleneck_host_cpus 8") != std::string::npos;
    });
  }
  for (std::thread& scraper : scrapers) scraper.join();
  EXPECT_EQ(good, 240);
}

TEST_F(ServerTest, ServesOnSeveralAddressesAndNamesTheOneThatIsTaken) {
  config_->web.listen_addresses = {"127.0.0.1:0", "localhost:0"};
  ASSERT_EQ(start(), "");
  ASSERT_EQ(server_->addresses().size(), 2U);
  EXPECT_TRUE(Client(server_->addresses()[1]).connected());
  const std::string taken = server_->addresses()[1];
  auto first = std::move(server_);
  config_->web.listen_addresses = {"127.0.0.1:0", taken};
  EXPECT_EQ(start(), "web.listen_addresses: cannot listen on " + taken + ": Address already in use");
  config_->web.listen_addresses = {"no-such-host.invalid:1"};
  EXPECT_NE(start().find("web.listen_addresses: no-such-host.invalid:1: cannot resolve no-such-host.invalid"),
            std::string::npos);
}

TEST_F(ServerTest, StopsAtOnceWithIdleAndHalfSentConnections) {
  ASSERT_EQ(start(), "");
  Client idle(address_);
  idle.send("GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.response();
  Client half(address_);
  half.send("GET /");
  const auto begin = std::chrono::steady_clock::now();
  server_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1500));
  EXPECT_TRUE(idle.closed());
}

TEST_F(ServerTest, ServedWithoutAServerForTheCommand) {
  const std::string text = scrape_text(sources_, self_);
  EXPECT_NE(text.find("\nbottleneck_host_cpus 8\n"), std::string::npos);
  EXPECT_NE(text.find("\nprocess_cpu_seconds_total "), std::string::npos);
}

TEST_F(ServerTest, RequestsAreCountedByCodeAndHandler) {
  ASSERT_EQ(start(), "");
  get("/nothing");
  get("/-/healthy");
  // Counted once its answer is on the way, which another worker's next answer may overtake.
  const auto counted = [&](std::string_view labels) {
    const std::string line = "bottleneck_exporter_http_requests_total{" + std::string(labels) + "} 1\n";
    for (int tries = 0; tries < 500; ++tries) {
      if (get("/metrics").find(line) != std::string::npos) return true;
    }
    return false;
  };
  EXPECT_TRUE(counted("code=\"404\",handler=\"none\""));
  EXPECT_TRUE(counted("code=\"200\",handler=\"healthy\""));
}

}  // namespace
}  // namespace bottleneck
