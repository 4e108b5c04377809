import ipaddr from 'ipaddr.js';
import type { RowFacts } from '../sockets/snapshot.ts';
import type { Endpoint, Protocol } from '../sockets/socket.ts';
import { QueryError } from './query-error.ts';

/** Sockets that use one of these ports, at either end; null means any. */
export type Target = {
  protocol: Protocol | null;
  address: string | null;
  /** The interface that was named with a link-local address. */
  scope: string | null;
  ports: readonly { from: number; to: number }[] | null;
};

/** The registered ports of a service's name or alias; none when nobody knows the name. */
export type ServicePorts = (name: string) => readonly { port: number; protocol: string }[];

const HIGHEST_PORT = 65535;

/** The port of a raw socket is the IP protocol. */
const WITH_PORTS: readonly Protocol[] = ['tcp', 'udp', 'udplite'];

/**
 * Reads a TARGET as netstat, ss and lsof users type it: `4000`, `:4000`, `tcp:4000`, `4000/tcp`, `3000-3010`,
 * `80,443`, `ssh`, `@127.0.0.1:80`, `tcp@[::1]:80`. A name may mean one port in TCP and another in UDP,
 * hence several targets. Throws a {@link QueryError}.
 */
export function parseTarget(text: string, servicePorts: ServicePorts): Target[] {
  let rest = text;
  let protocol: Protocol | null = null;
  let address: string | null = null;
  let scope: string | null = null;

  const before = /^(tcp|udp)(?=[:@])/i.exec(rest);
  const after = /\/(tcp|udp)$/i.exec(rest);
  if (before) {
    protocol = (before[1] as string).toLowerCase() as Protocol;
    rest = rest.slice(protocol.length);
  }
  if (after) {
    const named = (after[1] as string).toLowerCase() as Protocol;
    if (protocol && protocol !== named) throw wrong(text, `it names both ${protocol} and ${named}`);
    protocol = named;
    rest = rest.slice(0, -after[0].length);
  }

  if (rest.startsWith('@') || /^\[.*\]|^\d+(\.\d+){3}/.test(rest)) {
    const split = /^@?(?:\[([^\]]+)\]|([^@:[\]]+))(?::(.*))?$/.exec(rest);
    if (!split) throw wrong(text, 'an address is written @127.0.0.1:80 or @[::1]:80');
    const host = (split[1] ?? split[2]) as string;
    const [ip = '', zone] = host.split('%');
    if (!ipaddr.isValid(ip) || /^\d+$/.test(ip)) throw wrong(text, `'${host}' is no IP address`);
    address = ipaddr.process(ip).toString();
    scope = zone ?? null;
    if (split[3] === undefined) return [{ protocol, address, scope, ports: null }];
    rest = split[3];
  } else if (rest.startsWith(':')) {
    rest = rest.slice(1);
  }

  if (rest === '') throw wrong(text, 'the port is missing');
  const ports: { from: number; to: number }[] = [];
  const byName: Target[] = [];
  for (const part of rest.split(',')) {
    if (part === '') throw wrong(text, 'a port is missing beside a comma');
    const range = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!range) {
      byName.push(...targetsOfName(part, { protocol, address, scope }, text, servicePorts));
      continue;
    }
    const from = portNumber(range[1] as string, text);
    const to = range[2] === undefined ? from : portNumber(range[2], text);
    if (to < from) throw wrong(text, `the range ${part} runs backwards`);
    ports.push({ from, to });
  }
  return ports.length === 0 ? byName : [{ protocol, address, scope, ports }, ...byName];
}

function targetsOfName(
  name: string,
  { protocol, address, scope }: Omit<Target, 'ports'>,
  text: string,
  servicePorts: ServicePorts,
): Target[] {
  const targets: Target[] = [];
  for (const service of servicePorts(name)) {
    if (service.protocol !== 'tcp' && service.protocol !== 'udp') continue;
    if (protocol && service.protocol !== protocol) continue;
    const ports = [{ from: service.port, to: service.port }];
    targets.push({ protocol: service.protocol, address, scope, ports });
  }
  if (targets.length > 0) return targets;
  throw wrong(
    text,
    protocol
      ? `no ${protocol} service has the name '${name}'`
      : `'${name}' is no port and no service (a program's name? --command ${name})`,
  );
}

function portNumber(digits: string, text: string): number {
  const port = Number(digits);
  if (port > HIGHEST_PORT) throw wrong(text, `ports end at ${HIGHEST_PORT}`);
  return port;
}

function wrong(text: string, why: string): QueryError {
  return new QueryError(
    `'${text}' is no TARGET: ${why}; try 4000, tcp:4000, 3000-3010, ssh or @127.0.0.1:80`,
  );
}

/** Whether a socket uses a target's port, at either end, whatever its state. */
export function matchesTarget(rows: RowFacts, row: number, target: Target): boolean {
  const { table } = rows;
  const protocol = table.protocolOf(row);
  if (target.protocol ? protocol !== target.protocol : !WITH_PORTS.includes(protocol)) return false;
  const remotePort = table.remotePort[row] as number;
  const local = isAmong(table.localPort[row] as number, target.ports);
  const remote = isAmong(remotePort, target.ports) && (remotePort !== 0 || target.ports === null);
  if (!local && !remote) return false;
  if (target.address === null) return true;
  const socket = rows.socket(row);
  return (
    (local && socket.local !== null && addressMatches(socket.local, target)) ||
    (remote && socket.remote !== null && addressMatches(socket.remote, target))
  );
}

/** The ports that any of the targets can use, for a source to look at no others; null: any port. */
export function portsOf(targets: readonly Target[]): { from: number; to: number }[] | null {
  const ports = targets.map((target) => target.ports);
  return ports.length === 0 || ports.includes(null) ? null : ports.flatMap((ranges) => ranges ?? []);
}

function isAmong(port: number, ports: Target['ports']): boolean {
  return ports === null || ports.some(({ from, to }) => from <= port && port <= to);
}

function addressMatches(end: Endpoint, { address, scope }: Target): boolean {
  // Where the end's own is not known, it may be this one.
  if (scope !== null && end.scope !== null && end.scope !== scope) return false;
  // A mapped address is the IPv4 address it stands for.
  return address === null || ipaddr.process(end.address).toString() === address;
}
