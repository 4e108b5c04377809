import type { ProcessName, RowFacts } from '../sockets/snapshot.ts';
import type { State } from '../sockets/socket.ts';
import { join, type SafeText, text } from '../text/safe.ts';
import { type Column, shown, type Tone } from './column.ts';
import { COLUMNS, ownerNames, statesSaid } from './columns.ts';

/** A row of some table. */
export type Place<Rows = RowFacts> = { facts: Rows; row: number };

type Together = (places: readonly Place[], now: number) => SafeText;

/** What a column says of several sockets that are shown as one row, where that is not the first and how many more. */
const TOGETHER: Readonly<Record<string, Together>> = {
  // The addresses tell of both families.
  proto(places, now) {
    const words = distinct(places.map(({ facts, row }) => COLUMNS.proto.text(facts, row, now)));
    const [shortest] = words.toSorted((a, b) => a.length - b.length);
    const families = words.every((word) => word === shortest || word === `${shortest}6`);
    return families && shortest ? shortest : firstAndMore(words);
  },
  addr(places, now) {
    const words = places.map(({ facts, row }) => COLUMNS.addr.text(facts, row, now));
    const counts = new Map<SafeText, number>();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    const said = Array.from(counts, ([word, count]) => (count === 1 ? word : text`${word} ×${count}`));
    return said.length <= SAID_IN_FULL ? join(said, text`  `) : firstAndMore(said);
  },
  exposure(places, now) {
    const words = places.map(({ facts, row }) => COLUMNS.exposure.text(facts, row, now));
    return REACHES.map((reach) => words.find((word) => word === reach)).find((word) => word) ?? shown(null);
  },
  command(places) {
    const [first] = places as [Place];
    return shown(ownerNames(processesOf(places), first.facts, first.row));
  },
  pid: (places) => shown(processesOf(places)[0]?.pid ?? null),
  pids: (places) =>
    shown(
      processesOf(places)
        .map(({ pid }) => pid)
        .join(',') || null,
    ),
  queue(places, now) {
    const { facts, row } = fullest(places);
    return COLUMNS.queue.text(facts, row, now);
  },
  conns: (places) => shown(connectionsOf(places)),
  states(places) {
    const counts = new Map<State, number>();
    let counted = false;
    for (const { facts, row } of ofEachAddress(places)) {
      const states = facts.connectionStates(row);
      counted ||= states !== null;
      for (const { state, count } of states ?? []) counts.set(state, (counts.get(state) ?? 0) + count);
    }
    return shown(counted ? statesSaid(Array.from(counts, ([state, count]) => ({ state, count }))) : null);
  },
  started(places, now) {
    // Of the process whose pid is told.
    const [first] = processesOf(places);
    const holds = ({ facts, row }: Place) => facts.pid(row) === first?.pid;
    const { facts, row } = places.find(holds) ?? (places[0] as Place);
    return COLUMNS.started.text(facts, row, now);
  },
};

const SAID_IN_FULL = 2;
/** The farthest first. */
const REACHES = ['all', 'public', 'private', 'link-local', 'loopback'];

/** What a cell of several rows says. */
export function textTogether<Rows>(
  column: Column<Rows>,
  places: readonly Place<Rows>[],
  now: number,
): SafeText {
  const together = TOGETHER[column.key];
  // Only sockets are put together.
  if (together) return together(places as unknown as Place[], now);
  return firstAndMore(distinct(places.map(({ facts, row }) => column.text(facts, row, now))));
}

const WORST_FIRST: readonly Tone[] = ['danger', 'warning'];

/** What is worst of one is so of all; what is quiet is so of each. */
export function toneTogether<Rows>(column: Column<Rows>, places: readonly Place<Rows>[]): Tone {
  const tones = places.map(({ facts, row }) => column.tone(facts, row));
  const worst = WORST_FIRST.find((tone) => tones.includes(tone));
  return worst ?? tones.find((tone) => tone !== 'quiet') ?? 'quiet';
}

export function gaugeTogether<Rows>(column: Column<Rows>, places: readonly Place<Rows>[]): number | null {
  const { gauge } = column;
  if (!gauge) return null;
  const told = places.map(({ facts, row }) => gauge(facts, row)).filter((share) => share !== null);
  return told.length === 0 ? null : Math.max(...told);
}

/** How many are connected to any of these listeners; null: nobody counted. */
function connectionsOf(places: readonly Place[]): number | null {
  const counts = ofEachAddress(places)
    .map(({ facts, row }) => facts.connections(row))
    .filter((count) => count !== null);
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
}

/** Of those that share an address each has the connections of all: one of them. */
export function ofEachAddress(places: readonly Place[]): Place[] {
  const byAddress = new Map<string, Place>();
  for (const place of places) {
    const { table } = place.facts;
    const key = [table.netns[place.row], table.localAddressOf(place.row), table.localPort[place.row]].join();
    const known = byAddress.get(key);
    // One that came since has not been counted.
    if (!known || known.facts.connections(known.row) === null) byAddress.set(key, place);
  }
  return [...byAddress.values()];
}

function fullest(places: readonly Place[]): Place {
  const share = ({ facts, row }: Place) => COLUMNS.queue.gauge?.(facts, row) ?? -1;
  return places.reduce((a, b) => (share(b) > share(a) ? b : a));
}

/** Every process that holds one of them, once, by pid. */
function processesOf(places: readonly Place[]): ProcessName[] {
  const byPid = new Map(
    places.flatMap(({ facts, row }) => facts.processes(row)).map((process) => [process.pid, process]),
  );
  return [...byPid.values()].sort((a, b) => a.pid - b.pid);
}

function distinct(words: readonly SafeText[]): SafeText[] {
  return [...new Set(words)];
}

function firstAndMore([first, ...more]: readonly SafeText[]): SafeText {
  if (first === undefined) return shown(null);
  return more.length === 0 ? first : text`${first} +${more.length}`;
}
