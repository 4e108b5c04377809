import { UsageError } from './exit.ts';

/** lsof's names of states, where they differ from the kernel's. */
const STATES: Record<string, string> = { CLOSED: 'CLOSE', SYN_RCVD: 'SYN_RECV', IDLE: 'UNCONN' };

/**
 * lsof's `-s PROTOCOL:STATE,^STATE` as a filter: only the sockets of that protocol that are in one of the states;
 * and, of that protocol, none in one of those with a `^`. Throws a {@link UsageError}.
 */
export function stateFilter(spec: string): string {
  const [, protocol, list] = /^(tcp|udp):(\^?\w+(?:,\^?\w+)*)$/i.exec(spec) ?? [];
  if (protocol === undefined || list === undefined) {
    throw new UsageError(`-s ${spec}: it is written PROTOCOL:STATE, such as TCP:LISTEN or TCP:^CLOSE_WAIT`);
  }
  const of = (names: string[]) =>
    `state:${names.map((name) => `="${STATES[name.toUpperCase()] ?? name.toUpperCase()}"`).join(',')}`;
  const names = list.split(',');
  const left = names.filter((name) => !name.startsWith('^'));
  const without = names.filter((name) => name.startsWith('^')).map((name) => name.slice(1));
  const terms = [];
  const proto = `proto:${protocol.toLowerCase()}`;
  if (left.length > 0) terms.push(`${proto} ${of(left)}`);
  if (without.length > 0) terms.push(`not (${proto} ${of(without)})`);
  return `(${terms.join(' ')})`;
}
