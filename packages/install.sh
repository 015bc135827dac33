# shellcheck shell=bash
# The first run of ./kindelpost, sourced by it. Uses its here, home, lists, lock, stamp, digest and the fields of os-release.
# Installs Debian packages and a venv; starts no engine, edits no engine's file under /etc.
# shellcheck disable=SC2154 # the launcher sets them

policy=/usr/sbin/policy-rc.d # asked by every package before it starts its service (invoke-rc.d(8))
policy_kept=$policy.kept-by-kindelpost
log=$home/install.log
ours=$home/packages # what we installed: its units are kept off, and it is not looked at as somebody else's
need_mb=2000

fail() { # what happened, why, what to do
  printf '\nKindelpost could not be installed: %s\n  Why: %s\n  What to do: %s\n' "$1" "$2" "$3" >&2
  exit 3
}

fail_with_log() { # what happened: the end of the last step's log says why
  local said why="the lines above say it; the whole of it is in $log."
  said=$(awk '/^=== / { step = "" } { step = step $0 "\n" } END { printf "%s", step }' "$log" | tail -n 8)
  printf '\n%s\n' "$said" | cut -c -200 | sed 's/^/  | /' >&2
  if grep -qE 'resolv|Failed to establish|Could not connect|Unable to connect|unreachable|Connection refused' <<<"$said"; then
    why="a server could not be reached; the whole of it is in $log."
  fi
  fail "$1" "$why" "$2"
}

step() { # a sentence, then a command: its output goes to the log, one line with a tick is shown
  local said=$1 began=$SECONDS
  shift
  [[ ! -t 2 ]] || printf '  … %s' "$said" >&2
  printf '\n=== %s\n' "$said" >>"$log"
  if ! "$@" >>"$log" 2>&1 </dev/null 9>&-; then
    [[ ! -t 2 ]] || printf '\r' >&2
    printf '  ✗ %s\n' "$said" >&2
    return 1
  fi
  [[ ! -t 2 ]] || printf '\r' >&2
  printf '  ✓ %s (%d s)\n' "$said" $((SECONDS - began)) >&2
}

wanted() { # lists…: name and units (comma-separated, may be none) of every package for this release
  sed 's/#.*//' -- "$@" | while read -r name rest; do
    local release='' units=''
    for word in $rest; do
      case $word in off=*) units=${word#off=} ;; *) release=$word ;; esac
    done
    if [[ -n $name && ${release:-$VERSION_ID} == "$VERSION_ID" ]]; then echo "$name $units"; fi
  done
}

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

active() { # does the machine itself run this unit?
  if [[ -d /run/systemd/system ]]; then
    systemctl is-active --quiet "$1"
  else
    local script=/etc/init.d/${1%.*} # Postfix's ends with 0 in any case: its words count
    [[ -x $script && $("$script" status 2>&1 || true) == *' is running'* ]]
  fi
}

check_machine() {
  [[ $ID == debian && $VERSION_ID =~ ^1[23]$ ]] ||
    fail "this system is not supported." "it is ${PRETTY_NAME}; Kindelpost runs on Debian 12 and Debian 13." \
      "Use a machine with Debian 13."
  ((EUID == 0)) ||
    fail "the first run needs root." "it installs Debian packages and a Python environment under $home." \
      "Run it again as root: sudo ./kindelpost"
  mkdir -p -- "$home"
  exec 9>>"$home/lock"
  flock --nonblock 9 ||
    fail "another installation is running." "it holds $home/lock." "Wait until it has ended, then run this again. Its log: $log"
  local folder free
  for folder in /usr /var "$home"; do
    free=$(df --output=avail -BM -- "$folder" | tail -n 1 | tr -dc 0-9)
    ((free >= need_mb)) ||
      fail "the disk is too full." "$folder has $free MB free; $need_mb MB are needed." "Free some space, or give $folder a larger disk."
  done
}

check_engines() { # an engine that the machine itself runs is not ours to stop
  local name units unit
  while read -r name units; do
    if grep -qsxF -- "$name" "$ours" || ! installed "$name"; then continue; fi
    for unit in ${units//,/ }; do
      ! active "$unit" ||
        fail "this machine already runs $unit." "Kindelpost brings its own configuration and would be in its way." \
          "Use a fresh machine, or move that service away and stop it: systemctl disable --now $unit"
    done
  done < <(wanted "${lists[0]}") # not those of the tests: a database that the machine runs is in nobody's way
}

forbid_start() { # no engine starts under its stock configuration; other services do as they always did
  allow_start
  [[ ! -e $policy ]] || mv -- "$policy" "$policy_kept"
  trap allow_start EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  cat >"$policy" <<POLICY
#!/bin/sh
# Made by kindelpost for the time of its installation.
unit=\${1%.service}
case " $(wanted "${lists[@]}" | cut -d' ' -f2 | tr ',' ' ' | tr '\n' ' ' | sed 's/\.service//g') " in *" \${unit%%@*} "*) exit 101 ;; esac
[ ! -x $policy_kept ] || exec $policy_kept "\$@"
POLICY
  chmod 755 -- "$policy"
}

allow_start() { # put back what was there, also after a run that was killed
  if grep -qs '^# Made by kindelpost' "$policy"; then rm -- "$policy"; fi
  [[ ! -e $policy_kept ]] || mv -- "$policy_kept" "$policy"
}

apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -qy -o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 -o Dpkg::Options::=--force-confold "$@"; }

keep_off() { # at the next boot too, whichever init there is
  if command -v systemctl >/dev/null; then systemctl --quiet disable "$1"; else rm -f -- /etc/systemd/system/*.wants/"$1"; fi
  if [[ -x /etc/init.d/${1%.*} ]]; then update-rc.d "${1%.*}" disable; fi
}

install_packages() {
  local name units unit missing=()
  while read -r name units; do installed "$name" || missing+=("$name"); done < <(wanted "${lists[@]}")
  if ((${#missing[@]})); then
    # Without an answer Debian would write a stock main.cf.
    installed postfix || debconf-set-selections <<<'postfix postfix/main_mailer_type select No configuration'
    printf '%s\n' "${missing[@]}" >>"$ours"
    forbid_start
    step "Asking Debian's servers for their package lists" apt_get -o APT::Update::Error-Mode=any update ||
      printf '    not all of them answered; going on with the lists that are here\n' >&2
    step "Installing Debian packages (${#missing[@]}, and what they depend on)" apt_get install --no-install-recommends "${missing[@]}" ||
      fail_with_log "the Debian packages could not be installed." \
        "Mend what apt complains of (the network, /etc/apt/sources.list), then run this again."
    allow_start
    trap - EXIT INT TERM HUP
  fi
  while read -r name units; do
    if ! grep -qsxF -- "$name" "$ours"; then continue; fi
    for unit in ${units//,/ }; do keep_off "$unit" >>"$log" 2>&1 || true; done
  done < <(wanted "${lists[@]}")
}

pip_install() { # lock options…: exactly what it lists, each file by its hash
  "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off --no-deps --only-binary :all: \
    --require-hashes -r "$@"
}

install_venv() { # in its last place, for its scripts carry the path; in use only once it has its mark
  local venv=$1
  rm -rf -- "$venv" &&
    /usr/bin/python3 -m venv -- "$venv" &&
    pip_install "$here/requirements-build.lock" &&
    pip_install "$lock" --no-binary dkimpy --no-build-isolation &&
    "$venv/bin/python" -m pip check &&
    touch -- "$venv/complete"
}

install_all() {
  umask 022
  check_machine
  check_engines
  printf 'Kindelpost is being installed on this machine; details are in %s\n' "$log" >&2
  install_packages
  local venv
  venv=$home/venv-$(digest "$here/requirements-build.lock" "$lock")
  if [[ ! -e $venv/complete ]]; then
    step "Installing the Python packages of ${lock##*/}" install_venv "$venv" ||
      fail_with_log "the Python packages could not be installed." \
        "Mend what pip complains of (the network, pip's own settings), then run this again."
  fi
  echo "$venv" >"$stamp.draft"
  mv -- "$stamp.draft" "$stamp"
  exec 9>&-
}
