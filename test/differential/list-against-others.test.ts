import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { openLibc } from '../../src/libc/libc.ts';
import type { Socket } from '../../src/sockets/socket.ts';
import { namespaceProblem, type Result } from '../helpers/namespace.ts';
import { Bed, type Moment } from './bed.ts';
import { type Difference, DOCUMENTED, expectedRows } from './differences.ts';
import { parseFuser } from './fuser.ts';
import { KINDS } from './kinds.ts';
import { LSOF_ARGUMENTS, parseLsof } from './lsof.ts';
import { NETSTAT_ARGUMENTS, parseNetstat, parseNetstatUnix } from './netstat.ts';
import { parseSs, parseSsUnix, SS_DETAILS } from './ss.ts';
import {
  asFuser,
  asLsof,
  asNetstat,
  asNetstatUnix,
  asSs,
  asSsUnix,
  FUSER_DIFFERENCES,
  LSOF_DIFFERENCES,
  NETSTAT_DIFFERENCES,
  NETSTAT_UNIX_DIFFERENCES,
  SS_DIFFERENCES,
  SS_UNIX_DIFFERENCES,
} from './tools.ts';
import type { ZooReport } from './zoo.ts';

/** What is typed to the tool, and, where that is not the same, to `porttop list`; whether nothing is there. */
type Typed = { theirs: string; ours?: string; nothing?: true };

/** A tool in one of its ways to print, and what is typed to it. `{zoo}` is a pid, `{listen4}` the port of that kind. */
type Tool = {
  name: string;
  command: string;
  args: readonly string[];
  compare(said: Result, sockets: readonly Socket[], about: { zoo: ZooReport; letters: string }): Compared;
  /** The ids of those that it may meet. */
  differences: readonly string[];
  typed: readonly Typed[];
};

type Compared = { theirs: unknown[]; ours: unknown[]; met: ReadonlySet<string> };

function tool<Row>(
  { name, command, args, typed }: Pick<Tool, 'name' | 'command' | 'args' | 'typed'>,
  parse: (said: Result, letters: string) => Row[],
  rowsOf: (socket: Socket) => Row[],
  differences: readonly Difference<Row>[],
): Tool {
  return {
    name,
    command,
    args,
    typed,
    differences: differences.map(({ id }) => id),
    compare: (said, sockets, { zoo, letters }) => {
      const about = { zoo, letters, said: said.stdout };
      const { rows, met } = expectedRows(rowsOf, differences, sockets, about);
      const theirs = parse(said, letters).filter((row) => {
        const more = differences.find(({ isMore }) => isMore?.(row));
        if (more) met.add(more.id);
        return !more;
      });
      return { theirs, ours: rows, met };
    },
  };
}

const TOOLS: readonly Tool[] = [
  tool(
    {
      name: 'ss',
      command: 'ss',
      args: SS_DETAILS,
      typed: [
        { theirs: '-tuanpe' },
        { theirs: '-tulpn' },
        { theirs: '-tlnp' },
        { theirs: '-uan' },
        { theirs: '-4tuan' },
        { theirs: '-6tuln' },
        { theirs: '-wan' },
        // Without -a, ss has what is connected.
        { theirs: '-tln', ours: '-tn' },
      ],
    },
    ({ stdout }, letters) => parseSs(stdout, onlyProtocol(letters)),
    asSs,
    SS_DIFFERENCES,
  ),
  tool(
    { name: 'ss -x', command: 'ss', args: SS_DETAILS, typed: [{ theirs: '-xap' }, { theirs: '-xl' }] },
    ({ stdout }) => parseSsUnix(stdout),
    asSsUnix,
    SS_UNIX_DIFFERENCES,
  ),
  tool(
    {
      name: 'netstat',
      command: 'netstat',
      args: NETSTAT_ARGUMENTS,
      typed: [
        { theirs: '-tuapn' },
        { theirs: '-tulpn' },
        { theirs: '-tlnp' },
        { theirs: '-uan' },
        { theirs: '-wan' },
        { theirs: '-4tan' },
        { theirs: '-6tuan' },
      ],
    },
    ({ stdout }) => parseNetstat(stdout),
    asNetstat,
    NETSTAT_DIFFERENCES,
  ),
  tool(
    {
      name: 'netstat -x',
      command: 'netstat',
      args: NETSTAT_ARGUMENTS,
      typed: [{ theirs: '-xap' }, { theirs: '-xl' }],
    },
    ({ stdout }) => parseNetstatUnix(stdout),
    asNetstatUnix,
    NETSTAT_UNIX_DIFFERENCES,
  ),
  tool(
    {
      name: 'lsof',
      command: 'lsof',
      args: LSOF_ARGUMENTS,
      typed: [
        { theirs: '-nP -i' },
        { theirs: '-i4' },
        { theirs: '-i6' },
        { theirs: '-i tcp' },
        { theirs: '-iUDP' },
        { theirs: '-i :{listen4}' },
        { theirs: '-i tcp:{listen4}' },
        { theirs: '-i udp:{listen4}', nothing: true },
        { theirs: '-i 6TCP:{listenDual}' },
        { theirs: '-i tcp:{listen4},{listen6}' },
        { theirs: '-i :32768-60999' },
        { theirs: '-i :{listen4} -i :{udp4}' },
        { theirs: '-iTCP:{listen4} -iUDP:{udp4}' },
        { theirs: '-i @127.0.0.1:{listen4}' },
        { theirs: '-i TCP@[::1]' },
        { theirs: '-nP -iTCP -sTCP:LISTEN' },
        { theirs: '-iTCP:{listen4} -sTCP:LISTEN' },
        { theirs: '-iTCP -sTCP:^LISTEN,^ESTABLISHED' },
        { theirs: '-i -sTCP:SYN_SENT,CLOSE_WAIT' },
        { theirs: '-i -sTCP:^LISTEN' },
        { theirs: '-a -i -p {stopped}', ours: '-a --pid {stopped}' },
      ],
    },
    ({ stdout }) => parseLsof(stdout),
    asLsof,
    LSOF_DIFFERENCES,
  ),
  tool(
    {
      name: 'fuser',
      command: 'fuser',
      args: ['-v'],
      typed: [
        'tcp shared',
        'tcp hostile',
        'tcp ofNobody',
        'tcp duplicated',
        'tcp unaccepted',
        'udp udpQueue',
      ].map((asked) => {
        const [protocol, kind] = asked.split(' ');
        return { theirs: `-n ${protocol} {${kind}}`, ours: `${protocol}:{${kind}}` };
      }),
    },
    ({ stdout, stderr }) => parseFuser(stdout, stderr),
    asFuser,
    FUSER_DIFFERENCES,
  ),
];

function onlyProtocol(letters: string): 'tcp' | 'udp' | 'raw' | undefined {
  const named = { t: 'tcp', u: 'udp', w: 'raw' } as const;
  const asked = Object.entries(named).filter(([letter]) => letters.includes(letter));
  return asked.length === 1 ? asked[0]?.[1] : undefined;
}

const problem = namespaceProblem() ?? (openLibc() ? null : 'no foreign calls');
const withReason = (title: string, reason: string | null) =>
  reason ? `${title} (skipped: ${reason})` : title;

function toolProblem({ command }: Tool): string | null {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0 ? null : `no ${command}(8)`;
}

/** What is typed, in the order in which it is run. */
const RUNS = TOOLS.flatMap((tool) =>
  tool.typed.map(({ theirs, ours = theirs, nothing = false }) => ({ tool, theirs, ours, nothing })),
);

describe.skipIf(problem)(withReason('porttop list beside the other tools', problem), () => {
  let bed: Bed;
  let zoo: ZooReport;
  let moment: Moment;
  let built: { code: number | null; sockets: Socket[] };
  const met = new Set<string>();

  beforeAll(async () => {
    bed = await Bed.open();
    zoo = bed.zoo;
    moment = await bed.moment(
      RUNS.map(({ tool, theirs }) => ({ command: tool.command, args: [...tool.args, ...filled(theirs)] })),
      RUNS.map(({ ours }) => ['--json', ...filled(ours)]),
      ['list', '--json', '-tuanpe'],
    );
    const { code, stdout } = moment.built;
    built = { code, sockets: JSON.parse(stdout).sockets };
  }, 120_000);

  afterAll(() => bed?.[Symbol.asyncDispose]());

  function filled(words: string): string[] {
    const numbers: Record<string, unknown> = { ...zoo.pids, ...zoo.ports };
    return words.replace(/\{(\w+)\}/g, (_, name) => `${numbers[name] ?? 0}`).split(' ');
  }

  function listed(at: number): Socket[] {
    return JSON.parse(moment.listings[at]?.stdout ?? '').sockets;
  }

  for (const tool of TOOLS) {
    const reason = toolProblem(tool);
    describe.skipIf(reason)(withReason(tool.name, reason), () => {
      for (const [at, { theirs, ours, nothing }] of RUNS.entries()) {
        if (RUNS[at]?.tool !== tool) continue;
        const same = theirs === ours ? '' : ` is list ${ours}`;
        it(`${tool.command} ${theirs}${same}`, ({ skip }) => {
          const lacking = Object.keys(zoo.missing).find((kind) => theirs.includes(`{${kind}}`));
          if (lacking) skip(zoo.missing[lacking]);
          const about = { zoo, letters: filled(theirs).join(' ') };
          const compared = tool.compare(moment.commands[at] as Result, listed(at), about);
          for (const id of compared.met) met.add(id);
          expect(lines(compared.ours)).toEqual(lines(compared.theirs));
          expect(compared.theirs.length === 0).toBe(nothing);
        });
      }
    });
  }

  describe('differences.md', () => {
    const differences = TOOLS.flatMap((tool) => tool.differences);

    it('has a row for each difference that is made an exception of, and for nothing else', () => {
      expect(DOCUMENTED.toSorted()).toEqual([...new Set(differences)].sort());
    });

    it('has none that does not show here', ({ skip }) => {
      // Other versions may have mended theirs, and in another zoo not all can show.
      const unseen = DOCUMENTED.filter((id) => !met.has(id));
      if (unseen.length > 0) skip(`not seen: ${unseen.join(', ')}`);
      expect(met.size).toBe(DOCUMENTED.length);
    });
  });

  it('says the same as the built program', () => {
    expect(built.code).toBe(0);
    const at = RUNS.findIndex(({ ours }) => ours === '-tuanpe');
    // Timers have run on meanwhile.
    const still = (sockets: readonly Socket[]) => sockets.map((socket) => ({ ...socket, timer: null }));
    expect(still(built.sockets)).toEqual(still(listed(at)));
  });

  describe('the zoo', () => {
    for (const [kind, expected] of Object.entries(KINDS)) {
      test(`has one that is ${kind}`, ({ skip }) => {
        const reason = zoo.missing[kind];
        if (reason) skip(reason);
        const port = zoo.ports[kind] ?? Number.NaN;
        const atPort = built.sockets.filter(
          ({ local, remote }) => local?.port === port || remote?.port === port,
        );
        expect(atPort, `sockets at port ${port}`).toContainEqual(
          expect.objectContaining(expected(zoo, port)),
        );
      });
    }

    const atPortOf = (kind: string) => built.sockets.filter(({ local }) => local?.port === zoo.ports[kind]);

    test.each(['FIN_WAIT1', 'CLOSING', 'LAST_ACK'])(
      'has one in %s that its process still holds, and one that nobody does',
      (state) => {
        const held = built.sockets
          .filter((socket) => socket.state === state)
          .map(({ owners }) => owners.length);
        expect(held.sort()).toEqual([0, 1]);
      },
    );

    test.each(['reusePort', 'udpShared'])('has %s: two sockets at one address', (kind) => {
      expect(new Set(atPortOf(kind).map(({ inode }) => inode)).size).toBe(2);
    });

    it('has connections in an accept queue, that no process has yet', () => {
      const waiting = atPortOf('unaccepted').filter(({ remote }) => remote);
      expect(waiting.map(({ state, inode, ownerUnknown }) => ({ state, inode, ownerUnknown }))).toEqual(
        expect.arrayContaining([
          { state: 'ESTABLISHED', inode: 0, ownerUnknown: 'unaccepted' },
          { state: 'ESTABLISHED', inode: 0, ownerUnknown: 'unaccepted' },
          { state: 'CLOSE_WAIT', inode: 0, ownerUnknown: 'unaccepted' },
        ]),
      );
    });
  });
});

/** In an order, so that what is missing on either side shows alone. */
function lines(rows: readonly unknown[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}
