import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { UsageError } from '../../src/commands/exit.ts';
import { run } from '../../src/commands/show.ts';
import { FIELDS, USUAL_FIELDS } from '../../src/processes/fields.ts';
import { PORTTOP } from '../helpers/porttop.ts';
import { printedBy } from '../helpers/printed.ts';
import { start } from '../processes/child.ts';
import { CAPTURED, KTHREADD, NODE } from '../procfs/fixture.ts';

afterEach(() => vi.unstubAllEnvs());

/** What `porttop show` prints; on a terminal if it is given a width. */
const show = (args: (string | number)[], columns?: number) => printedBy(run, args.map(String), columns);

describe('porttop show, for a person', () => {
  it('tells what a process is, then its environment, secrets masked', async () => {
    const { pid } = await start('cat', ['-', ''], { env: { USER: 'nobody-else', API_TOKEN: 'hunter2' } });
    const { status, output, lines } = await show([pid]);
    expect(status).toBe(0);
    expect(lines[0]).toBe("cmdline  cat - ''");
    expect(lines[1]).toBe(`exe      ${readlinkSync(`/proc/${pid}/exe`)}`);
    expect(lines[2]).toBe(`cwd      ${process.cwd()}`);
    expect(output).toMatch(/^environ {2}USER=nobody-else, but it runs as /m);
    expect(output).toMatch(/^started {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d, \d+s ago$/m);
    expect(output).toMatch(/^parents {2}\S.* \d+(\n {9} *└ .*)*\n {9} +└ cat \d+/m);
    expect(output.split('\n\n')[1]).toBe('USER       nobody-else\nAPI_TOKEN  ****\n');
  });

  it('reveals secrets when it is asked to', async () => {
    const masked = await show([NODE, 'environ', '--procfs', CAPTURED]);
    expect(masked.output).not.toMatch(/hunter/);
    const revealed = await show([NODE, 'environ', '--procfs', CAPTURED, '--reveal']);
    expect(revealed.output).toMatch(/hunter2[\s\S]*hunter3/);
  });

  it('names users that only getent knows', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'porttop-show-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    cpSync(CAPTURED, folder, { recursive: true });
    writeFileSync(join(folder, 'getent'), '#!/bin/sh\necho "user$2:x:$2:1::/:/bin/sh"\n', { mode: 0o755 });
    const uids = 'Uid:\t3000001\t3000002\t3000002\t3000002';
    const status = readFileSync(join(folder, `${NODE}/status`), 'utf8').replace(/^Uid:.*$/m, uids);
    writeFileSync(join(folder, `${NODE}/status`), status);
    writeFileSync(join(folder, `${NODE}/loginuid`), '3000003');
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
    const { lines } = await show([NODE, '--procfs', folder]);
    expect(lines).toContain(
      'user     user3000001 (uid 3000001), effective and saved user3000002 (uid 3000002), ' +
        'logged in as user3000003 (uid 3000003)',
    );
  });

  it('tells only of the fields that it is asked for, each once, in that order', async () => {
    const { lines } = await show([NODE, 'root', 'cmdline', 'root', '--procfs', CAPTURED]);
    expect(lines).toEqual([
      'root     no such file or directory: the process ended',
      'cmdline  /usr/bin/node \\',
      '         /srv/app/server.js \\',
      '         --port \\',
      '         4000 \\',
      "         ''",
    ]);
  });

  it('has of several files each that says much under its path, and what is short together', async () => {
    const { lines } = await show([NODE, 'root', 'statm', 'cpu', 'cwd', '--procfs', CAPTURED]);
    expect(lines.slice(0, 4)).toEqual([
      'root  no such file or directory: the process ended',
      '',
      `${CAPTURED}/${NODE}/statm`,
      'size      710.6 MiB',
    ]);
    expect(lines.slice(-3)).toEqual([
      '',
      'cpu  1, where it ran last: field 39 of stat (the file cpu was one of Linux 2.4 on SMP)',
      'cwd  no such file or directory: the process ended',
    ]);
    expect((await show([NODE, 'statm', '--procfs', CAPTURED])).lines[0]).toBe('size      710.6 MiB');
  });

  it('does not repeat why an environment cannot be read', async () => {
    const { output } = await show([KTHREADD, '--procfs', CAPTURED]);
    expect(output.match(/^environ/gm)).toHaveLength(1);
    expect(output).not.toContain('\n\n');
  });

  it('wraps to a terminal, and cuts nothing for anything else', async () => {
    const long = 'word '.repeat(40);
    const { pid } = await start('cat', ['-', long]);
    const onTerminal = await show([pid, 'cmdline'], 60);
    expect(Math.max(...onTerminal.lines.map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(onTerminal.lines.length).toBeGreaterThan(3);
    expect((await show([pid, 'cmdline'])).lines[1]).toBe(`         - \\`);
    expect((await show([pid, 'cmdline'])).lines[2]).toBe(`         '${long}'`);
  });

  it('puts a very long label above its value', async () => {
    const name = 'N'.repeat(60);
    const { pid } = await start('cat', [], { env: { A: '1', [name]: '2' } });
    const { lines } = await show([pid, 'environ']);
    expect(lines.slice(-3)).toEqual([`A${' '.repeat(37)}1`, name, `${' '.repeat(38)}2`]);
  });

  it('emits nothing that acts on a terminal', async () => {
    const { pid } = await start('cat', ['-', '\x1b]0;owned\x07', '\u202e\u009b'], {
      env: { 'A\x1b[2J': '\x9b' },
    });
    const { output } = await show([pid]);
    expect(output).not.toMatch(/[\p{Cf}]|(?!\n)\p{Cc}/u);
    expect(output).toContain("$'\\e]0;owned\\x07' $'\\u202e\\u009b'");
  });
});

describe('porttop show --json', () => {
  const json = async (...args: (string | number)[]) => JSON.parse((await show([...args, '--json'])).output);

  it('has every field of a live process as path and value', async () => {
    const { pid } = await start('cat', ['-', '']);
    const document = await json(pid);
    expect(Object.keys(document)).toEqual(['pid', 'fields']);
    expect(document.pid).toBe(pid);
    expect(Object.keys(document.fields)).toEqual(USUAL_FIELDS);
    const elsewhere: Record<string, string> = { cpu: 'stat', smaps: 'smaps_rollup' };
    for (const name of USUAL_FIELDS) {
      expect(document.fields[name].path).toBe(`/proc/${pid}/${elsewhere[name] ?? name}`);
    }
    const { cmdline, exe, cwd, root, stat, status, fd } = document.fields;
    expect(cmdline.value).toEqual(['cat', '-', '']);
    expect(exe).toMatchObject({ value: readlinkSync(`/proc/${pid}/exe`), state: 'present' });
    expect([cwd.value, root.value]).toEqual([process.cwd(), '/']);
    expect(stat.value).toMatchObject({ pid, comm: 'cat', ppid: process.pid });
    expect(status.value).toMatchObject({ Name: 'cat', Pid: pid, Threads: 1 });
    expect(fd.value[0]).toEqual({
      fd: 0,
      mode: 'u',
      target: expect.stringMatching(/^socket:\[\d+\]$/),
      socket: expect.objectContaining({ protocol: 'unix', type: 'stream', state: 'ESTABLISHED' }),
    });
  });

  it('gives sizes in bytes, numbers as numbers and the rest as text', async () => {
    const { fields } = await json(NODE, 'status', 'statm', 'stat', '--procfs', CAPTURED);
    expect(fields.status.value).toMatchObject({
      Name: 'node',
      Umask: '0022',
      Uid: '1000\t1000\t1000\t1000',
      VmRSSBytes: 40788 * 1024,
      Threads: 7,
      SigPnd: '0000000000000000',
    });
    expect(fields.status.value).not.toHaveProperty('VmRSS');
    expect(fields.statm.value).toMatchObject({ residentBytes: expect.any(Number), dtBytes: 0 });
    expect(fields.stat.value).toMatchObject({
      vsizeBytes: 745111552,
      rssPages: 10174,
      rsslimBytes: null,
      starttime: 216879,
    });
  });

  it('masks secrets unless they are to be revealed', async () => {
    const { fields } = await json(NODE, 'environ', '--procfs', CAPTURED);
    expect(fields.environ.value).toEqual({
      HOME: '/srv/app',
      USER: 'ada',
      LANG: 'C.UTF-8',
      PATH: '/usr/bin:/bin',
      DATABASE_URL: 'postgres://ada:****@db.example/app',
      SESSION_SECRET: '****',
    });
    const revealed = await json(NODE, 'environ', '--procfs', CAPTURED, '--reveal');
    expect(revealed.fields.environ.value).toMatchObject({ SESSION_SECRET: 'hunter3' });
  });

  it('says of each field why it cannot be read', async () => {
    const { fields } = await json(KTHREADD, 'exe', 'stat', '--procfs', CAPTURED);
    expect(fields.exe).toEqual({
      path: `${CAPTURED}/${KTHREADD}/exe`,
      error: {
        code: 'ENOENT',
        message: 'no such file or directory',
        hint: 'a kernel thread runs no program',
      },
    });
    expect(fields.stat.value).toMatchObject({ comm: 'kthreadd' });
  });

  it('has the whole text, and nothing in it that acts on a terminal', async () => {
    const hostile = '\x1b]0;owned\x07\x7f\u009b\u202e\u200b';
    const { pid } = await start('cat', ['-', hostile]);
    const { output } = await show([pid, 'cmdline', '--json']);
    expect(JSON.parse(output).fields.cmdline.value).toEqual(['cat', '-', hostile]);
    expect(output).not.toMatch(/[\p{Cf}]|(?!\n)\p{Cc}/u);
  });
});

describe('porttop show, used wrongly', () => {
  it.each([['abc'], ['-1'], ['0'], ['1.5'], ['1e3'], ['12345678901'], ['../1'], ['self'], ['']])(
    '%j is no PID',
    async (word) => {
      await expect(show(['--', word])).rejects.toThrow(UsageError);
    },
  );

  it.each(['../x', 'EXE', 'Fd', 'exe/', 'smaps_rollup', 'clear-refs', 'toString', ''])(
    '%j is no field, and the message names them',
    async (word) => {
      await expect(show([1, word])).rejects.toThrow(new RegExp(`${FIELDS.join(', ')}$`));
    },
  );

  it('wants a PID, and knows its options', async () => {
    await expect(show([])).rejects.toThrow(UsageError);
    await expect(show([1, '--jsn'])).rejects.toThrow(/--json/);
    await expect(show([1, '--procfs', '/nonexistent'])).rejects.toThrow(/nonexistent/);
  });

  it('says in one line that a process is gone, with exit status 1', async () => {
    expect(await show([2 ** 31 - 1])).toMatchObject({
      status: 1,
      output: '',
      complaint: 'porttop: no process 2147483647: it ended, never was, or /proc hides it (hidepid)\n',
    });
  });
});

describe('porttop show, as a program', () => {
  const porttop = (...args: string[]) =>
    spawnSync(process.execPath, [PORTTOP, 'show', ...args], { encoding: 'utf8' });

  it('answers --help with examples', () => {
    const { status, stdout } = porttop('--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(/porttop show .*<PID>[\s\S]*Examples:/);
    for (const name of FIELDS) expect(stdout).toMatch(new RegExp(`^  ${name} +\\w`, 'm'));
  });

  it('shows, and says on stderr what is wrong', () => {
    expect(porttop(String(process.pid), 'cwd')).toMatchObject({
      status: 0,
      stdout: `cwd  ${process.cwd()}\n`,
    });
    expect(porttop('1', '../\x1b')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^porttop: [ -~]+\n$/),
    });
  });
});
