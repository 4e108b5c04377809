import type { HeldPort, HeldPorts } from '../sockets/held-ports.ts';
import { nameOf } from './name.ts';
import type { Process } from './process-list.ts';
import type { Users } from './users.ts';

/** The processes of one moment, with what else is told of them: a row each. */
export class ProcessTable {
  readonly processes: readonly Process[];
  readonly #ports: HeldPorts;
  readonly #users: Pick<Users, 'name'>;
  /** What stands before the command lines of a tree. */
  readonly #branches: ReadonlyMap<number, string>;

  constructor(processes: readonly Process[], { ports, users, branches = new Map() }: ProcessFacts) {
    this.processes = processes;
    this.#ports = ports;
    this.#users = users;
    this.#branches = branches;
  }

  get length(): number {
    return this.processes.length;
  }

  at(row: number): Process {
    return this.processes[row] as Process;
  }

  /** What a person calls it. */
  name(row: number): string {
    const { command, cmdline } = this.at(row);
    return nameOf(command, () => cmdline);
  }

  /** The name of its effective user; null: nobody knows it. */
  userName(row: number): string | null {
    return this.#users.name(this.at(row).uid);
  }

  /** The name, or the number. */
  user(row: number): string {
    return this.userName(row) ?? String(this.at(row).uid);
  }

  /** null: not known, since its descriptors may not be read. */
  ports(row: number): readonly HeldPort[] | null {
    return this.#ports(this.at(row).pid);
  }

  /** The same processes, as a tree. */
  withBranches(branches: ReadonlyMap<number, string>): ProcessTable {
    return new ProcessTable(this.processes, { ports: this.#ports, users: this.#users, branches });
  }

  /** The same, and behind them more. */
  followedBy(processes: readonly Process[]): ProcessTable {
    const all = [...this.processes, ...processes];
    return new ProcessTable(all, { ports: this.#ports, users: this.#users, branches: this.#branches });
  }

  branch(row: number): string {
    return this.#branches.get(row) ?? '';
  }

  /** As ps writes it: the arguments; a name in brackets where there are none. */
  commandLine(row: number): string {
    const { cmdline, command, state } = this.at(row);
    const line = cmdline.length === 0 ? `[${command}]` : cmdline.join(' ');
    return state === 'Z' ? `${line} <defunct>` : line;
  }
}

type ProcessFacts = {
  ports: HeldPorts;
  users: Pick<Users, 'name'>;
  branches?: ReadonlyMap<number, string>;
};
