import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { parseNetIfInet6 } from '../../src/procfs/net-if-inet6.ts';
import { ProcError, ProcFs } from '../../src/procfs/procfs.ts';
import { ipv6TextOfHex } from '../../src/sockets/address.ts';
import { ProcSource } from '../../src/sockets/proc-source.ts';
import { Snapshot } from '../../src/sockets/snapshot.ts';
import type { Endpoint, Socket } from '../../src/sockets/socket.ts';
import type { Wanted } from '../../src/sockets/source.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { NAMELESS, NET, NOBODY, NOON, TemporaryTree, type Tree } from './fixture.ts';

const ALL: Wanted = { protocols: ['tcp', 'udp'], families: ['ipv4', 'ipv6'] };
const HEADING =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (port: string, inode: number, state = '0A') =>
  `   0: 00000000:${port} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0\n`;
const row6 = (port: string, inode: number, state = '0A') =>
  row(port, inode, state).replaceAll('00000000:', (end, at) => (at < 30 ? `${'0'.repeat(24)}${end}` : end));

const trees: TemporaryTree[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) tree[Symbol.dispose]();
});

function procfsOf(tree: Tree): ProcFs {
  const made = new TemporaryTree(tree);
  trees.push(made);
  return new ProcFs(made.root);
}

/** Every row as `tcp4 80 #inode`. */
function listed(procfs: ProcFs, wanted = ALL): string[] {
  const table = runAtOnce(new ProcSource(procfs).read(wanted));
  return Array.from({ length: table.length }, (_, at) => {
    const family = table.familyOf(at).slice(-1);
    return `${table.protocolOf(at)}${family} ${table.localPort[at]} #${table.inode[at]}`;
  });
}

const FULL: Tree = {
  '1/net/tcp': HEADING + row('0050', 1),
  '1/net/tcp6': HEADING + row6('0051', 2),
  '1/net/udp': HEADING + row('0052', 3, '07'),
  '1/net/udp6': HEADING + row6('0053', 4, '07'),
};

describe('the source that is always there', () => {
  it('says which it is', () => {
    expect(new ProcSource(new ProcFs()).name).toBe('proc');
  });

  it('is four files of the network namespace', () => {
    expect(listed(procfsOf(FULL))).toEqual(['tcp4 80 #1', 'tcp6 81 #2', 'udp4 82 #3', 'udp6 83 #4']);
  });

  it.each([
    [{ protocols: ['tcp'], families: ['ipv4'] }, ['tcp4 80 #1']],
    [{ protocols: ['udp'], families: ['ipv4', 'ipv6'] }, ['udp4 82 #3', 'udp6 83 #4']],
    [{ protocols: ['tcp', 'udp'], families: ['ipv6'] }, ['tcp6 81 #2', 'udp6 83 #4']],
    [{ protocols: [], families: [] }, []],
  ] satisfies [Wanted, string[]][])('reads only what is wanted: %j', (wanted, rows) => {
    expect(listed(procfsOf(FULL), wanted)).toEqual(rows);
  });

  it('does without IPv6 where the kernel does', () => {
    const { '1/net/tcp6': _, '1/net/udp6': __, ...tree } = FULL;
    expect(listed(procfsOf(tree))).toEqual(['tcp4 80 #1', 'udp4 82 #3']);
  });

  it('does without IPv4 too, as long as one file is there', () => {
    expect(listed(procfsOf({ '1/net/udp6': FULL['1/net/udp6'] as string }))).toEqual(['udp6 83 #4']);
  });

  it('is content with files that have no row', () => {
    expect(listed(procfsOf({ '1/net/tcp': HEADING, '1/net/udp': '' }))).toEqual([]);
  });

  it('is an error where nothing is there at all, and names the first file', () => {
    const procfs = procfsOf({ '1/': '' });
    expect(() => listed(procfs)).toThrow(ProcError);
    expect(() => listed(procfs)).toThrow(/^cannot read .*\/1\/net\/tcp: there is no such file$/);
  });

  it('is an error where a file is there and cannot be read: half a table is none', () => {
    const broken = procfsOf({ '1/net/tcp': FULL['1/net/tcp'] as string, '1/net/udp/': '' });
    expect(() => listed(broken)).toThrow(expect.objectContaining({ code: 'EISDIR' }));
  });

  it('reads a table of many pieces, and pauses between them', () => {
    const rows = Array.from({ length: 5000 }, (_, at) =>
      row((at + 1).toString(16).padStart(4, '0'), at + 10),
    );
    const procfs = procfsOf({ '1/net/tcp': HEADING + rows.join('') });
    const work = new ProcSource(procfs).read(ALL);
    let pauses = 0;
    let step = work.next();
    for (; !step.done; step = work.next()) pauses++;
    expect(pauses).toBeGreaterThan(5);
    expect(step.value.length).toBe(5000);
    expect([step.value.localPort[4999], step.value.inode[4999]]).toEqual([5000, 5009]);
  });

  it('reads the running system', () => {
    expect(() => listed(new ProcFs())).not.toThrow();
  });
});

describe('a captured namespace', () => {
  const SS_STATES: Record<string, string> = {
    ESTAB: 'ESTABLISHED',
    'SYN-SENT': 'SYN_SENT',
    'SYN-RECV': 'SYN_RECV',
    'FIN-WAIT-1': 'FIN_WAIT1',
    'FIN-WAIT-2': 'FIN_WAIT2',
    'TIME-WAIT': 'TIME_WAIT',
    'CLOSE-WAIT': 'CLOSE_WAIT',
    'LAST-ACK': 'LAST_ACK',
    CLOSING: 'CLOSING',
    LISTEN: 'LISTEN',
    UNCONN: 'UNCONN',
  };

  /** `[fe80::1]%zoo0:42589`, `*:80` (both families) as `fe80::1%zoo0 42589`, `:: 80`. */
  function ssEnd(text: string): string {
    const at = text.lastIndexOf(':');
    return `${text.slice(0, at).replaceAll(/[[\]]/g, '').replace(/^\*$/, '::')} ${text.slice(at + 1)}`;
  }

  function ourEnd(end: Endpoint): string {
    return `${end.address}${end.scope === null ? '' : `%${end.scope}`} ${end.port}`;
  }

  /** What ss said in the same moment; it asks another part of the kernel, sock_diag(7). */
  function bySs(): string[] {
    const lines = readFileSync(`${NET}/ss`, 'latin1').trimEnd().split('\n');
    return lines.map((line) => {
      const [protocol, state = '', recv, send, local = '', remote = ''] = line.split(/ +/);
      const listens = state === 'LISTEN';
      return [
        protocol,
        SS_STATES[state],
        ssEnd(local),
        remote.endsWith(':*') ? null : ssEnd(remote),
        // Of a listener, ss has its backlog in the second column, which /proc/net does not know.
        listens ? `${recv} waiting` : `${recv} ${send}`,
        /uid:(\d+)/.exec(line)?.[1] ?? 0,
        /ino:(\d+)/.exec(line)?.[1],
      ].join('|');
    });
  }

  function byUs(socket: Socket): string {
    const { protocol, state, local, remote, acceptQueue, recvQueue, sendQueue, uid, inode } = socket;
    return [
      protocol,
      state,
      ourEnd(local),
      remote && ourEnd(remote),
      acceptQueue === null ? `${recvQueue} ${sendQueue}` : `${acceptQueue} waiting`,
      uid ?? 0,
      inode,
    ].join('|');
  }

  it('is what ss says of it, fact for fact', () => {
    const procfs = procfsOf({ '1/net': { link: NET } });
    const scopes = new Map(
      parseNetIfInet6(procfs.text('1/net/if_inet6'))
        .map(({ words, device }) => [ipv6TextOfHex(words), device] as const)
        .filter(([address]) => address.startsWith('fe80')),
    );
    const table = runAtOnce(new ProcSource(procfs).read(ALL));
    const names = { ...NAMELESS, scope: (address: string) => scopes.get(address) ?? null };
    const snapshot = new Snapshot({ time: NOON, source: 'proc', table, ownership: NOBODY }, names);
    const sockets = [...snapshot.rows.values()].map((at) => snapshot.socket(at));
    expect(sockets).toHaveLength(55);
    expect(sockets.map(byUs).sort()).toEqual(bySs().sort());
  });
});
