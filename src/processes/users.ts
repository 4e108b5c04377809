import { readFileSync } from 'node:fs';

const GETENT_TIMEOUT = 1000;
const AT_ONCE = 4;

/**
 * The names of user ids: /etc/passwd, then `getent passwd UID`, which also asks LDAP and systemd
 * (nsswitch.conf(5)); and those of groups in the same way. What getent said, be it nothing, is remembered.
 */
export class Users {
  readonly #users: Database;
  readonly #groups: Database;

  /** @param options other files than the system's; a missing one only means no names from it */
  constructor({ passwd = '/etc/passwd', group = '/etc/group', getent = 'getent' } = {}) {
    this.#users = new Database('passwd', passwd, getent);
    this.#groups = new Database('group', group, getent);
  }

  /** What is known now; null: no name, or not yet. {@link settle} asks for those. */
  name(uid: number): string | null {
    return this.#users.name(uid);
  }

  /** The same, of a group. */
  group(gid: number): string | null {
    return this.#groups.name(gid);
  }

  /** Whether {@link name} or {@link group} was asked for what nobody has been asked about. */
  get unsettled(): boolean {
    return this.#users.unsettled || this.#groups.unsettled;
  }

  /** The name, asking getent if need be; null: the uid has none, or nobody answered within a second. */
  resolve(uid: number): Promise<string | null> {
    return this.#users.resolve(uid);
  }

  /**
   * Asks getent for every number that was not known, a few at once. A directory service that does not answer
   * is waited for once: the numbers that are left keep for the next call.
   */
  async settle(): Promise<void> {
    await Promise.all([this.#users.settle(), this.#groups.settle()]);
  }
}

/** One of getent(1)'s databases that give a number a name. */
class Database {
  readonly #name: 'passwd' | 'group';
  readonly #file: string;
  readonly #getent: string;
  /** null: nobody has asked for a name yet, and the file has not been read. */
  #read: Map<number, string | null> | null = null;
  readonly #unasked = new Set<number>();

  constructor(name: 'passwd' | 'group', file: string, getent: string) {
    this.#name = name;
    this.#file = file;
    this.#getent = getent;
  }

  get #names(): Map<number, string | null> {
    this.#read ??= new Map(parsePasswd(contentOf(this.#file)));
    return this.#read;
  }

  name(number: number): string | null {
    const name = this.#names.get(number);
    if (name === undefined) this.#unasked.add(number);
    return name ?? null;
  }

  get unsettled(): boolean {
    return this.#unasked.size > 0;
  }

  async resolve(number: number): Promise<string | null> {
    if (!this.#names.has(number)) {
      this.#unasked.delete(number);
      await this.#ask(number);
    }
    return this.#names.get(number) ?? null;
  }

  async settle(): Promise<void> {
    let answers = true;
    const askers = Array.from({ length: AT_ONCE }, async () => {
      for (const number of this.#unasked) {
        if (!answers) return;
        this.#unasked.delete(number);
        if (!(await this.#ask(number))) answers = false;
      }
    });
    await Promise.all(askers);
  }

  /** Whether getent answered in time. */
  async #ask(number: number): Promise<boolean> {
    // Most names are in the files, and to load it takes as long as to read the sockets.
    const { execFile } = await import('node:child_process');
    return new Promise((resolve) => {
      const options = { timeout: GETENT_TIMEOUT, killSignal: 'SIGKILL' } as const;
      execFile(this.#getent, [this.#name, String(number)], options, (error, answer) => {
        // A user may be named as a number: only the entry of this one counts.
        this.#names.set(number, error ? null : (parsePasswd(answer).get(number) ?? null));
        resolve(!error?.killed);
      });
    });
  }
}

/** passwd(5), group(5): `name:password:number:…`. Of two names of one number the first counts, as in getpwuid(3). */
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
