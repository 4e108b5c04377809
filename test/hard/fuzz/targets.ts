import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../../src/commands/exit.ts';
import { parseInternetSpec } from '../../../src/commands/lsof-options.ts';
import { stateFilter } from '../../../src/commands/lsof-states.ts';
import { ConfigError, parseConfig } from '../../../src/config/parse.ts';
import { defaultConfig } from '../../../src/config/print.ts';
import {
  decodeDetails,
  decodeInetRow,
  decodeProtocol,
  decodeUnixRow,
  MessageBuffer,
  newInetRow,
  newUnixRow,
  SockDiagError,
  walkAnswer,
} from '../../../src/netlink/messages.ts';
import { stringify } from '../../../src/output/json.ts';
import { fieldRows, overview } from '../../../src/processes/describe.ts';
import { readDetails } from '../../../src/processes/details.ts';
import { detailsJson } from '../../../src/processes/details-json.ts';
import { FIELDS } from '../../../src/processes/fields.ts';
import { masked } from '../../../src/processes/secrets.ts';
import { parsePasswd } from '../../../src/processes/users.ts';
import { parsePageSize } from '../../../src/procfs/auxv.ts';
import { cgroupsOf, containerOf, parseCgroup, unitOf } from '../../../src/procfs/cgroup.ts';
import { parseCmdline } from '../../../src/procfs/cmdline.ts';
import { getenv, parseEnviron } from '../../../src/procfs/environ.ts';
import { socketInode, socketInodeOf } from '../../../src/procfs/fd.ts';
import { parseAccessMode } from '../../../src/procfs/fdinfo.ts';
import { parseIo } from '../../../src/procfs/io.ts';
import { parseLimits } from '../../../src/procfs/limits.ts';
import { parseLoginUid } from '../../../src/procfs/loginuid.ts';
import { parseMaps, sizeOfMapping } from '../../../src/procfs/maps.ts';
import { parseMemoryTotal } from '../../../src/procfs/meminfo.ts';
import { parseNetIfInet6 } from '../../../src/procfs/net-if-inet6.ts';
import { parseNetIgmp } from '../../../src/procfs/net-igmp.ts';
import { parseConnected } from '../../../src/procfs/net-snmp.ts';
import { newNetTcpRow, parseNetTcp } from '../../../src/procfs/net-tcp.ts';
import { newNetUnixRow, parseNetUnix } from '../../../src/procfs/net-unix.ts';
import { namespaceNumber } from '../../../src/procfs/ns.ts';
import { parseOomScore } from '../../../src/procfs/oom-score.ts';
import { countPages, noPages } from '../../../src/procfs/pagemap.ts';
import { parseBtime } from '../../../src/procfs/proc-stat.ts';
import { ProcError, ProcFs } from '../../../src/procfs/procfs.ts';
import { parseSched } from '../../../src/procfs/sched.ts';
import { parseSmaps, parseSmapsRollup, rollUp } from '../../../src/procfs/smaps.ts';
import { parseStack } from '../../../src/procfs/stack.ts';
import { parseStat, parseStatBriefly } from '../../../src/procfs/stat.ts';
import { parseStatm } from '../../../src/procfs/statm.ts';
import { parseStatus, sizeOf } from '../../../src/procfs/status.ts';
import { parseTtyDrivers } from '../../../src/procfs/tty-drivers.ts';
import { parseUptime } from '../../../src/procfs/uptime.ts';
import { filterProblem, filterRows, looksAt, mayAsk, protocolsNamed } from '../../../src/query/filter.ts';
import { processFilterProblem } from '../../../src/query/process-filter.ts';
import { QueryError } from '../../../src/query/query-error.ts';
import { parseTarget } from '../../../src/query/target.ts';
import { timelineFilterProblem } from '../../../src/query/timeline-filter.ts';
import { parseEphemeralRange } from '../../../src/services/ephemeral-range.ts';
import { parseEtcServices } from '../../../src/services/etc-services.ts';
import { parseServiceQuery, Services } from '../../../src/services/services.ts';
import { edit } from '../../../src/store/line.ts';
import { shellQuote } from '../../../src/text/quote.ts';
import { safe } from '../../../src/text/safe.ts';
import { cut, fit, widthOf, wrap } from '../../../src/text/width.ts';
import { listenForKeys } from '../../../src/ui/keys/decode.ts';
import { editOf } from '../../../src/ui/keys/typing.ts';

export type Target = {
  name: string;
  /** What its inputs are made from. */
  corpus: readonly Buffer[];
  /** What it makes of an input, which is bounded by the input's length. */
  run(bytes: Buffer): unknown;
  /** How many of its inputs are tried, of those that others are: what is dear gets fewer. */
  share?: number;
  /** What it may throw; by default nothing. */
  throws?: readonly (abstract new (
    ...args: never[]
  ) => Error)[];
};

const FIXTURES = fileURLToPath(new URL('../../fixtures', import.meta.url));
const PROCESSES = [16499, 16508, 16509, 16513, 2];

/** Captured files of this name; of a longer one the beginning. */
const files = (...paths: string[]): Buffer[] =>
  paths.map((path) => readFileSync(`${FIXTURES}/${path}`).subarray(0, 4096));
const ofProcesses = (name: string): Buffer[] => files(...PROCESSES.map((pid) => `proc/${pid}/${name}`));
const words = (...typed: string[]): Buffer[] => typed.map((word) => Buffer.from(word));

const text =
  (parse: (content: string) => unknown): Target['run'] =>
  (bytes) =>
    parse(bytes.toString('utf8'));

const procfs: readonly Target[] = [
  { name: 'auxv', corpus: files('fuzz/auxv'), run: (bytes) => parsePageSize(bytes) },
  {
    name: 'cgroup',
    corpus: files('fuzz/cgroup'),
    run: text((content) => cgroupsOf(parseCgroup(content)).map((path) => [unitOf(path), containerOf(path)])),
  },
  { name: 'cmdline', corpus: ofProcesses('cmdline'), run: parseCmdline },
  {
    name: 'environ',
    corpus: [...files('proc/16499/environ', 'proc/16508/environ'), Buffer.from('A=1\0B\0DSN=x://u:p@h/\0')],
    run: (bytes) => {
      const environ = parseEnviron(bytes);
      return [getenv(environ, 'USER'), environ.map(({ name, value }) => masked(name, value ?? ''))];
    },
  },
  {
    name: 'fd',
    corpus: words('socket:[123456]', 'pipe:[1]', '/dev/null', 'socket:[', 'anon_inode:[eventpoll]'),
    run: (bytes) => [socketInode(bytes.toString('utf8')), socketInodeOf(bytes, bytes.length)],
  },
  { name: 'fdinfo', corpus: files('fuzz/fdinfo'), run: text(parseAccessMode) },
  { name: 'io', corpus: files('fuzz/io'), run: text(parseIo), throws: [SyntaxError] },
  { name: 'limits', corpus: files('fuzz/limits'), run: text(parseLimits) },
  {
    name: 'loginuid',
    corpus: words('4294967295', '1000\n'),
    run: text(parseLoginUid),
    throws: [SyntaxError],
  },
  {
    name: 'maps',
    corpus: files('fuzz/maps'),
    run: text((content) => parseMaps(content).map(sizeOfMapping)),
    throws: [SyntaxError],
  },
  { name: 'meminfo', corpus: files('fuzz/meminfo'), run: text(parseMemoryTotal) },
  { name: 'net/if_inet6', corpus: files('net/if_inet6'), run: text(parseNetIfInet6) },
  { name: 'net/igmp', corpus: files('fuzz/net-igmp'), run: text(parseNetIgmp) },
  { name: 'net/snmp', corpus: files('fuzz/net-snmp'), run: text(parseConnected) },
  {
    name: 'net/tcp',
    corpus: files('net/tcp', 'net/tcp6', 'net/udp', 'net/udp6'),
    run: (bytes) => {
      const ports: number[] = [];
      const used = parseNetTcp(bytes, newNetTcpRow(), (row) => ports.push(row.localPort, row.inode));
      expectWithin(used, bytes.length);
      return ports;
    },
  },
  {
    name: 'net/unix',
    corpus: files('fuzz/net-unix'),
    run: (bytes) => {
      const paths: (string | null)[] = [];
      const used = parseNetUnix(bytes, newNetUnixRow(), (row, again) => {
        if (again) paths.pop();
        paths.push(row.path);
      });
      expectWithin(used, bytes.length);
      return paths;
    },
  },
  { name: 'ns', corpus: words('net:[4026531840]', 'mnt:[1]'), run: text(namespaceNumber) },
  { name: 'oom_score', corpus: words('666\n', '-1000'), run: text(parseOomScore), throws: [SyntaxError] },
  {
    name: 'pagemap',
    corpus: [Buffer.alloc(64), Buffer.alloc(64, 0x81), Buffer.from('00112233445566c0'.repeat(8), 'hex')],
    run: (bytes) => {
      const counts = noPages();
      countPages(new Uint32Array(Uint8Array.from(bytes).buffer, 0, bytes.length >> 2), counts);
      return counts;
    },
  },
  { name: 'proc/stat', corpus: files('proc/stat'), run: text(parseBtime) },
  { name: 'sched', corpus: files('fuzz/sched'), run: text(parseSched), throws: [SyntaxError] },
  {
    name: 'smaps',
    corpus: files('fuzz/smaps', 'fuzz/smaps_rollup'),
    run: text((content) => rollUp(parseSmaps(content))),
    throws: [SyntaxError],
  },
  {
    name: 'smaps_rollup',
    corpus: files('fuzz/smaps_rollup'),
    run: text(parseSmapsRollup),
    throws: [SyntaxError],
  },
  { name: 'stack', corpus: files('fuzz/stack'), run: text(parseStack) },
  { name: 'stat', corpus: ofProcesses('stat'), run: text(parseStat), throws: [SyntaxError] },
  { name: 'stat, briefly', corpus: ofProcesses('stat'), run: text(parseStatBriefly), throws: [SyntaxError] },
  { name: 'statm', corpus: ofProcesses('statm'), run: text((content) => parseStatm(content, 4096)) },
  {
    name: 'status',
    corpus: ofProcesses('status'),
    run: text((content) => {
      const status = parseStatus(content);
      return [status, sizeOf(status, 'VmRSS')];
    }),
    throws: [SyntaxError],
  },
  { name: 'tty/drivers', corpus: files('fuzz/tty-drivers'), run: text(parseTtyDrivers) },
  { name: 'uptime', corpus: files('fuzz/uptime'), run: text(parseUptime) },
];

/** As if it had just been read. */
function received(bytes: Buffer): MessageBuffer {
  const message = new MessageBuffer(bytes.length);
  message.bytes.set(bytes);
  return message;
}

const SEQUENCE = 7;

const netlink: readonly Target[] = [
  {
    name: 'sock_diag, inet',
    corpus: files(
      ...['tcp4', 'tcp6', 'udp4', 'no-raw', 'refused', 'inspected', 'destroyed'].map(
        (name) => `netlink/${name}`,
      ),
    ),
    run: (bytes) => {
      const message = received(bytes);
      const row = newInetRow();
      let rows = 0;
      walkAnswer(message, bytes.length, SEQUENCE, (start, end) => {
        expectWithin(end, bytes.length);
        decodeInetRow(message, start, end, row);
        decodeDetails(message, start, end);
        decodeProtocol(message, start, end);
        rows++;
      });
      return rows;
    },
    throws: [SockDiagError],
  },
  {
    name: 'sock_diag, unix',
    corpus: files('netlink/unix'),
    run: (bytes) => {
      const message = received(bytes);
      const row = newUnixRow();
      const paths: (string | null)[] = [];
      walkAnswer(message, bytes.length, SEQUENCE, (start, end) => {
        expectWithin(end, bytes.length);
        decodeUnixRow(message, start, end, row);
        paths.push(row.path);
      });
      return paths;
    },
    throws: [SockDiagError],
  },
];

const FILTERS = words(
  'user:www port:>1024',
  'state:estab remote:10.0.0.0/8 not cmd:/^ssh[\\]]/',
  '(port:80,443 or port:3000-3010) exposure:all',
  'addr:[::1]:80 or "two ""words""" up:<10m recvq:>0',
  'pid:=1 and not (nginx or proto:tcp6)',
  'cpu:>10 or rss:>500M start:<1h time:>5m',
);

const services = new Services(parseEtcServices(readFileSync(`${FIXTURES}/etc/services`, 'utf8')));

const typed: readonly Target[] = [
  {
    name: 'filter',
    corpus: FILTERS,
    run: text((typed) => {
      const problem = filterProblem(typed);
      const filter = { text: typed, kept: false };
      mayAsk(filter, 'host');
      if (problem !== null)
        return [problem.message, filterRows({ text: problem.understood, kept: true }, [], 0)];
      return [filterRows(filter, [], 0), looksAt(filter, 'host'), protocolsNamed(filter)];
    }),
  },
  {
    name: 'filter of processes',
    corpus: FILTERS,
    run: text((typed) => processFilterProblem(typed)?.message),
  },
  {
    name: 'filter of the timeline',
    corpus: FILTERS,
    run: text((typed) => timelineFilterProblem(typed)?.message),
  },
  {
    name: 'settings',
    corpus: words(
      defaultConfig()
        .replaceAll(/^#(?=\w)/gm, '')
        .slice(0, 600),
      'interval = 0.5\ntheme = "mono"\n[listening]\nsort = "port:desc"\ncolumns = ["port", "pid"]\n',
      'mouse = maybe\n"a.b" = { c = 1 }\n',
    ),
    run: text(parseConfig),
    // Where a value is wrong, its file's beginnings are parsed to find the place.
    share: 1 / 50,
    throws: [ConfigError],
  },
  {
    name: 'TARGET',
    corpus: words(
      '4000',
      'tcp:4000',
      '3000-3010,80',
      'ssh,http',
      'tcp@[::1%eth0]:80',
      '@127.0.0.1:80',
      '80/udp',
    ),
    run: text((typed) => parseTarget(typed, (name) => services.named(name))),
    throws: [QueryError],
  },
  {
    name: '-i SPEC',
    corpus: words('4', '6TCP@[::1]:80', ':4000', 'tcp:ssh'),
    run: text(parseInternetSpec),
    throws: [UsageError],
  },
  {
    name: '-s PROTOCOL:STATE',
    corpus: words('TCP:LISTEN', 'tcp:^CLOSE_WAIT,SYN_RCVD', 'UDP:IDLE'),
    run: text((spec) => filterProblem(stateFilter(spec))?.message),
    throws: [UsageError],
  },
  {
    name: 'a service',
    corpus: words('80', '80/tcp', 'tcp:80', 'http', 'EtherNet/IP-1'),
    run: text((typed) => parseServiceQuery(typed, services.protocols)),
  },
  {
    name: 'keys',
    corpus: words(
      'abc\r',
      '\x1b[A\x1bOB\x1b[1;5C',
      '\x1b[200~pasted\x1b[201~q',
      '\x1b[<0;3;4M',
      '\x1b]11;rgb:1/2/3\x07',
    ),
    run: (bytes) => {
      const stdin = new EventEmitter();
      const heard: unknown[] = [];
      let line = { text: '', cursor: 0 };
      const stop = listenForKeys(stdin as NodeJS.ReadStream, (press) => {
        const change = editOf(press);
        if (change !== null && heard.length < 500) line = edit(line, change);
        heard.push(press.key);
      });
      const half = bytes.length >> 1;
      stdin.emit('data', bytes.subarray(0, half));
      stdin.emit('data', bytes.subarray(half));
      stop();
      if (line.text !== safe(line.text) && /\p{Cc}/u.test(line.text)) throw new Error('a control was typed');
      return [heard, line.text];
    },
  },
];

const system: readonly Target[] = [
  { name: '/etc/services', corpus: files('etc/services'), run: text((content) => parseEtcServices(content)) },
  { name: '/etc/passwd', corpus: files('fuzz/passwd'), run: text(parsePasswd) },
  { name: 'ephemeral range', corpus: words('32768\t60999\n'), run: text(parseEphemeralRange) },
];

/** What must not come out of `safe`, by ranges: no pattern of the code under test is asked. */
const UNSAFE = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\ufe00-\ufe0f]/;

const shown: readonly Target[] = [
  {
    name: 'text for a terminal',
    corpus: words(
      'nginx: worker \x1b[31m',
      'हिन्दी 日本語 e\u0301 👍🏽 กำ',
      '=1+1',
      'a\u202eb',
      '\x9b31m',
      "it's $(x)",
    ),
    run: text((raw) => {
      const line = safe(raw);
      for (const made of [line, cut(line, 20), shellQuote(raw)]) {
        if (UNSAFE.test(made)) throw new Error(`it is not safe: ${stringify(made)}`);
      }
      if (widthOf(fit(line, 20)) !== 20) throw new Error(`not 20 cells: ${stringify(fit(line, 20))}`);
      const lines = wrap(line, 20);
      if (lines.some((each) => widthOf(each) > 20)) throw new Error(`a line of more than 20 cells`);
      if (JSON.parse(stringify(raw)) !== raw) throw new Error('JSON has it otherwise');
      return [line, lines, shellQuote(raw)];
    }),
  },
];

const NOW = Date.UTC(2026, 0, 1);
const CONTEXT = { users: { name: () => null }, now: NOW, reveal: false };

/** A process of which one file, and every link, is the input; the others are as they were captured. */
class OneFile extends ProcFs {
  readonly #bytes: Buffer;
  readonly #files: ReadonlyMap<string, Buffer>;

  constructor(bytes: Buffer, files: ReadonlyMap<string, Buffer>) {
    super('/captured');
    this.#bytes = bytes;
    this.#files = files;
  }

  override read(relative: string): { bytes: Buffer; truncated: boolean } {
    const [, name = relative] = /^\d+\/(.+)$/.exec(relative) ?? [];
    const bytes =
      name === mutated ? this.#bytes : this.#files.get(name.startsWith('fdinfo/') ? 'fdinfo' : name);
    if (bytes === undefined) throw new ProcError('ENOENT', this.path(relative));
    return { bytes, truncated: false };
  }

  override text(relative: string): string {
    return this.read(relative).bytes.toString('utf8');
  }

  override link(): string {
    return this.#bytes.toString('utf8');
  }

  override names(relative: string): string[] {
    return relative.endsWith('/fd') ? ['0', '1'] : ['net', 'mnt'];
  }

  override stat(relative: string): never {
    throw new ProcError('EACCES', this.path(relative));
  }

  override mayWrite(): boolean {
    return false;
  }

  override keep(relative: string): never {
    throw new ProcError('EACCES', this.path(relative));
  }

  override within<T>(_: string, use: (read: (piece: Uint8Array) => number) => T): T {
    return use(() => 0);
  }
}

/** The name of the one file. */
let mutated = '';
const KNOWN = new Map([
  ...['stat', 'status', 'statm', 'cmdline', 'environ', 'loginuid'].map(
    (name) => [name, files(`proc/16499/${name}`)[0] as Buffer] as const,
  ),
  ...[
    'maps',
    'limits',
    'cgroup',
    'io',
    'sched',
    'smaps',
    'smaps_rollup',
    'stack',
    'wchan',
    'oom_score',
    'fdinfo',
  ].map((name) => [name, files(`fuzz/${name}`)[0] as Buffer] as const),
  ['self/auxv', files('fuzz/auxv')[0] as Buffer] as const,
]);

const whole: readonly Target[] = [...KNOWN.keys()].map((name) => ({
  name: `show, its ${name}`,
  corpus: [KNOWN.get(name) as Buffer],
  share: 0.01,
  run: (bytes) => {
    mutated = name;
    const details = readDetails(new OneFile(bytes, KNOWN), 16499, {
      fields: FIELDS,
      named: true,
      uid: 0,
      btime: 1.7e9,
    });
    const rows = [
      ...overview(details, CONTEXT),
      ...FIELDS.flatMap((field) => fieldRows(field, details, CONTEXT)),
    ];
    const unsafe = rows
      .flatMap(({ lines, label, source }) => [...lines, label, source])
      .find((line) => UNSAFE.test(line));
    if (unsafe !== undefined) throw new Error(`it is not safe: ${stringify(unsafe)}`);
    JSON.parse(stringify(detailsJson(details, { reveal: false })));
    return null;
  },
}));

/** Everything that reads what others wrote. A new parser is a line in one of these lists. */
export const TARGETS: readonly Target[] = [...procfs, ...netlink, ...typed, ...system, ...shown, ...whole];

function expectWithin(used: number, length: number): void {
  if (used < 0 || used > length) throw new RangeError(`used ${used} of ${length}`);
}
