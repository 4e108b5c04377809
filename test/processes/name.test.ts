import { describe, expect, it } from 'vitest';
import { nameOf } from '../../src/processes/name.ts';
import { ProcessTable } from '../../src/processes/process-table.ts';
import { PROCESS_COLUMNS } from '../../src/query/process-columns.ts';
import { filterProcesses } from '../../src/query/process-filter.ts';

const argv = (line: string) => () => line.split(' ');

describe('the name of a process', () => {
  it.each([
    ['nginx', 'nginx: master process /usr/sbin/nginx', 'nginx'],
    ['MainThread', '/usr/bin/node server.js', 'node'],
    ['MainThread', '', 'MainThread'],
    ['conmon', '/usr/bin/conmon -c 0123 -n web', 'conmon web'],
  ])('of comm %s, called as "%s", is %s', (comm, line, name) => {
    expect(nameOf(comm, argv(line))).toBe(name);
  });

  it('is no longer than a person reads, whatever its arguments are', () => {
    for (const comm of ['MainThread', 'conmon', 'docker-proxy']) {
      const long = 'x'.repeat(120_000);
      const name = nameOf(comm, () => [long, '-n', long, '-container-ip', long, '-container-port', long]);
      expect([...name].length).toBeLessThanOrEqual(64);
    }
    expect(nameOf('MainThread', () => ['端'.repeat(65)])).toBe(`${'端'.repeat(63)}…`);
  });

  it('is comm where that says enough, and nothing is read for it', () => {
    const unread = () => {
      throw new Error('read');
    };
    expect(nameOf('sshd', unread)).toBe('sshd');
  });
});

describe('of processes, the name', () => {
  const process = { pid: 7, command: 'MainThread', cmdline: ['/usr/bin/node', 'x.js'], uid: 0 };
  const rows = new ProcessTable([process as never], { ports: () => [], users: { name: () => null } });

  it('is the same in their column', () => {
    expect(PROCESS_COLUMNS.name.text(rows, 0, 0)).toBe('node');
  });

  it('is found by both that a person calls it and that the kernel does', () => {
    const passes = (text: string) => filterProcesses({ text, kept: true }, [], 0)(rows, 0);
    expect(['name:=node', 'name:=MainThread', 'comm:main', 'mainthread'].map(passes)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(passes('name:=nodejs')).toBe(false);
  });
});
