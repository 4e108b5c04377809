import { describe, expect, it } from 'vitest';
import type { SocketDetails } from '../../src/netlink/messages.ts';
import { Services } from '../../src/services/services.ts';
import { HostNames } from '../../src/store/names.ts';
import { readOnce } from '../../src/store/read.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { EVERYTHING, inodeOf, type SocketLiteral, tcp } from '../helpers/snapshots.ts';
import { FakeProcFs, FakeSource, FakeUsers } from './fake-host.ts';

const ssh = tcp('0.0.0.0:22', { inode: 220 });
const web = tcp('0.0.0.0:80', { inode: 800 });

/** A host where sshd holds port 22; what is there at each look. */
function host(...looks: SocketLiteral[][]) {
  const procfs = new FakeProcFs();
  procfs.processes.set(1, { comm: 'init' }).set(700, { comm: 'sshd' });
  procfs.holding.set(700, [inodeOf(ssh)]);
  const source = new FakeSource();
  source.onRead = () => {
    source.sockets = looks.shift() ?? [];
  };
  return { procfs, source, names: new HostNames(procfs, new Services([]), new FakeUsers()) };
}

function read(of: ReturnType<typeof host>, keep: Parameters<typeof readOnce>[2] = () => true): string[] {
  const { snapshot, rows } = runAtOnce(readOnce(of, EVERYTHING, keep));
  return rows.map((row) => {
    const { local, owners, ownerUnknown } = snapshot.socket(row);
    return `${local?.port} ${owners.map(({ command }) => command).join() || ownerUnknown}`;
  });
}

describe('a single look', () => {
  it('names the owners, and reads the table once where each has one', () => {
    const of = host([ssh]);
    expect(read(of)).toEqual(['22 sshd']);
    expect(of.source.reads).toBe(1);
  });

  it('looks again for a socket without an owner: it may have closed meanwhile', () => {
    expect(read(host([ssh, web], [ssh]))).toEqual(['22 sshd', '80 gone']);
    expect(read(host([ssh, web], [ssh, web]))).toEqual(['22 sshd', '80 no-process']);
  });

  it('asks the few that have none for themselves first: what answers is there', () => {
    const of = host([ssh, web], [ssh, web]);
    of.source.details.set(80, {} as SocketDetails);
    expect(read(of)).toEqual(['22 sshd', '80 no-process']);
    expect(of.source.reads).toBe(1);
  });

  it('looks for the owners of the rows that are wanted, and of no others', () => {
    const of = host([ssh, web]);
    expect(read(of, ({ table }, row) => table.localPort[row] === 22)).toEqual(['22 sshd']);
    expect(of.source.reads).toBe(1);
    const none = host([ssh, web]);
    expect(read(none, () => false)).toEqual([]);
    expect(none.procfs.walks).toBe(0);
  });

  it('passes on why nothing could be read', () => {
    const of = host();
    of.source.failure = new Error('no table');
    expect(() => read(of)).toThrow('no table');
  });

  it('asks the source for what is wanted, both times', () => {
    const of = host([ssh, web], [ssh]);
    const wanted = { ...EVERYTHING, scope: 'listening', ports: [{ from: 22, to: 80 }] } as const;
    runAtOnce(readOnce(of, wanted, () => true));
    expect(of.source.wanted).toEqual([wanted, wanted]);
  });

  it('knows of the rows what it is asked before owners are', () => {
    const seen: unknown[] = [];
    read(
      host([ssh]),
      (rows, row) => seen.push([rows.table.localPort[row], rows.pid(row), rows.processes(row)]) > 0,
    );
    expect(seen).toEqual([[22, 0, []]]);
  });
});
