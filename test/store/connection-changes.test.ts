import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { ConnectionChanges, LISTED } from '../../src/store/connection-changes.ts';
import type { Occurrence } from '../../src/store/timeline.ts';
import {
  type Circumstances,
  connection,
  held,
  type SocketLiteral,
  snapshot,
  tcp,
} from '../helpers/snapshots.ts';

fc.configureGlobal({ seed: 4000 });

const at = (seconds: number, sockets: readonly SocketLiteral[], more: Circumstances = {}) =>
  snapshot(sockets, { at: seconds, source: 'sock_diag', ...more });
/** As the kernel announces them: closed, without inode and owner. */
const announced = (seconds: number, ...sockets: SocketLiteral[]) =>
  at(
    seconds,
    sockets.map((socket) => ({ ...socket, state: 'CLOSE', inode: 0, owners: [] })),
  );
const every = () => true;

const web = tcp('10.0.0.1:80', { cookie: 1 });
const peers = Array.from({ length: 6 }, (_, index) =>
  connection('10.0.0.1:80', `10.0.0.2:${4001 + index}`, {
    cookie: 10 + index,
    inode: 10 + index,
    owners: [held('nginx', 812)],
  }),
);
const [peer, other] = peers as [SocketLiteral, SocketLiteral];

/** `opened 4001 ← nginx`, of the other end. */
const noted = (occurrences: readonly Occurrence[]) =>
  occurrences.map(({ happening, many, socket: { remote, owners, ownerUnknown } }) =>
    many > 0 ? `${many} ${happening}` : `${happening} ${remote?.port} ← ${owners[0]?.name ?? ownerUnknown}`,
  );

class Watch {
  readonly changes = new ConnectionChanges();

  look(seconds: number, sockets: readonly SocketLiteral[], more?: Circumstances): string[] {
    const looked = at(seconds, sockets, more);
    this.changes.look(looked);
    return noted(this.changes.take(looked));
  }
}

describe('connections', () => {
  it('that close are told by whoever tells first, once, with who had them', () => {
    const watch = new Watch();
    watch.look(0, [web, peer, other]);
    watch.changes.destroyed(announced(1, peer), every);
    expect(watch.look(1, [web])).toEqual(['closed 4001 ← nginx', 'closed 4002 ← nginx']);
    watch.changes.destroyed(announced(2, other), every);
    expect(watch.look(3, [web])).toEqual([]);
  });

  it('that no look has seen are told as they are announced, without an owner', () => {
    const watch = new Watch();
    watch.look(0, [web]);
    watch.changes.destroyed(announced(1, web, peer), every);
    expect(watch.look(1, [web])).toEqual(['closed 4001 ← gone']);
  });

  it('whose owner is never found are told when they close', () => {
    const watch = new Watch();
    watch.look(0, [web]);
    expect(watch.look(1, [web, peer], { unowned: true })).toEqual([]);
    expect(watch.look(2, [web])).toEqual(['opened 4001 ← gone', 'closed 4001 ← gone']);
  });

  it('that are announced by another source than they were read by are not mistaken for each other', () => {
    const watch = new Watch();
    watch.changes.look(at(0, [web, peer], { source: 'proc' }));
    watch.changes.destroyed(
      announced(1, { ...other, cookie: at(0, [peer], { source: 'proc' }).identity(0) }),
      every,
    );
    expect(noted(watch.changes.take(at(1, [web, peer], { source: 'proc' })))).toEqual(['closed 4002 ← gone']);
  });

  it('of which there are too many at once are counted', () => {
    const many = Array.from({ length: LISTED + 7 }, (_, index) =>
      connection('10.0.0.1:80', `10.0.0.2:${index + 1}`, { cookie: 100 + index }),
    );
    const watch = new Watch();
    watch.look(0, [web]);
    watch.changes.destroyed(announced(1, ...many), every);
    expect(watch.look(1, [web]).at(-1)).toBe('7 closed');
  });

  test('whether an announcement comes before or after the look, each coming and going is told once', () => {
    const step = fc.record({ there: fc.subarray(peers), early: fc.subarray(peers) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const watch = new Watch();
        const told: string[] = [];
        const expected: string[] = [];
        const dead = new Set<SocketLiteral>();
        let before: readonly SocketLiteral[] | null = null;
        for (const [second, { there: wanted, early }] of steps.entries()) {
          // A cookie never comes back.
          const there = wanted.filter((socket) => !dead.has(socket));
          const gone = before?.filter((socket) => !there.includes(socket)) ?? [];
          for (const socket of gone) {
            dead.add(socket);
            expected.push(`closed ${socket.remote?.split(':')[1]} ← nginx`);
          }
          if (before) {
            const came = there.filter((socket) => !before?.includes(socket));
            expected.push(...came.map(({ remote }) => `opened ${remote?.split(':')[1]} ← nginx`));
          }
          const [first, last] = [
            gone.filter((s) => early.includes(s)),
            gone.filter((s) => !early.includes(s)),
          ];
          watch.changes.destroyed(announced(second, ...first), every);
          told.push(...watch.look(second, [web, ...there]));
          watch.changes.destroyed(announced(second, ...last), every);
          before = there;
        }
        told.push(...noted(watch.changes.take(at(99, [web, ...(before ?? [])]))));
        expect(told.sort()).toEqual(expected.sort());
      }),
    );
  });
});
