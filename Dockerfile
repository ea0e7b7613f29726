# Build:  docker build -t bottleneck_exporter .
# Run:    see deploy/compose/compose.yml, or the command at the end of this file.
FROM debian:bookworm-slim AS build
COPY deploy/packages-build.txt /
RUN apt-get update -qq \
 && grep -v '^#' /packages-build.txt \
  | DEBIAN_FRONTEND=noninteractive xargs apt-get install -y -qq --no-install-recommends >/dev/null \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY CMakeLists.txt ./
COPY cmake cmake
COPY exporter exporter
RUN cmake -G Ninja -B /build -DCMAKE_BUILD_TYPE=Release -DBOTTLENECK_TESTS=OFF -DBOTTLENECK_UNITY=ON >/dev/null \
 && ninja -C /build bottleneck_exporter \
 && strip /build/exporter/bottleneck_exporter
# Only what the program maps: its libraries, libcurl (loaded when an engine is configured) and theirs, the loader.
RUN set -e; \
    mkdir -p /image/usr/bin /image/etc/ssl/certs /image/var/lib/bottleneck_exporter /image/tmp; \
    cp /build/exporter/bottleneck_exporter /image/usr/bin/; \
    curl_library=$(ldconfig -p | sed -n 's|.*libcurl\.so\.4 .*=> ||p' | head -n 1); \
    for file in $(ldd /image/usr/bin/bottleneck_exporter "$curl_library" | sed -n -e 's|.*=> \(/[^ ]*\) .*|\1|p' -e 's|^[[:space:]]*\(/[^ ]*\) (0x.*|\1|p' | sort -u) \
                "$curl_library"; do \
      mkdir -p "/image$(dirname "$file")"; cp -L "$file" "/image$file"; \
    done; \
    cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/; \
    echo 'exporter:x:65532:65532::/:/usr/sbin/nologin' >/image/etc/passwd; \
    echo 'exporter:x:65532:' >/image/etc/group; \
    printf 'hosts: files dns\n' >/image/etc/nsswitch.conf; \
    chown 65532:65532 /image/var/lib/bottleneck_exporter; \
    chmod 1777 /image/var/lib/bottleneck_exporter; \
    chmod 1777 /image/tmp

FROM scratch
LABEL org.opencontainers.image.title="bottleneck_exporter" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image/ /
USER 65532:65532
EXPOSE 10110
VOLUME /var/lib/bottleneck_exporter
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/usr/bin/bottleneck_exporter", "healthcheck"]
ENTRYPOINT ["/usr/bin/bottleneck_exporter"]
CMD ["--path.procfs=/host/proc", "--path.sysfs=/host/sys", "--path.rootfs=/host/root"]
# Where / is not a shared mount (no systemd), leave out rslave.
# docker run -d --name bottleneck_exporter --pid host --read-only --cap-drop ALL --cap-add SYS_PTRACE \
#   --cap-add DAC_READ_SEARCH --user 0:0 --security-opt no-new-privileges -p 127.0.0.1:10110:10110 \
#   -v /proc:/host/proc:ro -v /sys:/host/sys:ro -v /:/host/root:ro,rslave \
#   -v bottleneck-state:/var/lib/bottleneck_exporter bottleneck_exporter
