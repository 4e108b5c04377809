import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { ProcError, ProcFs } from '../../src/procfs/procfs.ts';
import { ProcReader } from '../../src/sockets/proc-source.ts';
import type { Protocol } from '../../src/sockets/socket.ts';
import { SocketTable, UNKNOWN, UNKNOWN_UID } from '../../src/sockets/socket-table.ts';
import type { Wanted } from '../../src/sockets/source.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { ALL, NET, TemporaryTree, type Tree } from './fixture.ts';

const HEADING =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const row = (port: string, inode: number, state = '0A', remotePort = '0000') =>
  `   0: 00000000:${port} 00000000:${remotePort} ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0\n`;
const row6 = (port: string, inode: number, state = '0A') =>
  row(port, inode, state).replaceAll('00000000:', (end, at) => (at < 30 ? `${'0'.repeat(24)}${end}` : end));
const unix = (inode: number, path = '', { flags = '00010000', type = '0001', state = '01' } = {}) =>
  `0000000099ee089a: 00000002 00000000 ${flags} ${type} ${state} ${inode}${path}\n`;

const trees: TemporaryTree[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) tree[Symbol.dispose]();
});

function procfsOf(tree: Tree): ProcFs {
  const made = new TemporaryTree(tree);
  trees.push(made);
  return new ProcFs(made.root);
}

function tableOf(procfs: ProcFs, protocol: Protocol, wanted: Partial<Wanted> = {}): SocketTable {
  const table = new SocketTable();
  runAtOnce(new ProcReader(procfs).read(protocol, { ...ALL, ...wanted }, table));
  return table;
}

/** Every row as `tcp4 80 #inode`. */
function listed(procfs: ProcFs, protocol: Protocol, wanted: Partial<Wanted> = {}): string[] {
  const table = tableOf(procfs, protocol, wanted);
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
  '1/net/udplite': HEADING + row('0054', 5, '07'),
  '1/net/udplite6': HEADING + row6('0055', 6, '07'),
  '1/net/raw': HEADING + row('0001', 7, '07'),
  '1/net/raw6': HEADING + row6('003A', 8, '07'),
  '1/net/icmp': HEADING + row('0056', 9, '07'),
  '1/net/icmp6': HEADING + row6('0057', 10, '07'),
};

describe('/proc/net', () => {
  it('says which source it is', () => {
    expect(new ProcReader(new ProcFs()).name).toBe('proc');
  });

  it.each<[Protocol, string[]]>([
    ['tcp', ['tcp4 80 #1', 'tcp6 81 #2']],
    ['udp', ['udp4 82 #3', 'udp6 83 #4']],
    ['udplite', ['udplite4 84 #5', 'udplite6 85 #6']],
    ['raw', ['raw4 1 #7', 'raw6 58 #8']],
    ['icmp', ['icmp4 86 #9', 'icmp6 87 #10']],
  ])('has two files of %s', (protocol, rows) => {
    const procfs = procfsOf(FULL);
    expect(listed(procfs, protocol)).toEqual(rows);
    expect(listed(procfs, protocol, { families: ['ipv4'] })).toEqual(rows.slice(0, 1));
    expect(listed(procfs, protocol, { families: ['ipv6'] })).toEqual(rows.slice(1));
    expect(listed(procfs, protocol, { families: ['unix'] })).toEqual([]);
  });

  it('does not tell everything, and says so', () => {
    const table = tableOf(procfsOf(FULL), 'tcp');
    expect([table.v6only[1], table.device[1], table.cgroup[1], table.identity[1]]).toEqual([
      UNKNOWN,
      0,
      0,
      0,
    ]);
  });

  it('does without IPv6 where the kernel does', () => {
    const procfs = procfsOf({ '1/net/tcp': HEADING + row('0050', 1) });
    expect(listed(procfs, 'tcp')).toEqual(['tcp4 80 #1']);
    expect(listed(procfs, 'tcp', { families: ['ipv6'] })).toEqual([]);
  });

  it('does without IPv4 too, as long as one file is there', () => {
    expect(listed(procfsOf({ '1/net/udp6': HEADING + row6('0053', 4) }), 'udp')).toEqual(['udp6 83 #4']);
  });

  it('is content with files that have no row', () => {
    expect(listed(procfsOf({ '1/net/tcp': HEADING, '1/net/tcp6': '' }), 'tcp')).toEqual([]);
  });

  it.each<Protocol>(['tcp', 'icmp', 'unix'])(
    'is an error where there is no %s, and names the file',
    (protocol) => {
      const procfs = procfsOf({ '1/net/': '' });
      expect(() => listed(procfs, protocol)).toThrow(ProcError);
      expect(() => listed(procfs, protocol)).toThrow(
        `cannot read ${procfs.root}/1/net/${protocol}: there is no such file`,
      );
    },
  );

  it.each<Protocol>(['tcp', 'icmp', 'unix'])(
    'is an error where %s is there and cannot be read',
    (protocol) => {
      const procfs = procfsOf({ [`1/net/${protocol}/`]: '', '1/net/tcp6': HEADING });
      expect(() => listed(procfs, protocol)).toThrow(expect.objectContaining({ code: 'EISDIR' }));
    },
  );

  it('is read in many pieces, with pauses between them', () => {
    const rows = Array.from({ length: 5000 }, (_, at) =>
      row((at + 1).toString(16).padStart(4, '0'), at + 10),
    );
    const table = new SocketTable();
    const procfs = procfsOf({ '1/net/tcp': HEADING + rows.join('') });
    let pauses = 0;
    for (const _ of new ProcReader(procfs).read('tcp', ALL, table)) pauses++;
    expect(pauses).toBeGreaterThan(5);
    expect(table.length).toBe(5000);
    expect([table.localPort[4999], table.inode[4999]]).toEqual([5000, 5009]);
  });
});

describe('the listeners of TCP', () => {
  const listening = { scope: 'listening' } as const;

  it('come first in their file, and what follows is not read', () => {
    // What is no line of the kernel's any more would be an error, if it were read.
    const rest = row('0051', 2, '01') + row('0052', 3) + 'x'.repeat(200_000);
    const procfs = procfsOf({ '1/net/tcp': HEADING + row('0050', 1) + rest, '1/net/tcp6': row6('0053', 4) });
    expect(listed(procfs, 'tcp', listening)).toEqual(['tcp4 80 #1', 'tcp6 83 #4']);
    expect(() => listed(procfs, 'tcp')).toThrow(expect.objectContaining({ code: 'EFBIG' }));
  });

  it('are none where the first row is none', () => {
    expect(listed(procfsOf({ '1/net/tcp': HEADING + row('0050', 1, '06') }), 'tcp', listening)).toEqual([]);
  });

  it('are all there is where all listen', () => {
    const rows = Array.from({ length: 2000 }, (_, at) => row('0050', at + 1)).join('');
    expect(listed(procfsOf({ '1/net/tcp': HEADING + rows }), 'tcp', listening)).toHaveLength(2000);
  });

  it('have nothing to do with other protocols, of which all is read', () => {
    const procfs = procfsOf({ '1/net/udp': HEADING + row('0050', 1, '01') + row('0051', 2, '07') });
    expect(listed(procfs, 'udp', listening)).toEqual(['udp4 80 #1', 'udp4 81 #2']);
  });
});

describe('wanted ports', () => {
  const procfs = () =>
    procfsOf({
      '1/net/tcp':
        HEADING +
        row('0050', 1) +
        row('0051', 2) +
        row('C000', 3, '01', '0050') +
        row('C001', 4, '01', 'FFFF'),
    });

  it.each([
    [[{ from: 80, to: 80 }], [1, 3]],
    [[{ from: 81, to: 81 }], [2]],
    [[{ from: 80, to: 81 }], [1, 2, 3]],
    [
      [
        { from: 81, to: 81 },
        { from: 65_535, to: 65_535 },
      ],
      [2, 4],
    ],
    [[{ from: 0, to: 65_535 }], [1, 2, 3, 4]],
    [[{ from: 1, to: 79 }], []],
    [[], []],
  ])('%j are at either end', (ports, inodes) => {
    const table = tableOf(procfs(), 'tcp', { ports });
    expect(Array.from(table.inode.subarray(0, table.length))).toEqual(inodes);
  });

  it('do not end the reading of listeners at one that is not wanted', () => {
    const wanted = { scope: 'listening', ports: [{ from: 81, to: 81 }] } as const;
    expect(listed(procfs(), 'tcp', wanted)).toEqual(['tcp4 81 #2']);
  });

  it('no unix socket has', () => {
    const tree = procfsOf({ '1/net/unix': unix(1, ' /run/x') });
    expect(listed(tree, 'unix', { ports: [{ from: 0, to: 65_535 }] })).toEqual([]);
  });
});

describe('unix sockets', () => {
  const file =
    'Num       RefCount Protocol Flags    Type St Inode Path\n' +
    unix(1, ' /run/a b') +
    unix(2, ' @\nc') +
    unix(3, '', { flags: '00000000', type: '0002' }) +
    unix(4, ' /run/a b', { flags: '00000000', state: '03' }) +
    unix(0, ' /run/a b', { flags: '00000000', state: '02' });

  it('have a type, a state, and some a path; not a user, nor a peer', () => {
    const table = tableOf(procfsOf({ '1/net/unix': file }), 'unix');
    const rows = Array.from({ length: table.length }, (_, at) => [
      table.familyOf(at),
      table.inode[at],
      table.type[at],
      table.stateOf(at),
      table.paths.get(at),
      table.uid[at],
    ]);
    expect(rows).toEqual([
      ['unix', 1, 1, 'LISTEN', '/run/a b', UNKNOWN_UID],
      ['unix', 2, 1, 'LISTEN', '@\nc', UNKNOWN_UID],
      ['unix', 3, 2, 'UNCONN', undefined, UNKNOWN_UID],
      ['unix', 4, 1, 'ESTABLISHED', '/run/a b', UNKNOWN_UID],
    ]);
    expect(table.peers.size).toBe(0);
  });

  it('that are connected are not among those that can be reached', () => {
    const rows = listed(procfsOf({ '1/net/unix': file }), 'unix', { scope: 'listening' });
    expect(rows).toEqual(['unixx 0 #1', 'unixx 0 #2', 'unixx 0 #3']);
  });

  describe('that may be forged by the name of another', () => {
    const long = (inode: number) => unix(inode, ` /run/${'x'.repeat(100)}`);
    /** Every row of a sealed table, with its path, and `?` where it is doubtful. */
    const believed = (tree: Tree, wanted: Partial<Wanted> = {}, protocols: Protocol[] = ['unix']) => {
      const table = new SocketTable();
      const reader = new ProcReader(procfsOf(tree));
      for (const protocol of protocols) runAtOnce(reader.read(protocol, { ...ALL, ...wanted }, table));
      runAtOnce(table.seal());
      return Array.from({ length: table.length }, (_, at) => {
        const doubt = table.doubtful[at] === 0 ? '' : '?';
        return `${doubt}#${table.inode[at]} ${table.paths.get(at)?.replace(/x+/, '…') ?? ''}`.trimEnd();
      });
    };

    it('are told to be doubtful, and no others', () => {
      expect(believed({ '1/net/unix': unix(1, ' @a') + unix(2, ' /run/b') + long(3) + unix(4) })).toEqual([
        '#1 @a',
        '?#2 /run/b',
        '#3 /run/…',
        '#4',
      ]);
    });

    it.each([
      ['before it', (forged: string) => forged + long(3)],
      ['behind it', (forged: string) => long(3) + forged],
    ])('are not believed where they claim the inode of one that is certain, %s', (_, order) => {
      const forged = unix(1, ` @a\n${unix(3, ' /run/mine').trimEnd()}`);
      expect(believed({ '1/net/unix': order(forged) }).sort()).toEqual(['#1 @a', '#3 /run/…']);
    });

    it('nor that of one which is not asked for', () => {
      const connected = unix(3, ` /${'x'.repeat(107)}`, { flags: '00000000', state: '03' });
      const forged = unix(1, ` @a\n${unix(3, ' /run/mine').trimEnd()}`);
      expect(believed({ '1/net/unix': forged + connected }, { scope: 'listening' })).toEqual(['#1 @a']);
    });

    it('nor that of a socket of another protocol', () => {
      const forged = unix(1, ` @a\n${unix(7, ' /run/mine').trimEnd()}`);
      const tree: Tree = { '1/net/tcp': HEADING + row('0050', 7), '1/net/unix': forged };
      expect(believed(tree, {}, ['tcp', 'unix'])).toEqual(['#7', '#1 @a']);
    });
  });

  it('are read only where their family is wanted', () => {
    expect(listed(procfsOf({ '1/net/unix': file }), 'unix', { families: ['ipv4', 'ipv6'] })).toEqual([]);
  });
});

describe('ICMP sockets', () => {
  // Linux 6.18, /proc/net/icmp and icmp6 of two sockets of the identifier 7: the first is of IPv4.
  const tail = '07 00000000:00000000 00:00000000 00000000     0        0';
  const none = '0'.repeat(32);
  const tree: Tree = {
    '1/net/icmp': `${HEADING}   43: 0100007F:0007 00000000:0000 ${tail} 2766245 2 0000000032fdc557 0       \n`,
    '1/net/icmp6': `${HEADING}   43: ${none.slice(8)}01000000:0007 ${none}:0000 ${tail} 2766246 2 000000003bda7d06 0
   43: ${none}:0007 ${none}:0000 ${tail} 2766245 2 0000000032fdc557 0\n`,
  };

  it('are of one family, though they stand in the files of both', () => {
    const rows = ['icmp4 7 #2766245', 'icmp6 7 #2766246'];
    expect(listed(procfsOf(tree), 'icmp')).toEqual(rows);
    expect(listed(procfsOf(tree), 'icmp', { families: ['ipv6'] })).toEqual(rows.slice(1));
    expect(listed(procfsOf(tree), 'icmp', { families: ['ipv4'] })).toEqual(rows.slice(0, 1));
  });

  it('of IPv6 are so in the file of IPv4, too', () => {
    const both = { ...tree, '1/net/icmp': `${tree['1/net/icmp']}${row('0007', 2766246, '07')}` };
    expect(listed(procfsOf(both), 'icmp')).toEqual(['icmp4 7 #2766245', 'icmp6 7 #2766246']);
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

  /** `[fe80::1]%zoo0:42589` as `fe80::1 42589`, `*:80` (both families) as `:: 80`. */
  function ssEnd(text: string): string {
    const at = text.lastIndexOf(':');
    const address = text.slice(0, at).replaceAll(/[[\]]|%.*/g, '');
    const port = text.slice(at + 1);
    return `${address.replace(/^\*$/, '::')} ${port === '*' ? 0 : port}`;
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
        ssEnd(remote),
        // Of a listener, ss has its backlog in the second column, which /proc/net does not know.
        listens ? `${recv} waiting` : `${recv} ${send}`,
        /uid:(\d+)/.exec(line)?.[1] ?? 0,
        /ino:(\d+)/.exec(line)?.[1],
      ].join('|');
    });
  }

  it('is what ss says of it, fact for fact', () => {
    const procfs = procfsOf({ '1/net': { link: NET } });
    const rows = (['tcp', 'udp'] as const).flatMap((protocol) => {
      const table = tableOf(procfs, protocol);
      return Array.from({ length: table.length }, (_, at) => {
        const { recvQueue, sendQueue, uid, inode, localPort, remotePort } = table;
        return [
          protocol,
          table.stateOf(at),
          `${table.localAddressOf(at)} ${localPort[at]}`,
          `${table.remoteAddressOf(at)} ${remotePort[at]}`,
          table.isListener(at) ? `${recvQueue[at]} waiting` : `${recvQueue[at]} ${sendQueue[at]}`,
          uid[at],
          inode[at],
        ].join('|');
      });
    });
    expect(rows).toHaveLength(55);
    expect(rows.sort()).toEqual(bySs().sort());
  });
});
