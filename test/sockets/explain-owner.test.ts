import { describe, expect, it } from 'vitest';
import { explainUnknownOwner } from '../../src/sockets/explain-owner.ts';
import { NOBODY } from './fixture.ts';

const ROOT = 0;
const ADA = 1000;
const refused = (...pids: number[]) => ({
  ...NOBODY,
  unreadable: new Map(pids.map((pid) => [pid, 'EACCES'])),
});

describe('why a socket has no owner, for a person', () => {
  it.each(['time-wait', 'unaccepted', 'orphaned', 'gone', 'no-process'] as const)(
    '%s is said, and has nothing to do with rights',
    (why) => {
      const said = explainUnknownOwner(why, refused(1, 2), ADA);
      expect(said).not.toMatch(/\broot\b|may not/);
      expect(said.length).toBeGreaterThan(20);
      expect(explainUnknownOwner(why, NOBODY, ROOT)).toBe(said);
    },
  );

  it('is that an ordinary user may not read: who runs it as root will know', () => {
    const said = explainUnknownOwner('permission', refused(1, 2, 3), ADA);
    expect(said).toMatch(/\b3 processes\b/);
    expect(said).toMatch(/run porttop as root/);
  });

  it('is that other users are hidden, where nothing was refused', () => {
    expect(explainUnknownOwner('permission', { ...NOBODY, hidden: true }, ADA)).toMatch(/hidepid.*as root/);
  });

  it('never tells root to become root', () => {
    for (const ownership of [refused(1), refused(1, 2, 3, 4), { ...NOBODY, hidden: true }]) {
      expect(explainUnknownOwner('permission', ownership, ROOT)).not.toMatch(/as root/);
    }
  });

  it('names to root the processes that it may be, some of them', () => {
    expect(explainUnknownOwner('permission', refused(7), ROOT)).toContain('pid 7 (EACCES):');
    expect(explainUnknownOwner('permission', refused(1, 2, 3), ROOT)).toContain(
      'pid 1 (EACCES), 2 (EACCES), 3 (EACCES):',
    );
    const many = explainUnknownOwner('permission', refused(1, 2, 3, 4), ROOT);
    expect(many).toContain('3 (EACCES), …:');
    expect(many).not.toContain('4 (');
  });
});
