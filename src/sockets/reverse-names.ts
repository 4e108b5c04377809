import { readFileSync } from 'node:fs';
import ipaddr from 'ipaddr.js';
import { isUnspecified } from './address.ts';

/** How long one address is waited for, in ms. */
const ANSWERED_WITHIN = 1000;
const AT_ONCE = 16;
/** Addresses that are remembered: far more than are shown at one time. */
const REMEMBERED = 16_384;

/** What DNS says of an address without a name. */
const NAMELESS = ['ENOTFOUND', 'ENODATA'];

/** Asks for the names of an address. Rejects when there is none, or nobody tells. */
export type Lookup = { reverse(address: string): Promise<string[]>; cancel(): void };

/**
 * The names of addresses, from /etc/hosts, then DNS. What was answered, be it nothing, is remembered; who does not
 * answer is not asked again.
 */
export class ReverseNames {
  readonly #open: () => Promise<Lookup>;
  readonly #names: Map<string, string | null>;
  readonly #hosts: ReadonlyMap<string, string>;
  readonly #unasked = new Set<string>();
  #unanswered = 0;

  /** @param options another file than the system's, and another way to ask; a file that is missing has no names */
  constructor({
    file = '/etc/hosts',
    open = openResolver,
  }: { file?: string; open?: () => Promise<Lookup> } = {}) {
    this.#open = open;
    this.#hosts = parseHosts(contentOf(file));
    this.#names = new Map(this.#hosts);
  }

  /** What is known now; null: no name, or not yet. {@link settle} asks for those. */
  name(address: string): string | null {
    if (isUnspecified(address)) return null;
    const plain = withoutMapping(address);
    const name = this.#names.get(plain);
    if (name === undefined) this.#unasked.add(plain);
    return name ?? null;
  }

  /** How many addresses {@link name} was asked for that nobody has been asked about. */
  get unsettled(): number {
    return this.#unasked.size;
  }

  /** Of how many addresses nobody has told whether they have a name. */
  get unanswered(): number {
    return this.#unanswered + this.#unasked.size;
  }

  /** Asks for them, some at once, for so many ms at most: what is left by then keeps for the next call. */
  async settle(milliseconds: number): Promise<void> {
    const lookup = await this.#open();
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      lookup.cancel();
    }, milliseconds);
    const askers = Array.from({ length: AT_ONCE }, async () => {
      for (const address of this.#unasked) {
        if (late) return;
        this.#unasked.delete(address);
        try {
          const [name = null] = await lookup.reverse(address);
          this.#remember(address, name);
        } catch (error) {
          const nameless = NAMELESS.includes((error as NodeJS.ErrnoException).code ?? '');
          if (late && !nameless) {
            this.#unasked.add(address);
            continue;
          }
          if (!nameless) this.#unanswered++;
          this.#remember(address, null);
        }
      }
    });
    await Promise.all(askers);
    clearTimeout(deadline);
  }

  #remember(address: string, name: string | null): void {
    if (this.#names.size >= REMEMBERED) {
      this.#names.clear();
      for (const [known, own] of this.#hosts) this.#names.set(known, own);
    }
    this.#names.set(address, name);
  }
}

/** DNS knows a mapped address as the IPv4 address that it stands for. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=[\d.]+$)/, '');
}

/** hosts(5): `address name alias…`. Of several lines with one address the first counts, as in getnameinfo(3). */
export function parseHosts(content: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const line of content.split('\n')) {
    const [written = '', name] = line.replace(/#.*/s, '').trim().split(/\s+/);
    if (name === undefined || !ipaddr.isValid(written)) continue;
    const address = ipaddr.process(written).toString();
    if (!names.has(address)) names.set(address, name);
  }
  return names;
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Under which name DNS has the names of an address (RFC 1035, RFC 3596). */
export function pointerOf(address: string): string {
  const bytes = ipaddr.parse(address).toByteArray();
  if (bytes.length === 4) return `${bytes.toReversed().join('.')}.in-addr.arpa`;
  const digits = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${[...digits].reverse().join('.')}.ip6.arpa`;
}

/**
 * Not by getnameinfo(3), as netstat does: what waits in there cannot be cancelled, and keeps the program from
 * ending; and not by c-ares's reverse, which calls it unknown when nobody answers.
 */
async function openResolver(): Promise<Lookup> {
  const { promises } = await import('node:dns');
  const resolver = new promises.Resolver({ timeout: ANSWERED_WITHIN, tries: 1 });
  return {
    reverse: (address) => resolver.resolvePtr(pointerOf(address)),
    cancel: () => resolver.cancel(),
  };
}
