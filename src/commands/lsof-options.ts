import { UsageError } from './exit.ts';
import type { SocketOptions } from './socket-options.ts';

/** What lsof's `-i SPEC` asks for: `4`, `tcp`, `:4000`, `6TCP@[::1]:80`. */
export type InternetSpec = {
  family: '4' | '6' | null;
  protocol: 'tcp' | 'udp' | null;
  target: string | null;
};

/** Reads `[46][protocol][@host][:ports]` of lsof(8). Throws a {@link UsageError}. */
export function parseInternetSpec(spec: string): InternetSpec {
  const [, family = null, protocol = null, rest = ''] = /^([46])?(tcp|udp)?([@:].*)?$/i.exec(spec) ?? [];
  if (family === null && protocol === null && rest === '') {
    throw new UsageError(
      `-i ${spec}: it is written [4|6][tcp|udp][@host][:port]; try -i :4000 or -i tcp:4000`,
    );
  }
  const named = protocol?.toLowerCase() as 'tcp' | 'udp' | undefined;
  const target = rest === '' ? null : `${named ?? ''}${rest}`;
  return { family: family as '4' | '6' | null, protocol: named ?? null, target };
}

/**
 * lsof's `-P` and `-i` as what they mean here; several `-i` add up, as there. Throws a {@link UsageError} for a
 * SPEC that is none, and for several that no options here say.
 */
export function withLsofOptions(
  options: SocketOptions,
  words: readonly string[],
): { options: SocketOptions; words: readonly string[] } {
  const read: SocketOptions = { ...options };
  if (options.P) read.numeric = true;
  if (options.i === undefined) return { options: read, words };
  if (!options.listening) read.all = true;
  const specs = options.i === true ? [ANY] : options.i.map(parseInternetSpec);
  const targets = specs.flatMap(({ target }) => target ?? []);
  const families = new Set(specs.map(({ family }) => family));
  if (options.i !== true && (families.size > 1 || ![0, specs.length].includes(targets.length))) {
    throw new UsageError(
      `-i ${options.i.join(' and -i ')}: only what has ports, or has not, of one family is found at once; ask twice`,
    );
  }
  for (const { family, protocol } of specs) {
    if (family) read[family] = true;
    if (protocol) read[protocol] = true;
    else if (!options.tcp && !options.udp) read.tcp = read.udp = true;
  }
  return { options: read, words: [...words, ...targets] };
}

const ANY: InternetSpec = { family: null, protocol: null, target: null };
