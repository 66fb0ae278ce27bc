# Surefoot's checkpoint functions, in POSIX sh. Use: eval "$(python3 manage.py shell-api)"
# Every argument travels as a word of its own ("$@"), never as code: any string is safe.

_surefoot() {
    if [ -x @PYTHON@ ]; then
        @PYTHON@ -I @MANAGE@ checkpoint "$@" </dev/null
    else
        python3 -I @MANAGE@ checkpoint "$@" </dev/null
    fi
}

# init_checkpoint_system [PHASE...]: make what is needed. Call it at each start; an unfinished installation goes on.
init_checkpoint_system() {
    [ "${@PREFIX@_DISABLE_CHECKPOINT:-0}" != 1 ] || return 0
    _surefoot init --plain @COMMON@ -- "$@"
}

# restart_checkpoint_system [PHASE...]: the same, but an unfinished installation is taken back first.
restart_checkpoint_system() {
    [ "${@PREFIX@_DISABLE_CHECKPOINT:-0}" != 1 ] || return 0
    _surefoot init --plain @COMMON@ --restart -- "$@"
}

# update_checkpoint PHASE started|completed|failed [DATA]: DATA is a sentence or a JSON object.
update_checkpoint() {
    [ "${@PREFIX@_DISABLE_CHECKPOINT:-0}" != 1 ] || return 0
    _surefoot update --plain @COMMON@ -- "$@"
}

# check_resume_install: is there an unfinished installation? Status 0: yes, 1: no.
check_resume_install() {
    [ "${@PREFIX@_DISABLE_CHECKPOINT:-0}" != 1 ] || return 1
    _surefoot check-resume --plain @COMMON@
}

# confirm_resume_install: the same; if there is one, it is shown, and a person is asked whether to go on. Status 0: go
# on, 1: there is none, 2: the answer was no. @PREFIX@_AUTO_RESUME=1, CI and the lack of a terminal mean yes.
confirm_resume_install() {
    [ "${@PREFIX@_DISABLE_CHECKPOINT:-0}" != 1 ] || return 1
    _surefoot check-resume --plain @COMMON@ --show >&2 || return 1
    if [ "${@PREFIX@_AUTO_RESUME:-0}" = 1 ] || [ -n "${CI:-}" ] || [ ! -t 0 ]; then return 0; fi
    printf '%s ' @RESUME@ >&2
    read -r _surefoot_answer || return 0
    case $_surefoot_answer in [nN]* | 否*) return 2 ;; esac
}

# checkpoint_completed PHASE: need it not be done again? Status 0: it is completed.
checkpoint_completed() {
    [ "${@PREFIX@_DISABLE_CHECKPOINT:-0}" != 1 ] || return 1
    _surefoot completed --plain @COMMON@ -- "$1"
}

# create_rollback_point DESCRIPTION [FILE...]: keep the configuration, and FILEs; prints the name of the point.
create_rollback_point() {
    [ "${@PREFIX@_DISABLE_CHECKPOINT:-0}" != 1 ] || return 0
    _surefoot create --plain @COMMON@ -- "$@"
}

# execute_rollback [NAME]: return to the last checkpoint, or to the one named.
execute_rollback() {
    [ "${@PREFIX@_DISABLE_CHECKPOINT:-0}" != 1 ] || return 0
    _surefoot rollback --plain @COMMON@ -- "$@"
}

# confirm_rollback: ask whether to return to the last checkpoint (default: no), and do it. No terminal: no question.
confirm_rollback() {
    [ -t 0 ] || return 0
    printf '%s ' @ROLLBACK@ >&2
    read -r _surefoot_answer || return 0
    case $_surefoot_answer in [yY]* | 是*) execute_rollback ;; esac
}
