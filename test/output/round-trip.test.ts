import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csv } from '../../src/output/csv.ts';
import { stringify } from '../../src/output/json.ts';
import { table } from '../../src/output/table.ts';
import { COLUMNS } from '../../src/query/columns.ts';
import { matchesTarget, parseTarget } from '../../src/query/target.ts';
import { ipv4Text, ipv6Text } from '../../src/sockets/address.ts';
import { endpoint } from '../../src/sockets/endpoint.ts';
import type { RowFacts } from '../../src/sockets/snapshot.ts';
import { safe } from '../../src/text/safe.ts';
import { rowsOf, worlds } from '../query/random-sockets.ts';
import { bytesOf } from '../sockets/fixture.ts';
import { fieldsOf } from './csv-fields.ts';

fc.configureGlobal({ seed: 4000 });

const { proto, state, recvq, sendq, local, remote, uid, inode, pids } = COLUMNS;
/** What no blank is in. */
const PRINTED = [proto, state, recvq, sendq, local, remote, uid, inode, pids];

type End = { bytes: number[]; port: number; scope: string | null };

/** An end as it is printed, read by who knows only the form: `127.0.0.1:80`, `[fe80::1%eth0]:80`. */
function parseEnd(text: string): End {
  const [, six, scope = null, four, port] = /^(?:\[([^\]%]+)(?:%(.+))?\]|([\d.]+)):(\d+)$/.exec(text) ?? [];
  return { bytes: bytesOf((six ?? four) as string), port: Number(port), scope };
}

/** The same from the table's own columns, which hold bytes in the order of the network. */
function endIn(rows: RowFacts, row: number, end: 'local' | 'remote'): End {
  const { table } = rows;
  const words = table[`${end}Address`].slice(row * 4, row * 4 + 4);
  const bytes = [...new Uint8Array(words.buffer)].slice(0, table.familyOf(row) === 'ipv6' ? 16 : 4);
  const scope = rows.socket(row)[end]?.scope ?? null;
  return { bytes, port: table[`${end}Port`][row] as number, scope: scope === null ? null : safe(scope) };
}

const numberOr = (text: string, none: string) => (text === none ? null : Number(text));

/** A printed row against what is known of it; `none` stands for nothing. */
function compare(cells: readonly string[], none: string, rows: RowFacts, row: number): void {
  const { table } = rows;
  const [protocol, stateName, recvQueue, sendQueue, from = '', to = '', user, number, processes] = cells;
  const family = table.familyOf(row);
  expect(protocol).toBe(`${table.protocolOf(row)}${family === 'ipv6' ? '6' : ''}`);
  expect(stateName).toBe(table.stateOf(row));
  // /proc/net tells no backlog, and nothing of the queues of unix sockets.
  const untold = table.sourceOf(row) === 'proc';
  expect(numberOr(recvQueue ?? '', none)).toBe(untold && family === 'unix' ? null : table.recvQueue[row]);
  const silent = untold && (family === 'unix' || table.isListener(row));
  expect(numberOr(sendQueue ?? '', none)).toBe(silent ? null : table.sendQueue[row]);
  expect(numberOr(user ?? '', none)).toBe(rows.uid(row));
  expect(numberOr(number ?? '', none) ?? 0).toBe(table.inode[row]);
  const held = processes === none ? [] : (processes ?? '').split(',').map(Number);
  expect(held).toEqual(rows.processes(row).map(({ pid }) => pid));
  if (family === 'unix') {
    // As ss has it, a NUL in an abstract name is an @.
    const path = table.paths.get(row)?.replaceAll('\0', '@');
    expect(from.replace(/^'@/, '@')).toBe(path === undefined ? none : safe(path));
    expect(to).toBe(none);
    return;
  }
  expect(parseEnd(from)).toEqual(endIn(rows, row, 'local'));
  const there = endIn(rows, row, 'remote');
  if (to === none) expect([...there.bytes, there.port].every((each) => each === 0)).toBe(true);
  else expect(parseEnd(to)).toEqual(there);
}

describe('an address', () => {
  const four = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
  const six = fc.oneof(
    fc.array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: 16, maxLength: 16 }),
    // Mapped, as a socket for both has its IPv4 ends.
    four.map((bytes) => [...Array<number>(10).fill(0), 255, 255, ...bytes]),
    // Link-local.
    fc
      .array(fc.nat(255), { minLength: 8, maxLength: 8 })
      .map((bytes) => [254, 128, 0, 0, 0, 0, 0, 0, ...bytes]),
  );
  const interfaces = fc.option(fc.constantFrom('eth0', 'br-1a2b', 'wg.1', 'a%b'));

  it('reads back as the bytes that it is, with its port and interface', () => {
    fc.assert(
      fc.property(fc.oneof(four, six), fc.nat(65_535), interfaces, (bytes, port, device) => {
        const words = new Uint32Array(
          Uint8Array.from([...bytes, ...Array(16 - bytes.length).fill(0)]).buffer,
        );
        const address = bytes.length === 4 ? ipv4Text(words[0] as number) : ipv6Text(words);
        const scope = bytes.length === 4 ? null : device;
        expect(parseEnd(endpoint({ address, port, scope, service: null, host: null }))).toEqual({
          bytes,
          port,
          scope,
        });
      }),
      { numRuns: 500 },
    );
  });

  it('is, as it is printed, the TARGET that means its socket', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        for (const { rows, row, socket } of rowsOf(world)) {
          if (!socket.local || ['raw', 'icmp'].includes(socket.protocol)) continue;
          // Nobody types what is made visible.
          if (socket.local.scope !== null && safe(socket.local.scope) !== socket.local.scope) continue;
          const targets = parseTarget(`@${endpoint(socket.local)}`, () => []);
          expect(targets.some((target) => matchesTarget(rows, row, target))).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('a row', () => {
  const parts = ({ live, closed }: { live: RowFacts; closed: RowFacts }) =>
    [live, closed].map((rows) => ({
      rows,
      picked: Array.from({ length: rows.table.length }, (_, row) => row),
    }));

  it('reads back from the table as what it is', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        for (const { rows, picked } of parts(world)) {
          const printed = [...table(PRINTED, rows, picked, { header: false, now: world.now })].join('');
          const lines = printed.split('\n').slice(0, -1);
          expect(lines).toHaveLength(picked.length);
          for (const row of picked) compare((lines[row] as string).trim().split(/ +/), '–', rows, row);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('reads back from CSV as what it is', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        for (const { rows, picked } of parts(world)) {
          const lines = [...csv(PRINTED, rows, picked, false)].join('').split('\n').slice(0, -1);
          expect(lines).toHaveLength(picked.length);
          for (const row of picked) compare(fieldsOf(lines[row] as string), '', rows, row);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('reads back from JSON as what it is', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        for (const { rows, row, socket } of rowsOf(world)) {
          const read = JSON.parse(stringify(socket));
          expect(read).toEqual(socket);
          if (read.local === null) continue;
          const { bytes, port } = endIn(rows, row, 'local');
          expect({ bytes: bytesOf(read.local.address), port: read.local.port }).toEqual({ bytes, port });
        }
      }),
      { numRuns: 100 },
    );
  });
});
