import { readFileSync } from 'node:fs';
import type { Option } from 'commander';
import { EXIT, EXIT_MEANINGS } from '../../src/commands/exit.ts';
import { definitionOf, FIELDS } from '../../src/processes/fields.ts';
import { PROCESS_COLUMN_MEANINGS, SOCKET_COLUMN_MEANINGS } from '../../src/query/column-meanings.ts';
import { COLUMNS } from '../../src/query/columns.ts';
import { PROCESS_COLUMNS } from '../../src/query/process-columns.ts';
import { keyLines } from '../../src/ui/keys/help.ts';
import { COMMANDS, type Documented, optionsOf, titleOf, usageOf } from './commands.ts';
import { bold, italic, literal, paragraph, prose, section, subsection, tagged } from './roff.ts';

const root = new URL('../../', import.meta.url);

/** The man page, porttop(1), in the macros of man(7). */
export function manPage(): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const parts = [
    `.\\" Made by test/docs/write.ts (npm run docs) of what --help is made of, of the columns and of the keys.`,
    `.TH PORTTOP 1 "" "porttop ${version}" "User Commands"`,
    // Words that are typed stay whole.
    '.nh',
    section('NAME'),
    `porttop \\- who holds a port, what that process is, and what a port number means`,
    section('SYNOPSIS'),
    COMMANDS.map(synopsis).join('\n.br\n'),
    ...description(),
    section('COMMANDS'),
    ...COMMANDS.map((command) => {
      const { line, remarks = '' } = command;
      return tagged(bold(titleOf(command)), [line.description(), ...remarks.split('\n')].join(' ').trim());
    }),
    paragraph('Each takes `--help` and `--version`.'),
    section('OPTIONS'),
    ...socketOptions(),
    ...COMMANDS.filter(({ ofSockets }) => !ofSockets).flatMap(ownOptions),
    ...fields(),
    ...targets(),
    section('FILTERS'),
    paragraph(
      'One language for `/` on the screen, where it works while it is typed, and for `--filter`. The keys are the names of the columns, their titles on the screen, and `cmd`, `name` and `protocol`. What is not known matches no key.',
    ),
    ...filterForms(),
    section('COLUMNS'),
    paragraph('Their names are those that `--columns`, `--sort` and filters know.'),
    subsection('Of sockets'),
    ...columns(COLUMNS, SOCKET_COLUMN_MEANINGS),
    subsection('Of processes (porttop ps)'),
    ...columns(PROCESS_COLUMNS, PROCESS_COLUMN_MEANINGS),
    section('KEYS'),
    ...keys(),
    ...files(),
    ...environment(),
    section('EXIT STATUS'),
    ...Object.entries(EXIT).map(([name, status]) =>
      tagged(bold(String(status)), EXIT_MEANINGS[name as keyof typeof EXIT]),
    ),
    tagged(bold('128+N'), 'ended by signal N'),
    paragraph(
      'Errors go to standard error, one line each: what, why, and what to do. A reader that leaves (`| head`) ends it quietly.',
    ),
    section('EXAMPLES'),
    ...examples(),
    section('SEE ALSO'),
    SEE_ALSO.map(([name, chapter]) => `.BR ${literal(name)} (${chapter})`).join(',\n'),
  ];
  return `${parts.join('\n')}\n`;
}

const SEE_ALSO = [
  ['ss', 8],
  ['lsof', 8],
  ['netstat', 8],
  ['fuser', 1],
  ['ps', 1],
  ['services', 5],
  ['proc', 5],
  ['sock_diag', 7],
  ['ip-netns', 8],
] as const;

function synopsis(command: Documented): string {
  const title = titleOf(command);
  const rest = usageOf(command).slice(title.length + 1);
  return `${bold(title)} ${rest.replaceAll(/[A-Za-z|/]+/g, italic).replaceAll(/[<>]/g, '')}`;
}

function description(): string[] {
  return [
    section('DESCRIPTION'),
    paragraph('It answers four questions, each of which takes several other programs:'),
    tagged('Who holds this port?', '`porttop 4000`'),
    tagged('Which ports does this process hold?', '`porttop list --pid 1234`'),
    tagged(
      'What is this process, whose is it, and where did it come from?',
      'Enter on its row, or `porttop show 1234`',
    ),
    tagged('What is this port number that I do not know?', '`porttop service 4000`'),
    paragraph(
      'Without a command it opens a live screen: of what listens, or after `-a` or with a TARGET of every socket. Where standard input or output is no terminal, and with `--json`, `--ndjson` or `--csv`, it is `porttop list`.',
    ),
    paragraph(
      "Every socket of its own network namespace is shown (`-N`: of others), with its user. Without root, only processes of one's own can be named as owners; where an owner is not known, it is said why. Text from outside (names, arguments, paths) is made safe for the terminal: control, bidi and invisible characters are shown as `\\e` or `\\u202e`. It signals whom you tell it to, writes nothing to the system, opens no port and sends nothing anywhere, but to DNS after `-r`.",
    ),
  ];
}

/** Those that the commands about sockets share, once; and of which of them, where not of all. */
function socketOptions(): string[] {
  const commands = COMMANDS.filter(({ ofSockets }) => ofSockets).map((command) => ({
    title: titleOf(command),
    taken: new Set(optionsOf(command).map(({ flags }) => flags)),
  }));
  const titles = commands.map(({ title }) => `\`${title}\``);
  const [screen] = COMMANDS as [Documented];
  return [
    subsection('Of porttop, porttop list and porttop watch'),
    ...optionsOf(screen).map((option) => {
      const takers = titles.filter((_, index) => commands[index]?.taken.has(option.flags));
      const whose = takers.length === titles.length ? '' : ` (${listed(takers)} only)`;
      return tagged(flagsOf(option), `${explained(option)}${whose}`);
    }),
  ];
}

function ownOptions(command: Documented): string[] {
  const common = /--help|--version/;
  return [
    subsection(`Of ${titleOf(command)}`),
    ...optionsOf(command)
      .filter(({ flags }) => !common.test(flags))
      .map((option) => tagged(flagsOf(option), explained(option))),
  ];
}

/** `-d, --interval <SECONDS>`, marked. */
function flagsOf({ flags }: Option): string {
  return flags
    .split(/(<[^>]+>|\[[^\]]+\]|[ ,]+)/)
    .map((part) => {
      if (part.startsWith('-')) return bold(part);
      if (part.startsWith('<')) return italic(part.slice(1, -1));
      return part.startsWith('[') ? `[${italic(part.slice(1, -1))}]` : part;
    })
    .join('');
}

function explained({
  description,
  argChoices,
  defaultValue,
  defaultValueDescription,
  negate,
}: Option): string {
  const told = defaultValueDescription ?? defaultValue;
  const notes = [
    argChoices && `one of ${argChoices.map((choice) => `\`${choice}\``).join(', ')}`,
    told !== undefined && !negate && `default: ${told}`,
  ].filter(Boolean);
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function fields(): string[] {
  return [
    section('FIELDS'),
    paragraph(
      'Of `porttop show`. Without any, those are read that cost little; those with (*) only when they are named.',
    ),
    ...FIELDS.map((name) => {
      const { about, onlyNamed } = definitionOf(name);
      return tagged(bold(name) + (onlyNamed ? ' (*)' : ''), about);
    }),
  ];
}

function targets(): string[] {
  return [
    section('TARGETS'),
    paragraph(
      'A port is written `4000`, `:4000`, `tcp:4000` or `4000/tcp`; several are `3000-3010` and `80,443`; a service has a name, `ssh`; an address stands behind an @: `@127.0.0.1:80`, `tcp@[::1]:80`. Ports compare as numbers: 3000 never matches 30001. Every use of the port is shown, whatever its state, at either end. Of several TARGETs a socket may match any.',
    ),
  ];
}

/** The README's table of what can be written in a filter. */
function filterForms(): string[] {
  const readme = readFileSync(new URL('README.md', root), 'utf8');
  const [, table] = /^\| write \| for \|\n\|.*\n((?:\|.*\n)+)/m.exec(readme) ?? [];
  if (table === undefined) throw new Error('README.md has no table of filters (| write | for |)');
  return table
    .trimEnd()
    .split('\n')
    .map((row) => {
      const [forms = '', meaning = ''] = row.slice(2, -2).split(' | ');
      return tagged(
        prose(forms.replaceAll(' · ', '  ').replaceAll('` `', '`  `')),
        meaning.replaceAll(' · ', ', or '),
      );
    });
}

function columns<Key extends string>(
  all: Readonly<Record<Key, { key: string; title: string }>>,
  meanings: Record<Key, string>,
): string[] {
  return (Object.keys(all) as Key[]).map((key) => {
    const { title } = all[key];
    const named = title.toLowerCase() === key ? bold(key) : `${bold(key)} (${literal(title)})`;
    return tagged(named, meanings[key]);
  });
}

function keys(): string[] {
  return [...keyLines(() => true)].flatMap(([group, lines]) => [
    subsection(group),
    ...lines.map(({ names, does }) => tagged(names.map(bold).join(', '), does)),
  ]);
}

/** Each once: those of porttop itself come first, and some of the commands' own are the same. */
function examples(): string[] {
  const told = new Set<string>();
  return COMMANDS.flatMap(({ examples }) => examples).flatMap(([typed, meaning]) => {
    if (told.has(typed)) return [];
    told.add(typed);
    return meaning === undefined ? [paragraph(`\`${typed}\``)] : [tagged(bold(typed), meaning)];
  });
}

function files(): string[] {
  return [
    section('FILES'),
    tagged(
      italic('/proc'),
      'sockets (/proc/net, where sock_diag(7) does not serve) and processes (`--procfs`)',
    ),
    tagged(italic('/etc/services'), 'names of ports (`--services`); that it is missing is no error'),
    tagged(italic('/etc/passwd'), 'names of users; those that it does not have are asked of getent(1)'),
    tagged(italic('/etc/hosts'), 'names of addresses, before DNS, after `-r`'),
    tagged(
      italic('$XDG_CONFIG_HOME/porttop/config.toml'),
      'else ~/.config/porttop/config.toml: how the screen begins, which options go before; `porttop --print-config` writes one that says what can be set. The other commands do not read it',
    ),
    tagged(italic('/run/netns'), 'names of network namespaces, as ip-netns(8) has them'),
  ];
}

function environment(): string[] {
  return [
    section('ENVIRONMENT'),
    paragraph('While `--color` is auto, there is colour on a terminal alone, and there:'),
    tagged(bold('NO_COLOR'), 'not empty: no colour'),
    tagged(bold('FORCE_COLOR'), 'colour, whatever `TERM` says; 0: none'),
    tagged(
      bold('LC_ALL, LC_CTYPE, LANG'),
      'the first that is set: unless it names UTF-8, the screen is ASCII, and what is not shows as ?',
    ),
    tagged(bold('TERM'), 'dumb, or a terminal that is known to have none: no colour'),
  ];
}
