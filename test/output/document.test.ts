import { describe, expect, it } from 'vitest';
import { document } from '../../src/output/document.ts';
import type { OwnerUnknown } from '../../src/sockets/socket.ts';
import { VERSION } from '../../src/version.ts';
import { snapshotOf, socketOf } from '../sockets/fixture.ts';

const HOST = { name: 'web-3', kernel: '6.18.0' };
const snapshot = snapshotOf([{ inode: 1 }, { inode: 2 }]);

describe('the document of --json', () => {
  it('says who tells, when, and from where', () => {
    expect(document(snapshot, [], HOST)).toEqual({
      schema: 1,
      version: VERSION,
      time: '2026-11-23T12:00:00.000Z',
      host: { ...HOST, uid: process.getuid?.() },
      source: snapshot.table.sources,
      unattributed: 0,
      sockets: [],
    });
  });

  it('has the sockets that it was given, and not all that there are', () => {
    const sockets = [snapshot.socket(1)];
    expect(document(snapshot, sockets, HOST).sockets).toEqual(sockets);
  });

  it('counts those whose owner could not be found out, and not those that have none', () => {
    const whys: (OwnerUnknown | null)[] = [
      null,
      'time-wait',
      'unaccepted',
      'orphaned',
      'permission',
      'no-process',
      'gone',
    ];
    const sockets = whys.map((ownerUnknown) => socketOf({ ownerUnknown }));
    expect(document(snapshot, sockets, HOST).unattributed).toBe(3);
  });

  it('is all JSON: nothing in it is lost on the way', () => {
    const whole = document(snapshot, [snapshot.socket(0)], HOST);
    expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
  });
});
