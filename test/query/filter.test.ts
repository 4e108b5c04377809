import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COLUMNS, type Column } from '../../src/query/columns.ts';
import { filterRows, NO_FILTER } from '../../src/query/filter.ts';
import type { Socket } from '../../src/sockets/socket.ts';
import { end, NOON, owner, socketOf } from '../sockets/fixture.ts';

fc.configureGlobal({ seed: 4000 });

const SHOWN: Column[] = [
  COLUMNS.port,
  COLUMNS.service,
  COLUMNS.proto,
  COLUMNS.addr,
  COLUMNS.command,
  COLUMNS.user,
];

function shows(socket: Partial<Socket>, text: string, kept = false, columns = SHOWN): boolean {
  return filterRows({ text, kept }, columns, NOON.getTime())(socketOf(socket));
}

const nginx: Partial<Socket> = {
  local: end('192.168.1.10:8080', 'http-alt'),
  owners: [owner(1204, 'nginx'), owner(1205, 'Worker')],
  user: 'www-data',
};
const connection: Partial<Socket> = {
  ...nginx,
  state: 'ESTABLISHED',
  remote: end('10.0.0.2:54321'),
};

describe('a filter', () => {
  it('that says nothing shows everything', () => {
    expect(filterRows(NO_FILTER, SHOWN, 0)(socketOf())).toBe(true);
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
    expect(shows(connection, '543')).toBe(true);
    expect(shows(connection, '54321', true)).toBe(true);
    expect(shows(connection, '8080', true)).toBe(true);
    expect(shows(connection, '5432', true)).toBe(false);
  });

  it('is no part of an address, a uid or an inode', () => {
    expect(shows(nginx, '192')).toBe(false);
    expect(shows({ inode: 777, uid: 778 }, '77', false, Object.values(COLUMNS))).toBe(false);
  });

  it('that is kept never shows what it did not show while it was typed', () => {
    fc.assert(
      fc.property(fc.nat(65535), fc.nat(65535), (port, asked) => {
        const socket = { local: end(`127.0.0.1:${port}`) };
        expect(shows(socket, `${asked}`, true)).toBe(port === asked);
        expect(shows(socket, `${asked}`)).toBe(`${port}`.startsWith(`${asked}`));
      }),
    );
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
    expect(shows({ user: 'Ada' }, 'ada')).toBe(true);
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
    expect(shows({ owners: [owner(1, 'a.*[b')] }, '.*[')).toBe(true);
  });

  it('matches what a person sees: the reason where there is no owner', () => {
    expect(shows({ ownerUnknown: 'permission' }, 'allowed')).toBe(true);
    expect(shows({ owners: [owner(1, '\x1b[31m')] }, '\\e[31m')).toBe(true);
  });

  it('may be anything, for any socket', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (typed, kept) => {
        expect(typeof shows(connection, typed, kept, Object.values(COLUMNS))).toBe('boolean');
      }),
    );
  });
});
