import { existsSync } from 'node:fs';
import { openTerminal, type Terminal } from '../helpers/terminal.ts';
import type { LoadedHost } from './host.ts';
import type { Meter, Run } from './measure.ts';
import type { Size } from './sizes.ts';
import { SCREEN } from './start.ts';

/** What a part of the benchmark has to work with. */
export type Bed = {
  size: Size;
  host: LoadedHost;
  meter: Meter;
  /** The folder for what is only of use meanwhile. */
  folder: string;
  porttop: string;
  /** Where --runs says it. */
  runs: number | undefined;
  /** How long a window of the running screen is. */
  seconds: number;
};

/** porttop's own, between two refreshes: in milliseconds. */
export const INTERVAL = 1000;

/** Without the connections column, and with it. */
export const COLUMNS_OFF = 'port,service,proto,addr,exposure,command,pid,user,queue,started';
export const COLUMNS_ON = `${COLUMNS_OFF},conns`;

/** A row of the listening view; and one of host.c's with its owner. */
export const ROW = /^[▌ ].{0,2} +\d+ /m;
export const OWNED_ROW = /^[▌ ].{0,2} +\d+ .*\b(?:server|svc|w)\d+\b/m;

/** An old build takes long on a large host. */
export const PATIENCE = { timeout: 120_000 };

/** The screen, before it shows anything. */
export function openScreen({ porttop }: Pick<Bed, 'porttop'>, args: readonly string[] = []): Terminal {
  return openTerminal({ command: process.execPath, args: [porttop, ...args], ...SCREEN });
}

/** The view of all sockets, with the columns that it has by itself. */
export async function openAllSockets(bed: Pick<Bed, 'porttop'>): Promise<Terminal> {
  const terminal = openScreen(bed);
  await terminal.waitFor(OWNED_ROW, PATIENCE);
  await showAllSockets(terminal);
  return terminal;
}

export async function showAllSockets(terminal: Terminal): Promise<void> {
  terminal.press('2');
  await terminal.waitFor(/ REMOTE [\s\S]* (?:ESTAB|LISTEN)/, PATIENCE);
}

export function progress(what: string): void {
  console.error(`${new Date().toTimeString().slice(0, 8)} ${what}`);
}

export function isInstalled(command: CommandLine): boolean {
  const [name = ''] = command.split(' ');
  if (name === 'porttop' || name === 'node') return true;
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(`${folder}/${name}`));
}

/** A command line, as it is typed. */
export type CommandLine = string;

export function wordsOf(command: CommandLine, { porttop }: Pick<Bed, 'porttop'>): string[] {
  const [name = '', ...args] = command.split(' ');
  if (name === 'porttop') return [process.execPath, porttop, ...args];
  return [name === 'node' ? process.execPath : name, ...args];
}

/** One that took so long is not run a second time. */
const SLOW = 20_000;

export class Samples {
  readonly runs = new Map<CommandLine, Run[]>();
  readonly #bed: Bed;

  constructor(bed: Bed) {
    this.#bed = bed;
  }

  /** Runs it unless it is not installed, or has shown to be slow. */
  async take(command: CommandLine): Promise<Run | null> {
    const runs = this.runs.get(command) ?? [];
    if ((runs[0]?.wall ?? 0) > SLOW || !isInstalled(command)) return null;
    const run = await this.#bed.meter.run(wordsOf(command, this.#bed));
    this.runs.set(command, [...runs, run]);
    return run;
  }

  of(command: CommandLine, what: keyof Run): number[] {
    return (this.runs.get(command) ?? []).map((run) => run[what]);
  }
}
