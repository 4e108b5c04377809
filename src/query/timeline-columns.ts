import type { RowFacts } from '../sockets/snapshot.ts';
import { type SafeText, safe, text } from '../text/safe.ts';
import { age } from '../text/units.ts';
import { type Column, columnOf, type Key, type Tone } from './column.ts';
import { COLUMNS } from './columns.ts';

/** What happened; `missed`: nobody knows what, since the kernel had more to say than there was room for. */
export type Happening = 'opened' | 'closed' | 'owner' | 'missed';

/** What is asked of a row of the timeline: of its socket, and of what happened to it. */
export interface TimelineFacts extends RowFacts {
  /** In ms since the epoch. */
  at(row: number): number;
  happening(row: number): Happening;
  /** To how many connections it happened that are not told of one by one; 0: it is told of one socket. */
  many(row: number): number;
  /** Grows with every row. */
  sequence(row: number): number;
}

const WORDS: Record<Happening, string> = {
  opened: 'opened',
  closed: 'closed',
  owner: 'new owner',
  missed: 'some missed',
};

const TONES: Record<Happening, Tone> = {
  opened: 'accent',
  closed: 'plain',
  owner: 'warning',
  missed: 'warning',
};

/** Rows that are of no one socket. */
export function isSummary(rows: TimelineFacts, row: number): boolean {
  return rows.many(row) > 0 || rows.happening(row) === 'missed';
}

/** `closed`; `+214 closed`. */
function eventText(rows: TimelineFacts, row: number): string {
  const many = rows.many(row);
  const word = WORDS[rows.happening(row)];
  return many === 0 ? word : `+${many} ${word}`;
}

const column = columnOf<TimelineFacts>;
const DASH = text`–`;

/** A column of sockets, for rows of which some are of none. */
function ofSocket(of: Column, changed: Partial<Column<TimelineFacts>> = {}): Column<TimelineFacts> {
  const known =
    (key: Key): Key<TimelineFacts> =>
    (rows, row) =>
      isSummary(rows, row) ? null : key(rows, row);
  return {
    ...of,
    value: known(of.value),
    text: (rows, row, now): SafeText => (isSummary(rows, row) ? DASH : of.text(rows, row, now)),
    tone: (rows, row) => (isSummary(rows, row) ? 'quiet' : of.tone(rows, row)),
    order: of.order.map(known),
    find: (rows, row, now) => (isSummary(rows, row) ? null : of.find(rows, row, now)),
    ...changed,
  };
}

const two = (number: number) => String(number).padStart(2, '0');

/** Local time, as on the clock of who looks. */
export function clockText(at: number): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
}

/** The latest first: of what happened at once, too. */
export const NEWEST: Key<TimelineFacts> = (rows, row) => 2 ** 32 - 1 - rows.sequence(row);

/** What is told of the timeline alone. */
export const EVENT_COLUMNS = {
  when: column({
    key: 'when',
    title: text`WHEN`,
    maxWidth: 8,
    sacrifice: 0,
    value: (rows, row) => clockText(rows.at(row)),
    tone: () => 'quiet',
    order: [(rows, row) => rows.sequence(row)],
  }),
  ago: column({
    key: 'ago',
    title: text`AGO`,
    align: 'right',
    maxWidth: 5,
    sacrifice: 5,
    value: (rows, row) => new Date(rows.at(row)).toISOString(),
    text: (rows, row, now) => age(now - rows.at(row)),
    ages: true,
    tone: () => 'quiet',
    order: [(rows, row) => rows.sequence(row)],
    find: (rows, row, now) => age(now - rows.at(row)),
  }),
  event: column({
    key: 'event',
    title: text`EVENT`,
    maxWidth: 14,
    minWidth: 7,
    sacrifice: 0,
    value: (rows, row) => rows.happening(row),
    text: (rows, row) => safe(eventText(rows, row)),
    tone: (rows, row) => TONES[rows.happening(row)],
    find: eventText,
  }),
} as const satisfies Record<string, Column<TimelineFacts>>;

const { proto, port, service, addr, remote, command, pid, user, uid } = COLUMNS;

const WITH_CONNECTIONS: readonly Column<TimelineFacts>[] = [
  EVENT_COLUMNS.when,
  EVENT_COLUMNS.ago,
  EVENT_COLUMNS.event,
  ofSocket(port),
  ofSocket(service, { sacrifice: 3 }),
  ofSocket(proto),
  ofSocket(addr, { sacrifice: 2 }),
  ofSocket(remote, { sacrifice: 1, minWidth: 15 }),
  ofSocket(command),
  ofSocket(pid),
  ofSocket(user, { sacrifice: 4 }),
];
const WITHOUT = WITH_CONNECTIONS.filter(({ key }) => key !== remote.key);

function numeric(columns: readonly Column<TimelineFacts>[]): readonly Column<TimelineFacts>[] {
  return columns
    .filter(({ key }) => key !== service.key)
    .map((each) => (each.key === user.key ? ofSocket(uid, { sacrifice: 4 }) : each));
}

type Columns = Record<'names' | 'numbers', readonly Column<TimelineFacts>[]>;

/** When, what, who. */
export const TIMELINE_COLUMNS: Record<'connections' | 'listeners', Columns> = {
  connections: { names: WITH_CONNECTIONS, numbers: numeric(WITH_CONNECTIONS) },
  listeners: { names: WITHOUT, numbers: numeric(WITHOUT) },
};
