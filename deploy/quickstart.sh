#!/bin/bash
# The exporter, a Prometheus with all rules and an Alertmanager on this machine, on loopback ports, in a few minutes.
# Debian 12; root or sudo.
#
#   deploy/quickstart.sh            installs what is missing, builds, starts, prints the addresses; safe to run again
#   deploy/quickstart.sh --status   what runs
#   deploy/quickstart.sh --stop     ends what it started, and nothing else; data stays in the state folder
#
# Environment: QUICKSTART_STATE (default /var/lib/bottleneck_quickstart), EXPORTER_PORT (10110), PROMETHEUS_PORT (9090),
# ALERTMANAGER_PORT (9093); a port that is taken is replaced by the next free one.
set -euo pipefail
# shellcheck source=../tests/lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../tests/lib/common.sh"

if [[ $(id -u) != 0 ]]; then
  command -v sudo >/dev/null || die "needs root: the processes of other users are read, and packages installed"
  exec sudo --preserve-env=QUICKSTART_STATE,EXPORTER_PORT,PROMETHEUS_PORT,ALERTMANAGER_PORT "$0" "$@"
fi

STATE=${QUICKSTART_STATE:-/var/lib/bottleneck_quickstart}
BINARY=$STATE/bottleneck_exporter
# What is started, in this order; each has start_<name>, and a port in $STATE/<name>.port.
SERVICES=(exporter alertmanager prometheus)
STEPS=$((2 + ${#SERVICES[@]}))
step_number=0
step() {
  step_number=$((step_number + 1))
  printf '[%d/%d] %s\n' "$step_number" "$STEPS" "$*"
}

pid_file() { printf '%s/%s.pid\n' "$STATE" "$1"; }
address_of() { printf 'http://127.0.0.1:%s\n' "$(<"$STATE/$1.port")"; }
answers() { curl -sf -m 5 -o /dev/null "$1"; }
port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# choose_port NAME DEFAULT: the port of last time, else the first free one from DEFAULT on.
choose_port() {
  local port=$2
  if [[ -s $STATE/$1.port ]] && ! port_is_taken "$(<"$STATE/$1.port")"; then return; fi
  while port_is_taken "$port"; do port=$((port + 1)); done
  printf '%s\n' "$port" >"$STATE/$1.port"
}

# launch NAME COMMAND...: detached, its output in a log, its pid remembered.
launch() {
  local name=$1
  shift
  setsid "$@" </dev/null >>"$STATE/$name.log" 2>&1 &
  remember_process "$(pid_file "$name")" "$!"
}

# ready NAME URL SECONDS
ready() {
  wait_until "$3" "$1 to answer at $2" answers "$2" || {
    tail -n 15 "$STATE/$1.log" >&2
    die "$1 does not answer; log: $STATE/$1.log"
  }
}

build() {
  local log=$STATE/build.log
  {
    cmake -G Ninja -S "$BN_ROOT" -B "$STATE/build" -DCMAKE_BUILD_TYPE=Release -DBOTTLENECK_TESTS=OFF &&
      ninja -C "$STATE/build" bottleneck_exporter
  } >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "the build failed; log: $log"; }
  if ! cmp -s "$STATE/build/exporter/bottleneck_exporter" "$BINARY"; then
    # A new program: the old one makes room. The file is replaced, not overwritten: it may be running.
    stop_process "$(pid_file exporter)"
    install -m 755 "$STATE/build/exporter/bottleneck_exporter" "$BINARY.new"
    mv "$BINARY.new" "$BINARY"
  fi
}

start_exporter() {
  choose_port exporter "${EXPORTER_PORT:-10110}"
  launch exporter "$BINARY" "--web.listen-address=127.0.0.1:$(<"$STATE/exporter.port")" \
    --docker.host=auto "--storage.path=$STATE/exporter"
  ready exporter "$(address_of exporter)/-/ready" 30
}

# Its receivers send nothing: alerts are seen on its page. deploy/alertmanager/alertmanager.yml is the one that notifies.
start_alertmanager() {
  choose_port alertmanager "${ALERTMANAGER_PORT:-9093}"
  launch alertmanager prometheus-alertmanager "--config.file=$BN_ROOT/deploy/alertmanager/alertmanager-local.yml" \
    "--storage.path=$STATE/alertmanager" "--web.listen-address=127.0.0.1:$(<"$STATE/alertmanager.port")" \
    --cluster.listen-address= --log.level=warn
  ready alertmanager "$(address_of alertmanager)/-/ready" 60
}

start_prometheus() {
  choose_port prometheus "${PROMETHEUS_PORT:-9090}"
  write_prometheus_config
  launch prometheus prometheus "--config.file=$STATE/prometheus.yml" "--storage.tsdb.path=$STATE/prometheus" \
    "--web.listen-address=127.0.0.1:$(<"$STATE/prometheus.port")" --log.level=warn \
    --storage.tsdb.retention.time=40d --storage.tsdb.retention.size=4GB  # baselines look back five weeks
  ready prometheus "$(address_of prometheus)/-/ready" 60
}

write_prometheus_config() {
  {
    printf 'global:\n  scrape_interval: 15s\nrule_files: ["%s"]\n' "$BN_ROOT/deploy/prometheus/rules/bottleneck.yaml"
    printf 'alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:%s"]}]}]}\n' "$(<"$STATE/alertmanager.port")"
    # The example as it is, pointed at our port.
    sed -e '/^#/d' -e "s/localhost:10110/127.0.0.1:$(<"$STATE/exporter.port")/" "$BN_ROOT/deploy/prometheus/scrape.example.yml"
  } >"$STATE/prometheus.yml"
  promtool check config "$STATE/prometheus.yml" >"$STATE/promtool.log" 2>&1 || { cat "$STATE/promtool.log" >&2; die "bad configuration"; }
}

target_is_up() {
  curl -sf -m 5 "$(address_of prometheus)/api/v1/query?query=up%7Bjob%3D%22bottleneck%22%7D" | grep -q '"1"\]'
}

start() {
  local name
  mkdir -p "$STATE/exporter"
  chmod 750 "$STATE"
  step "packages"
  "$BN_ROOT/tests/lib/packages.sh" "$BN_ROOT"/deploy/packages{-build,}.txt
  step "build (a few minutes the first time)"
  build
  for name in "${SERVICES[@]}"; do
    if is_running "$(pid_file "$name")"; then
      step "$name runs already"
    else
      step "$name"
      "start_$name"
    fi
  done
  wait_until 60 "the first scrape" target_is_up || die "Prometheus does not reach the exporter; see $STATE/*.log"
  cat <<TEXT

Exporter    $(address_of exporter)/         $(curl -s -m 5 "$(address_of exporter)/metrics" | grep -c '^bottleneck_container_info') containers
Prometheus  $(address_of prometheus)/graph   try: topk(5, max by (name) (bottleneck_score))
Alerts      $(address_of alertmanager)/
Ask         $BINARY explain NAME --url $(address_of exporter)
State       $STATE   stop with: $0 --stop
TEXT
}

status() {
  local name failed=0
  for name in "${SERVICES[@]}"; do
    if is_running "$(pid_file "$name")"; then
      printf '%-12s runs, %s, process %s\n' "$name" "$(address_of "$name")" "$(cut -d' ' -f1 "$(pid_file "$name")")"
    else
      printf '%-12s does not run\n' "$name"
      failed=1
    fi
  done
  return "$failed"
}

stop() {
  local i
  for ((i = ${#SERVICES[@]} - 1; i >= 0; --i)); do
    if is_running "$(pid_file "${SERVICES[i]}")"; then
      printf 'stopping %s\n' "${SERVICES[i]}"
    fi
    stop_process "$(pid_file "${SERVICES[i]}")" 30
  done
}

case ${1:-start} in
  start) start ;;
  --status) status ;;
  --stop) stop ;;
  *) sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
