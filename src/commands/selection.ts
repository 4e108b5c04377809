import { matchesTarget, portsOf, type Target } from '../query/target.ts';
import type { RowFacts } from '../sockets/snapshot.ts';
import type { Wanted } from '../sockets/source.ts';
import { kindsOf, type SocketOptions } from './socket-options.ts';

/** Without -a: what listens; with a TARGET, a process or a state that was asked for: whatever the state. */
export function wantedOf(options: SocketOptions, targets: readonly Target[]): Wanted {
  const { all, listening, pid, state, s } = options;
  const asked = targets.length > 0 || (pid ?? state ?? s) !== undefined;
  const everyState = all || (asked && !listening);
  return { ...kindsOf(options), scope: everyState ? 'all' : 'listening', ports: portsOf(targets) };
}

/** Whether a socket is one of those that were named; where none were, all are. */
export function matchesAny(targets: readonly Target[]): (rows: RowFacts, row: number) => boolean {
  return (rows, row) => targets.length === 0 || targets.some((target) => matchesTarget(rows, row, target));
}
