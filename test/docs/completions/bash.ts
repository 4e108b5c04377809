import type { Values } from '../values.ts';
import {
  COMPLETED,
  type CompletedCommand,
  type CompletedOption,
  MADE,
  quoted,
  SUBCOMMAND_WORDS,
} from './commands.ts';

/** For bash from 4 on, with the package bash-completion or without it. */
export function bashCompletion(): string {
  return `${MADE}

_porttop() {
  # What was typed: COMP_WORDS are taken apart at each colon and each equals sign.
  local line=\${COMP_LINE:0:COMP_POINT} words count cur prev command='' head=''
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  count=\${#words[@]} cur=\${words[count-1]} prev=\${words[count-2]}
  if [[ $cur == --*=* ]]; then
    head=\${cur%%=*}= prev=\${cur%%=*} cur=\${cur#*=}
  fi
  if ((count > 2)); then
    case \${words[1]} in ${SUBCOMMAND_WORDS.join(' | ')}) command=\${words[1]} ;; esac
  fi
  local place=0 word
  for word in "\${words[@]:2:count-3}"; do
    [[ $word == -* ]] || ((place++))
  done

  COMPREPLY=()
  case $command in
${COMPLETED.map(commandCase).join('\n')}
  esac

  # readline puts what it is given behind the last of those signs.
  local signs=\${COMP_WORDBREAKS//[^=:]/} whole=$head$cur cut=''
  [[ -n $signs && $whole == *["$signs"]* ]] && cut=\${whole%"\${whole##*["$signs"]}"}
  COMPREPLY=("\${COMPREPLY[@]/#/$head}")
  COMPREPLY=("\${COMPREPLY[@]#"$cut"}")
}

# Each takes what compgen does.
_porttop_one() {
  mapfile -t COMPREPLY < <(compgen "$@" -- "$cur")
}

_porttop_several() {
  local before=''
  [[ $cur == *,* ]] && before=\${cur%,*},
  mapfile -t COMPREPLY < <(compgen -P "$before" "$@" -- "\${cur##*,}")
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
`;
}

function commandCase({ word, options, arguments: all }: CompletedCommand): string {
  const values = options.flatMap(({ short, long, values }) =>
    values ? [`        ${flagsOf({ short, long }).join(' | ')}) ${completing(values)} ;;`] : [],
  );
  return `    ${quoted(word)})
      case $prev in
${values.join('\n')}
        *)
          if [[ $cur == -* ]]; then
            _porttop_one -W ${quoted(options.flatMap(flagsOf).join(' '))}
          ${word === '' ? FIRST : ''}else
            ${atPlaces(all.map(({ values }) => completing(values)))}
          fi ;;
      esac ;;`;
}

/** A command, or else a TARGET, which nobody looks for among all services. */
const FIRST = `elif ((count == 2)); then
            _porttop_one -W ${quoted(SUBCOMMAND_WORDS.join(' '))} \${cur:+-A service}
          `;

function atPlaces(actions: readonly string[]): string {
  const last = actions.at(-1) as string;
  const before = actions.slice(0, -1).map((action, place) => `${place}) ${action} ;;`);
  return before.length === 0 ? last : `case $place in ${before.join(' ')} *) ${last} ;; esac`;
}

function flagsOf({ short, long }: Pick<CompletedOption, 'short' | 'long'>): string[] {
  return [short && `-${short}`, long && `--${long}`].filter((flag) => flag !== null);
}

function completing({ of, several }: Values): string {
  if (of === 'text') return ':';
  if (of === 'netns') return '_porttop_netns';
  if (of === 'file') return '_porttop_files -f';
  if (of === 'folder') return '_porttop_files -d';
  // What -W is given, compgen evaluates: nothing from outside but numbers.
  const known = { user: '-u', service: '-A service', pid: '-W "$(cd /proc && echo [0-9]*)"' };
  const candidates = typeof of === 'string' ? known[of] : `-W ${quoted(of.join(' '))}`;
  return `${several ? '_porttop_several' : '_porttop_one'} ${candidates}`;
}
