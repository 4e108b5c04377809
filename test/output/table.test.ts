import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { table } from '../../src/output/table.ts';
import { COLUMNS, type Column } from '../../src/query/columns.ts';
import type { Socket } from '../../src/sockets/socket.ts';
import { type SafeText, safe } from '../../src/text/safe.ts';
import { widthOf } from '../../src/text/width.ts';
import { end, factsOf, NOON, owner } from '../sockets/fixture.ts';

fc.configureGlobal({ seed: 4000 });

const { port, service, proto, state, local, command, pids, user } = COLUMNS;
const now = NOON.getTime();

function lines(columns: readonly Column[], sockets: Partial<Socket>[], header = true): SafeText[] {
  const picked = sockets.map((_, row) => row);
  const blocks = [...table(columns, factsOf(sockets), picked, { header, now })];
  return blocks.join('').split('\n').slice(0, -1) as SafeText[];
}

describe('a table', () => {
  it('has its columns two blanks apart, numbers to the right, words to the left', () => {
    expect(
      lines(
        [proto, state, port, service, pids, command],
        [
          { local: end('0.0.0.0:22', 'ssh'), owners: [owner(812, 'sshd')] },
          {
            protocol: 'udp',
            state: 'UNCONN',
            local: end('[::]:5353'),
            owners: [owner(9, 'avahi'), owner(10, 'x')],
          },
          { local: end('127.0.0.1:65535', 'a-long-name'), ownerUnknown: 'permission' },
        ],
      ),
    ).toEqual([
      'PROTO  STATE    PORT  SERVICE      PID   OWNER',
      'tcp    LISTEN     22  ssh          812   sshd',
      'udp6   UNCONN   5353  –            9,10  avahi, x',
      'tcp    LISTEN  65535  a-long-name  –     ? not allowed',
    ]);
  });

  it('is aligned by cells: with wide characters, combining marks and emoji', () => {
    expect(
      lines(
        [service, user, port],
        [
          { local: end('0.0.0.0:1', '日本語'), user: 'root' },
          { local: end('0.0.0.0:22', 'e\u0301te\u0301'), user: '한' },
          { local: end('0.0.0.0:333', '😀'), user: 'ada' },
        ],
      ),
    ).toEqual([
      'SERVICE  USER  PORT',
      '日本語   root     1',
      'e\u0301te\u0301      한      22',
      '😀       ada    333',
    ]);
  });

  it('has every column begin in the same cell of each line', () => {
    const name = fc.array(fc.constantFrom('a', 'é', '日', '한', 'e\u0301', '😀', ' ', '\x1b', '\u202e'), {
      maxLength: 8,
    });
    const texts = fc.tuple(name, name).map(([one, other]) => ({
      local: end('0.0.0.0:80', one.join('')),
      user: other.join(''),
    }));
    fc.assert(
      fc.property(fc.array(texts, { minLength: 1, maxLength: 8 }), fc.boolean(), (rows, header) => {
        // The last column is to the right, so that each line ends in the same cell.
        const widths = lines([service, user, port], rows, header).map(widthOf);
        expect(new Set(widths).size).toBe(1);
        // And so without it: its two blanks and its digits are the same everywhere.
        const ends = lines([service, user, port], rows, header).map((line) => line.slice(-2).trim());
        expect(ends.slice(header ? 1 : 0).every((each) => each === '80')).toBe(true);
      }),
    );
  });

  it('cuts nothing', () => {
    const long = 'x'.repeat(500);
    const [, row] = lines(
      [service, command, port],
      [{ local: end('0.0.0.0:80', long), owners: [owner(1, long)] }],
    );
    expect(row).toBe(`${long}  ${long}    80`);
  });

  it('has no blanks at the end of a line whose last column is to the left', () => {
    const rows = [{ owners: [owner(1, 'a')] }, { owners: [owner(1, 'much-longer')] }];
    for (const line of lines([port, command], rows)) expect(line).toBe(line.trimEnd());
  });

  it('may have no heading, and is then as narrow as its rows', () => {
    expect(lines([service, port], [{ local: end('0.0.0.0:80', 'http') }], false)).toEqual(['http  80']);
  });

  it('of nothing is its heading, or nothing', () => {
    expect(lines([port, service], [])).toEqual(['PORT  SERVICE']);
    expect(lines([port, service], [], false)).toEqual([]);
  });

  it('keeps the order that it is given', () => {
    const rows = ['0.0.0.0:9', '0.0.0.0:80', '0.0.0.0:10'].map((each) => ({ local: end(each) }));
    expect(lines([local], rows, false)).toEqual(['0.0.0.0:9', '0.0.0.0:80', '0.0.0.0:10']);
  });

  it('is safe, whatever the system says', () => {
    const hostile = 'x\x1b[2J\n\u202e';
    const [row] = lines(
      [service, command],
      [{ local: end('0.0.0.0:80', hostile), owners: [owner(1, hostile)] }],
      false,
    );
    expect(row).toBe('x\\e[2J\\n\\u202e  x\\e[2J\\n\\u202e');
    expect(safe(row ?? '')).toBe(row);
  });

  it('may have as many rows as a busy host has connections', () => {
    expect(lines([port], Array(250_000).fill({}))).toHaveLength(250_001);
  });

  it('comes in pieces of whole lines, none of which is everything', () => {
    const blocks = [...table([port], factsOf([{}]), Array(2_000).fill(0), { header: false, now })];
    expect(blocks.length).toBeGreaterThan(2);
    for (const block of blocks) expect(block).toMatch(/^( *80\n)+$/);
    expect(blocks.join('')).toHaveLength(2_000 * 3);
  });
});
