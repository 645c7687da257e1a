#!/bin/sh
# Installs what tests need beside .NET, as root on Debian or Ubuntu, and only what is missing:
#   PoCL        an OpenCL driver for processors (some 20 seconds)
#   RabbitMQ    the broker that the cluster tests start for themselves (about a minute); the package's own service is not started
#   NumPy       for the peers of the comparison on GPUs
# It does so only when it is told to, by FUSER_TEST_SERVICES=install; without, it says what is missing. Tests whose service is missing are skipped, with the reason.
# Exit status: 0 everything is there, or nothing was to be installed; 1 something could not be installed.
set -u

missing() {
  ls /etc/OpenCL/vendors/*.icd > /dev/null 2>&1 && ldconfig -p | grep -q 'libOpenCL\.so\.1' || echo pocl-opencl-icd ocl-icd-libopencl1
  [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || echo rabbitmq-server
  python3 -c 'import numpy' 2> /dev/null || /usr/bin/python3 -c 'import numpy' 2> /dev/null || echo python3-numpy
}

packages=$(missing | tr '\n' ' ')
if [ -z "$packages" ]; then
  exit 0
elif [ "${FUSER_TEST_SERVICES:-}" != install ]; then
  echo "not installed: $packages(FUSER_TEST_SERVICES=install eng/test-services.sh installs them; the tests that need them are skipped)"
  exit 0
elif [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null 2>&1; then
  echo "not installed: $packages(that takes root, and apt-get)" >&2
  exit 1
fi

install() {
  # shellcheck disable=SC2086 # a list of packages
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive timeout 600 apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends $packages > /dev/null
}

# Whatever the system would do, no service is started by the installation; what says so goes when it is over.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod +x "$policy" && trap 'rm -f "$policy"' EXIT
fi

install || { timeout 120 apt-get -qq update > /dev/null; install; } || { echo "not installed: $packages(apt-get failed; its errors are above)" >&2; exit 1; }
