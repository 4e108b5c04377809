import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Namespace } from '../helpers/namespace.ts';
import { ALL } from './fixture.ts';
import type { Command, Fact, Inspected, Opened, Spec, Tables } from './opener.ts';

const OPENER = fileURLToPath(new URL('opener.ts', import.meta.url));

/** A process in the namespace that opens sockets and reads both sources. */
export class Opener {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(namespace: Namespace, user?: string): Promise<Opener> {
    const wrapper = user ? ['setpriv', '--reuid', user, '--regid', user, '--clear-groups'] : [];
    const [command = '', ...args] = [...wrapper, process.execPath, OPENER];
    const child = namespace.spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    await once(child, 'message');
    return new Opener(child);
  }

  async #ask(command: Command): Promise<unknown> {
    const answer = once(this.#child, 'message');
    this.#child.send(command);
    const [message] = (await answer) as [{ answer: unknown } | { problem: string }];
    if ('problem' in message) throw new Error(message.problem);
    return message.answer;
  }

  async open(...specs: Spec[]): Promise<Opened[]> {
    return (await this.#ask({ open: specs })) as Opened[];
  }

  async read(wanted: Partial<typeof ALL> = {}): Promise<Tables> {
    return (await this.#ask({ read: { ...ALL, ...wanted } })) as Tables;
  }

  async inspect(...protocols: Fact['protocol'][]): Promise<Inspected> {
    return (await this.#ask({ inspect: { protocols } })) as Inspected;
  }

  async close(): Promise<void> {
    await this.#ask({ close: true });
  }

  end(): void {
    this.#child.disconnect();
  }
}
