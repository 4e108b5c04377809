import type { Values } from '../values.ts';
import {
  COMPLETED,
  type CompletedCommand,
  type CompletedOption,
  MADE,
  SUBCOMMAND_WORDS,
  SUBCOMMANDS,
} from './commands.ts';

/** For fish, from 3.0 on. */
export function fishCompletion(): string {
  return `${MADE}

# Whether the command is one of these; '' is the screen.
function __porttop_is
    set -l typed (commandline -opc)
    set -l command ''
    contains -- "$typed[2]" ${SUBCOMMAND_WORDS.join(' ')}; and set command $typed[2]
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
    string match -r '^[^#\\s]+' </etc/services 2>/dev/null
end

complete -c porttop -f
${SUBCOMMANDS.map(({ word, description }) => `complete -c porttop -n __porttop_begins -a ${word} -d ${quoted(description)}`).join('\n')}
${options().join('\n')}
${COMPLETED.flatMap(argumentLines).join('\n')}
`;
}

function argumentLines({ word, arguments: all }: CompletedCommand): string[] {
  return all.map(({ values }, index) => {
    const last = index === all.length - 1;
    const place = last ? `-ge ${index}` : `= ${index}`;
    const there = all.length === 1 ? '' : `; and test (__porttop_arguments) ${place}`;
    const when = word === '' ? '__porttop_names_target' : `__porttop_is ${word}${there}`;
    return `complete -c porttop -n ${quoted(when)} -a ${candidates(values)}`;
  });
}

/** Each option once, with the commands that take it. */
function options(): string[] {
  const takers = new Map<string, string[]>();
  for (const { word, options } of COMPLETED) {
    for (const option of options) {
      const line = optionLine(option);
      takers.set(line, [...(takers.get(line) ?? []), word === '' ? "''" : word]);
    }
  }
  return [...takers].map(
    ([line, words]) => `complete -c porttop -n ${quoted(`__porttop_is ${words.join(' ')}`)} ${line}`,
  );
}

function optionLine({ short, long, description, values, optional }: CompletedOption): string {
  const flags = [short && `-s ${short}`, long && `-l ${long}`].filter(Boolean).join(' ');
  return `${flags} -d ${quoted(description)}${values ? ` ${following(values, optional)}` : ''}`;
}

function following(values: Values, optional: boolean): string {
  if (values.of === 'file') return '-r -F';
  return `${optional ? '' : '-x '}-a ${candidates(values)}`;
}

function candidates({ of, several }: Values): string {
  const functions = {
    file: '',
    folder: '(__fish_complete_directories)',
    user: '(__fish_complete_users)',
    pid: '(__fish_complete_pids)',
    netns: '(printf "%s\\n" all; command ls /run/netns 2>/dev/null)',
    service: '(__porttop_services)',
    text: '',
  };
  if (!several) return quoted(typeof of === 'string' ? functions[of] : of.join(' '));
  const words =
    typeof of === 'string' ? `(${functions[of].slice(1, -1)} | string replace -r "\\t.*" "")` : of.join(' ');
  return quoted(`(__fish_append , ${words})`);
}

/** fish has its own single quotes, in which a backslash escapes. */
function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
