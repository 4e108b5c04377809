import { readFileSync } from 'node:fs';

const GETENT_TIMEOUT = 1000;
const AT_ONCE = 4;

/**
 * The names of user ids: /etc/passwd, then `getent passwd UID`, which also asks LDAP and systemd
 * (nsswitch.conf(5)). What getent said, be it nothing, is remembered.
 */
export class Users {
  readonly #getent: string;
  readonly #names: Map<number, string | null>;
  readonly #unasked = new Set<number>();

  /** @param options other files than the system's; a missing passwd file only means no names from it */
  constructor({ passwd = '/etc/passwd', getent = 'getent' } = {}) {
    this.#getent = getent;
    this.#names = new Map(parsePasswd(contentOf(passwd)));
  }

  /** What is known now; null: no name, or not yet. {@link settle} asks for those. */
  name(uid: number): string | null {
    const name = this.#names.get(uid);
    if (name === undefined) this.#unasked.add(uid);
    return name ?? null;
  }

  /** Whether {@link name} was asked for uids that nobody has been asked about. */
  get unsettled(): boolean {
    return this.#unasked.size > 0;
  }

  /** The name, asking getent if need be; null: the uid has none, or nobody answered within a second. */
  async resolve(uid: number): Promise<string | null> {
    if (!this.#names.has(uid)) {
      this.#unasked.delete(uid);
      await this.#ask(uid);
    }
    return this.#names.get(uid) ?? null;
  }

  /**
   * Asks getent for every uid that {@link name} did not know, a few at once. A directory service that does
   * not answer is waited for once: the uids that are left keep for the next call.
   */
  async settle(): Promise<void> {
    let answers = true;
    const askers = Array.from({ length: AT_ONCE }, async () => {
      for (const uid of this.#unasked) {
        if (!answers) return;
        this.#unasked.delete(uid);
        if (!(await this.#ask(uid))) answers = false;
      }
    });
    await Promise.all(askers);
  }

  /** Whether getent answered in time. */
  async #ask(uid: number): Promise<boolean> {
    // Most users are in /etc/passwd, and to load it takes as long as to read the sockets.
    const { execFile } = await import('node:child_process');
    return new Promise((resolve) => {
      const options = { timeout: GETENT_TIMEOUT, killSignal: 'SIGKILL' } as const;
      execFile(this.#getent, ['passwd', String(uid)], options, (error, answer) => {
        // A user may be named as a number: only the entry of this uid counts.
        this.#names.set(uid, error ? null : (parsePasswd(answer).get(uid) ?? null));
        resolve(!error?.killed);
      });
    });
  }
}

/** passwd(5): `name:password:uid:gid:…`. Of two names of one uid the first counts, as in getpwuid(3). */
export function parsePasswd(content: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of content.split('\n')) {
    const [name = '', , uid = ''] = line.split(':');
    // `+` and `-` begin the lines of NIS, `#` a remark.
    if (name === '' || /^[+\-#]/.test(name) || !/^\d+$/.test(uid)) continue;
    if (!names.has(Number(uid))) names.set(Number(uid), name);
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
