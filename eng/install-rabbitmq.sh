#!/bin/sh
# Installs the broker that the cluster tests start for themselves (RabbitMQ, about a minute): as root, on systems with apt, and only when there is none. The service of the
# package is not started. The host's tests call this before they run. It never fails: without a broker those tests are reported as skipped, with the reason.
# FUSER_NO_INSTALL=1 turns it off.
if [ -n "${FUSER_NO_INSTALL:-}" ] || [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null 2>&1; then
  exit 0
fi

there() {
  [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]
}

install() {
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends rabbitmq-server > /dev/null 2>&1
}

exec 9> "${TMPDIR:-/tmp}/fuser-install-rabbitmq.lock"
flock 9 2> /dev/null
if ! there; then
  # No service is started by the installation, whatever the system would do.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod +x "$policy" && trap 'rm -f "$policy"' EXIT
  fi

  install || { timeout 120 apt-get -qq update > /dev/null 2>&1; install; } || echo "RabbitMQ could not be installed; the tests that need it are skipped"
fi

exit 0
