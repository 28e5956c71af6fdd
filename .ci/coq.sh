#!/bin/sh
# Makes the Coq of Debian's packages available, so that the proofs of the tests are checked by the real prover.
# Idempotent. Usage: eval "$(sh .ci/coq.sh)"
#
# stdout carries only `export NAME='value'` lines; progress goes to stderr. Exit 1: Coq could not be installed.
set -eu

say() { printf 'coq: %s\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

if ! command -v coqc >/dev/null; then
  command -v apt-get >/dev/null || { say "this machine has no apt-get; install Coq by hand"; exit 1; }
  say "installing Coq"
  as_root apt-get update >&2 || say "apt-get update reported an error; trying the installation anyway"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends coq >&2
fi
command -v coqc >/dev/null || { say "coqc is still missing"; exit 1; }
printf "export IGLA_REQUIRE_COQ='1'\n"
