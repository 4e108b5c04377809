import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { COLUMNS } from '../../src/query/columns.ts';
import type { Socket } from '../../src/sockets/socket.ts';
import { reduce } from '../../src/store/reduce.ts';
import type { Row } from '../../src/store/rows.ts';
import { ownerPids, rowsOf, selection } from '../../src/store/shown.ts';
import { type Action, initialState, type State } from '../../src/store/state.ts';
import { cellGauge, cellText, cellTone } from '../../src/ui/table/cell-text.ts';
import {
  type Circumstances,
  held,
  NOON,
  type SocketLiteral,
  snapshot,
  tcp,
  udp,
} from '../helpers/snapshots.ts';

fc.configureGlobal({ seed: 4000 });

const sampled = (sockets: readonly SocketLiteral[], circumstances: Circumstances = {}): Action => ({
  type: 'sampled',
  snapshot: snapshot(sockets, circumstances),
  ownersKnown: true,
});
const after = (state: State, ...actions: Action[]) => actions.reduce(reduce, state);
const showing = (sockets: readonly SocketLiteral[], circumstances?: Circumstances) =>
  after(initialState(), sampled(sockets, circumstances));
const rowsIn = (state: State) => [...rowsOf(state)];
const cell = (row: Row | undefined, column: keyof typeof COLUMNS) =>
  row && cellText(COLUMNS[column], row, NOON);
/** Port and addresses of each row, and how it is folded. */
const said = (state: State) =>
  rowsIn(state).map((row) => `${cell(row, 'port')} ${cell(row, 'addr')} ${row.fold}`);
const fold: Action = { type: 'fold' };
const foldAll: Action = { type: 'fold-all' };
const down: Action = { type: 'move', by: 1 };

const sshd = [held('sshd', 700)];
const ssh4 = tcp('0.0.0.0:22', { inode: 1, owners: sshd });
const ssh6 = tcp('[::]:22', { inode: 2, owners: sshd });
/** SO_REUSEPORT: each worker has a socket of its own. */
const workers = [10, 11, 12].map((pid) =>
  tcp('0.0.0.0:80', { inode: pid, uid: 33, owners: [held('nginx', pid)] }),
);

describe('sockets of one port', () => {
  it('are one row where the same process has them: both families, several addresses', () => {
    const names = ['127.0.0.1', '10.0.0.1', '10.0.0.2'].map((address, at) =>
      udp(`${address}:53`, { inode: 100 + at, owners: [held('named', 53)] }),
    );
    expect(said(showing([ssh4, ssh6, ...names]))).toEqual(['22 0.0.0.0  :: folded', '53 10.0.0.1 +2 folded']);
  });

  it('are one row where workers of one name and user share the address', () => {
    const [row] = rowsIn(showing(workers));
    expect(cell(row, 'addr')).toBe('0.0.0.0 ×3');
    expect(cell(row, 'command')).toBe('nginx ×3');
    expect(cell(row, 'pids')).toBe('10,11,12');
    expect(row?.socket.owners.map(({ pid }) => pid)).toEqual([10, 11, 12]);
  });

  it('are rows of their own where others have them, whatever these are called', () => {
    const resolved = udp('127.0.0.53:53', { inode: 1, owners: [held('systemd-resolve', 500)] });
    const masq = udp('10.0.0.1:53', { inode: 2, owners: [held('dnsmasq', 600)] });
    const [one, other] = [
      tcp('127.0.0.1:3000', { inode: 3, owners: [held('node', 900)] }),
      tcp('[::1]:3000', { inode: 4, owners: [held('node', 901)] }),
    ];
    expect(rowsIn(showing([resolved, masq, one, other]))).toHaveLength(4);
    const otherUser = { ...(workers[0] as SocketLiteral), inode: 20, uid: 34, owners: [held('nginx', 20)] };
    expect(rowsIn(showing([...workers, otherUser]))).toHaveLength(2);
  });

  it('without a known owner are one row for the same reason only, and say it', () => {
    const [one, other] = [tcp('0.0.0.0:111', { inode: 1 }), tcp('[::]:111', { inode: 2 })];
    const [row, ...more] = rowsIn(showing([one, other], { unreadable: { 1: 'EACCES' } }));
    expect(more).toEqual([]);
    expect(cell(row, 'command')).toBe('? not allowed');
    expect(rowsIn(showing([one, { ...other, owners: sshd }]))).toHaveLength(2);
  });

  it('in two network namespaces, or of two protocols, are two rows', () => {
    expect(
      rowsIn(
        showing([
          { ...ssh4, netns: 1 },
          { ...ssh6, netns: 2 },
        ]),
      ),
    ).toHaveLength(2);
    expect(rowsIn(showing([ssh4, udp('[::]:22', { inode: 3, owners: sshd })]))).toHaveLength(2);
  });

  it('say together what is worst, and how many are connected to any', () => {
    const full = tcp('127.0.0.1:80', { inode: 1, recvQueue: 129, sendQueue: 128, owners: [held('web', 7)] });
    const calm = tcp('[::]:80', { inode: 2, recvQueue: 0, sendQueue: 511, owners: [held('web', 7)] });
    const state = showing([full, calm], { source: 'sock_diag', connections: { 1: 40, 2: 2 } });
    const [row] = rowsIn(state) as [Row];
    expect(cell(row, 'queue')).toBe('129/128!');
    expect(cellTone(COLUMNS.queue, row)).toBe('danger');
    expect(cellGauge(COLUMNS.queue, row)).toBe(1);
    expect(cell(row, 'exposure')).toBe('all');
    expect(cellTone(COLUMNS.addr, row)).toBe('warning');
    expect(cell(row, 'conns')).toBe('42');
    expect(cell(row, 'proto')).toBe('tcp');
    expect(cell(row, 'inode')).toBe('1 +1');
  });

  it('that share an address have the same connections, which count once', () => {
    const connections = { 10: 9, 11: 9, 12: 9 };
    expect(cell(rowsIn(showing(workers, { connections }))[0], 'conns')).toBe('9');
  });

  it('are found by what any of them is, and then only those', () => {
    const keep: Action[] = [
      { type: 'filter' },
      { type: 'filter-edit', edit: { type: 'insert', text: 'proto:=tcp6' } },
      { type: 'filter-keep' },
    ];
    expect(said(after(showing([ssh4, ssh6]), ...keep))).toEqual(['22 :: alone']);
  });

  it('show on their row what came, and beside it what went', () => {
    const opened = after(showing([ssh4]), sampled([ssh4, ssh6], { at: 1 }));
    expect(rowsIn(opened).map(({ mark, closedAt }) => [mark, closedAt])).toEqual([['opened', null]]);
    const closed = after(showing([ssh4, ssh6]), sampled([ssh6], { at: 1 }));
    expect(rowsIn(closed).map(({ mark, closedAt }) => [mark, closedAt])).toEqual([
      ['closed', NOON + 1000],
      [null, null],
    ]);
    expect(rowsOf(closed).marks()).toEqual({ opened: 0, closed: 1 });
    const gone = after(showing([ssh4, ssh6]), sampled([], { at: 1 }));
    expect(rowsIn(gone).map(({ mark, closedAt }) => [mark, closedAt])).toEqual([['closed', NOON + 1000]]);
  });
});

describe('z', () => {
  const state = showing([ssh4, ssh6, ...workers]);

  it('shows each for itself, and makes them one row again', () => {
    const open = after(state, down, fold);
    expect(said(open)).toEqual([
      '22 0.0.0.0  :: folded',
      '80 0.0.0.0 first',
      '80 0.0.0.0 inner',
      '80 0.0.0.0 last',
    ]);
    expect(said(after(open, down, fold))).toEqual(said(state));
    expect(selection(after(open, down, down, fold))?.index).toBe(1);
  });

  it('does nothing to a row that stands for itself', () => {
    const alone = showing([ssh4]);
    expect(after(alone, fold)).toBe(alone);
  });

  it('as Z does so to all, and opens all where only some are', () => {
    expect(rowsIn(after(state, foldAll))).toHaveLength(5);
    expect(rowsIn(after(state, fold, foldAll))).toHaveLength(5);
    expect(rowsIn(after(state, foldAll, foldAll))).toHaveLength(2);
    expect(rowsIn(after(state, foldAll, fold))).toHaveLength(4);
  });

  it('stays as it was when sockets come and go', () => {
    const open = after(
      state,
      fold,
      sampled([ssh6, ...workers], { at: 1 }),
      sampled([ssh6, ...workers], { at: 9 }),
    );
    const back = after(open, sampled([ssh4, ssh6, ...workers], { at: 20 }));
    expect(rowsIn(back).filter(({ fold }) => fold !== 'folded')).toHaveLength(2);
  });
});

describe('the selection', () => {
  it('of several that are one row stays when the first of them is gone', () => {
    const first = after(showing([...workers, ssh4]), down);
    const left = workers.slice(1);
    const below = [tcp('0.0.0.0:25', { owners: [held('exim', 25)] }), ...left, ssh4];
    const state = after(first, sampled(below, { at: 1 }), sampled(below, { at: 9 }));
    expect(selection(state)?.row.socket?.local?.port).toBe(80);
    expect(ownerPids(state)).toEqual([11, 12]);
  });
});

describe('the selection, when the first of its row closes', () => {
  const below = [
    tcp('0.0.0.0:22', { inode: 1, owners: sshd }),
    tcp('0.0.0.0:443', { owners: [held('sql', 9)] }),
  ];
  const chosen = after(showing([...workers, ...below]), down);

  it('goes on with what is left of the row, whatever else closes in that look', () => {
    const left = [...workers.slice(1), ...below.slice(1)];
    const closed = after(chosen, sampled(left, { at: 1 }));
    expect(ownerPids(closed)).toEqual([11, 12]);
    expect(ownerPids(after(closed, sampled(left, { at: 9 })))).toEqual([11, 12]);
  });

  it('stays with it where each is a row of its own: that one was chosen', () => {
    const apart = after(showing([...workers, ...below]), down, fold);
    const closed = after(apart, sampled([...workers.slice(1), ...below], { at: 1 }));
    expect(selection(closed)?.row).toMatchObject({ mark: 'closed' });
    expect(ownerPids(closed)).toEqual([10]);
  });

  it('stays with it while nothing of the row is left', () => {
    const closed = after(chosen, sampled(below, { at: 1 }));
    expect(selection(closed)?.row).toMatchObject({ mark: 'closed' });
  });
});

describe('what has closed', () => {
  it('is no row with what closed in the same place before it', () => {
    const [old, next] = [10, 11].map((pid) => tcp('0.0.0.0:80', { inode: pid, owners: [held('web', pid)] }));
    const state = after(
      showing([ssh4, old as SocketLiteral]),
      sampled([ssh4, next as SocketLiteral], { at: 1 }),
      sampled([ssh4], { at: 2 }),
    );
    expect(rowsIn(state).map(({ fold, mark }) => `${fold} ${mark}`)).toEqual([
      'alone null',
      'alone closed',
      'alone closed',
    ]);
  });
});

describe('T', () => {
  it('puts a closed socket with no other process that has its pid now', () => {
    const old = tcp('0.0.0.0:80', { inode: 5, owners: [held('nginx', 10)] });
    const now = tcp('127.0.0.1:5432', { inode: 6, owners: [held('postgres', 10)] });
    const state = after(showing([old]), { type: 'tree' }, sampled([now], { at: 1 }));
    expect(rowsIn(state).map(({ fold, mark }) => [fold, mark])).toEqual([
      ['alone', 'closed'],
      ['alone', 'opened'],
    ]);
  });

  it('puts the sockets of a process together, each for itself', () => {
    const web = tcp('0.0.0.0:443', { owners: sshd });
    const state = after(showing([ssh4, ...workers, web]), { type: 'tree' });
    expect(said(state).slice(0, 2)).toEqual(['22 0.0.0.0 first', '443 0.0.0.0 last']);
    expect(said(after(state, fold))[0]).toBe('22 +1 0.0.0.0 ×2 folded');
    expect(said(after(state, { type: 'tree' }))).toEqual(said(showing([ssh4, ...workers, web])));
  });
});

test('however sockets are put together, all are there once, and the folded ones are no others', () => {
  const socket = fc
    .record({
      port: fc.constantFrom(22, 80),
      address: fc.constantFrom('0.0.0.0', '127.0.0.1', '[::]'),
      protocol: fc.constantFrom(tcp, udp),
      uid: fc.constantFrom(0, 33),
      owners: fc.subarray([held('a', 1), held('a', 2), held('b', 3)]),
    })
    .map(
      ({ port, address, protocol, ...more }) =>
        (inode: number) =>
          protocol(`${address}:${port}`, { inode, ...more }),
    );
  const worlds = fc.array(socket, { maxLength: 12 }).map((all) => all.map((make, at) => make(at + 1)));
  const steps = fc.array(fc.constantFrom<Action>(fold, foldAll, down, { type: 'tree' }), { maxLength: 8 });
  const inodes = (sockets: readonly Pick<Socket, 'inode'>[]) =>
    sockets.map(({ inode }) => inode).sort((a, b) => a - b);
  fc.assert(
    fc.property(worlds, worlds, steps, (before, now, actions) => {
      const state = after(showing(before), ...actions, sampled(now, { at: 6 }), sampled(now, { at: 12 }));
      const members = rowsIn(state).flatMap(({ members, facts, row }) =>
        (members ?? [{ facts, row }]).map((each) => each.facts.socket(each.row)),
      );
      expect(inodes(members)).toEqual(inodes(now.map(({ inode = 0 }) => ({ inode }))));
      expect(rowsOf(state).unfolded).toBe(now.length);
      for (const row of rowsIn(state)) {
        const index = rowsOf(state).indexOf(row.identity);
        expect(rowsOf(state).at(index)).toBe(row);
        const ports = new Set((row.members ?? []).map(({ facts, row }) => facts.table.localPort[row]));
        if (state.tables.listening.grouping === 'port') expect(ports.size).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 200 },
  );
});
