import { describe, expect, it } from 'vitest';
import { reduce } from '../../src/store/reduce.ts';
import { selection } from '../../src/store/shown.ts';
import { type Action, initialState, type State } from '../../src/store/state.ts';
import { connection, held, type SocketLiteral, snapshot, tcp } from '../helpers/snapshots.ts';

const after = (state: State, ...actions: Action[]): State => actions.reduce(reduce, state);
const looked = (sockets: readonly SocketLiteral[], at = 0): Action => ({
  type: 'sampled',
  snapshot: snapshot(sockets, { at }),
  ownersKnown: true,
});
const typed = (text: string): Action[] => [
  { type: 'filter' },
  ...[...text].map((digit): Action => ({ type: 'filter-edit', edit: { type: 'insert', text: digit } })),
];
const selected = (state: State) => selection(state)?.row.socket?.local?.port;

const host = (...sockets: SocketLiteral[]) => after(initialState(), looked(sockets));
const ssh = tcp('0.0.0.0:22', { owners: [held('sshd', 80801)] });
const web = tcp('0.0.0.0:8080', { owners: [held('node', 900)] });
const other = tcp('0.0.0.0:8081', { owners: [held('node', 901)] });
const long = tcp('0.0.0.0:18080', { owners: [held('node', 8080)] });
const dev = tcp('0.0.0.0:5353', { owners: [held('node', 902)] });

describe('while a number is typed', () => {
  it('what has the port is selected, before a pid that begins so, wherever they stand', () => {
    expect(selected(after(host(ssh, web), ...typed('8080')))).toBe(8080);
    expect(selected(after(host(ssh, web), ...typed('808')))).toBe(8080);
    expect(selected(after(host(ssh, web), ...typed('80801')))).toBe(22);
  });

  it('what has all of it is selected, before what only begins so', () => {
    expect(selected(after(host(tcp('0.0.0.0:80'), web), ...typed('8')))).toBe(80);
    expect(selected(after(host(tcp('0.0.0.0:80'), web), ...typed('80')))).toBe(80);
    expect(selected(after(host(tcp('0.0.0.0:5353'), long), ...typed('8080')))).toBe(18080);
  });

  it('of what is as near the one that was selected stays so, else it is the first', () => {
    const state = host(ssh, web, other);
    expect(selected(after(state, ...typed('808')))).toBe(8080);
    const chosen = after(state, { type: 'edge', to: 'last' });
    expect(selected(after(chosen, ...typed('808')))).toBe(8081);
  });

  it('what opens then and comes nearer is selected', () => {
    const state = after(host(ssh, dev), ...typed('8080'));
    expect(selected(state)).toBe(22);
    expect(selected(after(state, looked([ssh, dev, web], 1)))).toBe(8080);
  });

  it('who listens is selected before their connections, and what is there before what has gone', () => {
    const accepted = connection('10.0.0.1:8080', '10.0.0.9:41000', { owners: [held('node', 900)] });
    const client = connection('10.0.0.1:41001', '10.0.0.9:8080', { owners: [held('curl', 950)] });
    const state = after(initialState({ view: 'sockets' }), looked([client, accepted, web]));
    const row = selection(after(state, ...typed('8080')))?.row;
    expect(row?.socket?.state).toBe('LISTEN');
    const again = tcp('0.0.0.0:8080', { inode: 99, owners: [held('node', 903)] });
    const gone = after(
      state,
      ...typed('8080'),
      looked([client, accepted], 1),
      looked([client, accepted, again], 2),
    );
    expect(selection(gone)?.row).toMatchObject({ closedAt: null, socket: { inode: 99 } });
  });

  it('afterwards the selection is where it was put', () => {
    const state = after(host(ssh, web), ...typed('80'), { type: 'move', by: -1, in: 'table' });
    const left = after(state, { type: 'back' });
    expect(selected(after(left, looked([ssh, web], 1)))).toBe(selected(left));
  });
});
