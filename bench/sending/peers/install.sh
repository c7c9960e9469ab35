#!/usr/bin/env bash
# Installs the mail servers that the bench compares with: Postfix and opendkim from Debian (needs root), Haraka from npm, beside this file.
set -eu
cd "$(dirname "$0")"
export DEBIAN_FRONTEND=noninteractive

missing=()
[ -x /usr/sbin/postfix ] || missing+=(postfix)
[ -x /usr/sbin/opendkim ] || missing+=(opendkim)
if [ "${#missing[@]}" -gt 0 ]; then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

# In a folder that is not committed; two versions that Haraka asks for are not to be had everywhere.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/package.json" <<'JSON'
{
  "private": true,
  "dependencies": { "Haraka": "3.3.4", "haraka-plugin-dkim": "1.3.1" },
  "overrides": { "encoding-japanese": "2.4.0", "libqp": "2.1.1" }
}
JSON
(cd "$folder" && npm install --ignore-scripts --omit=optional --no-audit --no-fund)
rm -rf node_modules
mv "$folder/node_modules" node_modules
