import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Listener, openListener } from '../e2e/porttop.ts';
import { allOf } from '../helpers/all-of.ts';
import { type Outcome, outcomeOf, PORTTOP } from '../helpers/porttop.ts';
import { openTerminal } from '../helpers/terminal.ts';

const isRoot = process.geteuid?.() === 0;
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const inMountNamespace = (script: string, ...then: string[]) => [
  ...['unshare', '--mount', 'sh', '-c', `${script} && exec "$@"`, 'sh'],
  ...then,
];

/** What is said of the listener of the tests, whose owner is another user than the ordinary one. */
type Answer = 'named' | 'forbidden' | 'nobody';

type Environment = {
  /** What stands before the command. */
  inside: readonly string[];
  /** Needs no root to be made. */
  ordinary?: true;
  answer: Answer;
  /** Whether another process's files are there at all. */
  hides?: true;
  /** By /proc/net alone. */
  byProc?: true;
  /** What the details of the listener say on the screen, which is looked at only where this is given. */
  details?: RegExp;
};

const folder = mkdtempSync(`${tmpdir()}/porttop-rights-`);
const FULL = `mount -t tmpfs -o size=4k tmpfs ${folder} && { head -c 8192 /dev/zero >${folder}/full 2>/dev/null; true; }`;
const AT_HOME = [
  'env',
  '-u',
  'XDG_CONFIG_HOME',
  '-u',
  'XDG_CACHE_HOME',
  `HOME=${folder}`,
  `TMPDIR=${folder}`,
];

const ENVIRONMENTS: Record<string, Environment> = {
  'an ordinary user': { inside: AS_NOBODY, answer: 'forbidden', details: /may not be read by you: run/ },
  'hidepid=2': {
    inside: inMountNamespace('mount -t proc -o hidepid=2 proc /proc', ...AS_NOBODY),
    answer: 'forbidden',
    hides: true,
    details: /\/proc hides the processes of others/,
  },
  'a pid namespace of its own': {
    inside: ['unshare', '--pid', '--fork', '--mount-proc'],
    answer: 'nobody',
    hides: true,
    details: /pid namespace that is not visible/,
  },
  'no right to read /proc/PID/fd, as root': {
    inside: ['setpriv', '--bounding-set=-all', '--inh-caps=-all'],
    answer: 'forbidden',
    details: /even root may not read/,
  },
  'no netlink': {
    inside: [process.execPath, fileURLToPath(new URL('../helpers/without-netlink.ts', import.meta.url))],
    ordinary: true,
    answer: 'named',
    byProc: true,
    details: /owner .*harbour .*\/proc\/\*\/fd/,
  },
  'no more than 32 descriptors': {
    inside: ['prlimit', '--nofile=32'],
    ordinary: true,
    answer: 'named',
    details: /owner .*harbour/,
  },
  'a full disk': { inside: inMountNamespace(FULL, ...AT_HOME), answer: 'named', details: /owner .*harbour/ },
  'a home that is read-only': {
    inside: inMountNamespace(`mount -t tmpfs -o ro tmpfs ${folder}`, ...AT_HOME),
    answer: 'named',
  },
  'no HOME': {
    inside: ['env', '-u', 'HOME', '-u', 'USER', '-u', 'LOGNAME'],
    ordinary: true,
    answer: 'named',
  },
  'no TERM': { inside: ['env', '-u', 'TERM'], ordinary: true, answer: 'named', details: /owner .*harbour/ },
  'no /etc/services': {
    inside: inMountNamespace('mount --bind /dev/null /etc/services'),
    answer: 'named',
  },
};

const able = Object.entries(ENVIRONMENTS).filter(([, { ordinary }]) => isRoot || ordinary);
const unable = Object.keys(ENVIRONMENTS).filter((name) => !able.some(([each]) => each === name));

let listener: Listener;
beforeAll(async () => {
  chmodSync(folder, 0o755);
  listener = await openListener({ title: 'harbour' });
});
afterAll(async () => {
  await listener?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function run(inside: readonly string[], ...args: string[]): Promise<Outcome> {
  const [command = '', ...words] = [...inside, process.execPath, PORTTOP, ...args];
  return outcomeOf(command, words);
}

const ONE_LINE = /^porttop: [^\n]+\n$/;

describe('every command gives the right answer, or says in one line why it has none', () => {
  let outcomes: { list: Outcome; show: Outcome; ps: Outcome }[];
  beforeAll(async () => {
    outcomes = await allOf(able, async ([, { inside }]) => ({
      list: await run(inside, 'list', '--json', `${listener.port}`),
      show: await run(inside, 'show', `${listener.pid}`),
      ps: await run(inside, 'ps', `${listener.pid}`),
    }));
  }, 180_000);

  it.each(able.map(([name, environment], index) => ({ name, index, ...environment })))(
    'with $name',
    ({ index, answer, hides, byProc }) => {
      const { list, show, ps } = outcomes[index] as (typeof outcomes)[number];
      const { source, sockets } = JSON.parse(list.stdout);
      const [socket] = sockets;
      expect(sockets).toHaveLength(1);
      expect(source.tcp).toBe(byProc ? 'proc' : 'sock_diag');
      expect(list.status).toBe(answer === 'forbidden' ? 3 : 0);
      expect(socket.owners.map(({ pid }: { pid: number }) => pid)).toEqual(
        answer === 'named' ? [listener.pid] : [],
      );
      expect(socket.ownerUnknown).toBe(
        { named: null, forbidden: 'permission', nobody: 'no-process' }[answer],
      );
      expect(list.stderr).toBe('');

      if (hides) {
        expect(show).toMatchObject({ status: 1, stdout: '' });
        expect(show.stderr).toMatch(ONE_LINE);
        expect(ps).toMatchObject({ status: 1, stdout: '' });
      } else {
        expect(show).toMatchObject({ status: 0, stderr: '' });
        expect(show.stdout).toContain('harbour');
        expect(ps).toMatchObject({ status: 0, stderr: '' });
        expect(ps.stdout).toContain('harbour');
      }
    },
  );

  it.skipIf(!isRoot)('says so where /proc hides what was asked for', async () => {
    const { ps } = outcomes[able.findIndex(([name]) => name === 'hidepid=2')] as (typeof outcomes)[number];
    expect(ps.stderr).toBe('porttop: /proc hides the processes of others (hidepid): run as root\n');
  });

  it.skipIf(isRoot).each(unable)('with %s (skipped: only root can make it so)', () => {});

  it.skipIf(!isRoot)('without /proc', async () => {
    const inside = inMountNamespace('umount -l /proc');
    const noProc = {
      status: 2,
      stdout: '',
      stderr:
        'porttop: cannot read /proc/self/net: there is no such file (is /proc mounted? mount -t proc proc /proc)\n',
    };
    const commands = [['list'], ['ps'], ['show', '1'], ['watch']];
    const answers = await allOf(commands, (args) => run(inside, ...args));
    expect(answers).toEqual(commands.map(() => noProc));
    expect(await run(inside, 'service', '443')).toMatchObject({ status: 0, stderr: '' });
  });

  it.skipIf(!isRoot)('what a port is without /etc/services', async () => {
    const { inside } = ENVIRONMENTS['no /etc/services'] as Environment;
    const { status, stdout, stderr } = await run(inside, 'service', '443');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^https .* iana$/m);
  });

  it('with so few descriptors that nothing can be opened', async () => {
    const refusal = {
      status: 2,
      stdout: '',
      stderr: 'porttop: too many files are open: raise the limit (ulimit -n 1024)\n',
    };
    // Node needs some twenty to start, and porttop one or two more: how many is another matter from host to host.
    const outcomes = [];
    for (let limit = 30; limit >= 18; limit--)
      outcomes.push(await run(['prlimit', `--nofile=${limit}`], 'list'));
    const refused = outcomes.findIndex(({ status }) => status !== 0);
    const answers = outcomes.slice(0, refused);
    expect(answers).not.toEqual([]);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(outcomes[refused]).toEqual(refusal);
    for (const { status, stderr } of outcomes.slice(refused)) {
      expect(status).not.toBe(0);
      expect(stderr.replace(refusal.stderr, '')).not.toContain('porttop:');
    }
  });
});

describe('what it writes to, and reads from', () => {
  const shell = (script: string, ...args: string[]) =>
    outcomeOf('sh', ['-c', script, process.execPath, PORTTOP, ...args]);

  it.each(['list -a --json', 'ps', '--help'])('a full disk is an error of one line: %s', async (typed) => {
    expect(await shell('exec "$0" "$@" >/dev/full', ...typed.split(' '))).toEqual({
      status: 2,
      stdout: '',
      stderr: 'porttop: cannot write: no space is left there\n',
    });
  });

  it('a full disk ends what would go on', async () => {
    const watching = shell(
      'exec "$0" "$@" >/dev/full',
      'watch',
      '--interval',
      '0.1',
      '--pid',
      `${process.pid}`,
    );
    let status: number | null = null;
    const ended = watching.then((outcome) => {
      status = outcome.status;
      return outcome;
    });
    while (status === null) {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      await delay(50);
      server.close();
    }
    expect((await ended).stderr).toContain('cannot write: no space is left there\n');
    expect(status).toBe(2);
  });

  it('where not even an error can be written, the status tells it', async () => {
    const { status } = await shell('exec "$0" "$@" 2>/dev/full', 'list', '99999');
    expect(status).toBe(2);
  });

  it('no stdin is the same as an empty one', async () => {
    const usual = await shell('exec "$0" "$@" </dev/null', 'list', `${listener.port}`);
    expect(usual).toMatchObject({ status: 0, stderr: '' });
    expect(await shell('exec "$0" "$@" <&-', 'list', `${listener.port}`)).toEqual(usual);
    expect(await shell('exec "$0" "$@" <&-', `${listener.port}`)).toEqual(usual);
  });

  it('without stdout, and without stderr, what is opened next is not written to', async () => {
    expect(await shell('exec "$0" "$@" >&-', 'list', '-a')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(await shell('exec "$0" "$@" <&- >&- 2>&-', 'list', '99999')).toMatchObject({ status: 2 });
  });

  it.each(['list -a --ndjson', 'ps'])(
    'a reader that leaves ends it quietly, with status 0: %s',
    async (typed) => {
      const script = '{ "$0" "$@"; echo $? >&3; } 3>&2 | head -1 >/dev/null';
      expect(await shell(script, ...typed.split(' '))).toEqual({ status: 0, stdout: '', stderr: '0\n' });
    },
  );
});

describe('the screen', () => {
  const looked = able.filter(([, { details }]) => details);
  let shown: { row: string; details: string; code: number | null }[];
  beforeAll(async () => {
    shown = await allOf(looked, async ([, { inside }]) => {
      const [command = '', ...args] = [...inside, process.execPath, PORTTOP, `${listener.port}`];
      await using terminal = openTerminal({ command, args, columns: 150, rows: 40 });
      const row = new RegExp(`^.*:${listener.port} .* (?:harbour|\\?).*$`, 'm');
      await terminal.waitFor(row);
      terminal.press('Enter');
      await terminal.waitFor(/│.+socket/);
      const text = terminal.text();
      terminal.press('q');
      const { code } = await terminal.exit;
      return { row: row.exec(text)?.[0] ?? '', details: text, code };
    });
  }, 180_000);

  it.each(looked.map(([name, environment], index) => ({ name, index, ...environment })))(
    'with $name',
    ({ index, answer, details }) => {
      const screen = shown[index] as (typeof shown)[number];
      expect(screen.code).toBe(0);
      expect(screen.row).toContain({ named: 'harbour', forbidden: '?', nobody: '?' }[answer]);
      expect(screen.details).toMatch(details as RegExp);
    },
  );

  it('is no screen where the terminal is dumb, but the list', async () => {
    await using terminal = openTerminal({
      command: process.execPath,
      args: [PORTTOP, `${listener.port}`],
      columns: 120,
      env: { TERM: 'dumb' },
    });
    expect(await terminal.exit).toMatchObject({ code: 0 });
    expect(terminal.text()).toContain('harbour');
    expect(terminal.writes.map(({ text }) => text).join('')).not.toContain('\x1b');
  });
});
