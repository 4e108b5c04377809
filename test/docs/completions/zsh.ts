import type { Values } from '../values.ts';
import {
  COMPLETED,
  type CompletedCommand,
  type CompletedOption,
  MADE,
  quoted,
  SUBCOMMAND_WORDS,
  SUBCOMMANDS,
} from './commands.ts';

/** For zsh: a file of its function path, named as its function. */
export function zshCompletion(): string {
  return `#compdef porttop
${MADE}

_porttop() {
  if (( CURRENT > 2 )) && [[ $words[2] == (${SUBCOMMAND_WORDS.join('|')}) ]]; then
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    _porttop_$command
    return
  fi
  _arguments -s -S : \\
${specs(COMPLETED[0] as CompletedCommand)
  .slice(0, -1)
  .map((spec) => `    ${spec} \\`)
  .join('\n')}
    '1: :_porttop_first' \\
    '*:TARGET:_ports'
}

_porttop_first() {
  # Where nothing is typed yet, commands alone are offered: there are hundreds of services.
  if [[ -z $PREFIX ]]; then
    _porttop_commands
  else
    _alternative 'commands:command:_porttop_commands' 'targets:TARGET:_ports'
  fi
}

_porttop_commands() {
  local -a commands=(
${SUBCOMMANDS.map(({ word, description }) => `    ${quoted(`${word}:${description.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  _describe -t commands command commands
}

${SUBCOMMANDS.map(
  (command) => `_porttop_${command.word}() {
  _arguments -s -S : \\
${specs(command)
  .map((spec) => `    ${spec}`)
  .join(' \\\n')}
}
`,
).join('\n')}
# _pids has those of this terminal alone.
_porttop_pids() {
  local -a pids=(/proc/<->(N:t))
  _wanted processes expl process compadd -a "$@" pids
}

_porttop_netns() {
  local -a names=(all /run/netns/*(N:t))
  _wanted namespaces expl 'network namespace' compadd -a "$@" names
}

_porttop "$@"
`;
}

function specs({ options, arguments: all }: CompletedCommand): string[] {
  return [
    ...options.map(optionSpec),
    ...all.map(({ name, values }, index) => {
      const place = index === all.length - 1 ? '*' : String(index + 1);
      return quoted(`${place}:${name.replaceAll(':', '\\:')}:${action(values)}`);
    }),
  ];
}

/** `'(-t --tcp)'{-t,--tcp}'[TCP sockets]'`; what takes a value may be given again. */
function optionSpec({ short, long, description, values, optional, valueName }: CompletedOption): string {
  const told = `[${description.replaceAll(/[[\]\\:]/g, '\\$&')}]`;
  const value = values ? `${optional ? '::' : ':'}${valueName.replaceAll(':', '\\:')}:${action(values)}` : '';
  const flags = [short && `-${short}${values ? '+' : ''}`, long && `--${long}${values ? '=' : ''}`].filter(
    Boolean,
  );
  const [first, second] = flags;
  if (second === undefined) return quoted(`${values ? '*' : ''}${first}${told}${value}`);
  const excluded = values ? '*' : `(-${short} --${long})`;
  return `${quoted(excluded)}{${flags.join(',')}}${quoted(told + value)}`;
}

function action({ of, several }: Values): string {
  if (typeof of !== 'string') {
    return several
      ? `_sequence compadd - ${of.join(' ')}`
      : `(${of.map((word) => word.replaceAll(':', '\\:')).join(' ')})`;
  }
  const functions = {
    file: '_files',
    folder: '_files -/',
    user: '_users',
    pid: '_porttop_pids',
    netns: '_porttop_netns',
    service: '_ports',
    text: ' ',
  };
  return several ? `_sequence ${functions[of]}` : functions[of];
}
