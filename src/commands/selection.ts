import { matchesTarget, portsOf, type Target } from '../query/target.ts';
import type { RowFacts } from '../sockets/snapshot.ts';
import type { Wanted } from '../sockets/source.ts';
import { kindsOf, type SocketOptions } from './socket-options.ts';

/** Without -a and a TARGET: what listens. With a TARGET: every use of the port, whatever its state. */
export function wantedOf(options: SocketOptions, targets: readonly Target[]): Wanted {
  const everyState = options.all || ((targets.length > 0 || options.pid !== undefined) && !options.listening);
  return { ...kindsOf(options), scope: everyState ? 'all' : 'listening', ports: portsOf(targets) };
}

/** Whether a socket is one of those that were named; where none were, all are. */
export function matchesAny(targets: readonly Target[]): (rows: RowFacts, row: number) => boolean {
  return (rows, row) => targets.length === 0 || targets.some((target) => matchesTarget(rows, row, target));
}
