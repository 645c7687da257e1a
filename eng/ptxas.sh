#!/bin/sh
# Fetches NVIDIA's assembler and disassembler (Debian non-free: nvidia-cuda-toolkit, 84 MB) and unpacks them into a folder, without installing anything:
#   FUSER_PTXAS=$(eng/ptxas.sh FOLDER) dotnet test tests/Fuser.Kernels.Tests -c Release --filter FullyQualifiedName~Ptx
# They are under NVIDIA's licence: for checking on this machine only, never to be shipped or committed.
set -eu
folder=$(mkdir -p "$1" && cd "$1" && pwd)
if [ ! -x "$folder/usr/bin/ptxas" ]; then
  mkdir -p "$folder/lists/partial"
  . /etc/os-release

  # From wherever this machine gets its packages, with a part of the archive that it may not have enabled.
  archive=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' | awk -v release="$VERSION_CODENAME" '$2 == release { print $1; exit }')
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive $VERSION_CODENAME non-free" > "$folder/sources.list"
  set -- -o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$folder/lists"
  apt-get "$@" -qq update >&2
  (cd "$folder" && apt-get "$@" -qq download nvidia-cuda-toolkit >&2 && dpkg -x nvidia-cuda-toolkit_*.deb . && rm nvidia-cuda-toolkit_*.deb)
fi

echo "$folder/usr/bin/ptxas"
