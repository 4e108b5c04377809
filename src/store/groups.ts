import { numbersTo, type Part } from '../query/sort.ts';
import type { RowFacts } from '../sockets/snapshot.ts';
import { FOLDS, type Grouped } from './rows.ts';

/** What makes several sockets one row: a port and its owners, or a process; null: nothing does. */
export type Grouping = 'port' | 'process' | null;

/** Which groups are one row: all, or none, but for those of these sockets. */
export type Folding = { open: boolean; except: ReadonlySet<number> };

export const ALL_FOLDED: Folding = { open: false, except: new Set() };
export const ALL_OPEN: Folding = { open: true, except: new Set() };

const [ALONE, FOLDED, FIRST, INNER, LAST] = FOLDS.map((_, at) => at) as [
  number,
  number,
  number,
  number,
  number,
];

/** Rows between two pauses. */
const AT_ONCE = 4096;

/**
 * Puts sockets together that a person takes for one: what is equal stands where the first of it did, and is one row
 * unless it is open. By typed arrays: what is in one row becomes objects only where that row is in sight.
 * @param order the places of sorted rows, as {@link sortRows} gives them
 */
export function* groupRows(
  parts: readonly Part[],
  order: Uint32Array,
  by: Exclude<Grouping, null>,
  folding: Folding,
): Generator<void, { order: Uint32Array } & Grouped> {
  const rows = rowsAt(parts, order);
  const sets = by === 'port' ? yield* byPort(rows) : yield* byProcess(rows);
  const { length } = order;
  // How many each has, and then where it begins: those that come first first, each in its own order.
  const group = new Uint32Array(length);
  const groupAt = new Int32Array(length).fill(-1);
  const sizes = new Uint32Array(length + 1);
  let groups = 0;
  for (let at = 0; at < length; at++) {
    const root = sets.rootOf(at);
    if (groupAt[root] === -1) groupAt[root] = groups++;
    const mine = groupAt[root] as number;
    group[at] = mine;
    sizes[mine] = (sizes[mine] as number) + 1;
    if (at % AT_ONCE === AT_ONCE - 1) yield;
  }
  const begins = new Uint32Array(groups + 1);
  for (let each = 0; each < groups; each++)
    begins[each + 1] = (begins[each] as number) + (sizes[each] as number);
  const next = begins.slice();
  const grouped = new Uint32Array(length);
  const open = new Uint8Array(groups).fill(folding.open ? 1 : 0);
  for (let at = 0; at < length; at++) {
    const mine = group[at] as number;
    const place = next[mine] as number;
    grouped[place] = order[at] as number;
    next[mine] = place + 1;
    if (folding.except.size > 0 && folding.except.has(rows.identity(at))) open[mine] = folding.open ? 0 : 1;
  }
  return { order: grouped, ...fold(begins, open) };
}

/** The rows of groups that begin at these places. */
function fold(begins: Uint32Array, open: Uint8Array): Grouped {
  const length = begins.at(-1) as number;
  const starts = new Uint32Array(length + 1);
  const folds = new Uint8Array(length);
  let rows = 0;
  for (let group = 0; group < open.length; group++) {
    const [from, to] = [begins[group] as number, begins[group + 1] as number];
    const alone = to - from === 1;
    for (let place = from; place < to; place++) {
      starts[rows] = place;
      folds[rows++] = alone
        ? ALONE
        : !open[group]
          ? FOLDED
          : place === from
            ? FIRST
            : place === to - 1
              ? LAST
              : INNER;
      if (!open[group]) break;
    }
  }
  starts[rows] = length;
  return { starts: starts.subarray(0, rows + 1), folds: folds.subarray(0, rows) };
}

/** Rows of several tables by where they stand in an order. */
type Ordered = {
  length: number;
  /** Whether it is of the first of them. */
  isLive(at: number): boolean;
  facts(at: number): RowFacts;
  row(at: number): number;
  identity(at: number): number;
};

function rowsAt([first, second]: readonly Part[], order: Uint32Array): Ordered {
  const live = first?.picked.length ?? 0;
  const part = (at: number) => ((order[at] as number) < live ? first : second) as Part;
  const row = (at: number) => {
    const place = order[at] as number;
    return (place < live ? first?.picked[place] : second?.picked[place - live]) as number;
  };
  return {
    length: order.length,
    isLive: (at) => (order[at] as number) < live,
    facts: (at) => part(at).rows,
    row,
    identity: (at) => part(at).rows.table.identity[row(at)] as number,
  };
}

/** Sets that become one another's: union-find. */
class Sets {
  readonly #parents: Uint32Array;

  constructor(length: number) {
    this.#parents = numbersTo(length);
  }

  rootOf(at: number): number {
    let root = at;
    for (
      let parent = this.#parents[root] as number;
      parent !== root;
      parent = this.#parents[root] as number
    ) {
      this.#parents[root] = this.#parents[parent] as number;
      root = parent;
    }
    return root;
  }

  unite(one: number, other: number): void {
    this.#parents[this.rootOf(other)] = this.rootOf(one);
  }
}

/**
 * Sockets of one port in one network namespace that a process shares; or, where there are several at one address
 * (SO_REUSEPORT), that programs of one name and user hold. Of those without an owner: for the same reason. What has
 * closed is not one with what is there: it may have been opened in its place.
 */
function* byPort(rows: Ordered): Generator<void, Sets> {
  const sets = new Sets(rows.length);
  const keyAt = portKeys(rows);
  // Most ports have one socket, or one process: only of the others more is asked.
  const firstOf = new Map<number, number>();
  const mixed = new Set<number>();
  for (let at = 0; at < rows.length; at++) {
    const [facts, row] = [rows.facts(at), rows.row(at)];
    const port = keyAt(at);
    const first = port === NO_PORT ? undefined : firstOf.get(port);
    if (first === undefined) firstOf.set(port, at);
    else if (facts.pid(row) !== 0 && facts.pid(row) === rows.facts(first).pid(rows.row(first)))
      sets.unite(first, at);
    else mixed.add(port);
    if (at % AT_ONCE === AT_ONCE - 1) yield;
  }
  if (mixed.size === 0) return sets;
  const firsts = new Map<string, number>();
  for (let at = 0; at < rows.length; at++) {
    const [facts, row] = [rows.facts(at), rows.row(at)];
    const port = keyAt(at);
    if (!mixed.has(port)) continue;
    for (const likeness of likenesses(facts, row, rows.isLive(at))) {
      const key = `${port} ${likeness}`;
      const first = firsts.get(key);
      if (first === undefined) firsts.set(key, at);
      else sets.unite(first, at);
    }
    if (at % AT_ONCE === AT_ONCE - 1) yield;
  }
  return sets;
}

function likenesses(facts: RowFacts, row: number, isLive: boolean): string[] {
  const pid = facts.pid(row);
  const { table } = facts;
  if (pid === 0) return [`${table.uid[row]} ${facts.ownerUnknown(row)}`];
  const name = facts.processes(row)[0]?.name ?? null;
  // What has closed may have been there one after the other.
  const shared = name === null || !isLive ? [] : [`${table.localAddressOf(row)} ${table.uid[row]} ${name}`];
  return [`pid ${pid}`, ...shared];
}

const NO_PORT = -1;

const PORTS = 2 ** 16;
const PROTOCOLS = 2 ** 4;

/**
 * Protocol, port and network namespace of a row in one number; of what has closed below {@link NO_PORT}. The namespaces
 * are counted: with their inodes it would be a number that V8 makes an object for, and a Map of those is slow.
 */
function portKeys(rows: Ordered): (at: number) => number {
  const namespaces = new Map<number, number>();
  return (at) => {
    const { table } = rows.facts(at);
    const row = rows.row(at);
    const port = table.localPort[row] as number;
    if (port === 0) return NO_PORT;
    const netns = table.netns[row] as number;
    const namespace = namespaces.get(netns) ?? namespaces.size;
    if (namespace === namespaces.size) namespaces.set(netns, namespace);
    const key = (namespace * PROTOCOLS + (table.protocol[row] as number)) * PORTS + port;
    return rows.isLive(at) ? key : NO_PORT - 1 - key;
  };
}

function* byProcess(rows: Ordered): Generator<void, Sets> {
  const sets = new Sets(rows.length);
  const firsts = new Map<number, number>();
  for (let at = 0; at < rows.length; at++) {
    const pid = rows.facts(at).pid(rows.row(at));
    // What has closed may be of another that had the pid.
    const key = rows.isLive(at) ? pid : -pid;
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, at);
    else if (pid !== 0) sets.unite(first, at);
    if (at % AT_ONCE === AT_ONCE - 1) yield;
  }
  return sets;
}
