"""The text of `rollback.sh` around its list of undos: `HEAD` has the functions, `TAIL` says how it went.

Each function takes paths of the project (`./src/x`), is harmless when repeated, and never passes through a link. Both
are for `str.format`, so every brace of the shell's is doubled.
"""

HEAD = """\
#!/bin/sh
# Takes back the installation {install_id}. Run it with: sh {name}
# Written by Surefoot before every step, replaced only by renaming; it needs no Python.
{mark}
{{
set -u
umask 077
unset CDPATH
root={root}
here=${{0%/*}}
[ "$here" != "$0" ] || here=.
first=
if [ -f "$here/journal.jsonl" ]; then IFS= read -r first < "$here/journal.jsonl"; fi
if [ -f "$here/{name}" ] && [ -f "$here/{up}"/{journal} ]; then  # the project may have been moved
  cd -P -- "$here/{up}" || exit 5
else
  cd -- "$root" || exit 5
fi
state={state}
id={install_id}
case $first in
  *'"type":"Opened","install_id":"'"$id"'"'*) ;;
  *'"type":"Opened"'*)  # the next one was cut short before its first step, or it is an older one's turn
    printf 'The records are of another installation than %s, so nothing is taken back: see manage.py status\\n' "$id"
    exit 0 ;;
esac
kept=$state/kept/$id
if [ -w "$state/lock" ] && [ ! -L "$state/lock" ] && command -v flock > /dev/null 2>&1; then
  exec 9>> "$state/lock"  # the lock of the tool; where there is no flock, see to it that nothing else runs
  flock -n 9 || {{ printf 'not begun: another run holds this project\n' >&2; exit 3; }}
fi
bad=0 aside=0 left=0
nl='
'
top=$( (exec pwd -P) && printf x) && top=${{top%??}}
case $top in '') exit 5 ;; /) top= ;; esac
whole=  # what has mv and ln take the last name as it is, also where a link to a folder has come there
case $(mv --help 2>&1) in *-T*) whole=-T ;; *-hv*) whole=-h ;; esac

say() {{ printf '%s\\n' "$*"; }}
fail() {{ bad=$((bad + 1)); printf 'not done: %s\\n' "$*" >&2; }}
stays() {{ left=$((left + 1)); printf 'changed since, so it stays: %s\\n' "$1" >&2; }}
there() {{ [ -e "$1" ] || [ -L "$1" ]; }}
plain() {{  # refuses a path whose parent is a link
  rest=$1 seen=
  while :; do
    case $rest in */*) seen=$seen${{rest%%/*}}; rest=${{rest#*/}} ;; *) return 0 ;; esac
    if [ -L "$seen" ]; then fail "$1: $seen is a link"; return 1; fi
    seen=$seen/
  done
}}
sum_of() {{
  if [ -f "$1" ] && [ ! -L "$1" ]; then sum=$(sha256sum < "$1") && printf %s "${{sum%% *}}"; fi
}}
is_ours() {{  # is $1 still the file ($2 is its sha256) or the link (link:TARGET) that we left?
  case $2 in
    link:*) [ -L "$1" ] && [ "$(readlink -- "$1")" = "${{2#link:}}" ] ;;
    sha256:*) [ "sha256:$(sum_of "$1")" = "$2" ] ;;
    *) false ;;
  esac
}}
# Somebody may swap a folder for a link between our look and our deed. So a deed first goes to the folder, then looks
# where it has come to (a program asks the system; a shell may only remember), and then names only what is there.
inside() {{  # is the current folder $1 of the project, and no link on the way?
  held=$( (exec pwd -P) && printf x) && [ "$held" = "$top${{1:+/}}$1${{nl}}x" ]
}}
enter() {{  # goes to the folder of $1 and calls what is there $name; only within ( )
  way=${{1#./}}
  name=./${{way##*/}}
  case $way in */*) way=${{way%/*}} ;; *) way= ;; esac
  cd -P -- "./$way" 2>/dev/null && inside "$way"
}}
at() (  # does with what is at $1 what the other words say
  path=$1
  shift
  enter "$path" && "$@" "$name"
)
rename() (  # gives $1 the name $2, at which there is nothing, or a file of ours
  enter "$2" && new=$name && exec 8< . && cd -P -- "${{top:-/}}" && enter "$1" || exit 1
  if [ -d /proc/self/fd/8 ]; then new=/proc/self/fd/8/$new; else new=$top/${{2#./}}; fi
  mv -f ${{whole:+"$whole"}} -- "$name" "$new"
)
parents() (  # makes the folders that $1 lies in, as the umask $2 has them
  umask "$2"
  rest=${{1#./}} seen=
  case $rest in */*) [ -d "./${{rest%/*}}" ] && exit 0 ;; esac
  while case $rest in */*) ;; *) false ;; esac; do
    one=${{rest%%/*}} rest=${{rest#*/}}
    seen=$seen${{seen:+/}}$one
    [ -d "./$one" ] || mkdir -- "./$one" || exit 1
    cd -P -- "./$one" && inside "$seen" || exit 1
  done
)
keep() {{  # moves what is at $1 to the kept folder
  to=$kept/${{1#./}} n=1
  while there "$to" || ! parents "$to" 077 2>/dev/null; do
    n=$((n + 1)) to=${{kept}}_$n/${{1#./}}
    if [ "$n" -gt 99 ]; then fail "$1"; return 1; fi
  done
  if rename "$1" "$to"; then aside=$((aside + 1)); else fail "$1"; return 1; fi
}}
gone() {{ if plain "$1" && there "$1"; then at "$1" rm -rf -- || fail "$1"; fi; }}
away() {{ if plain "$1" && there "$1"; then keep "$1"; fi; }}
ours() {{  # removes $1 if it is still what we left ($2)
  if plain "$1" && there "$1"; then
    if is_ours "$1" "$2"; then at "$1" rm -f -- || fail "$1"; else stays "$1"; fi
  fi
}}
artefact() {{  # what a build tool made goes; it is set aside if it is not what we left ($2)
  if plain "$1" && there "$1"; then
    if is_ours "$1" "$2"; then at "$1" rm -f -- || fail "$1"; else keep "$1"; fi
  fi
}}
empty() {{ if plain "$1" && [ -d "$1" ]; then at "$1" rmdir -- 2>/dev/null; fi; }}
mode() {{  # gives $1 the mode $2; what has it is not touched: git, make and uv go by the time of a change
  want='' rest=$2
  while [ -n "$rest" ]; do
    case $rest in
      7*) want=${{want}}rwx ;; 6*) want=${{want}}rw- ;; 5*) want=${{want}}r-x ;; 4*) want=${{want}}r-- ;;
      3*) want=${{want}}-wx ;; 2*) want=${{want}}-w- ;; 1*) want=${{want}}--x ;; *) want=${{want}}--- ;;
    esac
    rest=${{rest#?}}
  done
  case $(ls -ld -- "$1") in ?"$want"[!a-zA-Z-]*) ;; *) (enter "$1" && [ ! -L "$name" ] && chmod -- "$2" "$name") ;; esac
}}
way() {{  # makes room at $1: what we left ($2) goes, what nobody knows (no $2) is set aside; fails if it must stay
  there "$1" || return 0
  case $2 in
    '') keep "$1" ;;
    tree:*) if [ -d "$1" ] && [ ! -L "$1" ]; then keep "$1"; else stays "$1"; false; fi ;;
    folder) if at "$1" rmdir -- 2>/dev/null; then :; else keep "$1"; fi ;;
    *) if is_ours "$1" "$2"; then at "$1" rm -f --; else stays "$1"; false; fi ;;
  esac
}}
put() {{  # $1 path, $2 backup, $3 its sha256, $4 mode; written first in the stash, where nobody else may plant a link
  new=$state/stash/$id/put
  if parents "$1" 022 && parents "$new" 077 && (
    enter "$new" && rm -rf -- "$name" && cp -p -- "$top/${{2#./}}" "$name" && [ "$(sum_of "$name")" = "$3" ] &&
      chmod -- "$4" "$name"
  ) && rename "$new" "$1"; then :; else fail "$1"; fi
}}
file() {{  # $1 path, $2 backup, $3 its sha256, $4 mode, $5 what we left (or nothing), $6 where the tool writes it first
  plain "$1" || return 0
  ! there "$6" || at "$6" rm -rf --
  now=$(sum_of "$1")
  if [ "$now" = "$3" ]; then mode "$1" "$4" || fail "$1"; return 0; fi
  if [ "$(sum_of "$2")" != "$3" ]; then fail "$1: its backup is missing or damaged"; return 0; fi
  if is_ours "$1" "$5" && [ ! -L "$1" ]; then put "$1" "$2" "$3" "$4"; return 0; fi
  if way "$1" "$5"; then put "$1" "$2" "$3" "$4"
  elif ! there "$1.before-$id"; then put "$1.before-$id" "$2" "$3" "$4"
  fi
}}
link() {{  # $1 path, $2 target, $3 what we left (or nothing)
  plain "$1" || return 0
  if is_ours "$1" "link:$2"; then return 0; fi
  way "$1" "$3" || return 0
  if parents "$1" 022 && (enter "$1" && ln -s ${{whole:+-n}} -- "$2" "$name"); then :; else fail "$1"; fi
}}
folder() {{  # $1 path, $2 mode, $3 what we left (or nothing)
  plain "$1" || return 0
  if [ ! -d "$1" ] || [ -L "$1" ]; then
    way "$1" "$3" || return 0
    if parents "$1" 022 && at "$1" mkdir --; then :; else fail "$1"; return 0; fi
  fi
  mode "$1" "$2" || fail "$1"
}}
hollow() {{  # an empty folder was at $1, with the mode $2; $3 is what we left (or nothing)
  plain "$1" || return 0
  case $3 in
    ''|tree:*) if [ -d "$1" ] && [ ! -L "$1" ] && ! at "$1" rmdir -- 2>/dev/null; then keep "$1" || return 0; fi ;;
  esac
  folder "$1" "$2" "$3"
}}
outside() {{  # a command that takes back what lies outside; 10: it names what was changed since, and left alone
  "$@"
  case $? in 0) ;; 10) left=$((left + 1)) ;; *) fail "$*" ;; esac
}}
large() {{ there "$1" || fail "$1: it was too large to be copied"; }}
moved() {{  # $1 belongs to $2
  if plain "$1" && plain "$2" && there "$1"; then
    if there "$2"; then fail "$1: it belongs to $2, where something else is"; return 0; fi
    if parents "$2" 022 && rename "$1" "$2"; then :; else fail "$1"; fi
  fi
}}
swapped() {{  # $1 and $2 changed names if $1 carries the mark $3
  plain "$1" && plain "$2" || return 0
  mark=
  if [ -f "$1/surefoot-generation" ]; then IFS= read -r mark < "$1/surefoot-generation" || :; fi
  if [ "$mark" = "$3" ] && there "$2" && ! there "$2{swap}"; then
    rename "$2" "$2{swap}" || {{ fail "$1"; return 0; }}
  fi
  if [ "$mark" = "$3" ] && ! there "$2"; then
    if parents "$2" 022 && rename "$1" "$2"; then :; else fail "$1"; return 0; fi
  fi
  if there "$2{swap}" && ! there "$1"; then rename "$2{swap}" "$1" || {{ fail "$1"; return 0; }}; fi
  if there "$2{swap}"; then fail "$1"; fi
}}
only() {{  # what is in $1 and is none of the names $2 (a line each) came with a build that was cut short
  plain "$1" && [ -d "$1" ] && [ ! -L "$1" ] || return 0
  for e in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    there "$e" || continue
    case $2 in *"$nl${{e##*/}}$nl"*) continue ;; esac
    case $e in
      */.git) ;;
      */.surefoot-????????????????.tmp) at "$e" rm -f -- || fail "$e" ;;
      {artefacts}) at "$e" rm -rf -- || fail "$e" ;;
      *.c|*.cpp) if [ -e "${{e%.*}}.pyx" ]; then at "$e" rm -f -- || fail "$e"; else keep "$e"; fi ;;
      *) keep "$e" ;;
    esac
  done
}}

say "Taking back the installation $id in $(pwd)"
"""

TAIL = """
if [ "$bad" -gt 0 ]; then
  say "$bad thing(s) could not be taken back; run this again, or manage.py rollback" >&2
  exit 5
fi
if command -v sync > /dev/null 2>&1; then sync; fi  # the note that it was done must not outlive what was done
note=$state/checkpoints/{flag}
if parents "$note" 077 && (enter "$note" && rm -f -- "$name" && printf '%s\\n' "$id" > "$name"); then :; fi
if [ "$aside" -gt 0 ]; then say "$aside thing(s) that may be yours were moved to $kept"; fi
if [ "$left" -gt 0 ]; then
  say "$left file(s) that you changed since stay as they are; what they were before has the ending .before-$id" >&2
  exit 10
fi
say "Done: the project is as it was before $id"
exit 0
}}
"""
