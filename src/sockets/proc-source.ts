import { newNetTcpRow, parseNetTcp } from '../procfs/net-tcp.ts';
import { ProcError, type ProcFs } from '../procfs/procfs.ts';
import type { Family, Protocol } from './socket.ts';
import { SocketTable } from './socket-table.ts';
import type { SocketSource, Wanted } from './source.ts';

const FILES: readonly { file: string; protocol: Protocol; family: Family }[] = [
  { file: 'tcp', protocol: 'tcp', family: 'ipv4' },
  { file: 'tcp6', protocol: 'tcp', family: 'ipv6' },
  { file: 'udp', protocol: 'udp', family: 'ipv4' },
  { file: 'udp6', protocol: 'udp', family: 'ipv6' },
];

/** /proc/net: the source that always works, for any /proc tree. It cannot tell v6only, device or backlog. */
export class ProcSource implements SocketSource {
  readonly name = 'proc';
  readonly #procfs: ProcFs;

  constructor(procfs: ProcFs) {
    this.#procfs = procfs;
  }

  *read(wanted: Wanted): Generator<void, SocketTable> {
    const table = new SocketTable();
    const row = newNetTcpRow();
    let failure: ProcError | undefined;
    let read = 0;
    for (const { file, protocol, family } of FILES) {
      if (!wanted.protocols.includes(protocol) || !wanted.families.includes(family)) continue;
      try {
        yield* this.#procfs.pieces(`${this.#procfs.net}/${file}`, (bytes) =>
          parseNetTcp(bytes, row, (facts) => table.add(protocol, family, facts)),
        );
        read++;
      } catch (error) {
        if (!(error instanceof ProcError)) throw error;
        // No tcp6 and udp6 where the kernel runs without IPv6: that is no error while another file is there.
        if (!error.gone) throw error;
        if (family === 'ipv4') failure ??= error;
      }
    }
    if (read === 0 && failure) throw failure;
    return table;
  }
}
