#!/usr/bin/env bash
# SAGE's own command, by Surefoot. SUREFOOT_HOME names its folder; default: the repository that this example lies in.
set -eu
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
exec python3 "${SUREFOOT_HOME:-$here/../..}/manage.py" -C "$here" "$@"
