import { describe, expect, it } from 'vitest';
import { parseFuser } from './fuser.ts';
import { parseLsof } from './lsof.ts';
import { parseNetstat, parseNetstatUnix } from './netstat.ts';

// What the tools of Debian 12 print on Linux 6.18; what is read wrongly must be an error, and never nothing.

describe('netstat 2.10', () => {
  const heading = `Active Internet connections (servers and established)
Proto Recv-Q Send-Q Local Address           Foreign Address         State       User       Inode      PID/Program name    
`;

  it('is read: listeners, connections without an owner, UDP, raw', () => {
    const rows = parseNetstat(`${heading}\
tcp        3      0 127.0.0.1:38079         0.0.0.0:*               LISTEN      0          4466471    19811/node          
tcp6       0 3791494 ::1:33042               ::1:39787               TIME_WAIT   1000       0          -                   
udp        0      0 0.0.0.0:53416           0.0.0.0:*                           0          4466490    35/x",pid=1,fd=2)   
raw        0      0 127.0.0.1:89            127.0.0.1:*             1           0          4574943    48/node             
`);
    const none = { remote: null, uid: 0, recvQueue: 0, sendQueue: 0 };
    expect(rows).toEqual([
      {
        ...none,
        protocol: 'tcp',
        recvQueue: 3,
        local: '127.0.0.1 38079',
        state: 'LISTEN',
        inode: 4466471,
        owner: '19811/node',
      },
      {
        protocol: 'tcp6',
        recvQueue: 0,
        sendQueue: 3791494,
        local: '::1 33042',
        remote: '::1 39787',
        state: 'TIME_WAIT',
        uid: 1000,
        inode: 0,
        owner: null,
      },
      {
        ...none,
        protocol: 'udp',
        local: '0.0.0.0 53416',
        state: '',
        inode: 4466490,
        owner: '35/x",pid=1,fd=2)',
      },
      {
        ...none,
        protocol: 'raw',
        local: '127.0.0.1 89',
        remote: '127.0.0.1 0',
        state: '1',
        inode: 4574943,
        owner: '48/node',
      },
    ]);
  });

  it('is read: unix sockets', () => {
    const rows = parseNetstatUnix(`Active UNIX domain sockets (servers and established)
Proto RefCnt Flags       Type       State         I-Node   PID/Program name     Path
unix  3      [ ]         STREAM     CONNECTING    0        -                    @with
unix  2      [ ACC ]     SEQPACKET  LISTENING     4574952  48/node              @a@b
unix  2      [ ]         STREAM                   4574955  48/node              
`);
    expect(rows).toEqual([
      { protocol: 'unix', type: 'STREAM', state: 'CONNECTING', inode: 0, owner: null, path: '@with' },
      {
        protocol: 'unix',
        type: 'SEQPACKET',
        state: 'LISTENING',
        inode: 4574952,
        owner: '48/node',
        path: '@a@b',
      },
      { protocol: 'unix', type: 'STREAM', state: '', inode: 4574955, owner: '48/node', path: null },
    ]);
  });

  it('is read, or what it says is told', () => {
    expect(() => parseNetstat('netstat: no support\n')).toThrow('not a row of netstat');
    expect(() => parseNetstatUnix('netstat: no support\n')).toThrow('not a row of netstat -x');
    expect(parseNetstat(heading)).toEqual([]);
  });
});

describe('lsof 4.95', () => {
  const process = ['p48', 'g0', 'R0', 'cMainThread', 'u0', 'Lroot'];
  const file = (fd: number, ...fields: string[]) => [
    `f${fd}`,
    'au',
    'l ',
    'tIPv4',
    'd457',
    'o0t0',
    ...fields,
  ];
  const queues = ['TQR=3', 'TQS=0'];

  it('is read: files of processes', () => {
    const fields = [
      ...process,
      ...file(22, 'PTCP', 'n127.0.0.1:36099', 'TST=LISTEN', ...queues),
      ...file(23, 'PUDP', 'n[::1]:39787->[::1]:80', ...queues),
      ...process.with(0, 'p49'),
      ...file(3, 'PUDP', 'n*:53', ...queues),
    ];
    const common = {
      command: 'MainThread',
      uid: 0,
      access: 'u',
      type: 'IPv4',
      inode: 457,
      recvQueue: 3,
      sendQueue: 0,
    };
    expect(parseLsof(`${fields.join('\n')}\n`)).toEqual([
      {
        ...common,
        pid: 48,
        fd: 22,
        protocol: 'TCP',
        local: '127.0.0.1 36099',
        remote: null,
        state: 'LISTEN',
      },
      { ...common, pid: 48, fd: 23, protocol: 'UDP', local: '::1 39787', remote: '::1 80', state: '' },
      { ...common, pid: 49, fd: 3, protocol: 'UDP', local: '* 53', remote: null, state: '' },
    ]);
  });

  it('is read, or what is wrong is told', () => {
    const text = (...fields: string[]) => [...process, ...fields].join('\n');
    expect(() => parseLsof(text(...file(3, 'PTCP', 'nhere', ...queues)))).toThrow('not an end: here');
    expect(() => parseLsof(text(...file(3, 'n*:53', ...queues)))).toThrow('no field P of fd 3');
    expect(() => parseLsof('=\n')).toThrow('not a field');
    expect(parseLsof('')).toEqual([]);
  });
});

describe('fuser 23.6', () => {
  const table = `                     USER        PID ACCESS COMMAND
45269/tcp:           root      F.... MainThread
                     nobody    F.... an (heir
`;

  it('is read: pids on stdout, the rest on stderr, among what it may not see', () => {
    const complaint = 'Cannot stat file /proc/1/fd/0: Permission denied\n';
    expect(parseFuser('     3    35', `${complaint}${table}`)).toEqual([
      { pid: 3, user: 'root', command: 'MainThread' },
      { pid: 35, user: 'nobody', command: 'an (heir' },
    ]);
    expect(parseFuser('', '')).toEqual([]);
  });

  it('is read, or what it says is told', () => {
    expect(() => parseFuser('3', table)).toThrow('fuser: ');
    expect(() => parseFuser('', 'fuser: nonsense\n')).toThrow('nonsense');
  });
});
