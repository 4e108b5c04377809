import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, release, tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readHost } from '../../src/processes/host.ts';
import { ProcFs } from '../../src/procfs/procfs.ts';

describe('the host that a tree of /proc is of', () => {
  let tree: string;
  beforeEach(() => {
    tree = mkdtempSync(`${tmpdir()}/porttop-host-`);
  });
  afterEach(() => rmSync(tree, { recursive: true }));

  it('is this one, where the tree is /proc', () => {
    expect(readHost(new ProcFs())).toEqual({ name: hostname(), kernel: release() });
  });

  it('is the one that the tree names, and not this one', () => {
    mkdirSync(`${tree}/sys/kernel`, { recursive: true });
    writeFileSync(`${tree}/sys/kernel/hostname`, 'harbor\n');
    writeFileSync(`${tree}/sys/kernel/osrelease`, '6.1.0-9-amd64\n');
    expect(readHost(new ProcFs(tree))).toEqual({ name: 'harbor', kernel: '6.1.0-9-amd64' });
  });

  it('is unknown, where the tree does not say', () => {
    expect(readHost(new ProcFs(tree))).toEqual({ name: null, kernel: null });
  });
});
