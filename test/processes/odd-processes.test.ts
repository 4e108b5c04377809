import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fieldRows } from '../../src/processes/describe.ts';
import { readDetails } from '../../src/processes/details.ts';
import { FIELDS } from '../../src/processes/fields.ts';
import { MOST, TABS, tabRows } from '../../src/processes/tabs.ts';
import { ProcFs } from '../../src/procfs/procfs.ts';
import { DELETED, FORGED, JAILED, KTHREADD, ODD, ODD_ZOMBIE, OWN_MOUNTS, TITLED } from '../procfs/fixture.ts';

const context = { users: { name: () => null }, now: 0, reveal: false };

/** What the details tell of a process, each page read as the screen reads it: a line a row. */
function pages(pid: number, root = ODD): string {
  const rows = TABS.flatMap(({ name, fields, most = MOST }) => {
    const details = readDetails(new ProcFs(root), pid, { fields, most, uid: 1000 });
    return tabRows(name, details, context);
  });
  return rows.map(({ label, lines }) => `${label} | ${lines.join(' / ')}`).join('\n');
}

/** What `show` tells of one file. */
function shown(pid: number, name: (typeof FIELDS)[number]): string[] {
  const details = readDetails(new ProcFs(ODD), pid, { fields: [name], named: true });
  return fieldRows(name, details, context).flatMap(({ lines }) => lines);
}

describe('odd processes, as captured', () => {
  it('one whose program was deleted says so in the words of the kernel: the file itself cannot be asked', () => {
    expect(pages(DELETED)).toContain('exe | /tmp/odd/gone (deleted)');
    expect(shown(DELETED, 'cmdline')).toEqual(['./gone \\', '300']);
  });

  it('one that wrote its title over its arguments and environment has one argument, and no invented USER', () => {
    const told = pages(TITLED);
    expect(told).toMatch(/^cmdline \| 'worker: serving x+'$/m);
    expect(told).toContain('environ | not known: the process has written its title over it');
    expect(told).not.toContain('USER=');
  });

  it('one that calls itself as a line of stat is told apart from it', () => {
    const told = pages(FORGED);
    expect(told).toContain('comm | a)\\n R 1\\t\\');
    expect(told).toContain('state | S sleeping');
    expect(told).toContain('environ | USER=ada');
    expect(told).toContain('parents | pid 14814, which is not visible');
  });

  it('a chroot and another mount namespace are told', () => {
    expect(pages(JAILED)).toContain('root | /tmp/odd/jail (a chroot)');
    expect(pages(OWN_MOUNTS)).toContain('root | / (of its own mount namespace)');
  });

  it('a kernel thread has no arguments, no program and no memory', () => {
    const told = pages(KTHREADD);
    expect(told).toContain('cmdline | empty: a kernel thread');
    expect(told).toMatch(/^exe \| no such file or directory: .*a kernel thread runs no program$/m);
    expect(told).toContain('memory | none: a kernel thread');
  });

  it('a zombie has the status that it ended with, and reasons for the rest', () => {
    const told = pages(ODD_ZOMBIE);
    expect(told).toContain('state | Z zombie (it ended, and its parent has not asked how)');
    expect(told).toContain('exitCode | 768: it ended with status 3');
    expect(told).toMatch(/^exe \| .*a zombie keeps only its exit status/m);
  });

  it('a command line of 2 MB is whole for show, and a beginning that says so on the screen', () => {
    const root = mkdtempSync(join(tmpdir(), 'porttop-odd-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    cpSync(ODD, root, { recursive: true, verbatimSymlinks: true });
    writeFileSync(join(root, `${DELETED}/cmdline`), `./gone\0${'x'.repeat(2 << 20)}\0`);
    const { cmdline } = readDetails(new ProcFs(root), DELETED, { fields: ['cmdline'], named: true }).fields;
    expect(cmdline && 'value' in cmdline && cmdline.value.map(({ length }) => length)).toEqual([6, 2 << 20]);
    const [line = ''] = pages(DELETED, root).split('\n');
    expect(line).toMatch(/^cmdline \| \.\/gone x+ … \(too long: the rest was not read\)$/);
    expect(line.length).toBeLessThan(20_000);
  });

  it('nothing of any of them acts on a terminal', () => {
    for (const pid of [DELETED, TITLED, FORGED, OWN_MOUNTS, JAILED, ODD_ZOMBIE, KTHREADD]) {
      expect(pages(pid)).not.toMatch(/[\p{Cf}]|(?!\n)\p{Cc}/u);
      for (const name of FIELDS) expect(shown(pid, name).join()).not.toMatch(/[\p{Cf}]|\p{Cc}/u);
    }
  });
});

it('a list of thousands is read as far as it is shown, and the rest is counted', () => {
  const root = mkdtempSync(join(tmpdir(), 'porttop-odd-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  cpSync(ODD, root, { recursive: true, verbatimSymlinks: true });
  const lines = Array.from({ length: 5_000 }, (_, at) => {
    const address = (page: number) => (0x7f00_0000_0000 + page * 4096).toString(16);
    return `${address(at)}-${address(at + 1)} r--p 00000000 00:00 0 \n`;
  });
  writeFileSync(join(root, `${DELETED}/maps`), lines.join(''));
  const most = readDetails(new ProcFs(root), DELETED, { fields: ['maps', 'mem'], most: MOST }).fields;
  expect(most.maps).toMatchObject({ more: 5_000 - MOST });
  expect(most.maps && 'value' in most.maps && most.maps.value.length).toBe(MOST);
  const all = readDetails(new ProcFs(root), DELETED, { fields: ['maps'] }).fields.maps;
  expect(all && 'value' in all && all.value.length).toBe(5_000);
  expect(pages(DELETED, root)).toContain(`… | and ${5_000 - MOST} more`);
});
