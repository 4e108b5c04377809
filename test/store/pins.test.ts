import { describe, expect, it, test } from 'vitest';
import { identityOf } from '../../src/processes/process-list.ts';
import { isCalm } from '../../src/store/lifecycle.ts';
import { keptProcesses } from '../../src/store/pins.ts';
import { reduce } from '../../src/store/reduce.ts';
import { selection, shownRows } from '../../src/store/shown.ts';
import { type Action, initialState, type State } from '../../src/store/state.ts';
import { type ProcessLiteral, processes, running } from '../helpers/processes.ts';
import { connection, held, type SocketLiteral, snapshot, tcp, udp } from '../helpers/snapshots.ts';

const after = (state: State, ...actions: Action[]) => actions.reduce(reduce, state);
const at = (second: number, ...sockets: SocketLiteral[]): Action => ({
  type: 'sampled',
  snapshot: snapshot(sockets, { at: second }),
  ownersKnown: true,
});
const only = (second: number, ...sockets: SocketLiteral[]): Action => ({
  type: 'sampled',
  snapshot: snapshot(sockets, {
    at: second,
    wanted: { protocols: ['tcp', 'udp'], families: ['ipv4', 'ipv6'], scope: 'listening', ports: null },
  }),
  ownersKnown: true,
});
const move = (by: number): Action => ({ type: 'move', by });
const pin: Action = { type: 'pin' };
const follow: Action = { type: 'follow' };

/** The rows as a person sees them: `▌·80 nginx`; pinned are those with a dot. */
function shown(state: State): string[] {
  const index = selection(state)?.index;
  return [...shownRows(state)].map(({ mark, pinned, socket, process }, row) => {
    const sign = mark === 'opened' ? '+' : mark === 'closed' ? '-' : '';
    const what = process ? `${process.command} ${process.pid}` : `${socket?.local?.port}`;
    const who = socket ? socket.owners.map(({ pid }) => ` ${pid}`).join('') : '';
    return `${row === index ? '▌' : ''}${pinned ? '·' : ''}${sign}${what}${who}`;
  });
}

const ssh = tcp('0.0.0.0:22', { owners: [held('sshd', 700)] });
const web = tcp('0.0.0.0:80', { owners: [held('nginx', 812)] });
const alt = tcp('0.0.0.0:8080', { owners: [held('node', 900)] });
const again = tcp('0.0.0.0:8080', { inode: 77, owners: [held('node', 901)] });
const dns = udp('127.0.0.1:53', { owners: [held('named', 600)] });
const peer = connection('10.0.0.1:80', '10.0.0.2:9', { inode: 5, owners: [held('nginx', 812)] });

const start = after(initialState(), at(0, ssh, web, alt));
const pinned = after(start, { type: 'edge', to: 'last' }, pin);

describe('a pinned row', () => {
  it('is the first, whatever the order, until it is let go', () => {
    expect(shown(pinned)).toEqual(['▌·8080 900', '22 700', '80 812']);
    expect(shown(after(pinned, { type: 'sort-reverse' }))).toEqual(['▌·8080 900', '80 812', '22 700']);
    expect(shown(after(pinned, pin))).toEqual(['22 700', '80 812', '▌8080 900']);
  });

  it('stays when it closes, and nothing is drawn anew for it, until it is let go', () => {
    const closed = after(pinned, at(1, ssh, web), at(60, ssh, web));
    expect(shown(closed)).toEqual(['▌·-8080 900', '22 700', '80 812']);
    expect(closed.sample && isCalm(closed.sample.lifecycle)).toBe(true);
    expect(shown(after(closed, pin))).toEqual(['▌22 700', '80 812']);
  });

  it('is the socket that opens in its place, with the closed one beside it for a while', () => {
    const closed = after(pinned, at(1, ssh, web), at(60, ssh, web));
    const opened = after(closed, at(61, ssh, web, again));
    expect(shown(opened)).toEqual(['▌·+8080 901', '22 700', '80 812', '-8080 900']);
    expect(shown(after(opened, at(62, ssh, web, again)))).toEqual(['▌·+8080 901', '22 700', '80 812']);
  });

  it('does not go over to what opens on another address, or was there before', () => {
    const other = tcp('127.0.0.1:8080', { inode: 78, owners: [held('node', 902)] });
    const twin = tcp('0.0.0.0:8080', { inode: 79, owners: [held('node', 903)] });
    const both = after(initialState(), at(0, alt, twin), { type: 'edge', to: 'last' }, pin);
    expect(shown(after(both, at(10, twin, other)))).toContain('·-8080 900');
  });

  it('that closes while others are read is marked when it could be seen again, without a time', () => {
    const all = after(
      initialState({ view: 'sockets' }),
      at(0, web, peer),
      { type: 'edge', to: 'first' },
      pin,
    );
    const listening = after(all, { type: 'view', name: 'listening' }, only(1, web), only(2, web));
    const back = after(listening, { type: 'view', name: 'sockets' }, at(3, web));
    const row = [...shownRows(back)].find(({ mark }) => mark === 'closed');
    expect(row).toMatchObject({ closedAt: 0, pinned: true, socket: { local: { port: 80 } } });
  });

  it('is subject to the filter as every other', () => {
    const filtered = after(
      pinned,
      { type: 'filter' },
      { type: 'filter-edit', edit: { type: 'insert', text: 'nginx' } },
    );
    expect(shown(filtered)).toEqual(['▌80 812']);
  });
});

describe('following', () => {
  const following = after(start, { type: 'edge', to: 'last' }, follow);

  it('keeps the row when it closes, and goes to what opens in its place', () => {
    const closed = after(following, at(1, ssh, web), at(60, ssh, web));
    expect(shown(closed)).toEqual(['22 700', '80 812', '▌-8080 900']);
    const opened = after(closed, at(61, ssh, dns, web, again));
    expect(shown(opened)).toContain('▌+8080 901');
    expect(opened.follow).toMatchObject({ was: 900 });
    expect(shown(after(opened, at(62, web, again)))).toContain('▌+8080 901');
  });

  it('goes on over a second restart, and remembers whom it began with', () => {
    const third = tcp('0.0.0.0:8080', { inode: 78, owners: [held('node', 902)] });
    const state = after(following, at(1, again), at(2, third));
    expect(shown(state)).toContain('▌+8080 902');
    expect(state.follow).toMatchObject({ was: 900 });
  });

  it('ends with F, or where the selection is moved away; what had closed then goes', () => {
    const closed = after(following, at(1, ssh, web), at(60, ssh, web));
    expect(after(closed, follow)).toMatchObject({ follow: null });
    expect(shown(after(closed, follow))).toEqual(['22 700', '▌80 812']);
    expect(shown(after(closed, move(-1)))).toEqual(['22 700', '▌80 812']);
    expect(after(following, move(-1), at(1, again, web)).follow).toBeNull();
    expect(after(following, move(1)).follow).not.toBeNull();
  });

  test('details follow too', () => {
    const open = after(following, { type: 'open' }, at(1, ssh, web, again));
    expect(selection(open)?.row).toMatchObject({ socket: { owners: [{ pid: 901 }] } });
    expect(open.detailsOpen).toBe(true);
  });
});

describe('processes', () => {
  const node = running('node', 900, { startedAt: 1000, cpuPercent: 5 });
  const restarted = running('node', 901, { startedAt: 9000 });
  const other = running('node', 902, { startedAt: 9000, cmdline: ['node', 'other.js'] });
  const busy = running('busy', 300, { cpuPercent: 90 });
  const look = (state: State, second: number, ...all: ProcessLiteral[]) => {
    const kept = keptProcesses(state.pins, state.follow);
    const sample = processes(all, { at: second, before: state.processes, kept });
    return after(state, { type: 'processes', processes: sample });
  };
  const view = after(initialState(), { type: 'view', name: 'processes' });
  const first = after(look(view, 0, busy, node), { type: 'edge', to: 'last' });

  it('are pinned by what they are, stay when they end, and are let go', () => {
    const state = after(first, pin);
    expect(shown(state)).toEqual(['▌·node 900', 'busy 300']);
    const ended = look(look(state, 1, busy), 60, busy);
    expect(shown(ended)).toEqual(['▌·-node 900', 'busy 300']);
    expect(shown(look(after(ended, pin), 61, busy))).toEqual(['▌busy 300']);
    const sameNumber = { ...node, startTicks: 5, startedAt: 9000 };
    expect(identityOf(sameNumber)).not.toBe(identityOf(node));
    expect(shown(look(state, 1, busy, sameNumber))).toContain('▌·-node 900');
  });

  it('that ended while others were shown say so, without a time', () => {
    const away = after(first, pin, { type: 'view', name: 'listening' }, { type: 'view', name: 'processes' });
    const back = look(away, 60, busy);
    expect(shown(back)[0]).toContain('·-node 900');
    expect(shownRows(back).at(0)?.closedAt).toBe(0);
  });

  it('are followed to what was started later with the same command line', () => {
    const state = after(first, follow);
    expect(shown(look(state, 1, busy, other))).toContain('▌-node 900');
    const again = look(state, 1, busy, other, restarted);
    expect(shown(again)).toContain('▌+node 901');
    expect(again.follow).toMatchObject({ was: 900 });
  });
});
