#!/bin/sh
# The first command on a machine without a network, if it has no make or no Python: both from the bundle, then `make lab`.
set -e
cd "$(dirname "$0")/.."
if ! command -v make >/dev/null || ! command -v python3 >/dev/null; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$work/lists/partial"
    echo "deb [trusted=yes] file:$(printf %s "$PWD" | sed 's/%/%25/g; s/ /%20/g')/bundle/packages ./" > "$work/sources.list"
    cat > "$work/apt.conf" <<-END
	Dir::Etc::sourcelist "$work/sources.list";
	Dir::Etc::sourceparts "/dev/null";
	Dir::State::lists "$work/lists";
	Dir::Cache::pkgcache "";
	Dir::Cache::srcpkgcache "";
	APT::Sandbox::User "root";
	END
    export APT_CONFIG="$work/apt.conf" DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends make python3
    unset APT_CONFIG
    rm -rf "$work"
fi
exec make lab "$@"
