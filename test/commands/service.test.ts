import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { UsageError } from '../../src/commands/exit.ts';
import { run } from '../../src/commands/service.ts';
import { standardOutput } from '../../src/output/standard-output.ts';
import { printedBy } from '../helpers/printed.ts';

const debian = fileURLToPath(new URL('../fixtures/etc/services', import.meta.url));
let folder: string;
let own: string;
/** A /proc of a kernel with another ephemeral range than most. */
let proc: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'porttop-'));
  own = join(folder, 'services');
  proc = join(folder, 'proc');
  mkdirSync(join(proc, 'sys/net/ipv4'), { recursive: true });
  writeFileSync(join(proc, 'sys/net/ipv4/ip_local_port_range'), '40000\t60999\n');
  writeFileSync(own, 'http 80/tcp www # World\nfancy 80/quic\n\x1b[2Jbad 70/tcp # \u202ereversed\n');
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const service = (...args: string[]) => printedBy(run, args);

describe('porttop service, for a person', () => {
  it('tells what a port is called, by whom, in aligned columns', async () => {
    const { status, output } = await service('80', '--services', own);
    expect(status).toBe(0);
    expect(output).toBe(
      [
        'NAME   PORT     ALIASES       DESCRIPTION          SOURCE',
        `http   80/tcp   www           World                ${own}`,
        `fancy  80/quic                                     ${own}`,
        'http   80/udp   www www-http  World Wide Web HTTP  iana',
        'http   80/sctp                HTTP                 iana',
        '',
      ].join('\n'),
    );
  });

  it('tells of one protocol alone, any that the file names', async () => {
    const { lines } = await service('80/quic', '--services', own);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^fancy +80\/quic/);
  });

  it('tells what IANA says where the file is silent', async () => {
    const { status, lines } = await service('4000/tcp', '--services', debian);
    expect(status).toBe(0);
    expect(lines[1]).toMatch(/^terabase +4000\/tcp +Terabase +iana$/);
  });

  it('tells the ports of a name, and of nothing that only begins so', async () => {
    const { lines } = await service('ssh', '--services', debian);
    expect(lines.slice(1).map((line) => line.split(/ +/, 2).join(' '))).toEqual([
      'ssh 22/tcp',
      'ssh 22/udp',
      'ssh 22/sctp',
    ]);
  });

  it('tells the names that begin so where none is so', async () => {
    const { status, lines } = await service('postgre', '--services', debian);
    expect(status).toBe(0);
    expect(lines[1]).toMatch(/^postgresql +5432\/tcp +postgres +PostgreSQL Database/);
  });

  it('answers several questions at once, each row once', async () => {
    const { status, lines } = await service('http/tcp', '80/tcp', '61234', 'nosuchname', '--services', own);
    expect(status).toBe(0);
    expect(lines.slice(2)).toEqual([
      'nobody registered 61234',
      `'nosuchname' names nothing and begins no name in ${own}, nor in the IANA registry where that is silent`,
    ]);
  });

  it('says of an unknown port whether the kernel hands it out; that is no match', async () => {
    const { status, lines } = await service('41234/tcp', '39999', '--services', debian, '--procfs', proc);
    expect(status).toBe(1);
    expect(lines).toEqual([
      '41234/tcp is in the ephemeral range 40000–60999: the kernel hands such ports out',
      'nobody registered 39999',
    ]);
  });

  it('says only what is known where /proc does not tell the range', async () => {
    const { output } = await service('41234/tcp', '--services', debian, '--procfs', folder);
    expect(output).toBe('nobody registered 41234/tcp\n');
  });

  it('says of a port with a name, too, that the kernel may have chosen it', async () => {
    const { status, lines } = await service('80', '57000', '--services', debian, '--procfs', proc);
    expect(status).toBe(0);
    expect(lines.filter((line) => /^57000|^80/.test(line))).toEqual([
      '57000 is in the ephemeral range 40000–60999 too: the kernel hands such ports out',
    ]);
  });

  it('says what IANA remarks, and which other protocol has the number', async () => {
    const { status, lines } = await service('4/udp', '--services', debian);
    expect(status).toBe(1);
    expect(lines).toEqual([
      '4/udp is no service: the IANA registry says “Unassigned”',
      `also echo, 4/ddp (${debian})`,
    ]);
  });

  it('prints nothing that acts on a terminal', async () => {
    const { lines } = await service('70/tcp', '--services', own);
    expect(lines[1]).toMatch(/^\\e\[2Jbad +70\/tcp +\\u202ereversed /);
    expect((await service('\x1b[31m\u202e', '--services', own)).output).toMatch(/^'\\e\[31m\\u202e' names/);
  });

  it('cuts a long description only for a terminal that is too narrow', async () => {
    const inNarrow = (port: string) => printedBy(run, [port, '--services', '/dev/null'], 64);
    const { lines } = await inNarrow('22/tcp');
    expect(lines[1]).toMatch(/^ssh +22\/tcp +The Secure Shell \(SSH\) Protocol +iana$/);
    const narrow = await inNarrow('512/udp');
    expect(narrow.lines[0]).toHaveLength(64);
    expect(narrow.lines[1]).toMatch(/^biff {2}512\/udp {2}comsat {3}used by .*… {2}iana$/);
    expect((await service('512/udp', '--services', '/dev/null')).lines[1]).not.toContain('…');
  });
});

describe('porttop service --json', () => {
  it('is one document of the promised shape', async () => {
    const { status, output } = await service('80', '4000/tcp', '--json', '--services', debian);
    expect(status).toBe(0);
    expect(JSON.parse(output).services.slice(0, 1)).toEqual([
      {
        name: 'http',
        port: 80,
        protocol: 'tcp',
        aliases: ['www'],
        description: 'WorldWideWeb HTTP',
        source: debian,
      },
    ]);
    expect(JSON.parse(output).services.at(-1)).toEqual({
      name: 'terabase',
      port: 4000,
      protocol: 'tcp',
      aliases: [],
      description: 'Terabase',
      source: 'iana',
    });
  });

  it('invents nothing where nothing matched: it says what is unknown, and if the kernel hands such ports out', async () => {
    const procfs = mkdtempSync(join(tmpdir(), 'porttop-service-'));
    onTestFinished(() => rmSync(procfs, { recursive: true }));
    const asked = ['--json', '61234', '49999/tcp', 'nosuchname', '--procfs', procfs];
    const silent = await service(...asked);
    expect(silent.status).toBe(1);
    expect(JSON.parse(silent.output).unknown[0]).toEqual({ port: 61234, protocol: null, ephemeral: null });
    mkdirSync(join(procfs, 'sys/net/ipv4'), { recursive: true });
    writeFileSync(join(procfs, 'sys/net/ipv4/ip_local_port_range'), '49999\t60999\n');
    expect(JSON.parse((await service(...asked)).output)).toEqual({
      services: [],
      unknown: [
        { port: 61234, protocol: null, ephemeral: false },
        { port: 49999, protocol: 'tcp', ephemeral: true },
        { name: 'nosuchname', protocol: null },
      ],
    });
  });

  it('has the text whole, and escaped', async () => {
    const { output } = await service('--json', '70/tcp', '--services', own);
    expect(output).toMatch(/^[ -~]*\n$/);
    expect(JSON.parse(output).services[0]).toMatchObject({
      name: '\x1b[2Jbad',
      description: '\u202ereversed',
    });
  });
});

describe('porttop service, used wrongly', () => {
  test.each([
    ['no question', []],
    ['an empty one', ['']],
    ['a blank one', [' ']],
    ['a port that is none', ['99999']],
    ['a negative port', ['-1']],
    ['a protocol that nobody knows', ['80/xyz']],
    ['a protocol that is missing', ['80/']],
    ['an unknown option', ['80', '--nosuch']],
    ['a file that is not there', ['80', '--services', '/nowhere']],
    ['a file that is none', ['80', '--services', '/']],
    ['one wrong question among others', ['80', '99999']],
  ])('%s is a usage error, and nothing is printed', async (_, args) => {
    const write = vi.spyOn(standardOutput, 'write').mockImplementation(() => {});
    await expect(run(args)).rejects.toThrow(UsageError);
    expect(write).not.toHaveBeenCalled();
  });

  it('says which protocols are known', async () => {
    await expect(run(['80/xyz', '--services', own])).rejects.toThrow(/tcp, udp, sctp, dccp, quic/);
  });

  it('has a help with examples', async () => {
    let output = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      output += chunk;
      return true;
    });
    expect(await run(['--help'])).toBe(0);
    expect(output).toContain('porttop service 4000');
  });
});
