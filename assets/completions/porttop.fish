# Made by test/docs/write.ts (npm run docs), of what --help is made of.

# Whether the command is one of these; '' is the screen.
function __porttop_is
    set -l typed (commandline -opc)
    set -l command ''
    contains -- "$typed[2]" list ps show service kill watch; and set command $typed[2]
    contains -- "$command" $argv
end

function __porttop_begins
    test (count (commandline -opc)) = 1
end

# Where nothing is typed yet, commands alone are offered: there are hundreds of services.
function __porttop_names_target
    __porttop_is ''; and begin
        not __porttop_begins; or test -n (commandline -ct)
    end
end

# How many arguments the command has already, options aside.
function __porttop_arguments
    string match -v -- '-*' (commandline -opc)[3..-1] | count
end

function __porttop_services
    string match -r '^[^#\s]+' </etc/services 2>/dev/null
end

complete -c porttop -f
complete -c porttop -n __porttop_begins -a list -d 'The sockets that match, once, with their owners.'
complete -c porttop -n __porttop_begins -a ps -d 'Processes, as ps aux, with the ports that they hold.'
complete -c porttop -n __porttop_begins -a show -d 'A process\'s files of /proc, decoded.'
complete -c porttop -n __porttop_begins -a service -d 'What a port number or a service name means, and who says so.'
complete -c porttop -n __porttop_begins -a kill -d 'Signals who listens on a port, after a question.'
complete -c porttop -n __porttop_begins -a watch -d 'Sockets as they open, close, and change owners: one JSON object a line.'
complete -c porttop -n '__porttop_is \'\' list ps show service kill watch' -s V -l version -d 'print the version'
complete -c porttop -n '__porttop_is \'\' list kill watch' -s t -l tcp -d 'TCP sockets'
complete -c porttop -n '__porttop_is \'\' list kill watch' -s u -l udp -d 'UDP sockets'
complete -c porttop -n '__porttop_is \'\' list watch' -s U -l udplite -d 'UDP-Lite sockets, as netstat'
complete -c porttop -n '__porttop_is \'\' list watch' -s w -l raw -d 'raw and ping (ICMP) sockets'
complete -c porttop -n '__porttop_is \'\' list watch' -s x -l unix -d 'unix sockets'
complete -c porttop -n '__porttop_is \'\' list kill watch' -s 4 -d 'IPv4 only'
complete -c porttop -n '__porttop_is \'\' list kill watch' -s 6 -d 'IPv6 only'
complete -c porttop -n '__porttop_is \'\' list watch' -s l -l listening -d 'listening TCP and bound UDP sockets (this is what is shown without -a)'
complete -c porttop -n '__porttop_is \'\' list watch' -s a -l all -d 'every state'
complete -c porttop -n '__porttop_is \'\' list watch' -s i -d 'as lsof\'s: every state; 4, 6, tcp, udp, :4000, tcp:4000, @127.0.0.1:80' -a '4 6 tcp udp'
complete -c porttop -n '__porttop_is \'\' list watch' -s s -d 'as lsof\'s: TCP:LISTEN, TCP:^CLOSE_WAIT' -x -a 'TCP:LISTEN TCP:ESTABLISHED TCP:SYN_SENT TCP:SYN_RECV TCP:FIN_WAIT1 TCP:FIN_WAIT2 TCP:TIME_WAIT TCP:CLOSE TCP:CLOSE_WAIT TCP:LAST_ACK TCP:CLOSING TCP:BOUND UDP:UNCONN UDP:ESTABLISHED'
complete -c porttop -n '__porttop_is \'\' list watch' -s n -l numeric -d 'numbers only: no names of services and users'
complete -c porttop -n '__porttop_is \'\' list watch' -s P -d 'as lsof\'s: numbers only, as -n'
complete -c porttop -n '__porttop_is \'\' list' -s r -l resolve -d 'names of addresses too, from DNS'
complete -c porttop -n '__porttop_is \'\' list watch' -s p -l processes -d 'the owners: always shown, accepted for the fingers'
complete -c porttop -n '__porttop_is \'\' list' -s e -l extended -d 'also uid, inode and network namespace'
complete -c porttop -n '__porttop_is \'\' list watch' -s o -l timers -d 'also the timers of TCP'
complete -c porttop -n '__porttop_is \'\' list' -s W -l wide -d 'nothing is ever cut in a list: accepted for the fingers'
complete -c porttop -n '__porttop_is \'\' list watch' -l pid -d 'only the sockets of these processes' -x -a '(__fish_append , (__fish_complete_pids | string replace -r "\\t.*" ""))'
complete -c porttop -n '__porttop_is \'\' list watch' -l children -d 'of --pid: also those of all its descendants'
complete -c porttop -n '__porttop_is \'\' list kill watch' -l user -d 'only the sockets of these users, by name or number' -x -a '(__fish_append , (__fish_complete_users | string replace -r "\\t.*" ""))'
complete -c porttop -n '__porttop_is \'\' list watch' -l command -d 'only those of programs with this in their name' -x -a ''
complete -c porttop -n '__porttop_is \'\' list watch' -l state -d 'only those in these states: listen, estab, time-wait, …' -x -a '(__fish_append , listen established syn-sent syn-recv fin-wait1 fin-wait2 time-wait close close-wait last-ack closing bound unconn)'
complete -c porttop -n '__porttop_is \'\' list watch' -l filter -d 'of these only what matches: nginx, port:3000-3010, "user:www or not state:listen"' -x -a ''
complete -c porttop -n '__porttop_is \'\' list' -l sort -d 'the column to sort by' -x -a 'port port:desc service service:desc rservice rservice:desc proto proto:desc family family:desc type type:desc state state:desc addr addr:desc exposure exposure:desc local local:desc remote remote:desc path path:desc peer peer:desc device device:desc host host:desc command command:desc pid pid:desc pids pids:desc fd fd:desc user user:desc uid uid:desc queue queue:desc conns conns:desc states states:desc recvq recvq:desc sendq sendq:desc timer timer:desc inode inode:desc netns netns:desc cgroup cgroup:desc unit unit:desc container container:desc within within:desc args args:desc started started:desc'
complete -c porttop -n '__porttop_is \'\' list' -l columns -d 'the columns to show, by their names' -x -a '(__fish_append , port service rservice proto family type state addr exposure local remote path peer device host command pid pids fd user uid queue conns states recvq sendq timer inode netns cgroup unit container within args started)'
complete -c porttop -n '__porttop_is \'\' list ps show service' -l json -d 'one JSON document'
complete -c porttop -n '__porttop_is \'\' list' -l ndjson -d 'the sockets alone, as JSON, one a line'
complete -c porttop -n '__porttop_is \'\' list ps' -l csv -d 'comma-separated columns'
complete -c porttop -n '__porttop_is \'\' list ps' -s H -l no-header -d 'no heading'
complete -c porttop -n '__porttop_is \'\' list' -l color -d 'colours' -x -a 'auto always never'
complete -c porttop -n '__porttop_is \'\' list' -s N -l netns -d 'the sockets of other network namespaces' -x -a '(printf "%s\\n" all; command ls /run/netns 2>/dev/null)'
complete -c porttop -n '__porttop_is \'\' watch' -s d -l interval -d 'the time between two looks' -x -a ''
complete -c porttop -n '__porttop_is \'\' list ps show service watch' -l procfs -d 'read another /proc' -x -a '(__fish_complete_directories)'
complete -c porttop -n '__porttop_is \'\' list service kill watch' -l services -d 'read another /etc/services' -r -F
complete -c porttop -n '__porttop_is \'\'' -l mouse -d 'hear the mouse: so by itself, unless the settings say otherwise'
complete -c porttop -n '__porttop_is \'\'' -l no-mouse -d 'leave the mouse to the terminal, to select text with'
complete -c porttop -n '__porttop_is \'\' show' -l reveal -d 'show secrets in environments as they are'
complete -c porttop -n '__porttop_is \'\'' -l readonly -d 'the screen signals nobody'
complete -c porttop -n '__porttop_is \'\'' -l print-config -d 'print the settings as they are by themselves, for a file to begin with'
complete -c porttop -n '__porttop_is \'\' list ps show service kill watch' -s h -l help -d 'print this help'
complete -c porttop -n '__porttop_is ps' -l user -d 'only those of these users, by name or number' -x -a '(__fish_append , (__fish_complete_users | string replace -r "\\t.*" ""))'
complete -c porttop -n '__porttop_is ps' -l filter -d 'of these only what matches: nginx, "user:www cpu:>10", rss:>100M' -x -a ''
complete -c porttop -n '__porttop_is ps' -l tree -d 'children under their parents'
complete -c porttop -n '__porttop_is ps' -l sort -d 'the column to sort by' -x -a 'user user:desc uid uid:desc pid pid:desc ppid ppid:desc cpu cpu:desc mem mem:desc vsz vsz:desc rss rss:desc tty tty:desc stat stat:desc start start:desc time time:desc threads threads:desc nice nice:desc ports ports:desc name name:desc command command:desc'
complete -c porttop -n '__porttop_is ps' -l columns -d 'the columns to show, by their names' -x -a '(__fish_append , user uid pid ppid cpu mem vsz rss tty stat start time threads nice ports name command)'
complete -c porttop -n '__porttop_is kill' -s s -l signal -d 'by name or number: TERM, SIGTERM, 15' -x -a 'TERM KILL INT HUP QUIT USR1 USR2 STOP CONT ILL TRAP ABRT BUS FPE SEGV PIPE ALRM STKFLT CHLD TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
complete -c porttop -n '__porttop_is kill' -s y -l yes -d 'do not ask'
complete -c porttop -n '__porttop_is kill' -l pid -d 'of the owners only these' -x -a '(__fish_append , (__fish_complete_pids | string replace -r "\\t.*" ""))'
complete -c porttop -n '__porttop_is kill' -l command -d 'of the owners only those with this in their name' -x -a ''
complete -c porttop -n '__porttop_is kill' -l json -d 'one JSON document: the signal, whom, and what became of each'
complete -c porttop -n '__porttop_is kill' -l readonly -d 'signal nobody: refused'
complete -c porttop -n '__porttop_names_target' -a '(__porttop_services)'
complete -c porttop -n '__porttop_is list' -a '(__porttop_services)'
complete -c porttop -n '__porttop_is ps' -a '(__fish_complete_pids)'
complete -c porttop -n '__porttop_is show; and test (__porttop_arguments) = 0' -a '(__fish_complete_pids)'
complete -c porttop -n '__porttop_is show; and test (__porttop_arguments) -ge 1' -a 'cmdline cwd exe root environ fd maps smaps pagemap statm stat status wchan stack cpu mem clear_refs limits cgroup ns io oom_score sched loginuid'
complete -c porttop -n '__porttop_is service' -a '(__porttop_services)'
complete -c porttop -n '__porttop_is kill' -a '(__porttop_services)'
complete -c porttop -n '__porttop_is watch' -a '(__porttop_services)'
