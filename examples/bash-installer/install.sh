#!/usr/bin/env bash
# An ordinary install script with checkpoints: what is completed is not done again, and a failure can be taken back.
#   ./install.sh            install, or go on where it stopped
#   FAIL_AT=verify ./install.sh   to see what happens when a phase fails
set -Eeuo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

api=$(python3 "${SUREFOOT_HOME:-../..}/manage.py" shell-api -C "$PWD")
eval "$api"

phase=
failed() { # $1: the line
    local line=$1 answer
    trap - ERR INT TERM
    echo "❌ 安装失败于第 $line 行" >&2
    [[ -z $phase ]] || update_checkpoint "$phase" failed "Error at line $line"
    printf '是否回滚到上一个检查点？[y/N] ' >&2
    read -r answer || answer=
    if [[ $answer == [yY] ]]; then
        execute_rollback
    fi
    exit 1
}
trap 'failed "$LINENO"' ERR
trap 'failed "$LINENO"' INT TERM # Ctrl-C is a failure, too, and is recorded as one

run() { # $1: the phase; its work is the function phase_$1
    if checkpoint_completed "$1"; then
        echo "✓ $1 (已完成)"
        return
    fi
    phase=$1
    update_checkpoint "$phase" started
    "phase_$phase"
    if [[ ${FAIL_AT:-} == "$phase" ]]; then
        false
    fi
    update_checkpoint "$phase" completed
    echo "✓ $phase"
    phase=
}

phase_environment() {
    rm -rf -- build/env
    python3 -m venv --without-pip build/env
}

phase_configuration() {
    sed -i.tmp 's/^installed = .*/installed = yes/' settings.ini
    rm -f -- settings.ini.tmp
}

phase_verify() {
    build/env/bin/python -c 'import sys; sys.exit(sys.prefix == sys.base_prefix)'
    grep -q '^installed = yes$' settings.ini
}

init_checkpoint_system environment configuration verify
confirm_resume_install && answer=0 || answer=$? # 0: go on, 1: nothing to go on with, 2: the user said no
case $answer in
1) create_rollback_point "Before the installation" settings.ini >/dev/null ;;
2) exit 0 ;;
esac
run environment
run configuration
run verify
echo "安装完成"
