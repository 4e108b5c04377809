import ipaddr from 'ipaddr.js';
import type { RowFacts } from '../sockets/snapshot.ts';
import type { Exposure, SocketType, State } from '../sockets/socket.ts';
import { FAMILIES, PROTOCOLS, type SocketTable } from '../sockets/socket-table.ts';
import { COLUMNS, isConnected, isUnix } from './columns.ts';
import type { SocketKey } from './filter-keys.ts';
import * as kinds from './filter-kinds.ts';
import type { Asked, Term } from './filter-syntax.ts';
import { ownerNamed, type RowTest } from './filter-text.ts';

type Kind = kinds.Kind<RowFacts>;

/** {@link kinds.fieldTest} of a column of sockets. */
export function socketFieldTest(
  { key, values }: Extract<Term<SocketKey>, { type: 'field' }>,
  kept: boolean,
  now: number,
): RowTest {
  return kinds.fieldTest(values, KINDS[key], COLUMNS[key], kept, now);
}

const NUMBER: Kind = kinds.number();
const TEXT: Kind = kinds.text();

/** Any process that holds the socket, and not only the one that is shown. */
const PID: Kind = {
  ...NUMBER,
  test(asked, _column, kept) {
    const test = kinds.numberAsked(asked, kept);
    return (rows, row) => {
      const first = rows.pid(row);
      return first !== 0 && (test(first) || rows.processes(row).some(({ pid }) => test(pid)));
    };
  },
};

/** A descriptor of any of the owners, as a number or as lsof writes it. */
const DESCRIPTOR: Kind = {
  ...NUMBER,
  test(asked, _column, kept) {
    const test = kinds.numberAsked({ ...asked, text: asked.text.replace(/(?<=\d)u$/, '') }, kept);
    return (rows, row) => rows.holders(row).some(({ fd }) => test(fd));
  },
};

/** Of the first owner. */
const AGE: Kind = kinds.age((rows, row) => {
  const started = rows.started(row);
  return started === null ? null : Date.parse(started);
});

/** Any of the owners, by the names it has; never why there is none. */
const OWNER: Kind = kinds.textOf((test) => ownerNamed(test));

/** `tcp` is also tcp6, and `udp` is not udplite. */
const PROTOCOL = kinds.words<RowFacts>(
  PROTOCOLS.flatMap((protocol) => (protocol === 'unix' ? [protocol] : [protocol, `${protocol}6`])),
  (word, asked) => word === asked || word === `${asked}6`,
);

const TYPE = kinds.words<RowFacts>(
  Object.keys({ stream: 0, dgram: 0, seqpacket: 0, raw: 0 } satisfies Record<SocketType, 0>),
  (word, asked) => word.startsWith(asked.replace(/^u(?=str$|dgr$|seq$)/, '')),
);

const FAMILY = kinds.words<RowFacts>(FAMILIES, (word, asked) => word === asked);

/** What a socket can be in, as the kernel spells it. */
export const STATES = Object.keys({
  LISTEN: 0,
  ESTABLISHED: 0,
  SYN_SENT: 0,
  SYN_RECV: 0,
  FIN_WAIT1: 0,
  FIN_WAIT2: 0,
  TIME_WAIT: 0,
  CLOSE: 0,
  CLOSE_WAIT: 0,
  LAST_ACK: 0,
  CLOSING: 0,
  BOUND: 0,
  UNCONN: 0,
} satisfies Record<State, 0>);

/** Also as ss spells them (`estab`, `time-wait`), and several at once (`wait`). */
const STATE = kinds.words<RowFacts>(STATES, (word, asked) => word.includes(asked));

const EXPOSURES = Object.keys({
  loopback: 0,
  'link-local': 0,
  private: 0,
  public: 0,
  all: 0,
} satisfies Record<Exposure, 0>);

const EXPOSURE = kinds.words<RowFacts>(EXPOSURES, (word, asked) => word.startsWith(asked));

type End = 'local' | 'remote';
type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** `[::1]:80`, `127.0.0.1:80`, `:80`. */
const ENDPOINT = /^(?:\[([^\]]+)\]|([\d.]+))?:(\d+)$/;
const NETWORK = /^([\da-f.:]+)\/(\d*)$/i;

/** An address, a network, or an end with its port; or text in what is shown of it. */
function address(end: End, shown: (text: string) => string): Kind {
  const kind: Kind = {
    expected: "an address, a network such as 10.0.0.0/8, ':' and a port, or text",
    operators: kinds.WHOLE,
    test(asked, column, kept, now) {
      const matches = kinds.textAsked(asked);
      const textual: RowTest = (rows, row) => {
        const text = column.find(rows, row, now);
        return typeof text === 'string' && matches(isUnix(rows, row) ? text : shown(text));
      };
      if (asked.form !== 'bare') return textual;
      const network = NETWORK.exec(asked.text);
      if (network) return inNetwork(end, networkAsked(asked, network[1] as string, network[2] as string));
      const exact = endAsked(end, asked.text);
      if (!exact) return textual;
      // It may be the beginning of another.
      return kept || asked.operator === '=' ? exact : (rows, row) => exact(rows, row) || textual(rows, row);
    },
  };
  return kind;
}

/** null: it is none, but may be a part of its text. */
function endAsked(end: End, text: string): RowTest | null {
  const [, six, four, port] = ENDPOINT.exec(text) ?? [];
  const host = port === undefined ? text : (six ?? four);
  const address = host === undefined ? null : addressAsked(host);
  if (host !== undefined && !address) return null;
  const there = address && inNetwork(end, { address, prefix: bitsOf(address) });
  if (port === undefined) return there;
  const wanted = Number(port);
  const column = `${end}Port` as const;
  return (rows, row) =>
    rows.table[column][row] === wanted && hasEnd(end, rows, row) && (there?.(rows, row) ?? true);
}

type Network = { address: Address; prefix: number };

function networkAsked(asked: Asked, host: string, digits: string): Network {
  const address = addressAsked(host);
  if (!address) throw asked.wrong('a network such as 10.0.0.0/8 or fe80::/10');
  // That of a mapped address counts from the beginning of all its bits.
  const mapped = address.kind() === 'ipv4' && host.includes(':') ? MAPPED_BITS : 0;
  const prefix = Number(digits) - mapped;
  if (digits === '' || prefix < 0 || prefix > bitsOf(address))
    throw asked.wrong(`a network of /${mapped} to /${mapped + bitsOf(address)}`);
  return { address, prefix };
}

const MAPPED_BITS = 96;

function bitsOf(address: Address): number {
  return address.toByteArray().length * 8;
}

/** A mapped address is the IPv4 address it stands for. ipaddr.js alone would take `10.1` and `0x7f.1`, too. */
function addressAsked(text: string): Address | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return null;
  return ipaddr.process(text);
}

function hasEnd(end: End, rows: Parameters<RowTest>[0], row: number): boolean {
  return end === 'remote' ? isConnected(rows, row) : !isUnix(rows, row);
}

const [IPV4, IPV6] = [FAMILIES.indexOf('ipv4'), FAMILIES.indexOf('ipv6')];
/** Of `::ffff:0:0/96` the third word, as tables have words: its bytes in the order of the network. */
const MAPPED = new Uint32Array(Uint8Array.of(0, 0, 0xff, 0xff).buffer)[0] as number;

function inNetwork(end: End, { address, prefix }: Network): RowTest {
  const bytes = Uint8Array.from(address.toByteArray());
  const masked = bytes.map((_, at) => 0xff00 >> Math.max(0, Math.min(8, prefix - at * 8)));
  const wanted = new Uint32Array(bytes.buffer);
  const mask = new Uint32Array(masked.buffer);
  const column = `${end}Address` as const;
  const differs = (words: Uint32Array, from: number, at: number) =>
    (((words[from] as number) ^ (wanted[at] as number)) & (mask[at] as number)) !== 0;
  const same =
    address.kind() === 'ipv4'
      ? (table: SocketTable, row: number) => {
          const words = table[column];
          if (table.family[row] === IPV4) return !differs(words, row * 4, 0);
          return isMapped(table, words, row) && !differs(words, row * 4 + 3, 0);
        }
      : (table: SocketTable, row: number) => {
          const words = table[column];
          if (table.family[row] !== IPV6 || isMapped(table, words, row)) return false;
          for (let at = 0; at < 4; at++) if (differs(words, row * 4 + at, at)) return false;
          return true;
        };
  return (rows, row) => hasEnd(end, rows, row) && same(rows.table, row);
}

function isMapped({ family }: SocketTable, words: Uint32Array, row: number): boolean {
  const at = row * 4;
  return family[row] === IPV6 && words[at] === 0 && words[at + 1] === 0 && words[at + 2] === MAPPED;
}

/** `[fe80::1%eth0]:80` without its port: of the address that a column shows alone. */
function withoutPort(text: string): string {
  return text.replace(/^\[?(.*?)\]?:\d+$/, '$1');
}

const KINDS: Record<SocketKey, Kind> = {
  port: NUMBER,
  service: TEXT,
  rservice: TEXT,
  proto: PROTOCOL,
  family: FAMILY,
  type: TYPE,
  state: STATE,
  addr: address('local', withoutPort),
  exposure: EXPOSURE,
  local: address('local', (text) => text),
  remote: address('remote', (text) => text),
  path: TEXT,
  peer: TEXT,
  device: TEXT,
  host: TEXT,
  command: OWNER,
  pid: PID,
  pids: PID,
  fd: DESCRIPTOR,
  user: TEXT,
  uid: NUMBER,
  queue: NUMBER,
  conns: NUMBER,
  states: TEXT,
  recvq: NUMBER,
  sendq: NUMBER,
  timer: TEXT,
  inode: NUMBER,
  netns: TEXT,
  cgroup: TEXT,
  unit: TEXT,
  container: TEXT,
  within: TEXT,
  args: TEXT,
  started: AGE,
};
