import { describe, expect, it } from 'vitest';
import { identityOf } from '../../src/processes/process-list.ts';
import { type ProcessSample, processRows } from '../../src/store/process-sample.ts';
import { Rows } from '../../src/store/rows.ts';
import { type ProcessLiteral, processes, running } from '../helpers/processes.ts';
import { NOON } from '../helpers/snapshots.ts';

const init = running('systemd', 1);
const web = running('nginx', 812);
const node = running('node', 900);

/** What each look after the first shows: `+nginx` is new, `-nginx` has ended. */
function looks(...all: [at: number, ...there: ProcessLiteral[]][]): string[] {
  let before: ProcessSample | null = null;
  let last: string[] = [];
  for (const [at, ...there] of all) {
    before = processes(there, { at, before });
    last = [...rowsOf(before)].map(({ process, mark }) => {
      return `${mark === 'opened' ? '+' : mark === 'closed' ? '-' : ''}${process.command}`;
    });
  }
  return last;
}

function rowsOf(sample: ProcessSample, ownersKnown = true) {
  const { table } = sample;
  return new Rows(
    processRows(sample, table, ownersKnown, new Map()),
    Uint32Array.from(table.processes.keys()),
  );
}

describe('processes that come and go', () => {
  it('are none in the first look', () => {
    expect(looks([0, init, web])).toEqual(['systemd', 'nginx']);
  });

  it('are marked for five seconds, and the ended ones are there as long', () => {
    expect(looks([0, init, web], [1, init, node])).toEqual(['systemd', '+node', '-nginx']);
    expect(looks([0, init, web], [1, init, node], [5.9, init, node])).toEqual(['systemd', '+node', '-nginx']);
    expect(looks([0, init, web], [1, init, node], [6, init, node])).toEqual(['systemd', 'node']);
  });

  it('are two where one gets the pid of the other', () => {
    const other = running('caddy', web.pid, { startTicks: web.startTicks + 1 });
    expect(looks([0, init, web], [1, init, other])).toEqual(['systemd', '+caddy', '-nginx']);
  });

  it('are counted, and found by their identity', () => {
    const sample = processes([init, node], { at: 1, before: processes([init, web]) });
    const rows = rowsOf(sample);
    expect(rows.marks()).toEqual({ opened: 1, closed: 1 });
    expect([init, node, web].map((process) => rows.indexOf(identityOf(process)))).toEqual([0, 1, 2]);
    expect(rows.indexOf(identityOf(running('other', 5)))).toBe(-1);
    expect(rows.at(2)?.closedAt).toBe(NOON + 1000);
  });
});

describe('the identity of a process', () => {
  it('is a whole number, after years too, and another for each pid and start', () => {
    const largest = { pid: 2 ** 22 - 1, startTicks: 100 * 86_400 * 365 * 30 };
    const all = [
      largest,
      { ...largest, pid: largest.pid - 1 },
      { ...largest, startTicks: largest.startTicks + 1 },
      { pid: 1, startTicks: 0 },
    ].map(identityOf);
    expect(all.every(Number.isSafeInteger)).toBe(true);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('the ports of a process', () => {
  it('are still looked for where none is known and not every process was asked', () => {
    const served = running('sshd', 700, { ports: [22] });
    const refused = running('sudo', 701, { ports: null });
    const sample = processes([web, served, refused], { before: processes([web, served, refused, node]) });
    const pending = (known: boolean) => [...rowsOf(sample, known)].map((row) => row.pending.length > 0);
    expect(pending(false)).toEqual([true, false, false, false]);
    expect(pending(true)).toEqual([false, false, false, false]);
  });
});
