import type { Recipient } from '../processes/recipients.ts';
import { portsText } from '../query/process-columns.ts';
import { explainUnknownOwner } from '../sockets/explain-owner.ts';
import { type Holding, holdingsOf, type PortBefore, portsOfAny } from '../sockets/port-holders.ts';
import type { Snapshot } from '../sockets/snapshot.ts';
import { EMPTY, join, type SafeText, safe, text } from '../text/safe.ts';
import { called } from './explain.ts';

/** What is said of ports, and whether they are open no more. */
export type PortsSaid = { said: SafeText; closed: boolean };

/** The owners that are named. */
const NAMED = 3;

/**
 * What became of the ports of those that ended: who can be reached there now, if anybody.
 * @param ended their pids
 * @param snapshot of a time after that; null: nobody has looked yet
 * @param uid who asks
 */
export function explainPorts(
  before: readonly PortBefore[],
  ended: ReadonlySet<number>,
  recipients: readonly Recipient[],
  snapshot: Snapshot | null,
  uid: number,
): readonly PortsSaid[] {
  const left = portsOfAny(before, ended);
  if (left.length === 0) return [];
  if (!snapshot) return [{ said: text`looking who listens on ${nameOfPorts(left)} now…`, closed: false }];
  const holdings = left.map((port) => ({ port, held: holdingsOf(port, snapshot, ended) }));
  const closed = holdings.filter(({ held }) => held.length === 0).map(({ port }) => port);
  const nobody = text`nothing listens on ${nameOfPorts(closed)} now${familiesOf(snapshot)}`;
  return [
    ...(closed.length > 0 ? [{ said: nobody, closed: true }] : []),
    ...holdings.flatMap(({ port, held }) =>
      held.map((holding) => ({
        said: explainHolding(port, holding, recipients, snapshot, uid),
        closed: false,
      })),
    ),
  ];
}

function explainHolding(
  port: PortBefore,
  { since, owners, unknown }: Holding,
  recipients: readonly Recipient[],
  { ownership }: Snapshot,
  uid: number,
): SafeText {
  const where = nameOfPorts([port]);
  const nobody = unknown
    ? text`its owner is not known: ${explainUnknownOwner(unknown, ownership, uid)}`
    : text`looking who has it…`;
  const named = owners.slice(0, NAMED).map(({ pid, name }) => nameOfOwner(pid, name, recipients));
  if (owners.length > NAMED) named.push(text`${owners.length - NAMED} more`);
  const whom = join(named, text`, `);
  const verb = (one: string, several: string) => safe(owners.length === 1 ? one : several);
  switch (since) {
    case 'still':
      return text`${where} is still open: ${owners.length === 0 ? nobody : text`${whom} ${verb('has', 'have')} it too`}`;
    case 'before':
      return text`${where} is open as before: ${owners.length === 0 ? nobody : text`${whom} ${verb('listens', 'listen')} there too`}`;
    case 'now':
      return text`${where} is open again: ${owners.length === 0 ? nobody : text`${whom} ${verb('listens', 'listen')} there now`}`;
  }
}

/** `node 4713`, and whose child it was. */
function nameOfOwner(pid: number, name: string | null, recipients: readonly Recipient[]): SafeText {
  const owner = called({ name: name ?? '(ended)', pid });
  const parent = recipients.find(({ children }) => children.some((child) => child.pid === pid));
  return parent ? text`${owner} (child of ${called(parent)})` : owner;
}

/** `port 80/tcp`, `ports 80,443,53/udp`. */
function nameOfPorts(ports: readonly PortBefore[]): SafeText {
  const [first] = ports;
  return ports.length === 1 && first
    ? text`port ${first.port}/${safe(first.protocol)}`
    : text`ports ${safe(portsText(ports))}`;
}

/** Of whom nobody asked is not said that they are not there. */
function familiesOf({ wanted: { families } }: Snapshot): SafeText {
  if (!families.includes('ipv6')) return text` (over IPv4)`;
  return families.includes('ipv4') ? EMPTY : text` (over IPv6)`;
}
