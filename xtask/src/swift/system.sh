# A Debian with Swift in a folder, because Debian 12 has no Swift package.
#   make FOLDER SUITE MARK PACKAGE...
#       makes it; FOLDER/MARK, which holds SUITE and PACKAGE..., is written when all of it is there
#   run FOLDER REPOSITORY BUILD LIBRARY SHARED COMMAND...
#       runs COMMAND there as root: the repository read-only at /adit/repository, where it starts; BUILD writable at
#       /adit/build; LIBRARY, a folder of libraries, read-only at /adit/library; SHARED, unless empty, at /adit/shared
# To be started in a mount namespace of its own (unshare --mount): what is mounted in FOLDER then exists for nobody else and
# goes with the last process, so whoever deletes the build folder meanwhile does not meet the host's /dev in it.
set -eu
verb=$1 folder=$2
shift 2
if [ "$(readlink /proc/self/ns/mnt)" = "$(readlink "/proc/$PPID/ns/mnt")" ]; then
  echo "system.sh: start me with unshare --mount" >&2
  exit 2
fi

mount_system() {
  mount --rbind /proc "$folder/proc"
  # Only the devices that programs expect; not the host's folder.
  mount -t tmpfs -o mode=755 tmpfs "$folder/dev"
  for device in null zero full random urandom tty; do
    : > "$folder/dev/$device"
    mount --bind "/dev/$device" "$folder/dev/$device"
  done
  mkdir "$folder/dev/shm"
  ln -s /proc/self/fd "$folder/dev/fd"
  mount -t tmpfs -o mode=1777 tmpfs "$folder/tmp"
}

make() {
  suite=$1 mark=$2
  shift 2
  # A system that a killed run left half-made is made again; never while something is mounted in it.
  if grep -qF " $folder/" /proc/self/mountinfo; then
    echo "something is mounted in $folder: unmount it first" >&2
    exit 1
  fi
  rm -rf --one-file-system "$folder"
  mkdir -p "$folder"
  # The mirror and the proxy are those that apt uses here.
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(LABEL)' | awk '$2 == "Debian" { print $1; exit }')
  [ -n "$mirror" ] || { echo "apt has no mirror of Debian here (apt-get update makes it known)" >&2; exit 1; }
  proxy=$(apt-config dump | sed -n 's/^Acquire::http::Proxy "\(.*\)";$/\1/p')
  [ -z "$proxy" ] || export http_proxy="$proxy"
  debootstrap --variant=minbase "$suite" "$folder" "$mirror"
  umount -R "$folder/proc" 2>/dev/null || :
  umount -R "$folder/sys" 2>/dev/null || :
  # Nothing here has to survive a power cut, and nobody reads manuals here.
  echo force-unsafe-io > "$folder/etc/dpkg/dpkg.cfg.d/adit"
  printf 'path-exclude=/usr/share/%s/*\n' doc man locale info >> "$folder/etc/dpkg/dpkg.cfg.d/adit"
  printf 'Acquire::Languages "none";\nAPT::Install-Recommends "false";\n' > "$folder/etc/apt/apt.conf.d/adit"
  [ -z "$proxy" ] || printf 'Acquire::http::Proxy "%s";\n' "$proxy" >> "$folder/etc/apt/apt.conf.d/adit"
  printf '#!/bin/sh\nexit 101\n' > "$folder/usr/sbin/policy-rc.d"
  chmod 755 "$folder/usr/sbin/policy-rc.d"
  cp /etc/resolv.conf /etc/hosts "$folder/etc/"
  mount_system
  DEBIAN_FRONTEND=noninteractive chroot "$folder" sh -c \
    'apt-get update -q && apt-get install -y -q "$@" && apt-get clean && rm -rf /var/lib/apt/lists/*' sh "$@"
  mkdir -p "$folder/adit/repository" "$folder/adit/build" "$folder/adit/library" "$folder/adit/shared"
  chroot "$folder" swift --version
  echo "$suite $*" > "$folder/$mark"
}

bind_read_only() {
  mount --bind "$1" "$2"
  mount -o remount,bind,ro "$2"
}

run() {
  repository=$1 build=$2 library=$3 shared=$4
  shift 4
  mount_system
  mkdir -p "$build"
  bind_read_only "$repository" "$folder/adit/repository"
  bind_read_only "$library" "$folder/adit/library"
  mount --bind "$build" "$folder/adit/build"
  [ -z "$shared" ] || bind_read_only "$shared" "$folder/adit/shared"
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8 LD_LIBRARY_PATH=/adit/library \
    ADIT_SHARED="${shared:+/adit/shared}" chroot "$folder" sh -c 'cd /adit/repository && exec "$@"' sh "$@"
}

"$verb" "$@"
