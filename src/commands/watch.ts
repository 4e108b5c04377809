import { type Libc, openLibc } from '../libc/libc.ts';
import { openDestroyEvents } from '../netlink/destroy-events.ts';
import { stringify } from '../output/json.ts';
import { Users } from '../processes/users.ts';
import { ProcFs } from '../procfs/procfs.ts';
import { type Filter, filterRows, type RowTest } from '../query/filter.ts';
import { ProcDescriptors } from '../sockets/descriptors.ts';
import { openSource } from '../sockets/host-source.ts';
import { OwnerIndex } from '../sockets/owner-index.ts';
import type { RowFacts } from '../sockets/snapshot.ts';
import type { SocketEvent } from '../store/changes.ts';
import { HostNames } from '../store/names.ts';
import { Watcher } from '../store/watcher.ts';
import { safe } from '../text/safe.ts';
import { EXIT, UsageError } from './exit.ts';
import { openServices } from './open-services.ts';
import { matchesAny, wantedOf } from './selection.ts';
import { parseSocketArguments, type SocketCommand } from './socket-flags.ts';
import {
  filterOf,
  LISTED,
  pidsOf,
  processLetterNote,
  type SocketOptions,
  targetsOf,
} from './socket-options.ts';

/** `porttop watch`: what happens to the sockets that match, one JSON object a line, until it is stopped. */
export async function run(args: string[]): Promise<number> {
  const parsed = parseSocketArguments(WATCH, args);
  if (!parsed) return EXIT.matched;
  const { options, words } = parsed;
  refuse(options);
  const note = processLetterNote(args);
  if (note) say(note);

  const libc = openLibc();
  const procfs = new ProcFs(options.procfs, libc?.readLinks);
  procfs.require();
  // Before the first look: nothing is missed between the two.
  const announcements = libc && procfs.live ? openDestroyEvents(libc) : null;
  if (!announcements) say(`${MISSES}: ${whyUnannounced(libc, procfs)}`);
  else if (options.unix || options.raw) say(`${MISSES}: the kernel announces TCP and UDP alone`);
  const services = openServices(options.services);
  const users = new Users();
  const targets = await targetsOf(words, services);
  if (!options.numeric) await services.loadRegistry();

  const names = new HostNames(procfs, services, users);
  const owners = new OwnerIndex(new ProcDescriptors(procfs));
  owners.met = (pid) => names.meet(pid);
  names.replaced = (pid) => owners.replaced(pid);
  const host = { procfs, source: openSource(procfs, libc), names, owners };
  const watching = {
    wanted: { ...wantedOf(options, targets), cgroups: true },
    matches: matchesAny(targets),
    pids: pidsOf(options, procfs),
    passes: passing(filterOf(options)),
    interval: options.interval,
    numeric: options.numeric ?? false,
  };
  let said = announcements === null;
  const listener = {
    tell: print,
    missed(why: string) {
      if (!said) say(`the kernel dropped word of closed sockets (${why}): ${MISSES}`);
      said = true;
    },
  };
  // `watch | head -1`: the reader left, and the next line, which would tell, may come in a year.
  setInterval(() => {
    if (libc?.hasNoReader(STDOUT)) process.exit(EXIT.matched);
  }, options.interval * 1000).unref();
  return new Watcher(host, users, announcements, watching, listener).run();
}

const STDOUT = 1;

/** What is not for watch, and why. Throws a {@link UsageError}. */
function refuse({ csv, columns, sort, resolve, netns }: SocketOptions): void {
  if (csv || columns) {
    throw new UsageError('--csv and --columns are for tables: watch prints JSON, whole sockets');
  }
  if (sort) throw new UsageError('--sort is not for watch: it tells what happens as it happens');
  if (resolve) {
    throw new UsageError(
      '-r is not for watch, which does not wait for DNS: ask for the names of its addresses',
    );
  }
  if (netns !== undefined) {
    throw new UsageError(
      "-N is not for watch, to which the kernel announces its own network namespace's sockets: run it in there (ip netns exec, nsenter --net)",
    );
  }
}

/** Whether a socket passes a filter, at its moment: those of one moment come together. */
function passing(filter: Filter | null): (rows: RowFacts, row: number, now: number) => boolean {
  let last = Number.NaN;
  let test: RowTest = () => true;
  return (rows, row, now) => {
    if (filter && now !== last) test = filterRows(filter, LISTED, now);
    last = now;
    return test(rows, row);
  };
}

const MISSES = 'sockets that open and close between two looks may be missed';

export const WATCH: SocketCommand = {
  name: 'porttop watch',
  summary: 'Sockets as they open, close, and change owners: one JSON object a line.',
  // Taken where they change nothing; the others are refused.
  quiet: [
    'mouse',
    'readonly',
    'columns',
    'sort',
    'csv',
    'json',
    'ndjson',
    'header',
    'extended',
    'wide',
    'color',
    'reveal',
    'resolve',
    'netns',
  ],
  help: `
Each line is { "time", "event": "opened" | "closed" | "owner", "socket": as in
list --json }. What is there at the start is not told. A socket is closed when
no process can hold it any more: TIME_WAIT is not waited for. One that opened
and closed between two looks is told as closed, with its ends and without its
owner ("gone"). Of whoever's owner is not known, --command and a filter for
owners tell nothing.`,
  examples: [
    ['porttop watch', 'what begins and ends to listen'],
    ['porttop watch --user www', "the same, of that user's programs"],
    ['porttop watch -a --pid 1234', 'every socket that this process opens and closes'],
    ['porttop watch 4000 | head -1', 'waits until something happens on port 4000'],
  ],
  statuses: [],
};

function whyUnannounced(libc: Libc | null, procfs: ProcFs): string {
  if (!procfs.live) return `--procfs ${procfs.root} has no kernel to announce them`;
  return libc ? 'this kernel does not announce them' : 'koffi, which is optional, is not installed';
}

function print(events: readonly SocketEvent[]): void {
  if (events.length === 0) return;
  process.stdout.write(
    events
      .map(({ time, event, socket }) => `${stringify({ time: time.toISOString(), event, socket })}\n`)
      .join(''),
  );
}

function say(text: string): void {
  process.stderr.write(`porttop: ${safe(text)}\n`);
}
