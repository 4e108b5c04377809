import type { Family, Protocol } from './socket.ts';
import type { SocketTable } from './socket-table.ts';

export type SourceName = 'sock_diag' | 'proc';

export type Wanted = { protocols: readonly Protocol[]; families: readonly Family[] };

/**
 * Where the table of sockets comes from. `read` is a generator so that its caller decides: run at once
 * (one-shot), or in slices between which keys are heard.
 */
export interface SocketSource {
  readonly name: SourceName;
  /** Throws a ProcError when nothing at all could be read. */
  read(wanted: Wanted): Generator<void, SocketTable>;
}
