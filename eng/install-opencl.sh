#!/bin/sh
# Installs an OpenCL driver for the processor (PoCL, some 20 seconds) so that the OpenCL tests run: as root, on systems with apt, and only when there is none.
# The tests' projects call this before they run. It never fails: without a driver those tests are reported as skipped, with the reason. FUSER_NO_INSTALL=1 turns it off.
if [ -n "${FUSER_NO_INSTALL:-}" ] || [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null 2>&1; then
  exit 0
fi

there() {
  ls /etc/OpenCL/vendors/*.icd > /dev/null 2>&1 && ldconfig -p | grep -q 'libOpenCL\.so\.1'
}

install() {
  DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends pocl-opencl-icd ocl-icd-libopencl1 > /dev/null 2>&1
}

# Several projects may start at once; the first installs, the others wait for it.
exec 9> "${TMPDIR:-/tmp}/fuser-install-opencl.lock"
flock 9 2> /dev/null
if ! there; then
  install || { timeout 120 apt-get -qq update > /dev/null 2>&1; install; } || echo "OpenCL could not be installed; the tests that need it are skipped"
fi

exit 0
