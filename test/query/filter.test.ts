import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLUMNS, type Column } from '../../src/query/columns.ts';
import { filterRows, NO_FILTER } from '../../src/query/filter.ts';
import {
  type Circumstances,
  connection,
  held,
  NOON,
  type SocketLiteral,
  snapshot,
  tcp,
  unix,
} from '../helpers/snapshots.ts';
import { rowsOf, worlds } from './random-sockets.ts';

fc.configureGlobal({ seed: 4000 });

const SHOWN: Column[] = [
  COLUMNS.port,
  COLUMNS.service,
  COLUMNS.proto,
  COLUMNS.addr,
  COLUMNS.command,
  COLUMNS.user,
];

const circumstances: Circumstances = {
  services: { '8080/tcp': 'http-alt' },
  users: { 33: 'www-data', 1000: 'Ada' },
};

function shows(
  socket: SocketLiteral,
  text: string,
  kept = false,
  columns = SHOWN,
  more: Circumstances = {},
): boolean {
  const rows = snapshot([socket], { ...circumstances, ...more });
  return filterRows({ text, kept }, columns, NOON)(rows, 0);
}

const owners = [held('nginx', 1204), held('Worker', 1205)];
const nginx = tcp('192.168.1.10:8080', { uid: 33, owners });
const client = connection('192.168.1.10:8080', '10.0.0.2:54321', { uid: 33, owners });

describe('a filter', () => {
  it('that says nothing shows everything', () => {
    expect(filterRows(NO_FILTER, SHOWN, 0)(snapshot([tcp('127.0.0.1:80')]), 0)).toBe(true);
    expect(shows(nginx, '')).toBe(true);
    expect(shows(nginx, '  \t ')).toBe(true);
    expect(shows(nginx, '', true)).toBe(true);
  });

  it('whose words are several shows what all of them match', () => {
    expect(shows(nginx, 'nginx www')).toBe(true);
    expect(shows(nginx, 'www   nginx 8080')).toBe(true);
    expect(shows(nginx, 'nginx root')).toBe(false);
  });
});

describe('a number', () => {
  it('is the beginning of a port or a pid while it is typed', () => {
    for (const typed of ['8', '80', '808', '8080', '1', '12', '1204', '1205'])
      expect(shows(nginx, typed)).toBe(true);
    for (const typed of ['0', '80800', '080', '204', '2', '9']) expect(shows(nginx, typed)).toBe(false);
  });

  it('is the whole of one once it is kept', () => {
    for (const typed of ['8080', '1204', '1205']) expect(shows(nginx, typed, true)).toBe(true);
    for (const typed of ['8', '808', '80800', '120', '12040', '2'])
      expect(shows(nginx, typed, true)).toBe(false);
  });

  it('is a port of either end', () => {
    expect(shows(client, '543')).toBe(true);
    expect(shows(client, '54321', true)).toBe(true);
    expect(shows(client, '8080', true)).toBe(true);
    expect(shows(client, '5432', true)).toBe(false);
  });

  it('is no part of an address, a uid or an inode', () => {
    expect(shows(nginx, '192')).toBe(false);
    expect(shows(tcp('0.0.0.0:1', { inode: 777, uid: 778 }), '77', false, Object.values(COLUMNS))).toBe(
      false,
    );
  });

  it('that is kept never shows what it did not show while it was typed', () => {
    fc.assert(
      fc.property(fc.nat(65535), fc.nat(65535), (port, asked) => {
        const socket = tcp(`127.0.0.1:${port}`);
        expect(shows(socket, `${asked}`, true)).toBe(port === asked);
        expect(shows(socket, `${asked}`)).toBe(`${port}`.startsWith(`${asked}`));
      }),
    );
  });

  it('is no port where there is none: of the other end of a listener, of a unix socket', () => {
    for (const kept of [false, true]) {
      expect(shows(tcp('0.0.0.0:80'), '0', kept)).toBe(false);
      expect(shows(unix('/run/a', { inode: 5 }), '0', kept)).toBe(false);
    }
  });

  it('may be among words', () => {
    expect(shows(nginx, 'nginx 80')).toBe(true);
    expect(shows(nginx, 'nginx 80', true)).toBe(false);
    expect(shows(nginx, 'nginx 8080', true)).toBe(true);
  });
});

describe('a word', () => {
  it('matches anywhere in any column that is shown', () => {
    for (const typed of ['gin', 'alt', 'http-alt', '192.168.', '.10', 'www', 'tcp', 'data', 'x,'])
      expect({ typed, shown: shows(nginx, typed) }).toEqual({ typed, shown: true });
    expect(shows(nginx, 'redis')).toBe(false);
  });

  it('does not mind capitals', () => {
    expect(shows(nginx, 'NGINX')).toBe(true);
    expect(shows(nginx, 'worker')).toBe(true);
    expect(shows(tcp('0.0.0.0:1', { uid: 1000 }), 'ada')).toBe(true);
  });

  it('does not match in a column that is not shown', () => {
    expect(shows(nginx, 'www', false, [COLUMNS.port])).toBe(false);
    expect(shows(nginx, 'http', false, [COLUMNS.port])).toBe(false);
  });

  it('matches the name of any owner, shown or not', () => {
    expect(shows(nginx, 'worker', false, [COLUMNS.port])).toBe(true);
  });

  it('matches the same while it is typed and once it is kept', () => {
    expect(shows(nginx, 'gin', true)).toBe(true);
    expect(shows(nginx, '80a', true)).toBe(false);
  });

  it('is no pattern: it means itself', () => {
    for (const typed of ['.*', '^nginx', '[', '\\', '(', 'n.inx', '$'])
      expect(shows(nginx, typed)).toBe(false);
    expect(shows(tcp('0.0.0.0:1', { owners: [held('a.*[b', 1)] }), '.*[')).toBe(true);
  });

  it('matches what a person sees: the reason where there is no owner', () => {
    expect(shows(tcp('0.0.0.0:1'), 'allowed', false, SHOWN, { unreadable: { 7: 'EACCES' } })).toBe(true);
    expect(shows(tcp('0.0.0.0:1'), 'kernel')).toBe(true);
    expect(shows(tcp('0.0.0.0:1', { owners: [held('\x1b[31m', 1)] }), '\\e[31m')).toBe(true);
  });

  it('matches what a person sees: how many processes, and that one has ended', () => {
    const workers = [held('php', 7), held('php', 8), held('x', 9, { ended: true })];
    const socket = tcp('0.0.0.0:1', { owners: workers });
    for (const typed of ['×2', 'php', '(ended)']) expect(shows(socket, typed)).toBe(true);
    expect(shows(socket, 'null')).toBe(false);
  });

  it('matches what the kernel calls a process, and what a person does', () => {
    const node = tcp('0.0.0.0:1', { owners: [held('node', 7, { command: 'MainThread' })] });
    for (const typed of ['node', 'mainthread']) {
      expect(shows(node, typed)).toBe(true);
      expect(shows(node, typed, false, [COLUMNS.port])).toBe(true);
    }
  });

  it('matches an address with its port and its interface, and the path of a unix socket', () => {
    const scopes = { 'fe80::1': 'eth0' };
    for (const typed of ['::1', '[fe80', 'eth0', '%', ']:80'])
      expect({ typed, shown: shows(tcp('[fe80::1]:80'), typed, false, SHOWN, { scopes }) }).toEqual({
        typed,
        shown: true,
      });
    expect(shows(nginx, '10:8080')).toBe(true);
    expect(shows(client, '2:54321', false, [COLUMNS.remote])).toBe(true);
    expect(shows(client, '2:54321', false, [COLUMNS.local])).toBe(false);
    expect(shows(unix('/run/\x1bX.sock', { inode: 5 }), '/run/\\ex')).toBe(true);
  });

  it('finds every cell of every socket by what is to be seen in it, or a part of that', () => {
    const columns = Object.values(COLUMNS) as Column[];
    fc.assert(
      fc.property(worlds, fc.nat(), fc.nat(9), (world, from, length) => {
        for (const { rows, row } of rowsOf(world)) {
          for (const column of columns) {
            const seen = column.text(rows, row, world.now).slice(from % 20);
            const typed = seen.slice(0, length + 1).trim();
            // A number means a port or a pid, and nothing at all is not looked for.
            if (typed === '' || typed === '–' || typed.split(/\s/).some((word) => /^\d*$/.test(word)))
              continue;
            // Words are looked for in all columns that are shown, each by itself.
            expect({
              typed,
              shown: filterRows({ text: typed, kept: true }, [column], world.now)(rows, row),
            }).toEqual({ typed, shown: true });
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('may be anything, for any socket', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (typed, kept) => {
        expect(typeof shows(client, typed, kept, Object.values(COLUMNS))).toBe('boolean');
      }),
    );
  });
});
