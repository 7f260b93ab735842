# Installs the packages named as arguments and lets none of their services start, now or at the next boot.
# Debian asks policy-rc.d before it starts one; what stood there is moved aside and comes back whatever happens.
policy=${POLICY:-/usr/sbin/policy-rc.d}
saved=$policy.before-adit
units=${UNITS:-/etc/systemd/system}
mark='# adit: no service starts while test tools are installed'

restore() {
  if [ -f "$policy" ] && grep -qF "$mark" "$policy"; then rm -f "$policy"; fi
  if [ -e "$saved" ] || [ -L "$saved" ]; then mv -f "$saved" "$policy"; fi
}

restore # a run that was killed may have left ours
trap restore EXIT
trap 'exit 130' INT TERM HUP
if [ -e "$policy" ] || [ -L "$policy" ]; then mv -f "$policy" "$saved" || exit 1; fi
printf '#!/bin/sh\n%s\nexit 101\n' "$mark" > "$policy" && chmod 755 "$policy" || exit 1

export DEBIAN_FRONTEND=noninteractive
apt-get update -q || exit
# A machine that was just started may be busy with updates of its own for a while.
apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "$@" || exit
for package in "$@"; do
  # The package switches its daemon on for the next boot, where it would take UDP 500 and 4500 of the host.
  if [ "$package" = charon-systemd ]; then
    # Without systemd the package leaves the same links for a systemd to come.
    systemctl disable strongswan.service >/dev/null 2>&1 ||
      rm -f "$units/multi-user.target.wants/strongswan.service" "$units/strongswan-swanctl.service"
  fi
done
exit 0
