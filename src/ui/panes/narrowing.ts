import type { Target } from '../../query/target.ts';
import type { Protocol } from '../../sockets/socket.ts';
import { join, type SafeText, safe, text } from '../../text/safe.ts';

/** The protocols that are shown where nobody asks for others. */
export const USUAL: readonly Protocol[] = ['tcp', 'udp'];
const FEW = 3;

/** A TARGET as one may type it: `tcp@127.0.0.1:80`. */
export function targetText({ protocol, address, ports }: Target): SafeText {
  const numbers = (ports ?? []).map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
  return text`${safe(protocol ?? '')}${safe(address ? `@${address}` : '')}:${safe(numbers.join(','))}`;
}

export function pidsText(pids: readonly number[]): SafeText {
  const named = join(
    pids.slice(0, FEW).map((pid) => text`${pid}`),
    text`,`,
  );
  return pids.length > FEW ? text`pid ${named} and ${pids.length - FEW} more` : text`pid ${named}`;
}
