import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { filterRows } from '../../src/query/filter.ts';
import type { Snapshot } from '../../src/sockets/snapshot.ts';
import { SocketChanges, type SocketEvent, type Watched } from '../../src/store/changes.ts';
import {
  type Circumstances,
  connection,
  EVERYTHING,
  held,
  NOON,
  type SocketLiteral,
  snapshot,
  tcp,
  udp,
} from '../helpers/snapshots.ts';

fc.configureGlobal({ seed: 4000 });

const EVERY: Watched = { scope: 'all', matches: () => true, pids: null };
const LISTENING: Watched = { ...EVERY, scope: 'listening' };

const at = (seconds: number, sockets: SocketLiteral[], more: Circumstances = {}) =>
  snapshot(sockets, { at: seconds, source: 'sock_diag', ...more });

/** As the kernel announces it: closed, without its inode. */
const announced = (seconds: number, ...sockets: SocketLiteral[]) =>
  at(
    seconds,
    sockets.map((socket) => ({
      ...socket,
      state: socket.protocol === 'udp' ? socket.state : 'CLOSE',
      inode: 0,
      owners: [],
    })),
  );

/** What is told, as a person would note it down: `1s opened 80 ← nginx`. */
function noted(events: readonly SocketEvent[]): string[] {
  return events.map(({ time, event, socket: { local, remote, owners, ownerUnknown, state } }) => {
    const who = owners.map(({ command, fd }) => `${command}/${fd}`).join(' ') || ownerUnknown;
    const ends = remote ? `${local?.port}-${remote.port}` : `${local?.port}`;
    return `${(time.getTime() - NOON) / 1000}s ${event} ${ends} ${state} ← ${who}`;
  });
}

class Watch {
  readonly changes: SocketChanges;
  /** A watch that began with these. */
  constructor(watched: Watched, ...sockets: SocketLiteral[]) {
    this.changes = new SocketChanges(watched);
    expect(this.look(at(0, sockets))).toEqual([]);
  }

  /** What a look tells, whose owners are found at once. */
  look(of: Snapshot): string[] {
    return noted([...this.changes.look(of), ...this.changes.attribute(of.renamed())]);
  }

  hears(of: Snapshot): string[] {
    return noted(this.changes.destroyed(of));
  }
}

const web = tcp('127.0.0.1:80', { cookie: 1, owners: [held('nginx', 812, { fd: 6 })] });
const ssh = tcp('0.0.0.0:22', { cookie: 2, owners: [held('sshd', 700, { fd: 3 })] });
const dns = udp('127.0.0.1:53', { cookie: 3, owners: [held('named', 600, { fd: 4 })] });
const peer = connection('10.0.0.1:80', '10.0.0.2:40000', {
  cookie: 4,
  inode: 9,
  owners: [held('nginx', 812, { fd: 7 })],
});

describe('a look at more than before, or at less', () => {
  const [web, ssh] = [
    tcp('0.0.0.0:80', { inode: 1, owners: [held('nginx', 812)] }),
    tcp('0.0.0.0:22', { inode: 2, owners: [held('sshd', 700)] }),
  ];
  const narrow: Circumstances = { wanted: { ...EVERYTHING, ports: [{ from: 80, to: 80 }] } };

  it('tells nothing of what was there, and then what becomes of it', () => {
    const watch = new Watch(LISTENING);
    expect(watch.look(at(1, [web], narrow))).toEqual(['1s opened 80 LISTEN ← nginx/3']);
    expect(watch.look(at(2, [web, ssh]))).toEqual([]);
    expect(watch.look(at(3, [web]))).toEqual(['3s closed 22 LISTEN ← sshd/3']);
  });

  it('waits for nothing that is looked at no more', () => {
    const watch = new Watch(EVERY, web);
    watch.changes.look(at(1, [web, ssh]));
    watch.look(at(2, [web], narrow));
    expect(watch.changes.waiting).toBe(false);
  });
});

describe('looks alone', () => {
  it('tell nothing of what is there at the start', () => {
    const watch = new Watch(EVERY, web, ssh, peer);
    expect(watch.look(at(1, [web, ssh, peer]))).toEqual([]);
  });

  it('tell who opened a socket, and who had it when it closed', () => {
    const watch = new Watch(EVERY, ssh);
    expect(watch.look(at(1, [ssh, web]))).toEqual(['1s opened 80 LISTEN ← nginx/6']);
    expect(watch.look(at(2, [ssh, web]))).toEqual([]);
    expect(watch.look(at(3, [web]))).toEqual(['3s closed 22 LISTEN ← sshd/3']);
  });

  it('tell when the descriptors that lead to a socket are others', () => {
    const shared = { ...web, owners: [held('nginx', 812, { fd: 6 }), held('nginx', 813, { fd: 6 })] };
    const watch = new Watch(EVERY, web);
    expect(watch.look(at(1, [shared]))).toEqual(['1s owner 80 LISTEN ← nginx/6 nginx/6']);
    expect(watch.look(at(2, [web]))).toEqual(['2s owner 80 LISTEN ← nginx/6']);
  });

  it('tell nothing when a process only has another name', () => {
    const renamed = { ...web, owners: [held('caddy', 812, { fd: 6 })] };
    const watch = new Watch(EVERY, web);
    const after = at(1, [renamed]);
    expect(noted([...watch.changes.look(after), ...watch.changes.attribute(after, true)])).toEqual([]);
    expect(watch.look(at(2, []))).toEqual(['2s closed 80 LISTEN ← caddy/6']);
  });

  it('wait with an opened socket until its owner was looked for, and then no longer', () => {
    const watch = new Watch(EVERY);
    const unowned = (seconds: number) => at(seconds, [web], { unowned: true });
    expect(watch.look(unowned(1))).toEqual([]);
    expect(watch.look(at(2, [web]))).toEqual(['1s opened 80 LISTEN ← nginx/6']);

    const later = new Watch(EVERY);
    expect(later.look(unowned(1))).toEqual([]);
    expect(later.look(unowned(2))).toEqual(['1s opened 80 LISTEN ← no-process']);
    expect(later.look(at(3, [web]))).toEqual(['3s owner 80 LISTEN ← nginx/6']);
  });

  it('tell of a socket that closed before its owner was found that it did both', () => {
    const watch = new Watch(EVERY);
    watch.look(at(1, [web], { unowned: true }));
    expect(watch.look(at(2, []))).toEqual(['1s opened 80 LISTEN ← gone', '2s closed 80 LISTEN ← gone']);
  });

  it('tell of a connection that is accepted that it has an owner now', () => {
    const unaccepted = { ...peer, inode: 0, owners: [] };
    const watch = new Watch(EVERY);
    expect(watch.look(at(1, [unaccepted]))).toEqual(['1s opened 80-40000 ESTABLISHED ← unaccepted']);
    expect(watch.look(at(2, [peer]))).toEqual(['2s owner 80-40000 ESTABLISHED ← nginx/7']);
  });

  it.each(['FIN_WAIT1', 'FIN_WAIT2', 'LAST_ACK', 'CLOSING', 'TIME_WAIT'] as const)(
    'hold a connection that nobody can hold for closed: %s',
    (state) => {
      const remnant = { ...peer, state, inode: 0, owners: [] };
      const watch = new Watch(EVERY, peer);
      expect(watch.look(at(1, [remnant]))).toEqual(['1s closed 80-40000 ESTABLISHED ← nginx/7']);
      expect(watch.look(at(2, []))).toEqual([]);
      expect(new Watch(EVERY).look(at(1, [remnant]))).toEqual([]);
    },
  );

  it('tell of an end that was shut down only once its descriptor is closed', () => {
    const shut = { ...peer, state: 'FIN_WAIT2' as const };
    const watch = new Watch(EVERY, peer);
    expect(watch.look(at(1, [shut]))).toEqual([]);
    expect(watch.look(at(2, []))).toEqual(['2s closed 80-40000 FIN_WAIT2 ← nginx/7']);
  });

  it('tell only of sockets that listen, where no more is watched', () => {
    const asking = udp('127.0.0.1:4000', {
      remote: '10.0.0.3:53',
      state: 'ESTABLISHED',
      cookie: 8,
      inode: 8,
    });
    const watch = new Watch(LISTENING);
    expect(watch.look(at(1, [web, dns, asking]))).toEqual([
      '1s opened 80 LISTEN ← nginx/6',
      '1s opened 53 UNCONN ← named/4',
    ]);
  });

  it('tell only of sockets that a process holds, or held until now', () => {
    const watch = new Watch({ ...EVERY, pids: new Set([813]) }, web);
    const both = { ...web, owners: [...(web.owners ?? []), held('nginx', 813, { fd: 6 })] };
    expect(watch.look(at(1, [web, ssh]))).toEqual([]);
    expect(watch.look(at(2, [both]))).toEqual(['2s owner 80 LISTEN ← nginx/6 nginx/6']);
    expect(watch.look(at(3, [web]))).toEqual(['3s owner 80 LISTEN ← nginx/6']);
    expect(watch.look(at(4, []))).toEqual([]);
  });
});

describe('a filter', () => {
  const passing =
    (text: string): Watched['passes'] =>
    (rows, row, now) =>
      filterRows({ text, kept: true }, [], now)(rows, row);

  it('leaves what passes it with its owners, as they are or were until now', () => {
    // By which the process is known all the time.
    const other = tcp('127.0.0.1:81', { owners: web.owners ?? [] });
    const watch = new Watch({ ...EVERY, passes: passing('command:nginx') }, other);
    const alone = { ...web, owners: [] };
    expect(watch.look(at(1, [other, web, ssh]))).toEqual(['1s opened 80 LISTEN ← nginx/6']);
    expect(watch.look(at(2, [other, alone, ssh]))).toEqual(['2s owner 80 LISTEN ← no-process']);
    expect(watch.look(at(3, [other, ssh]))).toEqual([]);
  });

  it('leaves what is closed by who had it last', () => {
    const watch = new Watch({ ...EVERY, passes: passing('command:nginx port:80') }, web, peer);
    expect(watch.hears(announced(0.5, peer))).toEqual(['0.5s closed 80-40000 ESTABLISHED ← nginx/7']);
    expect(watch.look(at(1, []))).toEqual(['1s closed 80 LISTEN ← nginx/6']);
  });
});

describe('an announcement', () => {
  it('closes a socket at once, as it was last seen, and the next look not again', () => {
    const watch = new Watch(EVERY, web, peer);
    expect(watch.hears(announced(0.5, peer))).toEqual(['0.5s closed 80-40000 ESTABLISHED ← nginx/7']);
    expect(watch.look(at(1, [web]))).toEqual([]);
  });

  it('of what the last look has told already tells nothing', () => {
    const watch = new Watch(EVERY, web, peer);
    watch.look(at(1, [web]));
    expect(watch.hears(announced(1.1, peer))).toEqual([]);
  });

  it('closes a connection of which TIME_WAIT is left, and that is no socket', () => {
    const left = { ...peer, state: 'TIME_WAIT' as const, inode: 0, owners: [] };
    const watch = new Watch(EVERY, peer);
    expect(watch.hears(announced(0.5, peer))).toHaveLength(1);
    expect(watch.look(at(1, [left]))).toEqual([]);
    expect(watch.look(at(61, []))).toEqual([]);
  });

  it('tells of a socket that no look has seen that it closed', () => {
    const watch = new Watch(EVERY, web);
    expect(watch.hears(announced(0.5, peer))).toEqual(['0.5s closed 80-40000 CLOSE ← gone']);
    // Nobody had asked for its cookie: what is left of it has another.
    const left = { ...peer, cookie: 99, state: 'TIME_WAIT' as const, inode: 0, owners: [] };
    expect(watch.look(at(1, [web, left]))).toEqual([]);
    expect(watch.look(at(61, [web]))).toEqual([]);
  });

  it('of a connection that was a remnant when it was first seen tells that it closed', () => {
    const orphan = { ...peer, state: 'LAST_ACK' as const, inode: 0, owners: [] };
    const watch = new Watch(EVERY);
    expect(watch.look(at(1, [orphan]))).toEqual([]);
    expect(watch.hears(announced(1.5, orphan))).toEqual(['1.5s closed 80-40000 CLOSE ← gone']);
    const sinceTheStart = new Watch(EVERY, orphan);
    expect(sinceTheStart.look(at(100, [orphan]))).toEqual([]);
    expect(sinceTheStart.hears(announced(100.5, orphan))).toEqual([]);
  });

  it('of a socket whose owner is still looked for tells that it opened, too', () => {
    const watch = new Watch(EVERY);
    watch.look(at(1, [web], { unowned: true }));
    expect(watch.hears(announced(1.5, web))).toEqual([
      '1s opened 80 LISTEN ← gone',
      '1.5s closed 80 LISTEN ← gone',
    ]);
    expect(watch.look(at(2, []))).toEqual([]);
  });

  it('of an unseen one counts where only listeners do, if it listened or was bound', () => {
    const watch = new Watch(LISTENING);
    const asking = udp('127.0.0.1:4000', { remote: '10.0.0.3:53', state: 'ESTABLISHED', cookie: 8 });
    expect(watch.hears(announced(0.5, web, dns, peer, asking))).toEqual([
      '0.5s closed 80 CLOSE ← gone',
      '0.5s closed 53 UNCONN ← gone',
    ]);
  });

  it('before the first look, of another target, or of another source, tells nothing', () => {
    expect(new SocketChanges(EVERY).destroyed(announced(0, web))).toEqual([]);
    const only22: Watched = { ...EVERY, matches: ({ table }, row) => table.localPort[row] === 22 };
    expect(new Watch(only22, web).hears(announced(0.5, web, peer))).toEqual([]);
    const byProc = new SocketChanges(EVERY);
    byProc.look(at(0, [], { source: 'proc' }));
    expect(byProc.destroyed(announced(0.5, web))).toEqual([]);
  });
});

/** A connection as long as it lives: from when on, and how long; whether TIME_WAIT is left of it. */
type Life = { opened: number; lasted: number; leaves: boolean; late: number };

test('every connection is told exactly once, whenever it comes and goes, and however late it is announced', () => {
  const life: fc.Arbitrary<Life> = fc.record({
    opened: fc.integer({ min: 1, max: 60 }),
    lasted: fc.integer({ min: 0, max: 40 }),
    leaves: fc.boolean(),
    late: fc.integer({ min: 0, max: 10 }),
  });
  fc.assert(
    fc.property(fc.array(life, { maxLength: 8 }), fc.integer({ min: 3, max: 20 }), (lives, interval) => {
      const sockets = lives.map(({ opened, lasted, ...more }, number) => ({
        ...more,
        opened,
        closed: opened + lasted,
        socket: connection('10.0.0.1:80', `10.0.0.2:${41_000 + number}`, {
          cookie: number + 1,
          inode: number + 1,
          owners: [held('nginx', 812, { fd: number + 10 })],
        }),
      }));
      const seen = new Set<number>();
      const changes = new SocketChanges(EVERY);
      const told: SocketEvent[] = [];
      for (let now = 0; now < 160; now++) {
        const heard = sockets.filter(({ closed, late }) => closed + late === now);
        if (heard.length > 0)
          told.push(...changes.destroyed(announced(now, ...heard.map(({ socket }) => socket))));
        if (now % interval !== 0) continue;
        const there = sockets.flatMap(({ opened, closed, leaves, socket }, number) => {
          if (opened <= now && now < closed) {
            seen.add(number);
            return [socket];
          }
          if (!leaves || now < closed || now >= closed + 60) return [];
          const cookie = seen.has(number) ? socket.cookie : 1000 + number;
          return [{ ...socket, cookie, state: 'TIME_WAIT' as const, inode: 0, owners: [] }];
        });
        const look = at(now, there as SocketLiteral[]);
        told.push(...changes.look(look), ...changes.attribute(look.renamed()));
      }
      const of = (number: number) =>
        told
          .filter(({ socket }) => socket.remote?.port === 41_000 + number)
          .map(({ event, socket }) => `${event} ${socket.owners.length || socket.ownerUnknown}`);
      for (const number of sockets.keys()) {
        expect(of(number)).toEqual(seen.has(number) ? ['opened 1', 'closed 1'] : ['closed gone']);
      }
    }),
    { numRuns: 300 },
  );
});
