# Made by test/docs/write.ts (npm run docs), of what --help is made of.

_porttop() {
  # What was typed: COMP_WORDS are taken apart at each colon and each equals sign.
  local line=${COMP_LINE:0:COMP_POINT} words count cur prev command='' head=''
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  count=${#words[@]} cur=${words[count-1]} prev=${words[count-2]}
  if [[ $cur == --*=* ]]; then
    head=${cur%%=*}= prev=${cur%%=*} cur=${cur#*=}
  fi
  if ((count > 2)); then
    case ${words[1]} in list | ps | show | service | kill | watch) command=${words[1]} ;; esac
  fi
  local place=0 word
  for word in "${words[@]:2:count-3}"; do
    [[ $word == -* ]] || ((place++))
  done

  COMPREPLY=()
  case $command in
    '')
      case $prev in
        -i) _porttop_one -W '4 6 tcp udp' ;;
        -s) _porttop_one -W 'TCP:LISTEN TCP:ESTABLISHED TCP:SYN_SENT TCP:SYN_RECV TCP:FIN_WAIT1 TCP:FIN_WAIT2 TCP:TIME_WAIT TCP:CLOSE TCP:CLOSE_WAIT TCP:LAST_ACK TCP:CLOSING TCP:BOUND UDP:UNCONN UDP:ESTABLISHED' ;;
        --pid) _porttop_several -W "$(cd /proc && echo [0-9]*)" ;;
        --user) _porttop_several -u ;;
        --command) : ;;
        --state) _porttop_several -W 'listen established syn-sent syn-recv fin-wait1 fin-wait2 time-wait close close-wait last-ack closing bound unconn' ;;
        --filter) : ;;
        --sort) _porttop_one -W 'port port:desc service service:desc rservice rservice:desc proto proto:desc family family:desc type type:desc state state:desc addr addr:desc exposure exposure:desc local local:desc remote remote:desc path path:desc peer peer:desc device device:desc host host:desc command command:desc pid pid:desc pids pids:desc fd fd:desc user user:desc uid uid:desc queue queue:desc conns conns:desc states states:desc recvq recvq:desc sendq sendq:desc timer timer:desc inode inode:desc netns netns:desc cgroup cgroup:desc unit unit:desc container container:desc within within:desc args args:desc started started:desc' ;;
        --columns) _porttop_several -W 'port service rservice proto family type state addr exposure local remote path peer device host command pid pids fd user uid queue conns states recvq sendq timer inode netns cgroup unit container within args started' ;;
        --color) _porttop_one -W 'auto always never' ;;
        -N | --netns) _porttop_netns ;;
        -d | --interval) : ;;
        --procfs) _porttop_files -d ;;
        --services) _porttop_files -f ;;
        *)
          if [[ $cur == -* ]]; then
            _porttop_one -W '-V --version -t --tcp -u --udp -U --udplite -w --raw -x --unix -4 -6 -l --listening -a --all -i -s -n --numeric -P -r --resolve -p --processes -e --extended -o --timers -W --wide --pid --children --user --command --state --filter --sort --columns --json --ndjson --csv -H --no-header --color -N --netns -d --interval --procfs --services --mouse --no-mouse --reveal --readonly --print-config -h --help'
          elif ((count == 2)); then
            _porttop_one -W 'list ps show service kill watch' ${cur:+-A service}
          else
            _porttop_one -A service
          fi ;;
      esac ;;
    'list')
      case $prev in
        -i) _porttop_one -W '4 6 tcp udp' ;;
        -s) _porttop_one -W 'TCP:LISTEN TCP:ESTABLISHED TCP:SYN_SENT TCP:SYN_RECV TCP:FIN_WAIT1 TCP:FIN_WAIT2 TCP:TIME_WAIT TCP:CLOSE TCP:CLOSE_WAIT TCP:LAST_ACK TCP:CLOSING TCP:BOUND UDP:UNCONN UDP:ESTABLISHED' ;;
        --pid) _porttop_several -W "$(cd /proc && echo [0-9]*)" ;;
        --user) _porttop_several -u ;;
        --command) : ;;
        --state) _porttop_several -W 'listen established syn-sent syn-recv fin-wait1 fin-wait2 time-wait close close-wait last-ack closing bound unconn' ;;
        --filter) : ;;
        --sort) _porttop_one -W 'port port:desc service service:desc rservice rservice:desc proto proto:desc family family:desc type type:desc state state:desc addr addr:desc exposure exposure:desc local local:desc remote remote:desc path path:desc peer peer:desc device device:desc host host:desc command command:desc pid pid:desc pids pids:desc fd fd:desc user user:desc uid uid:desc queue queue:desc conns conns:desc states states:desc recvq recvq:desc sendq sendq:desc timer timer:desc inode inode:desc netns netns:desc cgroup cgroup:desc unit unit:desc container container:desc within within:desc args args:desc started started:desc' ;;
        --columns) _porttop_several -W 'port service rservice proto family type state addr exposure local remote path peer device host command pid pids fd user uid queue conns states recvq sendq timer inode netns cgroup unit container within args started' ;;
        --color) _porttop_one -W 'auto always never' ;;
        -N | --netns) _porttop_netns ;;
        --procfs) _porttop_files -d ;;
        --services) _porttop_files -f ;;
        *)
          if [[ $cur == -* ]]; then
            _porttop_one -W '-V --version -t --tcp -u --udp -U --udplite -w --raw -x --unix -4 -6 -l --listening -a --all -i -s -n --numeric -P -r --resolve -p --processes -e --extended -o --timers -W --wide --pid --children --user --command --state --filter --sort --columns --json --ndjson --csv -H --no-header --color -N --netns --procfs --services -h --help'
          else
            _porttop_one -A service
          fi ;;
      esac ;;
    'ps')
      case $prev in
        --user) _porttop_several -u ;;
        --filter) : ;;
        --sort) _porttop_one -W 'user user:desc uid uid:desc pid pid:desc ppid ppid:desc cpu cpu:desc mem mem:desc vsz vsz:desc rss rss:desc tty tty:desc stat stat:desc start start:desc time time:desc threads threads:desc nice nice:desc ports ports:desc name name:desc command command:desc' ;;
        --columns) _porttop_several -W 'user uid pid ppid cpu mem vsz rss tty stat start time threads nice ports name command' ;;
        --procfs) _porttop_files -d ;;
        *)
          if [[ $cur == -* ]]; then
            _porttop_one -W '-V --version --user --filter --tree --sort --columns -H --no-header --json --csv --procfs -h --help'
          else
            _porttop_one -W "$(cd /proc && echo [0-9]*)"
          fi ;;
      esac ;;
    'show')
      case $prev in
        --procfs) _porttop_files -d ;;
        *)
          if [[ $cur == -* ]]; then
            _porttop_one -W '-V --version --json --reveal --procfs -h --help'
          else
            case $place in 0) _porttop_one -W "$(cd /proc && echo [0-9]*)" ;; *) _porttop_one -W 'cmdline cwd exe root environ fd maps smaps pagemap statm stat status wchan stack cpu mem clear_refs limits cgroup ns io oom_score sched loginuid' ;; esac
          fi ;;
      esac ;;
    'service')
      case $prev in
        --services) _porttop_files -f ;;
        --procfs) _porttop_files -d ;;
        *)
          if [[ $cur == -* ]]; then
            _porttop_one -W '-V --version --json --services --procfs -h --help'
          else
            _porttop_one -A service
          fi ;;
      esac ;;
    'kill')
      case $prev in
        -s | --signal) _porttop_one -W 'TERM KILL INT HUP QUIT USR1 USR2 STOP CONT ILL TRAP ABRT BUS FPE SEGV PIPE ALRM STKFLT CHLD TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS' ;;
        --pid) _porttop_several -W "$(cd /proc && echo [0-9]*)" ;;
        --command) : ;;
        --user) _porttop_several -u ;;
        --services) _porttop_files -f ;;
        *)
          if [[ $cur == -* ]]; then
            _porttop_one -W '-V --version -s --signal -y --yes -t --tcp -u --udp -4 -6 --pid --command --user --json --readonly --services -h --help'
          else
            _porttop_one -A service
          fi ;;
      esac ;;
    'watch')
      case $prev in
        -i) _porttop_one -W '4 6 tcp udp' ;;
        -s) _porttop_one -W 'TCP:LISTEN TCP:ESTABLISHED TCP:SYN_SENT TCP:SYN_RECV TCP:FIN_WAIT1 TCP:FIN_WAIT2 TCP:TIME_WAIT TCP:CLOSE TCP:CLOSE_WAIT TCP:LAST_ACK TCP:CLOSING TCP:BOUND UDP:UNCONN UDP:ESTABLISHED' ;;
        --pid) _porttop_several -W "$(cd /proc && echo [0-9]*)" ;;
        --user) _porttop_several -u ;;
        --command) : ;;
        --state) _porttop_several -W 'listen established syn-sent syn-recv fin-wait1 fin-wait2 time-wait close close-wait last-ack closing bound unconn' ;;
        --filter) : ;;
        -d | --interval) : ;;
        --procfs) _porttop_files -d ;;
        --services) _porttop_files -f ;;
        *)
          if [[ $cur == -* ]]; then
            _porttop_one -W '-V --version -t --tcp -u --udp -U --udplite -w --raw -x --unix -4 -6 -l --listening -a --all -i -s -n --numeric -P -p --processes -o --timers --pid --children --user --command --state --filter -d --interval --procfs --services -h --help'
          else
            _porttop_one -A service
          fi ;;
      esac ;;
  esac

  # readline puts what it is given behind the last of those signs.
  local signs=${COMP_WORDBREAKS//[^=:]/} whole=$head$cur cut=''
  [[ -n $signs && $whole == *["$signs"]* ]] && cut=${whole%"${whole##*["$signs"]}"}
  COMPREPLY=("${COMPREPLY[@]/#/$head}")
  COMPREPLY=("${COMPREPLY[@]#"$cut"}")
}

# Each takes what compgen does.
_porttop_one() {
  mapfile -t COMPREPLY < <(compgen "$@" -- "$cur")
}

_porttop_several() {
  local before=''
  [[ $cur == *,* ]] && before=${cur%,*},
  mapfile -t COMPREPLY < <(compgen -P "$before" "$@" -- "${cur##*,}")
  compopt -o nospace 2>/dev/null
}

_porttop_files() {
  _porttop_one "$@"
  compopt -o filenames 2>/dev/null
}

_porttop_netns() {
  mapfile -t COMPREPLY < <(compgen -W all -- "$cur"; cd /run/netns 2>/dev/null && compgen -f -- "$cur")
  compopt -o filenames 2>/dev/null
}

complete -F _porttop porttop
