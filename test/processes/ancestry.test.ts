import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readAncestry, readDescendants } from '../../src/processes/ancestry.ts';
import { ProcFs } from '../../src/procfs/procfs.ts';
import { captured, NODE } from '../procfs/fixture.ts';

const STAT = captured(`${NODE}/stat`).toString();
let folder: string;
let procfs: ProcFs;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porttop-ancestry-'));
  procfs = new ProcFs(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

function add(pid: number, comm: string, ppid: number): void {
  mkdirSync(join(folder, String(pid)));
  const stat = STAT.replace('(node) S 16491', () => `(${comm}) S ${ppid}`);
  writeFileSync(join(folder, String(pid), 'stat'), stat);
}

it('the parents of a process are the eldest first', () => {
  add(1, 'systemd', 0);
  add(10, 'nginx) R 99', 1);
  expect(readAncestry(procfs, 10)).toEqual([
    { pid: 1, name: 'systemd' },
    { pid: 10, name: 'nginx) R 99' },
  ]);
  expect(readAncestry(procfs, 0)).toEqual([]);
});

it('a parent that is gone ends the chain', () => {
  add(10, 'sh', 9);
  expect(readAncestry(procfs, 10)).toEqual([{ pid: 10, name: 'sh' }]);
  expect(readAncestry(procfs, 9)).toEqual([]);
});

it('a chain that bites its tail ends', () => {
  add(10, 'a', 11);
  add(11, 'b', 10);
  expect(readAncestry(procfs, 10).map(({ pid }) => pid)).toEqual([11, 10]);
});

it('a chain without end ends', () => {
  for (let pid = 1; pid < 200; pid++) add(pid, 'x', pid + 1);
  expect(readAncestry(procfs, 1)).toHaveLength(64);
});

it('a stat that is none ends the chain', () => {
  add(10, 'a', 11);
  mkdirSync(join(folder, '11'));
  writeFileSync(join(folder, '11', 'stat'), 'nonsense');
  expect(readAncestry(procfs, 10)).toEqual([{ pid: 10, name: 'a' }]);
});

it('the parents of this process are those that ps knows', () => {
  const chain: { pid: number; name: string }[] = [];
  for (let pid = process.ppid; pid !== 0; ) {
    const said = execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' });
    const comm = readFileSync(`/proc/${pid}/comm`, 'utf8').slice(0, -1);
    // The runner of tests is one of them.
    chain.unshift({ pid, name: comm === 'MainThread' ? 'node' : comm });
    pid = Number(said);
  }
  expect(readAncestry(new ProcFs(), process.ppid)).toEqual(chain);
});

it('the descendants of processes are all below them, and themselves, be they there or not', () => {
  add(1, 'systemd', 0);
  add(10, 'nginx', 1);
  add(11, 'worker', 10);
  add(9, 'older) R 99', 11);
  add(20, 'other', 1);
  expect([...readDescendants(procfs, [10, 99])].sort((a, b) => a - b)).toEqual([9, 10, 11, 99]);
  expect(readDescendants(procfs, [1]).size).toBe(5);
});
