#!/bin/sh
# Makes a software Vulkan adapter (Mesa's lavapipe) available on a headless Debian or Ubuntu machine and prints
# the two environment lines that WebGPU needs. Idempotent. Usage: eval "$(sh .ci/mesa.sh)"
#
# stdout carries only `export NAME='value'` lines; progress goes to stderr. Exit 1: no lavapipe could be installed.
# Debian 12 ships Mesa 22.3, which Dawn refuses, so the package comes from bookworm-backports there. The mirror is
# the one that this machine already uses.
set -eu

say() { printf 'mesa: %s\n' "$*" >&2; }

# Mesa names the file lvp_icd.json or lvp_icd.<architecture>.json.
find_icd() {
  for file in /usr/share/vulkan/icd.d/lvp_icd*.json; do
    if [ -r "$file" ]; then
      printf '%s\n' "$file"
      return 0
    fi
  done
  return 1
}

# Major version of the installed Mesa drivers, 0 without them.
mesa_major() {
  version=$(dpkg-query -W -f='${Version}' mesa-vulkan-drivers 2>/dev/null || true)
  version=${version#*:}
  version=${version%%.*}
  printf '%s\n' "${version:-0}"
}

ready() { find_icd >/dev/null && [ "$(mesa_major)" -ge 24 ]; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# First mirror of the main archive in the apt sources (deb822 or one-line format), without a trailing slash.
mirror() {
  {
    cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed -n 's/^URIs:[[:space:]]*//p' | tr -s ' \t' '\n'
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
      sed -n 's/^deb[[:space:]]\{1,\}\(\[[^]]*\][[:space:]]*\)\{0,1\}\([^[:space:]]*\).*/\2/p'
  } | sed 's,/*$,,' | grep '/debian$' | head -n 1
}

install_mesa() {
  target=
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  if [ "$codename" = bookworm ]; then
    target=bookworm-backports
    if ! grep -qrs "$target" /etc/apt/sources.list /etc/apt/sources.list.d; then
      address=$(mirror)
      [ -n "$address" ] || { say "no Debian mirror in the apt sources"; return 1; }
      printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
        "$address" "$target" /usr/share/keyrings/debian-archive-keyring.gpg |
        as_root tee /etc/apt/sources.list.d/igla-backports.sources >/dev/null
    fi
  fi
  # A failing third-party source must not stop the installation: only the last command decides.
  as_root apt-get update >&2 || say "apt-get update reported an error; trying the installation anyway"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    ${target:+-t "$target"} mesa-vulkan-drivers libvulkan1 >&2
}

if ! ready; then
  command -v apt-get >/dev/null || { say "this machine has no apt-get; install Mesa's Vulkan drivers by hand"; exit 1; }
  say "installing Mesa's Vulkan drivers"
  install_mesa || { say "the installation failed"; exit 1; }
  ready || { say "lavapipe is still missing, or Mesa is older than 24"; exit 1; }
fi

runtime=${XDG_RUNTIME_DIR:-}
if [ -z "$runtime" ] || [ ! -w "$runtime" ]; then
  runtime=${TMPDIR:-/tmp}/igla-runtime-$(id -u)
  mkdir -p -m 700 "$runtime"
fi
printf "export XDG_RUNTIME_DIR='%s'\n" "$runtime"
printf "export VK_ICD_FILENAMES='%s'\n" "$(find_icd)"
