#!/usr/bin/env bash
# Makes an image to build on where no registry of images can be reached: Debian's packages, and the Node and npm of
# this machine. For `npm run test:image` alone: what is deployed is built on the image that the Dockerfile names.
# Needs root, buildah and debootstrap. Usage: scripts/base-image.sh NAME [PATH_OF_NODE]
set -euo pipefail
name=$1
node=$(readlink -f "${2:-$(command -v node)}")
npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
debootstrap --variant=minbase --include=ca-certificates bookworm "$root/base" >&2
install -m 0755 "$node" "$root/base/usr/local/bin/node"
mkdir -p "$root/base/usr/local/lib/node_modules"
cp -a "$npm" "$root/base/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/base/usr/local/bin/npm"
# Certificates that this machine trusts besides Debian's, as behind a proxy of a company's.
cp /etc/ssl/certs/ca-certificates.crt "$root/base/etc/ssl/certs/ca-certificates.crt"
tar -C "$root/base" -cf "$root/base.tar" .

container=$(buildah from scratch)
buildah add --quiet "$container" "$root/base.tar" / >/dev/null
buildah config --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
buildah commit --quiet --rm "$container" "$name" >/dev/null
