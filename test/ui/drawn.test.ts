import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { reduce } from '../../src/store/reduce.ts';
import { type Action, initialState, type State } from '../../src/store/state.ts';
import { EMPTY, type SafeText, safe } from '../../src/text/safe.ts';
import { DrawnState } from '../../src/ui/drawn.ts';
import type { Size } from '../../src/ui/layout.ts';
import { processes, running } from '../helpers/processes.ts';
import {
  type Circumstances,
  connection,
  held,
  NOON,
  type SocketLiteral,
  snapshot,
  tcp,
} from '../helpers/snapshots.ts';

fc.configureGlobal({ seed: 4000 });

const SIZE: Size = { columns: 80, rows: 24 };
const after = (state: State, ...actions: Action[]) => actions.reduce(reduce, state);
const sampled = (sockets: readonly SocketLiteral[], circumstances: Circumstances = {}): Action => ({
  type: 'sampled',
  snapshot: snapshot(sockets, circumstances),
  ownersKnown: !circumstances.unowned,
});
const ssh = tcp('0.0.0.0:22', { owners: [held('sshd', 700)] });
const web = tcp('0.0.0.0:80', { owners: [held('nginx', 812)] });
const many = Array.from({ length: 200 }, (_, at) => tcp(`0.0.0.0:${1000 + at}`));

/** What is drawn of one state after another, from nothing on; what stands around the table says nothing. */
class Drawing {
  readonly #drawn = new DrawnState();
  #state = initialState();
  size = SIZE;
  around: (state: State) => readonly SafeText[] = () => [];

  get state(): State {
    return this.#state;
  }

  draw(...actions: Action[]): State {
    this.#state = after(this.#state, ...actions);
    return this.#drawn.of(this.#state, this.size, this.around);
  }
}

describe('what is drawn', () => {
  it('is the first state, whatever it is', () => {
    const drawing = new Drawing();
    expect(drawing.draw()).toBe(drawing.state);
    expect(drawing.draw()).toBe(drawing.state);
  });

  it('is the same as before after a sample that looks the same', () => {
    const drawing = new Drawing();
    const before = drawing.draw(sampled([ssh, web]));
    for (const at of [1, 2, 3]) expect(drawing.draw(sampled([ssh, web], { at }))).toBe(before);
    expect(drawing.state).not.toBe(before);
  });

  it('is the same as before when the host was only looked at', () => {
    const drawing = new Drawing();
    const before = drawing.draw(sampled([ssh, web]));
    expect(drawing.draw({ type: 'looked', now: before.now + 1000, connected: 5, freshness: 10_000 })).toBe(
      before,
    );
  });

  it.each<[string, SocketLiteral[], Circumstances]>([
    ['a row', [ssh], {}],
    ['a queue', [ssh, { ...web, recvQueue: 3 }], {}],
    ['an owner', [ssh, { ...web, owners: [held('caddy', 812)] }], {}],
    ['whether an owner is still looked for', [ssh, web], { unowned: true }],
    ['why there is no owner', [ssh, { ...web, owners: [] }], { unreadable: { 7: 'EACCES' } }],
    ['a name', [ssh, web], { services: { '80/tcp': 'http' } }],
    ['another socket on the same port', [ssh, { ...web, inode: 4711 }], {}],
    ['an age', [ssh, web], { at: 86_400 }],
  ])('is new when what is in sight is: %s', (_, sockets, circumstances) => {
    const drawing = new Drawing();
    drawing.draw(sampled([ssh, web]));
    expect(drawing.draw(sampled(sockets, { at: 1, ...circumstances }))).toBe(drawing.state);
  });

  it('has ages of minutes that turn within the same ten seconds together, and seconds as they pass', () => {
    const drawing = new Drawing();
    const since = (seconds: number) => ({ started: new Date(NOON + seconds * 1000).toISOString() });
    const young = [0, 3, 7].map((seconds, at) =>
      tcp(`0.0.0.0:${80 + at}`, { owners: [held('nginx', 812 + at, since(seconds))] }),
    );
    const drawnAt: number[] = [];
    let before = drawing.draw(sampled(young, { at: 8 }));
    for (let at = 9; at <= 200; at++) {
      const drawn = drawing.draw(sampled(young, { at }));
      if (drawn !== before) drawnAt.push(at);
      before = drawn;
    }
    const seconds = [10, 20, 30, 40, 50].flatMap((full) => [full, full + 3, full + 7]);
    expect(drawnAt).toEqual([...seconds, 60, 70, 120, 130, 180, 190]);
  });

  it('is new when a mark goes, though the row stays', () => {
    const drawing = new Drawing();
    drawing.draw(sampled([ssh]));
    const marked = drawing.draw(sampled([ssh, web], { at: 1 }));
    expect(drawing.draw(sampled([ssh, web], { at: 2 }))).toBe(marked);
    expect(drawing.draw(sampled([ssh, web], { at: 7 }))).toBe(drawing.state);
  });

  it('is the same as before after a look at processes that look the same, and new after another', () => {
    const drawing = new Drawing();
    const all = [running('nginx', 812), running('node', 900)];
    const looked = (at: number, more = {}): Action => ({
      type: 'processes',
      processes: processes(
        all.map((process) => ({ ...process, ...more })),
        { at, before: drawing.state.processes },
      ),
    });
    const before = drawing.draw(sampled([ssh]), { type: 'view', name: 'processes' }, looked(0));
    expect(drawing.draw(looked(1))).toBe(before);
    expect(drawing.draw(looked(2, { vszBytes: 1 << 30, cpuTimeSeconds: 1.9 }))).toBe(before);
    expect(drawing.draw(looked(3, { cpuTimeSeconds: 2 }))).toBe(drawing.state);
    expect(drawing.draw(looked(4, { cpuTimeSeconds: 2, startTicks: 7 }))).toBe(drawing.state);
  });

  it('is the same as before after a change that is out of sight', () => {
    const drawing = new Drawing();
    const before = drawing.draw(sampled(many));
    const changed = many.map((socket, at) => (at < 100 ? socket : { ...socket, recvQueue: 7, uid: 33 }));
    expect(drawing.draw(sampled(changed, { at: 1 }))).toBe(before);
  });

  it('is new when what was out of sight comes into it', () => {
    const drawing = new Drawing();
    const before = drawing.draw(sampled(many));
    const changed = many.map((socket, at) => (at === 100 ? { ...socket, recvQueue: 7 } : socket));
    expect(drawing.draw(sampled(changed, { at: 1 }))).toBe(before);
    expect(drawing.draw({ type: 'edge', to: 'last' })).toBe(drawing.state);
    expect(drawing.draw({ type: 'move', by: -99 })).toBe(drawing.state);
  });

  it('is new after a change that is out of sight on a small screen alone, once the screen is large', () => {
    const drawing = new Drawing();
    const before = drawing.draw(sampled(many));
    const changed = many.map((socket, at) => (at === 50 ? { ...socket, recvQueue: 7 } : socket));
    expect(drawing.draw(sampled(changed, { at: 1 }))).toBe(before);
    drawing.size = { columns: 80, rows: 100 };
    expect(drawing.draw()).toBe(drawing.state);
  });

  it('has every line that is in sight, wherever the table was scrolled to', () => {
    // The selected row is the last line of the screen, or the first: so far away may a line in sight be.
    for (const selected of [0, 100, 199]) {
      for (const distance of [-20, -1, 0, 1, 20]) {
        const at = selected + distance;
        if (at < 0 || at >= many.length) continue;
        const drawing = new Drawing();
        drawing.draw(sampled(many), { type: 'move', by: selected });
        const changed = many.map((socket, index) => (index === at ? { ...socket, recvQueue: 7 } : socket));
        expect(drawing.draw(sampled(changed, { at: 1 }))).toBe(drawing.state);
      }
    }
  });

  it('is new when what stands around the table is', () => {
    const drawing = new Drawing();
    let said = 'one';
    drawing.around = () => [EMPTY, safe(said)];
    const before = drawing.draw(sampled([ssh]));
    expect(drawing.draw(sampled([ssh], { at: 1 }))).toBe(before);
    said = 'two';
    expect(drawing.draw(sampled([ssh], { at: 2 }))).toBe(drawing.state);
  });

  it('is new when the state before the last was drawn and this one looks as the last did', () => {
    const drawing = new Drawing();
    const first = drawing.draw(sampled([ssh, web]));
    const second = drawing.draw(sampled([ssh], { at: 1 }));
    expect(second).not.toBe(first);
    const third = drawing.draw(sampled([ssh, web], { at: 9 }), sampled([ssh, web], { at: 19 }));
    expect(third).toBe(drawing.state);
  });

  const keys: Action[] = [
    { type: 'move', by: 1 },
    { type: 'view', name: 'sockets' },
    { type: 'view', name: 'processes' },
    { type: 'view', name: 'services' },
    { type: 'open' },
    { type: 'filter' },
    { type: 'filter-keep' },
    { type: 'sort' },
    { type: 'sort-by', by: 1 },
    { type: 'sort-reverse' },
    { type: 'toggle-protocol', protocol: 'udp' },
    { type: 'reveal' },
    { type: 'numeric' },
    { type: 'pause' },
    { type: 'interval-by', by: 1 },
    { type: 'help' },
    { type: 'failed', why: 'cannot read it' },
  ];
  test.each(keys.map((action) => [JSON.stringify(action), action] as const))(
    'is new after a key: %s',
    (_, action) => {
      const drawing = new Drawing();
      drawing.draw(sampled([ssh, web]));
      expect(drawing.draw(action)).toBe(drawing.state);
    },
  );

  it('is new when what failed works again', () => {
    const drawing = new Drawing();
    drawing.draw(sampled([ssh]), { type: 'failed', why: 'cannot read it' });
    expect(drawing.draw(sampled([ssh], { at: 1 })).failure).toBeNull();
  });

  it('never differs from what is in sight now, whatever comes and is pressed', () => {
    const pool = [ssh, web, ...many.slice(0, 60), connection('10.0.0.1:80', '10.0.0.2:9')];
    const samples = fc.record({
      sockets: fc.subarray(pool, { minLength: 55 }),
      passed: fc.constantFrom(0, 1, 6),
      queue: fc.nat(1),
    });
    const steps = fc.array(fc.oneof(samples, samples, fc.constantFrom(...keys)), { maxLength: 20 });
    fc.assert(
      fc.property(steps, (all) => {
        const drawing = new Drawing();
        let at = 0;
        for (const step of all) {
          if ('sockets' in step) at += step.passed;
          const action =
            'sockets' in step
              ? sampled(
                  step.sockets.map((socket) => ({ ...socket, recvQueue: step.queue })),
                  { at },
                )
              : step;
          const drawn = drawing.draw(action);
          // Another one that draws each for the first time sees whether they look alike.
          const fresh = new DrawnState();
          fresh.of(drawn, SIZE, () => []);
          expect(fresh.of(drawing.state, SIZE, () => [])).toBe(drawn);
        }
      }),
      { numRuns: 60 },
    );
  });
});
