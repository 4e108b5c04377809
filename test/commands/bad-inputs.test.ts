import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIELDS } from '../../src/processes/fields.ts';
import { COLUMNS } from '../../src/query/columns.ts';
import { PROCESS_COLUMNS } from '../../src/query/process-columns.ts';
import { allOf } from '../helpers/all-of.ts';
import { type Outcome, outcomeOf, PORTTOP } from '../helpers/porttop.ts';
import { openTerminal } from '../helpers/terminal.ts';
import { TemporaryTree } from '../sockets/fixture.ts';

/** Of one's own, so that the protocols and names in it are the same everywhere. */
const tree = new TemporaryTree({ services: 'zoo 35759/tcp\nyak 4001/udp\n', 'procfs/': '' });
const services = join(tree.root, 'services');
const noProc = join(tree.root, 'procfs');
afterAll(() => tree[Symbol.dispose]());

const HOSTILE = '\x1b]0;owned\x07\u202e\n';
const VISIBLE = '\\e]0;owned\\x07\\u202e\\n';
const FORMS = 'try 4000, tcp:4000, 3000-3010, ssh or @127.0.0.1:80';
const COLUMN_KEYS = `there are ${Object.keys(COLUMNS).join(', ')}`;
const PROCESS_KEYS = `there are ${Object.keys(PROCESS_COLUMNS).join(', ')}`;
const STATES =
  'LISTEN, ESTABLISHED, SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE, CLOSE_WAIT, LAST_ACK, CLOSING, BOUND, UNCONN';
const FIELD_NAMES = `use one of ${FIELDS.join(', ')}`;

const noTarget = (word: string, why: string) => `'${word}' is no TARGET: ${why}; ${FORMS}`;
const noName = (word: string) =>
  noTarget(word, `'${word}' is no port and no service (a program's name? --command ${word})`);
const noPid = (word: string, command: string) =>
  `option '--pid <PID,...>' argument '${word}' is invalid: a process is named by its number, as in --pid 1204 (see porttop ${command} --help)`;
const noSignal = (word: string) =>
  `option '-s, --signal <SIGNAL>' argument '${word}' is invalid: there is no such signal; try TERM, KILL, HUP or 15 (see porttop kill --help)`;
const noInterval = (word: string, command = '') =>
  `option '-d, --interval <SECONDS>' argument '${word}' is invalid: give seconds, at least 0.1 (see ${`porttop ${command}`.trim()} --help)`;
const noValue = (option: string, command: string) =>
  `option '${option}' argument missing (see porttop ${command} --help)`;

/** What is typed, and all that it is answered with: one line on stderr after `porttop: `, and exit status 2. */
type BadInput = [args: string[], complaint: string];

const badInputs: BadInput[] = [
  // What is typed where there is no terminal: `list`, whatever the first word.
  [['--nosuch'], "unknown option '--nosuch' (see porttop list --help)"],
  [['-tZ'], "unknown option '-Z' (see porttop list --help)"],
  [['nosuch'], noName('nosuch')],
  [['top'], noName('top')],
  [[HOSTILE], noName(VISIBLE)],
  [['--json', '-d', 'often'], noInterval('often', 'list')],

  [['kill'], "missing required argument 'TARGET' (see porttop kill --help)"],
  [['kill', '--yes', '99999'], noTarget('99999', 'ports end at 65535')],
  [['kill', '--yes', 'foo'], noName('foo')],
  [['kill', '--yes', '--readonly', '4000'], '--readonly: nothing is signalled; leave it out'],
  [['kill', '-s', 'NOSUCH', '4000'], noSignal('NOSUCH')],
  [['kill', '-s', '0', '4000'], noSignal('0')],
  [['kill', '-9', '4000'], '-9: a signal is written -s 9'],
  [['kill', '-KILL', '4000'], '-KILL: a signal is written -s KILL'],
  [['kill', '--yes', '--pid', 'abc', '4000'], noPid('abc', 'kill')],

  [['list', '--jso'], "unknown option '--jso'; Did you mean --json? (see porttop list --help)"],
  [['list', '--json=1'], "unknown option '--json=1'; Did you mean --json? (see porttop list --help)"],
  [['list', '--\x1b[2Jno'], "unknown option '--\\e[2Jno' (see porttop list --help)"],
  [['list', '99999'], noTarget('99999', 'ports end at 65535')],
  [['list', 'foo'], noName('foo')],
  [['list', ''], noTarget('', 'the port is missing')],
  [['list', 'tcp:'], noTarget('tcp:', 'the port is missing')],
  [['list', '80,'], noTarget('80,', 'a port is missing beside a comma')],
  [['list', '3010-3000'], noTarget('3010-3000', 'the range 3010-3000 runs backwards')],
  [['list', 'tcp:80/udp'], noTarget('tcp:80/udp', 'it names both tcp and udp')],
  [['list', '@localhost:80'], noTarget('@localhost:80', "'localhost' is no IP address")],
  [['list', '80', 'foo'], noName('foo')],
  [['list', '-i', 'udp:zoo'], noTarget('udp:zoo', "no udp service has the name 'zoo'")],
  [
    ['list', '-i', '4000'],
    '-i 4000: it is written [4|6][tcp|udp][@host][:port]; try -i :4000 or -i tcp:4000',
  ],
  [
    ['list', '-s', 'LISTEN'],
    '-s LISTEN: it is written PROTOCOL:STATE, such as TCP:LISTEN or TCP:^CLOSE_WAIT',
  ],
  [['list', '--pid', 'abc'], noPid('abc', 'list')],
  [['list', '--pid', '0'], noPid('0', 'list')],
  [['list', '--pid', '-1'], noPid('-1', 'list')],
  [['list', '--pid', HOSTILE], noPid(VISIBLE, 'list')],
  [['list', '--pid', '1,'], noPid('1,', 'list')],
  [['list', '--children'], '--children are those of a process: add --pid PID'],
  [
    ['list', '--columns', 'host'],
    "the names of column 'host' come from DNS, which is asked only after -r: add it",
  ],
  [
    ['list', '--color', 'sometimes'],
    "option '--color <WHEN>' argument 'sometimes' is invalid: Allowed choices are auto, always, never (see porttop list --help)",
  ],
  [['list', '--pid'], noValue('--pid <PID,...>', 'list')],
  [['list', '--json', '--csv'], '--json and --csv exclude each other: give one'],
  [['list', '--ndjson', '--csv'], '--ndjson and --csv exclude each other: give one'],
  [['list', '--procfs', '/nowhere'], 'cannot read /nowhere/1/net: there is no such file'],
  [['list', '--procfs', noProc], `cannot read ${noProc}/1/net: there is no such file`],
  [['list', '--procfs', services], `cannot read ${services}/1/net: it is no folder`],
  [['list', '--procfs'], noValue('--procfs <DIR>', 'list')],
  [['list', '--services', '/nowhere'], '--services /nowhere: ENOENT; name a file that can be read'],
  [['list', '--services', '/'], '--services /: EISDIR; name a file that can be read'],
  [['list', '--filter', 'pid:>abc'], "filter, character 6: expected a number after 'pid:>', found 'abc'"],
  [['list', '--filter', 'nginx or'], 'filter, character 9: expected a word or key:value, found the end'],
  [
    ['list', '--filter', 'prot:80'],
    "filter, character 1: expected a key such as 'port' or 'proto', or the word in quotes, found 'prot:80'",
  ],
  [
    ['list', '--filter', 'pid:\x1b]0;owned\x07\u202e'],
    "filter, character 5: expected a number after 'pid:', found '\\e]0;owned\\x07\\u202e'",
  ],
  [['list', '--filter'], noValue('--filter <EXPR>', 'list')],
  [['list', '--columns', 'port,nosuch'], `'nosuch' is no column: ${COLUMN_KEYS}`],
  [['list', '--sort', 'port:up'], `'port:up' is no column: ${COLUMN_KEYS}`],
  [['list', '--state', 'nosuch'], `there is no state 'nosuch': use one of ${STATES}`],
  [['list', '-d', '0.01'], noInterval('0.01', 'list')],

  [['ps', '--tre'], "unknown option '--tre'; Did you mean --tree? (see porttop ps --help)"],
  [['ps', ''], 'an empty name; give a PID or a part of a command line'],
  [
    ['ps', '--user', ''],
    "option '--user <NAME,...>' argument '' is invalid: a user is missing (see porttop ps --help)",
  ],
  [['ps', '--user'], noValue('--user <NAME,...>', 'ps')],
  [['ps', '--sort', 'pid:up'], `'pid:up' is no column of processes: ${PROCESS_KEYS}`],
  [['ps', '--columns', 'pid,port'], `'port' is no column of processes: ${PROCESS_KEYS}`],
  [['ps', '--columns', HOSTILE], `'${VISIBLE}' is no column of processes: ${PROCESS_KEYS}`],
  [
    ['ps', '--filter', 'cpu:>x'],
    "filter, character 6: expected a number such as 0.5 after 'cpu:>', found 'x'",
  ],
  [
    ['ps', '--filter', 'rss:>5X'],
    "filter, character 6: expected a size such as 4096 (KiB), 100M or 2G after 'rss:>', found '5X'",
  ],
  [['ps', '--filter', 'nice or'], 'filter, character 8: expected a word or key:value, found the end'],
  [['ps', '--json', '--csv'], '--json and --csv exclude each other: give one'],
  [['ps', '--procfs', '/nowhere'], 'cannot read /nowhere/1/net: there is no such file'],

  [['show'], "missing required argument 'PID' (see porttop show --help)"],
  [['show', 'abc'], '"abc" is no process id: PID is a number, as in "porttop show 1204"'],
  [['show', '../1'], '"../1" is no process id: PID is a number, as in "porttop show 1204"'],
  [['show', '1', '../x'], `"../x" is no field of a process: ${FIELD_NAMES}`],
  [['show', '1', HOSTILE], `"${VISIBLE}" is no field of a process: ${FIELD_NAMES}`],
  [['show', '1', '--jsn'], "unknown option '--jsn'; Did you mean --json? (see porttop show --help)"],
  [['show', '1', '--procfs', '/nowhere'], '--procfs /nowhere: no such folder'],

  [['service'], "missing required argument 'NAME|PORT' (see porttop service --help)"],
  [['service', ''], 'an empty name; give a NAME, a PORT or a PORT/PROTO, as 80/tcp'],
  [['service', '99999'], "'99999' is no port; ports go from 0 to 65535"],
  [['service', '80', '-5'], "'-5' is no port; ports go from 0 to 65535"],
  [
    ['service', '--services', services, '80/\x1b[2J'],
    "'80/\\e[2J' names no protocol that is known here; known are tcp, udp, sctp, dccp",
  ],
  [['service', '--services', '/nowhere', '80'], '--services /nowhere: ENOENT; name a file that can be read'],

  [['watch', 'nosuch'], noName('nosuch')],
  [['watch', HOSTILE], noName(VISIBLE)],
  [['watch', '--nosuch'], "unknown option '--nosuch' (see porttop watch --help)"],
  [['watch', '--csv'], '--csv and --columns are for tables: watch prints JSON, whole sockets'],
  [['watch', '-d', '0'], noInterval('0', 'watch')],
  [['watch', '-d'], noValue('-d, --interval <SECONDS>', 'watch')],
  [['watch', '--pid', 'x'], noPid('x', 'watch')],
  [['watch', '--procfs', '/nowhere'], 'cannot read /nowhere/1/net: there is no such file'],
];

const badInputsOfTheScreen: BadInput[] = [
  [['--nosuch'], "unknown option '--nosuch' (see porttop --help)"],
  [['-d', '0.01'], noInterval('0.01')],
  [['nosuch'], noName('nosuch')],
  [[HOSTILE], noName(VISIBLE)],
  [['--filter', 'nginx or'], 'filter, character 9: expected a word or key:value, found the end'],
  [['--columns', 'nosuch'], `'nosuch' is no column: ${COLUMN_KEYS}`],
  [['--procfs', '/nowhere'], 'cannot read /nowhere/1/net: there is no such file'],
];

/** What stands in the settings, and the complaint of it behind the file's name. */
const badSettings: [settings: string, complaint: string][] = [
  [
    'mouse = true\ninterval = "often"',
    ':2:12: interval is "often": expected a number of seconds, at least 0.1',
  ],
  ['theme = mono', ':1:9: invalid value'],
  [
    `"${JSON.stringify(HOSTILE).slice(1, -1).replaceAll('\\u001b', '\\u001B')}" = 1`,
    `:1:1: '${VISIBLE}' is no setting: there are interval, theme, mouse, numeric, [listening], [sockets], [processes]`,
  ],
];

const name = ([args]: BadInput) => `porttop ${args.map((arg) => JSON.stringify(arg)).join(' ')}`;

describe('one line says what is wrong and what to do, with exit status 2', () => {
  let outcomes: Outcome[];
  beforeAll(async () => {
    outcomes = await allOf(badInputs, ([args]) => outcomeOf(process.execPath, [PORTTOP, ...args]));
  }, 60_000);

  test.each(badInputs.map((input, index) => ({ name: name(input), index, complaint: input[1] })))(
    '$name',
    ({ index, complaint }) => {
      expect(outcomes[index]).toEqual({ status: 2, stdout: '', stderr: `porttop: ${complaint}\n` });
    },
  );
});

describe('where there is a terminal it says so there, and there is no screen', () => {
  let screens: { code: number | null; written: string }[];
  beforeAll(async () => {
    screens = await allOf(badInputsOfTheScreen, async ([args]) => {
      await using terminal = openTerminal({
        command: process.execPath,
        args: [PORTTOP, ...args],
        columns: 400,
      });
      const { code } = await terminal.exit;
      return { code, written: terminal.writes.map(({ text }) => text).join('') };
    });
  }, 60_000);

  test.each(badInputsOfTheScreen.map((input, index) => ({ name: name(input), index, complaint: input[1] })))(
    '$name',
    ({ index, complaint }) => {
      expect(screens[index]).toEqual({ code: 2, written: `porttop: ${complaint}\r\n` });
    },
  );
});

describe('settings that are wrong are told of with their place, and there is no screen', () => {
  test.each(badSettings)('%j', async (settings, complaint) => {
    using home = new TemporaryTree({ 'porttop/config.toml': settings });
    await using terminal = openTerminal({
      command: process.execPath,
      args: [PORTTOP],
      columns: 400,
      env: { XDG_CONFIG_HOME: home.root },
    });
    const { code } = await terminal.exit;
    const written = terminal.writes.map(({ text }) => text).join('');
    expect({ code, written }).toEqual({
      code: 2,
      written: `porttop: ${home.root}/porttop/config.toml${complaint}\r\n`,
    });
  });
});
