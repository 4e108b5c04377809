import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { COLUMNS } from '../../src/query/columns.ts';
import type { Target } from '../../src/query/target.ts';
import type { Socket } from '../../src/sockets/socket.ts';
import { advance } from '../../src/store/lifecycle.ts';
import type { Edit } from '../../src/store/line.ts';
import { keptProcesses } from '../../src/store/pins.ts';
import { reduce } from '../../src/store/reduce.ts';
import type { Row, Rows } from '../../src/store/rows.ts';
import {
  columnsShown,
  detailsPid,
  isNarrowed,
  ownerPids,
  prepareRows,
  processRowsOf,
  rowsOf,
  selection,
  shownRows,
  sortColumn,
} from '../../src/store/shown.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import {
  type Action,
  type Focus,
  INTERVALS,
  initialState,
  type State,
  tableOf,
} from '../../src/store/state.ts';
import { type SocketTableName, TABLES, VIEWS } from '../../src/store/views.ts';
import { BINDINGS, commandFor } from '../../src/ui/keys/bindings.ts';
import { type ProcessCircumstances, type ProcessLiteral, processes, running } from '../helpers/processes.ts';
import {
  type Circumstances,
  connection,
  held,
  type SocketLiteral,
  snapshot,
  tcp,
  udp,
} from '../helpers/snapshots.ts';
import { compareSockets } from '../query/order.ts';

fc.configureGlobal({ seed: 4000 });

/** The state after these actions. */
const after = (state: State, ...actions: Action[]) => actions.reduce(reduce, state);
const sampled = (sockets: readonly SocketLiteral[], circumstances: Circumstances = {}): Action => ({
  type: 'sampled',
  snapshot: snapshot(sockets, circumstances),
  ownersKnown: !circumstances.unowned,
});
/** A look at the processes. */
const looked = (all: readonly ProcessLiteral[], circumstances?: ProcessCircumstances): Action => ({
  type: 'processes',
  processes: processes(all, circumstances),
});
const showing = (...sockets: SocketLiteral[]) => after(initialState(), sampled(sockets));
const move = (by: number): Action => ({ type: 'move', by });
const typed = (text: string): Action[] => [
  { type: 'filter' },
  { type: 'filter-edit', edit: { type: 'kill-start' } },
  ...[...text].map((character): Action => {
    return { type: 'filter-edit', edit: { type: 'insert', text: character } };
  }),
];
const kept = (text: string): Action[] => [...typed(text), { type: 'filter-keep' }];

/** The rows as a person sees them: `▌+80` is selected and new. */
function shown(state: State): string[] {
  const selected = selection(state)?.index;
  return [...rowsOf(state)].map(({ socket, mark }, index) => {
    const marks = { opened: '+', closed: '-' } as const;
    return `${index === selected ? '▌' : ''}${mark ? marks[mark] : ''}${socket.local?.port}`;
  });
}

const ssh = tcp('0.0.0.0:22', { owners: [held('sshd', 700)] });
const web = tcp('0.0.0.0:80', { owners: [held('nginx', 812), held('nginx', 813), held('nginx', 814)] });
const dns = udp('127.0.0.53:53', { owners: [held('systemd-resolve', 500)] });
const alt = tcp('0.0.0.0:8080', { owners: [held('node', 900), held('node', 901)] });
const client = connection('10.0.0.1:80', '10.0.0.2:40000', { owners: [held('nginx', 813)] });

describe('the selection', () => {
  it('is the first row as soon as there is one', () => {
    expect(shown(initialState())).toEqual([]);
    expect(selection(initialState())).toBeNull();
    expect(shown(showing(web, ssh))).toEqual(['▌22', '80']);
  });

  it('moves over every row, and no further', () => {
    const state = showing(ssh, dns, web);
    expect(shown(after(state, move(1)))).toEqual(['22', '▌53', '80']);
    expect(shown(after(state, move(1), move(1), move(1)))).toEqual(['22', '53', '▌80']);
    expect(shown(after(state, move(-1)))).toEqual(['▌22', '53', '80']);
    expect(shown(after(state, { type: 'edge', to: 'last' }))).toEqual(['22', '53', '▌80']);
    expect(shown(after(state, move(2), { type: 'edge', to: 'first' }))).toEqual(['▌22', '53', '80']);
    expect(shown(after(state, move(50)))).toEqual(['22', '53', '▌80']);
  });

  it('stays with the socket when rows come before it', () => {
    const state = after(showing(web, alt), sampled([ssh, dns, web, alt], { at: 1 }));
    expect(shown(state)).toEqual(['+22', '+53', '▌80', '8080']);
  });

  it('stays with the socket when rows before it go', () => {
    const state = after(
      showing(ssh, dns, web),
      move(2),
      sampled([web], { at: 1 }),
      sampled([web], { at: 9 }),
    );
    expect(shown(state)).toEqual(['▌80']);
  });

  it('stays with a connection in whatever state it is', () => {
    const closing = { ...client, state: 'TIME_WAIT', inode: 0, owners: [] } as const;
    const other = connection('10.0.0.1:80', '10.0.0.9:1', { inode: 5 });
    const state = after(
      showing(client, other),
      { type: 'view', name: 'sockets' },
      { type: 'filter' },
      { type: 'filter-edit', edit: { type: 'insert', text: '40000' } },
      { type: 'filter-keep' },
      { type: 'back' },
      sampled([other, closing], { at: 1 }),
    );
    expect(selection(state)?.row.socket).toMatchObject({ state: 'TIME_WAIT', remote: { port: 40000 } });
  });

  it('stays with a socket that closed while it is marked, then goes to the row in its place', () => {
    const before = after(showing(ssh, web, alt), move(1));
    const marked = after(before, sampled([ssh, alt], { at: 1 }));
    expect(shown(marked)).toEqual(['22', '▌-80', '8080']);
    expect(shown(after(marked, sampled([ssh, alt], { at: 6 })))).toEqual(['22', '▌8080']);
  });

  it('goes to the last row when the last one is gone for good', () => {
    const state = after(showing(ssh, web), move(1), sampled([ssh], { at: 1 }), sampled([ssh], { at: 6 }));
    expect(shown(state)).toEqual(['▌22']);
  });

  it('is nothing when all are gone, and a row again when one comes', () => {
    const empty = after(showing(ssh), sampled([], { at: 1 }), sampled([], { at: 6 }));
    expect(selection(empty)).toBeNull();
    expect(shown(after(empty, sampled([web], { at: 7 })))).toEqual(['▌+80']);
  });

  it('does not change with the order', () => {
    const state = after(showing(ssh, dns, web), move(2));
    expect(shown(after(state, { type: 'sort-reverse' }))).toEqual(['▌80', '53', '22']);
    expect(shown(after(state, { type: 'sort-by', by: 2 }))).toContain('▌80');
  });

  test('goes to the row in its place after the order was reversed too', () => {
    const state = after(showing(ssh, dns, web, alt), move(1), { type: 'sort-reverse' });
    expect(shown(state)).toEqual(['8080', '80', '▌53', '22']);
    expect(shown(after(state, { type: 'toggle-protocol', protocol: 'udp' }))).toEqual(['8080', '80', '▌22']);
  });

  it('comes back with its row, when nothing at all matched meanwhile', () => {
    const state = after(showing(ssh, web, alt), move(1), ...typed('zzz'));
    expect(shown(state)).toEqual([]);
    expect(shown(after(state, { type: 'back' }))).toEqual(['22', '▌80', '8080']);
  });
});

describe('marks', () => {
  it('are on what came and what went, for five seconds', () => {
    const state = after(showing(ssh, web), sampled([ssh, alt], { at: 1 }));
    expect(shown(state)).toEqual(['▌22', '-80', '+8080']);
    expect(shown(after(state, sampled([ssh, alt], { at: 5 })))).toEqual(['▌22', '-80', '+8080']);
    expect(shown(after(state, sampled([ssh, alt], { at: 6 })))).toEqual(['▌22', '8080']);
  });

  it('tell when a row closed', () => {
    const state = after(showing(ssh, web), sampled([ssh], { at: 1 }), sampled([ssh], { at: 3 }));
    const closed = [...rowsOf(state)].find(({ mark }) => mark === 'closed');
    expect(closed?.closedAt).toBe(snapshot([], { at: 1 }).time.getTime());
  });

  it('stay while owners and names become known', () => {
    const state = after(showing(ssh, web), sampled([ssh, alt], { at: 1, unowned: true }));
    const known = after(state, sampled([ssh, alt], { at: 1 }));
    const named = after(known, { type: 'renamed', snapshot: snapshot([ssh, alt], { at: 1 }) });
    for (const each of [state, known, named]) expect(shown(each)).toEqual(['▌22', '-80', '+8080']);
  });
});

describe('names that become known', () => {
  it('are shown, and the selection stays', () => {
    const state = after(showing(ssh, web), move(1));
    const named = after(state, {
      type: 'renamed',
      snapshot: snapshot([ssh, web], { services: { '80/tcp': 'http' } }),
    });
    expect(selection(named)?.row.socket?.local).toMatchObject({ port: 80, service: 'http' });
  });

  it('of nothing are nothing', () => {
    const state = initialState();
    expect(after(state, { type: 'renamed', snapshot: snapshot([ssh]) })).toBe(state);
  });
});

describe('a view', () => {
  const state = showing(ssh, web, dns, client);

  it('has the sockets that are its own', () => {
    expect(shown(state)).toEqual(['▌22', '53', '80']);
    expect(rowsOf(after(state, { type: 'view', name: 'sockets' }))).toHaveLength(4);
  });

  it('keeps its own order, filter and selection', () => {
    const mine = after(state, { type: 'sort-reverse' }, ...kept('tcp'), move(1));
    expect(shown(mine)).toEqual(['80', '▌22']);
    const other = after(mine, { type: 'view', name: 'sockets' });
    expect(tableOf(other)).toBe('sockets');
    expect(other.tables.sockets.filter.text).toBe('');
    const others = after(other, ...kept('nginx'), { type: 'sort-by', by: 1 });
    const back = after(others, { type: 'view', name: 'listening' });
    expect(shown(back)).toEqual(['80', '▌22']);
    const again = after(back, { type: 'view', name: 'sockets' });
    const { sort, filter, selected } = others.tables.sockets;
    expect(again.tables.sockets).toMatchObject({ sort, filter, selected });
  });

  it('is followed by the next, and the last by the first', () => {
    const names = [1, 1, 1, 1, 1].map((by, index) => {
      return after(state, ...Array(index + 1).fill({ type: 'view-by', by })).view;
    });
    expect(names).toEqual(['sockets', 'processes', 'services', 'timeline', 'listening']);
    expect(after(state, { type: 'view-by', by: -1 }).view).toBe('timeline');
  });

  it('of services is for typing, and tables are not', () => {
    const services = after(state, { type: 'view', name: 'services' });
    expect(services.focus).toBe('lookup');
    expect(after(services, { type: 'view-by', by: 1 }).focus).toBe('table');
  });

  it('of services takes what is typed, and begins again at the top', () => {
    const insert = (text: string): Action => ({ type: 'lookup-edit', edit: { type: 'insert', text } });
    const services = after(state, { type: 'view', name: 'services' }, insert('80'), move(3), insert('80'));
    expect(services.lookupLine).toEqual({ text: '8080', cursor: 4 });
    expect(services.lookupTop).toBe(0);
    expect(after(services, move(2)).lookupTop).toBe(2);
    expect(after(services, move(-2)).lookupTop).toBe(0);
  });

  it('of services is left by Esc, when what was typed is cleared', () => {
    const insert: Action = { type: 'lookup-edit', edit: { type: 'insert', text: 'ssh' } };
    const services = after(state, { type: 'view', name: 'services' }, insert, move(1));
    const cleared = after(services, { type: 'back' });
    expect(cleared).toMatchObject({ view: 'services', lookupLine: { text: '', cursor: 0 }, lookupTop: 0 });
    expect(after(cleared, { type: 'back' })).toMatchObject({ view: 'listening', focus: 'table' });
  });

  test('of services goes back to the view that was asked for at the start', () => {
    const started = after(initialState({ view: 'sockets' }), sampled([ssh, client]));
    const services = after(started, { type: 'view', name: 'services' });
    expect(rowsOf(services)).toHaveLength(2);
    expect(after(services, { type: 'back' }).view).toBe('sockets');
  });

  test('of services goes back to the view before it', () => {
    const services = after(state, { type: 'view', name: 'sockets' }, { type: 'view', name: 'services' });
    expect(after(services, { type: 'back' }).view).toBe('sockets');
  });
});

describe('the filter', () => {
  const state = showing(ssh, web, alt, dns);

  it('narrows while it is typed: a number by its beginning', () => {
    const typing = after(state, ...typed('80'));
    expect(typing.focus).toBe('filter');
    expect(shown(typing)).toEqual(['▌80', '8080']);
    expect(shown(after(typing, { type: 'filter-edit', edit: { type: 'insert', text: '8' } }))).toEqual([
      '▌8080',
    ]);
  });

  it('means a number exactly once it is kept', () => {
    const state_ = after(state, ...kept('80'));
    expect(state_.focus).toBe('table');
    expect(shown(state_)).toEqual(['▌80']);
    expect(state_.tables.listening.filter).toEqual({ text: '80', kept: true });
  });

  it('matches text anywhere, whatever its case', () => {
    expect(shown(after(state, ...kept('NGI')))).toEqual(['▌80']);
    expect(shown(after(state, ...kept('resolve')))).toEqual(['▌53']);
  });

  it('that is kept empty is none, and not remembered', () => {
    const cleared = after(state, ...kept('80'), ...kept(''));
    expect(cleared.tables.listening.filter).toEqual({ text: '', kept: false });
    expect(cleared.filterHistory).toEqual(['80']);
  });

  it('opens with what it was, the cursor behind it', () => {
    const reopened = after(state, ...kept('ssh'), { type: 'filter' });
    expect(reopened.filterLine).toEqual({ text: 'ssh', cursor: 3 });
    expect(reopened.focus).toBe('filter');
  });

  it('is as it was before, when Esc leaves it', () => {
    const edited = after(state, ...kept('80'), { type: 'filter' }, { type: 'filter-recall', by: -1 });
    const left = after(
      edited,
      { type: 'filter-edit', edit: { type: 'insert', text: '9' } },
      { type: 'back' },
    );
    expect(left.focus).toBe('table');
    expect(left.tables.listening.filter).toEqual({ text: '80', kept: true });
    expect(after(left, { type: 'back' }).tables.listening.filter.text).toBe('');
  });

  it('is left and cleared by Esc, where there was none before', () => {
    const left = after(state, ...typed('80'), { type: 'back' });
    expect(left.focus).toBe('table');
    expect(left.tables.listening.filter.text).toBe('');
    expect(rowsOf(left)).toHaveLength(4);
  });

  it('asks columns by their keys', () => {
    expect(shown(after(state, ...kept('port:80-9000')))).toEqual(['▌80', '8080']);
    expect(shown(after(state, ...kept('cmd:ssh or proto:udp')))).toEqual(['▌22', '53']);
  });

  describe('that is not finished', () => {
    it('shows the rows of what can be understood of it, and goes on', () => {
      const steps = ['nginx', ' or', ' port:', '8080'].map((_, at, parts) => parts.slice(0, at + 1).join(''));
      expect(steps.map((text) => shown(after(state, ...typed(text))))).toEqual([
        ['▌80'],
        ['▌80'],
        ['▌80'],
        ['▌80', '8080'],
      ]);
      expect(shown(after(state, ...typed('port:')))).toEqual(['▌22', '53', '80', '8080']);
    });

    it('is not kept, stays to be edited, and is not remembered', () => {
      const refused = after(state, ...kept('nginx port:'));
      expect(refused).toMatchObject({ focus: 'filter', filterRefused: true, filterHistory: [] });
      expect(refused.filterLine.text).toBe('nginx port:');
      const edited = after(refused, { type: 'filter-edit', edit: { type: 'insert', text: '80' } });
      expect(edited).toMatchObject({ focus: 'filter', filterRefused: false });
      const again = after(edited, { type: 'filter-keep' });
      expect(again).toMatchObject({ focus: 'table', filterHistory: ['nginx port:80'] });
    });

    it('is let go by Esc, and the filter is what it was', () => {
      const left = after(state, ...kept('80'), ...kept('port:'), { type: 'back' });
      expect(left.tables.listening.filter).toEqual({ text: '80', kept: true });
      expect(after(left, { type: 'filter' })).toMatchObject({
        filterRefused: false,
        filterLine: { text: '80' },
      });
    });
  });

  it('may be there from the start, for the view that is shown first', () => {
    const begun = after(
      initialState({ filter: { text: 'port:80', kept: true } }),
      sampled([ssh, web, alt, dns]),
    );
    expect(shown(begun)).toEqual(['▌80']);
    expect(begun.tables.sockets.filter.text).toBe('');
    expect(after(begun, { type: 'filter' }).filterLine.text).toBe('port:80');
    expect(shown(after(begun, { type: 'back' }))).toHaveLength(4);
  });

  it('remembers each that was kept once, the latest last', () => {
    const { filterHistory } = after(state, ...kept('a'), ...kept('b'), ...kept('a'));
    expect(filterHistory).toEqual(['b', 'a']);
  });

  describe('recalled', () => {
    const remembering = after(state, ...kept('ssh'), ...kept('nginx'), { type: 'back' }, { type: 'filter' });
    const recall = (by: number): Action => ({ type: 'filter-recall', by });
    const text = (...actions: Action[]) => after(remembering, ...actions).filterLine.text;

    it('is the latest first, and none before the oldest', () => {
      expect(remembering.filterLine.text).toBe('');
      expect(text(recall(-1))).toBe('nginx');
      expect(text(recall(-1), recall(-1))).toBe('ssh');
      expect(text(recall(-1), recall(-1), recall(-1))).toBe('ssh');
      expect(text(recall(-1), recall(-1), recall(-1), recall(1))).toBe('nginx');
    });

    it('narrows at once, and is exact only when it is kept', () => {
      const recalled = after(remembering, recall(-1));
      expect(shown(recalled)).toEqual(['▌80']);
      expect(recalled.tables.listening.filter.kept).toBe(false);
      expect(after(recalled, { type: 'filter-keep' }).tables.listening.filter.kept).toBe(true);
    });

    it('is empty after the latest', () => {
      expect(text(recall(-1), recall(1))).toBe('');
    });

    it('can be edited, and the next recall begins at the latest again', () => {
      const edited: Action[] = [recall(-1), recall(-1), { type: 'filter-edit', edit: { type: 'backspace' } }];
      expect(text(...edited)).toBe('ss');
      expect(text(...edited, recall(-1))).toBe('nginx');
    });

    it('is nothing where none was kept', () => {
      expect(after(state, { type: 'filter' }, recall(-1)).filterLine.text).toBe('');
    });

    test('leaves what is typed alone, where there is nothing after it', () => {
      const insert: Action = { type: 'filter-edit', edit: { type: 'insert', text: 'post' } };
      expect(text(insert, recall(1))).toBe('post');
    });

    test('gives back what was being typed after the latest, as readline does', () => {
      const insert: Action = { type: 'filter-edit', edit: { type: 'insert', text: 'post' } };
      expect(text(insert, recall(-1), recall(1))).toBe('post');
    });
  });
});

describe('targets and protocols', () => {
  const target = (port: number): Target => ({
    protocol: null,
    address: null,
    scope: null,
    ports: [{ from: port, to: port }],
  });
  const aimed = after(initialState({ targets: [target(80), target(53)] }), sampled([ssh, web, dns, client]));

  it('of the command line narrow every view, at either end', () => {
    expect(shown(aimed)).toEqual(['▌53', '80']);
    expect(rowsOf(after(aimed, { type: 'view', name: 'sockets' }))).toHaveLength(3);
    const far = after(initialState({ view: 'sockets', targets: [target(40000)] }), sampled([ssh, client]));
    expect(shown(far)).toEqual(['▌80']);
  });

  it('are let go by Esc, after the filter', () => {
    const both = after(aimed, ...kept('nginx'));
    expect(shown(both)).toEqual(['▌80']);
    const one = after(both, { type: 'back' });
    expect(shown(one)).toEqual(['53', '▌80']);
    expect(shown(after(one, { type: 'back' }))).toEqual(['22', '53', '▌80']);
  });

  it('are shown and hidden by protocol, and the selection finds another row', () => {
    const toggle = (protocol: 'tcp' | 'udp'): Action => ({ type: 'toggle-protocol', protocol });
    const state = showing(ssh, dns, web);
    expect(shown(after(state, toggle('udp')))).toEqual(['▌22', '80']);
    expect(shown(after(state, toggle('tcp')))).toEqual(['▌53']);
    expect(shown(after(state, toggle('tcp'), toggle('udp')))).toEqual([]);
    expect(shown(after(state, toggle('tcp'), toggle('tcp')))).toHaveLength(3);
  });
});

describe('the order', () => {
  it('is by port first, and the other way up when it is reversed', () => {
    expect(shown(showing(alt, web, ssh))).toEqual(['▌22', '80', '8080']);
    expect(shown(after(showing(alt, web, ssh), { type: 'sort-reverse' }))).toEqual(['8080', '80', '▌22']);
  });

  it('goes by the next column and the one before, round the ends, and not reversed', () => {
    const state = after(showing(ssh, web), { type: 'sort-reverse' });
    const { columns } = TABLES.listening;
    const next = after(state, { type: 'sort-by', by: 1 });
    expect(next.tables.listening.sort).toEqual({ key: columns[1]?.key, descending: false });
    const before = after(state, { type: 'sort-by', by: -1 });
    expect(before.tables.listening.sort.key).toBe(columns.at(-1)?.key);
    expect(after(before, { type: 'sort-by', by: 1 }).tables.listening.sort.key).toBe(columns[0]?.key);
  });

  it('is chosen while s has the keys, which Esc gives back', () => {
    const choosing = after(showing(ssh), { type: 'sort' });
    expect(choosing.focus).toBe('sort');
    expect(after(choosing, { type: 'back' }).focus).toBe('table');
  });
});

describe('the details', () => {
  const state = showing(ssh, web, alt);
  const open: Action = { type: 'open' };
  const owner = (by: number): Action => ({ type: 'owner-by', by });

  it('open on the selected row, with the keys and its first owner', () => {
    const opened = after(state, move(1), open);
    expect(opened).toMatchObject({ detailsOpen: true, focus: 'details', detailsLine: 0 });
    expect(detailsPid(opened)).toBe(812);
  });

  it('do not open where there is no row', () => {
    const nothing = initialState();
    expect(after(nothing, open)).toBe(nothing);
  });

  it('tell of no process while they are closed, or where the socket has no owner', () => {
    expect(detailsPid(state)).toBeNull();
    expect(detailsPid(after(showing(tcp('0.0.0.0:1')), open))).toBeNull();
  });

  it('tell of each of several owners, once a process, and no further', () => {
    const twice = tcp('0.0.0.0:1', {
      owners: [held('a', 5, { fd: 3 }), held('a', 5, { fd: 4 }), held('a', 6)],
    });
    const opened = after(showing(twice), open);
    expect(ownerPids(opened)).toEqual([5, 6]);
    expect(detailsPid(after(opened, owner(1)))).toBe(6);
    expect(detailsPid(after(opened, owner(1), owner(1)))).toBe(6);
    expect(detailsPid(after(opened, owner(1), owner(-1), owner(-1)))).toBe(5);
    expect(after(opened, owner(-1))).toBe(opened);
  });

  it('begin again at the top with another owner, and with another row', () => {
    const scrolled = after(state, move(1), open, move(5));
    expect(scrolled.detailsLine).toBe(5);
    expect(after(scrolled, owner(1)).detailsLine).toBe(0);
    const moved = after(scrolled, owner(1), { type: 'focus-by', by: 1 }, move(1));
    expect(moved).toMatchObject({ detailsLine: 0, detailsOwner: 0 });
    expect(detailsPid(moved)).toBe(900);
  });

  it('keep telling of the selected socket while it is marked as closed', () => {
    const closed = after(state, move(1), open, sampled([ssh, alt], { at: 1 }));
    expect(detailsPid(closed)).toBe(812);
  });

  it('tell of an owner that is there when the others end', () => {
    const last = after(state, move(1), open, owner(2));
    const alone = { ...web, owners: [held('nginx', 812)] };
    expect(detailsPid(after(last, sampled([ssh, alone, alt], { at: 1 })))).toBe(812);
  });

  test('stay with the process they tell of when an owner before it ends', () => {
    const second = after(state, move(1), open, owner(1));
    expect(detailsPid(second)).toBe(813);
    const others = { ...web, owners: [held('nginx', 813), held('nginx', 814)] };
    expect(detailsPid(after(second, sampled([ssh, others, alt], { at: 1 })))).toBe(813);
  });

  test.each<[string, Action[]]>([
    ['gone for good', [sampled([ssh, alt], { at: 1 }), sampled([ssh, alt], { at: 6 })]],
    ['filtered away', [{ type: 'focus-by', by: 1 }, ...kept('node')]],
    ['not in the view that is shown', [{ type: 'view', name: 'sockets' }]],
  ])('begin at the top with the first owner of the row that takes the place of one %s', (_, actions) => {
    const deep = after(state, move(1), open, owner(1), move(7));
    const other = after(deep, ...actions);
    expect(selection(other)?.row.identity).not.toBe(selection(deep)?.row.identity);
    expect(other).toMatchObject({ detailsLine: 0, detailsOwner: 0 });
  });

  it('share the keys with the table, by Tab', () => {
    const tab: Action = { type: 'focus-by', by: 1 };
    const opened = after(state, open);
    expect(after(opened, tab).focus).toBe('table');
    expect(after(opened, tab, tab).focus).toBe('details');
    expect(after(state, tab)).toBe(state);
  });

  it('are closed by Esc from either pane, and only then the filter is cleared', () => {
    for (const tabs of [[], [{ type: 'focus-by', by: 1 } as const]]) {
      const opened = after(state, ...kept('80'), open, ...tabs);
      const closed = after(opened, { type: 'back' });
      expect(closed).toMatchObject({ detailsOpen: false, focus: 'table' });
      expect(closed.tables.listening.filter.text).toBe('80');
      expect(after(closed, { type: 'back' }).tables.listening.filter.text).toBe('');
    }
  });

  it('have what was read of the process', () => {
    const gone = { pid: 812, gone: true } as const;
    expect(after(state, { type: 'process', process: gone }).process).toBe(gone);
    expect(after(state, { type: 'process', process: null }).process).toBeNull();
  });
});

describe('the help', () => {
  it('covers whatever has the keys, and gives them back', () => {
    const ways: [Focus, Action[]][] = [
      ['table', []],
      ['filter', typed('x')],
      ['sort', [{ type: 'sort' }]],
      ['details', [{ type: 'open' }]],
      ['lookup', [{ type: 'view', name: 'services' }]],
    ];
    for (const [focus, actions] of ways) {
      const before = after(showing(ssh), ...actions);
      expect(before.focus).toBe(focus);
      const helped = after(before, { type: 'help' });
      expect(helped.focus).toBe('help');
      expect(after(helped, { type: 'back' })).toEqual({ ...before, focusBehind: focus });
      expect(after(helped, { type: 'help' }).focus).toBe(focus);
    }
  });

  it('begins at its top', () => {
    const read = after(showing(ssh), { type: 'help' }, move(9), { type: 'back' }, { type: 'help' });
    expect(read.helpTop).toBe(0);
  });
});

describe('sampling', () => {
  it('has an interval from a tenth of a second to a minute, a step at a time', () => {
    const by = (state: State, step: number) => after(state, { type: 'interval-by', by: step });
    let state = initialState();
    const seen: number[] = [];
    for (let press = 0; press < 12; press++) {
      state = by(state, -1);
      seen.push(state.interval);
    }
    expect(seen.slice(0, 4)).toEqual([0.5, 0.25, 0.1, 0.1]);
    for (let press = 0; press < 12; press++) state = by(state, 1);
    expect(state.interval).toBe(60);
    expect(by(initialState({ interval: 0.7 }), -1).interval).toBe(0.5);
  });

  test('goes from an interval between two steps to the next slower one', () => {
    expect(after(initialState({ interval: 0.7 }), { type: 'interval-by', by: 1 }).interval).toBe(1);
  });

  test.each([1, -1])('of 100 seconds, as --interval may be, is no tenth of one after %i', (by) => {
    const { interval } = after(initialState({ interval: 100 }), { type: 'interval-by', by });
    expect(interval).toBeGreaterThanOrEqual(60);
  });

  it('is paused and goes on', () => {
    const paused = after(initialState(), { type: 'pause' });
    expect(paused.paused).toBe(true);
    expect(after(paused, { type: 'pause' }).paused).toBe(false);
  });

  it('says why it failed until it works again, and keeps the rows', () => {
    const failed = after(showing(ssh), {
      type: 'failed',
      why: 'cannot read /proc/self/net/tcp: not allowed',
    });
    expect(failed.failure).toBe('cannot read /proc/self/net/tcp: not allowed');
    expect(shown(failed)).toEqual(['▌22']);
    expect(after(failed, sampled([ssh], { at: 1 })).failure).toBeNull();
  });

  it('knows that owners were looked for, and never forgets it', () => {
    const unknown = after(initialState(), sampled([ssh], { unowned: true }));
    expect(unknown.ownersKnown).toBe(false);
    const known = after(unknown, sampled([ssh]));
    expect(known.ownersKnown).toBe(true);
    expect(after(known, sampled([ssh], { unowned: true, at: 1 })).ownersKnown).toBe(true);
  });
});

describe('reveal', () => {
  it('is switched, and is as it was asked for at the start', () => {
    expect(after(initialState(), { type: 'reveal' }).reveal).toBe(true);
    expect(after(initialState({ reveal: true }), { type: 'reveal' }).reveal).toBe(false);
  });
});

describe('rows', () => {
  it('are the same list until something of them changes, so that nothing is drawn anew', () => {
    const state = showing(ssh, web);
    const rows = rowsOf(state);
    expect(rowsOf(after(state, move(1), { type: 'help' }, { type: 'reveal' }))).toBe(rows);
    expect(rowsOf(after(state, { type: 'sort-reverse' }))).not.toBe(rows);
  });
});

describe('rows of many sockets', () => {
  const many = Array.from({ length: 5_000 }, (_, at) => tcp(`0.0.0.0:${1 + at}`));

  it('are prepared in steps, while those that are drawn are asked for in one', () => {
    const state = showing(...many.slice(0, 1));
    const sample = { snapshot: snapshot(many, { at: 1 }), lifecycle: state.sample?.lifecycle };
    const next = { ...state, sample } as State;
    const work = prepareRows(next);
    let steps = 0;
    let step = work.next();
    for (; !step.done; step = work.next()) steps++;
    expect(steps).toBeGreaterThan(2);
    expect(step.value).toHaveLength(5_000);
    expect(rowsOf(next)).toBe(step.value);
  });

  it('that were prepared are those that are shown then, with what came and went', () => {
    const before = showing(...many);
    const now = snapshot(many.slice(1), { at: 1 });
    const lifecycle = advance(before.sample, now);
    const rows = runAtOnce(prepareRows({ ...before, sample: { snapshot: now, lifecycle } }));
    const state = after(before, { type: 'sampled', snapshot: now, lifecycle, ownersKnown: true });
    expect(rowsOf(state)).toBe(rows);
    expect(rows.marks()).toEqual({ opened: 0, closed: 1 });
  });
});

describe('a host that was looked at, where nothing changed', () => {
  const looked: Action = { type: 'looked', now: 5_000, connected: 7, freshness: 10_000 };

  it('tells when that was and what the kernel counts, and keeps all else', () => {
    const state = showing(ssh, web);
    const next = after(state, looked);
    const connectedTrail = { step: 1, values: [7] };
    expect(next).toEqual({ ...state, now: 5_000, connected: 7, connectedTrail, freshness: 10_000 });
    expect(next.sample).toBe(state.sample);
    expect(rowsOf(next)).toBe(rowsOf(state));
  });

  it('says that it works again', () => {
    const failed = after(showing(ssh), { type: 'failed', why: 'cannot read it' });
    expect(after(failed, looked).failure).toBeNull();
  });

  it('is told by the next sample as well', () => {
    const state = after(showing(ssh), looked, { ...sampled([ssh], { at: 9 }), connected: 3 } as Action);
    expect(state).toMatchObject({ now: snapshot([], { at: 9 }).time.getTime(), connected: 3 });
    expect(after(state, sampled([ssh], { at: 10 })).connected).toBeNull();
  });
});

describe('the sockets of one process', () => {
  it('are shown alone where they were asked for, until Esc', () => {
    const state = after(
      initialState({ pids: new Set([813]), view: 'sockets' }),
      sampled([ssh, web, dns, client]),
    );
    expect([...rowsOf(state)].map(({ socket }) => socket.state)).toEqual(['ESTABLISHED', 'LISTEN']);
    expect(rowsOf(after(state, { type: 'back' }))).toHaveLength(4);
  });
});

describe('the columns', () => {
  const columns = [COLUMNS.pid, COLUMNS.user, COLUMNS.service];

  it('are those that were asked for, in the first view, and the first of them is sorted by', () => {
    const state = after(initialState({ columns }), sampled([web, ssh]));
    expect(columnsShown(state)).toBe(columns);
    const other = after(state, { type: 'view', name: 'sockets' });
    expect(columnsShown(other)).toBe(TABLES.sockets.columns);
    expect(sortColumn(columnsShown(state), state.tables.listening.sort)).toBe(COLUMNS.pid);
    expect(shown(state)).toEqual(['▌22', '80']);
  });

  it('are in every view beside its own where more was asked for', () => {
    const state = initialState({
      columns,
      columnsOf: (own) => [COLUMNS.netns, ...own],
      sort: { key: 'pid', descending: true },
    });
    expect(columnsShown(state)).toBe(columns);
    expect(state.tables.listening.sort).toEqual({ key: 'pid', descending: true });
    const other = after(state, { type: 'view', name: 'sockets' });
    expect(columnsShown(other)).toEqual([COLUMNS.netns, ...TABLES.sockets.columns]);
    expect(other.tables.sockets.sort).toEqual(TABLES.sockets.sort);
  });

  it('have numbers instead of names, and are the same array each time', () => {
    const state = after(initialState({ columns }), { type: 'numeric' });
    expect(columnsShown(state)).toEqual([COLUMNS.pid, COLUMNS.uid]);
    expect(columnsShown(after(state, { type: 'numeric' }, { type: 'numeric' }))).toBe(columnsShown(state));
  });

  it('are where a filter looks', () => {
    const state = after(initialState({ columns: [COLUMNS.port] }), sampled([ssh, web]));
    expect(shown(after(state, ...kept('tcp')))).toEqual([]);
    expect(shown(after(state, ...kept('nginx')))).toEqual(['▌80']);
  });
});

describe('the processes', () => {
  const init = running('systemd', 1, { ppid: 0, cpuPercent: 0.5, cmdline: ['/sbin/init'] });
  const nginx = running('nginx', 812, { cpuPercent: 3, uid: 33, ports: [80, 443] });
  const worker = running('nginx', 813, { ppid: 812, cpuPercent: 40, uid: 33, ports: [80] });
  const sshd = running('sshd', 700, { cpuPercent: 3, ports: [22] });
  const all = [init, sshd, nginx, worker];
  const view: Action = { type: 'view', name: 'processes' };
  const state = after(showing(ssh, web), view, looked(all));
  const commands = (of: State) => {
    const selected = selection(of)?.index;
    return [...processRowsOf(of)].map(({ process, facts, row }, index) => {
      return `${index === selected ? '▌' : ''}${facts.branch(row)}${process.pid}`;
    });
  };

  it('come with the busiest first, and equals by their pids', () => {
    expect(commands(state)).toEqual(['▌813', '700', '812', '1']);
    expect(rowsOf(state)).toHaveLength(0);
  });

  it('keep the selected one selected, wherever it comes to stand', () => {
    const idle = all.map((process) => ({ ...process, cpuPercent: process === worker ? 0 : 1 }));
    const next = after(state, looked(idle, { at: 1, before: state.processes }));
    expect(commands(next)).toEqual(['1', '700', '812', '▌813']);
  });

  it('have the one that takes the place of the selected one selected once that is forgotten', () => {
    const ended = after(state, move(1), looked([init, nginx, worker], { at: 1, before: state.processes }));
    expect(selection(ended)?.row).toMatchObject({ mark: 'closed', process: { pid: 700 } });
    const forgotten = after(ended, looked([init, nginx, worker], { at: 9, before: ended.processes }));
    expect(commands(forgotten)).toEqual(['813', '▌812', '1']);
  });

  it('are filtered in a language of their own, which says what it does not understand', () => {
    expect(commands(after(state, ...kept('cpu:>2 user:33')))).toEqual(['▌813', '812']);
    expect(commands(after(state, ...kept('443')))).toEqual(['▌812']);
    expect(commands(after(state, ...typed('81')))).toEqual(['▌813', '812']);
    expect(commands(after(state, ...typed('/sbin')))).toEqual(['▌1']);
    expect(after(state, ...kept('recvq:>0'))).toMatchObject({ focus: 'filter', filterRefused: true });
    expect(after(showing(ssh), ...kept('cpu:>2'))).toMatchObject({ focus: 'filter', filterRefused: true });
  });

  it('are sorted by any of their columns, either way up', () => {
    const by = (...actions: Action[]) => commands(after(state, ...actions));
    expect(by({ type: 'sort-reverse' })).toEqual(['1', '700', '812', '▌813']);
    expect(by({ type: 'sort-by', by: -2 })).toEqual(['1', '700', '812', '▌813']);
    expect(by({ type: 'sort-by', by: 6 }, { type: 'sort-reverse' })).toEqual(['812', '▌813', '700', '1']);
  });

  it('are a tree, and a list again; of what a filter leaves, and in the order of the list', () => {
    const tree = after(state, { type: 'tree' });
    expect(commands(tree)).toEqual(['1', ' \\_ 700', ' \\_ 812', '▌     \\_ 813']);
    expect(commands(after(tree, ...kept('nginx')))).toEqual(['812', '▌ \\_ 813']);
    expect(commands(after(tree, { type: 'tree' }))).toEqual(commands(state));
    expect(after(showing(ssh), { type: 'tree' }).tree).toBe(false);
  });

  it('know no protocols, and no targets; the processes that were asked for, until Esc', () => {
    expect(after(state, { type: 'toggle-protocol', protocol: 'tcp' })).toBe(state);
    const aim: Target = { protocol: null, address: null, scope: null, ports: [{ from: 22, to: 22 }] };
    const asked = after(
      initialState({ targets: [aim], pids: new Set([812]) }),
      sampled([ssh]),
      view,
      looked(all),
    );
    expect(commands(asked)).toEqual(['▌812']);
    const back = after(asked, { type: 'back' });
    expect(commands(back)).toHaveLength(4);
    expect(isNarrowed(back)).toBe(false);
    expect(back.targets).toEqual([aim]);
    expect(after(back, { type: 'back' })).toBe(back);
  });

  it('have details of their own', () => {
    const opened = after(state, { type: 'open' });
    expect(detailsPid(opened)).toBe(813);
    expect(ownerPids(opened)).toEqual([813]);
    expect(detailsPid(after(opened, { type: 'focus-by', by: 1 }, move(1)))).toBe(700);
  });

  it('are forgotten when they are not shown any more: when what is seen then came, nobody knows', () => {
    const left = after(state, { type: 'view', name: 'listening' }, looked(all));
    expect(left.processes).toBeNull();
    const again = after(left, view);
    expect(selection(again)).toBeNull();
    expect(commands(after(again, looked(all)))).toEqual(commands(state));
  });

  it('show numbers for users when numbers are asked for, and are the same as long as nothing changes', () => {
    expect(columnsShown(after(state, { type: 'numeric' })).map(({ key }) => key)).toContain('uid');
    const rows = processRowsOf(state);
    expect(processRowsOf(after(state, move(1), { type: 'help' }))).toBe(rows);
    expect(processRowsOf(after(state, { type: 'sort-reverse' }))).not.toBe(rows);
  });
});

describe('after any sequence', () => {
  const pids = [1, 700, 812, 813];
  const sockets = fc.uniqueArray(
    fc.record({
      kind: fc.constantFrom('tcp', 'udp', 'connection', 'waiting'),
      port: fc.constantFrom(22, 80, 808, 8080),
      inode: fc.integer({ min: 1, max: 3 }),
      owners: fc.subarray(pids).map((found) => found.map((pid) => held(`p${pid}`, pid))),
    }),
    { maxLength: 8, selector: ({ kind, port, inode }) => `${kind} ${port} ${inode}` },
  );
  const literals = sockets.map((all) =>
    all.map(({ kind, port, inode, owners }): SocketLiteral => {
      const number = port * 10 + inode;
      if (kind === 'udp') return udp(`0.0.0.0:${port}`, { inode: 200_000 + number, owners });
      if (kind === 'tcp') return tcp(`0.0.0.0:${port}`, { inode: 100_000 + number, owners });
      const peer = `10.0.0.${inode}:40000`;
      return kind === 'connection'
        ? connection(`10.0.0.9:${port}`, peer, { inode: 300_000 + number, owners })
        : connection(`10.0.0.9:${port}`, `10.0.1.${inode}:40000`, { state: 'TIME_WAIT', inode: 0 });
    }),
  );
  type Step = { sockets: SocketLiteral[]; passed: number; unowned: boolean };
  const samples: fc.Arbitrary<Step> = fc.record({
    sockets: literals,
    passed: fc.constantFrom(0, 0.2, 1, 4, 6),
    unowned: fc.boolean(),
  });
  const by = fc.constantFrom(-20, -2, -1, 1, 2, 20);
  const edits: fc.Arbitrary<Edit> = fc.oneof(
    fc.constantFrom('8', '80', 'p7', ' ', 'tcp', 'é🦊').map((text): Edit => ({ type: 'insert', text })),
    fc
      .constantFrom('backspace', 'delete', 'left', 'home', 'kill-word', 'kill-end', 'kill-start')
      .map((type): Edit => ({ type }) as Edit),
  );
  const actions: fc.Arbitrary<Action> = fc.oneof(
    fc.record({ type: fc.constant('failed'), why: fc.string() }),
    fc.record({ type: fc.constantFrom('move', 'view-by', 'owner-by', 'tab-by', 'focus-by', 'sort-by'), by }),
    fc.record({ type: fc.constantFrom('filter-recall', 'interval-by'), by: fc.constantFrom(-1, 1) }),
    fc.record({ type: fc.constant('edge'), to: fc.constantFrom('first', 'last') }),
    fc.record({ type: fc.constant('view'), name: fc.constantFrom(...VIEWS.map(({ name }) => name)) }),
    fc.record({ type: fc.constant('select'), identity: fc.nat(6) }),
    fc.record({ type: fc.constant('sort-on'), key: fc.constantFrom('port', 'pid', 'nosuch') }),
    fc.record({ type: fc.constant('details-line'), line: fc.constantFrom(null, 3) }),
    fc.record({ type: fc.constantFrom('filter-edit', 'lookup-edit', 'search-edit'), edit: edits }),
    fc.record({ type: fc.constant('toggle-protocol'), protocol: fc.constantFrom('tcp', 'udp', 'unix') }),
    fc.record({
      type: fc.constantFrom(
        'open',
        'back',
        'filter',
        'filter-keep',
        'search',
        'search-keep',
        'sort',
        'sort-reverse',
        'reveal',
        'numeric',
        'tree',
        'connections',
        'pin',
        'follow',
        'pause',
        'mouse',
        'help',
      ),
    }),
  ) as fc.Arbitrary<Action>;

  /** Whether a move means lines that only the screen can count: it says how many, not which end. */
  const counts = (action: Action, focus: Focus) =>
    !(action.type === 'edge' && ['details', 'search', 'help', 'lookup'].includes(focus));

  /** Which sockets a view has. */
  const isIn: Record<SocketTableName, (socket: Socket) => boolean> = {
    listening: ({ state }) => state === 'LISTEN' || state === 'UNCONN',
    sockets: () => true,
  };

  function expectConsistent(state: State): void {
    const rows = shownRows(state);
    const name = tableOf(state);
    const table = state.tables[name];
    const selected = selection(state);
    if (rows.length === 0) expect(selected).toBeNull();
    else expect(rows.at(selected?.index as number)).toBe(selected?.row);

    expect(new Set([...rows].map(({ identity }) => identity)).size).toBe(rows.length);
    for (const { mark, closedAt, fold } of rows) {
      if (closedAt !== null) expect(mark).toBe('closed');
      // Of several that are one row, some may be left.
      else if (fold !== 'folded') expect(mark).not.toBe('closed');
    }
    const { key } = sortColumn(columnsShown(state), table.sort);
    if (name === 'processes' || name === 'timeline') expect(rowsOf(state)).toHaveLength(0);
    else expectSockets(rowsOf(state), name, compareSockets(key, table.sort.descending), state);
    expect(state.processes !== null && state.view !== 'processes').toBe(false);

    expect(columnsShown({ ...state, numeric: false }).map(({ key }) => key)).toContain(table.sort.key);
    expect(INTERVALS).toContain(state.interval);
    expect(new Set(state.protocols).size).toBe(state.protocols.length);
    for (const { text, cursor } of [state.filterLine, state.lookupLine, state.detailsSearch]) {
      expect(cursor).toBeGreaterThanOrEqual(0);
      expect(cursor).toBeLessThanOrEqual([...text].length);
    }
    for (const place of [state.detailsLine, state.detailsOwner, state.helpTop, state.lookupTop]) {
      expect(Number.isInteger(place) && place >= 0).toBe(true);
    }
    expect(state.filterHistory).not.toContain('');
    if (state.recalled !== null) expect(state.filterHistory[state.recalled]).toBe(state.filterLine.text);
    expect(state.focusBehind).not.toBe('help');

    const pid = detailsPid(state);
    const { socket, process } = selected?.row ?? {};
    const owners = process ? [process] : (socket?.owners ?? []);
    if (pid !== null) expect(owners.map((owner) => owner.pid)).toContain(pid);
    if (pid === null && state.detailsOpen) expect(ownerPids(state)).toEqual([]);
  }

  function expectSockets(
    rows: Rows<Row>,
    name: SocketTableName,
    compare: ReturnType<typeof compareSockets>,
    { protocols }: State,
  ): void {
    let first: { socket: Socket; pinned: boolean } | null = null;
    let before: { socket: Socket; pinned: boolean } | null = null;
    for (const { facts, row, fold, pinned } of rows) {
      const here = { socket: facts.socket(row), pinned };
      expect(isIn[name](here.socket)).toBe(true);
      expect(protocols).toContain(here.socket.protocol);
      const within = fold === 'inner' || fold === 'last';
      // What is together stands where the first of it does, and in the same order.
      const above = within ? before : first;
      if (pinned) expect(above?.pinned ?? true).toBe(true);
      if (above && above.pinned === pinned) expect(compare(above.socket, here.socket)).toBeLessThanOrEqual(0);
      if (!within) first = here;
      before = here;
    }
  }

  /** Clocks go on; what was selected and is still shown stays so. */
  function sampleAfter(state: State, { sockets, passed, unowned }: Step): State {
    const seconds = state.sample
      ? (state.sample.snapshot.time.getTime() - snapshot([]).time.getTime()) / 1000
      : 0;
    const before = selection(state)?.row.identity;
    const at = seconds + passed;
    const owners = new Map(
      sockets.flatMap((socket) => socket.owners ?? []).map((owner) => [owner.pid, owner]),
    );
    const all = [...owners.values()].map(({ name, pid }) =>
      running(name, pid, { cpuPercent: (pid * at) % 7 }),
    );
    const next = after(
      state,
      sampled(sockets, { at, unowned }),
      looked(all, { at, before: state.processes, kept: keptProcesses(state.pins, state.follow) }),
    );
    const there = before === undefined ? -1 : shownRows(next).indexOf(before);
    // Where what was selected has closed, what it was one row with may be left.
    if (there >= 0 && shownRows(next).at(there)?.closedAt === null)
      expect(selection(next)?.index).toBe(there);
    return next;
  }

  test('of actions and snapshots the state is consistent', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(samples, actions), { maxLength: 40 }), (steps) => {
        let state = initialState();
        for (const step of steps) {
          if ('sockets' in step) state = sampleAfter(state, step);
          else if (counts(step, state.focus)) state = after(state, step);
          expectConsistent(state);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('of keys the keys are with something that is there', () => {
    const keys = [...new Set(BINDINGS.flatMap((binding) => binding.keys))];
    const fits = (state: State, focus: Focus) => {
      if (focus === 'lookup') return state.view === 'services';
      if (state.view === 'services') return false;
      return !['details', 'search'].includes(focus) || state.detailsOpen;
    };
    fc.assert(
      fc.property(fc.array(fc.oneof(samples, fc.constantFrom(...keys)), { maxLength: 60 }), (steps) => {
        let state = initialState();
        for (const step of steps) {
          if (typeof step !== 'string') {
            state = sampleAfter(state, step);
          } else {
            const command = commandFor(state.focus, step);
            if (!command || ['quit', 'suspend', 'refresh', 'copy'].includes(command.type)) continue;
            const action = command.type === 'page' ? move(Math.sign(command.pages) * 5) : (command as Action);
            if (counts(action, state.focus)) state = after(state, action);
          }
          expectConsistent(state);
          expect(fits(state, state.focus === 'help' ? state.focusBehind : state.focus)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('Esc and again Esc ends with the table alone, unfiltered', () => {
    fc.assert(
      fc.property(samples, fc.array(actions, { maxLength: 25 }), (sample, steps) => {
        let state = sampleAfter(initialState(), sample);
        for (const step of steps) if (counts(step, state.focus)) state = after(state, step);
        for (let press = 0; press < 8; press++) state = after(state, { type: 'back' });
        expect(state).toMatchObject({ focus: 'table', detailsOpen: false, targets: [] });
        expect(state.tables[tableOf(state)].filter.text).toBe('');
      }),
      { numRuns: 100 },
    );
  });
});
