import type { Shot } from '../actions/aim.ts';
import { documentHead } from '../output/document.ts';
import type { Host } from '../processes/host.ts';
import type { Recipient } from '../processes/recipients.ts';
import type { Signal } from '../processes/signal-list.ts';
import { holdingsOf, type PortBefore } from '../sockets/port-holders.ts';
import type { Snapshot } from '../sockets/snapshot.ts';
import type { SafeText } from '../text/safe.ts';

/**
 * What became of somebody: they `ended` after the signal; were `gone` before; are still `there`; it was `sent`, and is
 * not meant to end anybody; it was not sent, for one of the reasons of {@link Shot}; or an answer `spared` them.
 */
export type Result = {
  outcome: 'ended' | 'there' | 'sent' | 'spared' | Shot['result'];
  said: SafeText;
  /** How long after the signal it was seen that they had ended, in ms. */
  took: number | null;
};

export type Results = Map<Recipient, Result>;

/** What is seen once some have ended: their ports, as they were, and the sockets there. */
export type After = { ports: readonly PortBefore[]; ended: ReadonlySet<number>; snapshot: Snapshot };

/** The document of `--json`. */
export function killJson(
  moment: Date,
  host: Host,
  { number, name }: Signal,
  results: Results,
  after: After | null,
): object {
  return {
    ...documentHead(moment, host),
    signal: { number, name },
    recipients: Array.from(results, ([recipient, { outcome, said, took }]) => ({
      pid: recipient.pid,
      command: recipient.command,
      name: recipient.name,
      uid: recipient.uid,
      user: recipient.user,
      ports: recipient.ports,
      children: recipient.children,
      unit: recipient.unit,
      container: recipient.container,
      restart: recipient.restart,
      outcome,
      message: said,
      tookSeconds: took === null ? null : Math.round(took) / 1000,
    })),
    ports: (after?.ports ?? []).map((port) => ({
      protocol: port.protocol,
      port: port.port,
      listeners: holdingsOf(port, (after as After).snapshot, (after as After).ended).map(
        ({ since, owners, unknown }) => ({ since, owners, ownerUnknown: unknown }),
      ),
    })),
  };
}
