#!/bin/bash
# Pictures of every dashboard in a real Grafana, wide in the dark theme and narrow in the light one, and what can be
# checked in them: no error, no panel without data that should have some, no title that is cut.
#   shots.sh PAST_DIR OUT_DIR [all]      all: both widths in both themes
#   GRAFANA_HOME   folder with bin/grafana, conf/ and public/: is started with the provisioning of deploy/grafana
#   GRAFANA_URL    a Grafana that has the dashboards and a past (history.py) already
# Without either, without chromium or without playwright-core it is skipped. Prints "N passed, N failed, N skipped".
set -uo pipefail
past=${1:?usage: shots.sh PAST_DIR OUT_DIR [all]} out=${2:?}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

skip() {
  echo "skip pictures: $1"
  echo "0 passed, 0 failed, 1 skipped"
  exit 0
}
[ -n "${GRAFANA_HOME:-}${GRAFANA_URL:-}" ] || skip "no Grafana here (GRAFANA_HOME or GRAFANA_URL)"
command -v chromium >/dev/null || skip "chromium is not installed"
[ -d "$root/dashboards/node_modules/playwright-core" ] || skip "playwright-core is not installed (npm ci in dashboards/)"

pids=() data=''
stop() {
  if ((${#pids[@]})); then kill "${pids[@]}" 2>/dev/null; wait "${pids[@]}" 2>/dev/null; fi
  [ -z "$data" ] || rm -rf "$data"
}
trap stop EXIT
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# start_grafana: sets GRAFANA_URL. Nothing of it is sent anywhere.
start_grafana() {
  local prometheus grafana grpc
  prometheus=$(free_port) grafana=$(free_port) grpc=$(free_port) data=$(mktemp -d)
  # The past has a sample each two minutes, not each 15 s.
  cp -r "$root/deploy/grafana/provisioning" "$data/provisioning"
  sed -i 's/timeInterval: .*/timeInterval: 2m/' "$data/provisioning/datasources/bottleneck.yaml"
  python3 "$here/past.py" "$past" --serve --port "$prometheus" >"$data/past.log" 2>&1 &
  pids+=($!)
  (
    cd "$GRAFANA_HOME" || exit 1
    export PROMETHEUS_URL="http://127.0.0.1:$prometheus" ALERTMANAGER_URL=http://127.0.0.1:9 BOTTLENECK_DASHBOARDS="$root/dashboards"
    export GF_SERVER_HTTP_ADDR=127.0.0.1 GF_SERVER_HTTP_PORT="$grafana" GF_PATHS_DATA="$data" GF_PATHS_LOGS="$data" GF_PATHS_PLUGINS="$data/plugins"
    export GF_PATHS_PROVISIONING="$data/provisioning" GF_AUTH_ANONYMOUS_ENABLED=true GF_AUTH_ANONYMOUS_ORG_ROLE=Admin
    export GF_ANALYTICS_REPORTING_ENABLED=false GF_ANALYTICS_CHECK_FOR_UPDATES=false GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES=false
    export GF_NEWS_NEWS_FEED_ENABLED=false GF_PLUGINS_PREINSTALL_DISABLED=true GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED=true
    export GF_SECURITY_DISABLE_GRAVATAR=true GF_UNIFIED_ALERTING_ENABLED=false GF_GRPC_SERVER_ADDRESS="127.0.0.1:$grpc"
    exec ./bin/grafana server --homepath "$GRAFANA_HOME" >"$data/grafana.log" 2>&1
  ) &
  pids+=($!)
  GRAFANA_URL="http://127.0.0.1:$grafana"
  for _ in $(seq 240); do
    if curl -fsS -m 2 "$GRAFANA_URL/api/dashboards/uid/bottleneck-exporter" >/dev/null 2>&1; then return 0; fi
    sleep 0.5
  done
  echo "FAIL Grafana did not have the dashboards within 120 s; its log: $data/grafana.log"
  tail -n 15 "$data/grafana.log"
  echo "0 passed, 1 failed"
  exit 1
}

[ -n "${GRAFANA_URL:-}" ] || start_grafana
mkdir -p "$out"
# The range ends where the past ends: what was generated does not go on.
end=$(cat "$past/end" 2>/dev/null || date +%s)
NODE_PATH="$root/dashboards/node_modules" node "$here/shots.cjs" "$GRAFANA_URL" "$out" "$end" "${3:-}"
