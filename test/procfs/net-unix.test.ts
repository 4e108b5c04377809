import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NetUnixRow, newNetUnixRow, parseNetUnix } from '../../src/procfs/net-unix.ts';

fc.configureGlobal({ seed: 4000 });

const HEADING = 'Num       RefCount Protocol Flags    Type St Inode Path\n';
/** /proc/net/unix of Linux 6.18. */
const CAPTURED = `${HEADING}\
000000005b9574f5: 00000003 00000000 00000000 0001 03 2758685
00000000aee41c41: 00000002 00000000 00000000 0002 01 2758681
0000000036cf99c6: 00000003 00000000 00000000 0001 02     0 @lis
00000000d264e65c: 00000003 00000000 00000000 0002 03  2758 @dg
00000000fb3ceefa: 00000002 00000000 00010000 0005 01 2758683 @a@b
0000000099ee089a: 00000002 00000000 00010000 0001 01 2758684 /run/my app.sock
`;

type Row = Omit<NetUnixRow, 'pathLength' | 'room' | 'doubtful'>;

/** The rows of a file that comes in pieces of so many bytes. */
function rowsOf(content: string | Buffer, pieceLength = Number.POSITIVE_INFINITY): Row[] {
  const bytes = Buffer.from(content as string);
  const row = newNetUnixRow();
  const rows: Row[] = [];
  for (let start = 0, end = 0; end < bytes.length; ) {
    end = Math.min(end + pieceLength, bytes.length);
    start += parseNetUnix(bytes.subarray(start, end), row, ({ type, state, inode, path }, again) => {
      if (again) rows.pop();
      rows.push({ type, state, inode, path });
    });
  }
  return rows;
}

const line = (path: string, inode = 7) =>
  `0000000099ee089a: 00000002 00000000 00010000 0001 01 ${inode}${path}\n`;
const paths = (content: string | Buffer) => rowsOf(content).map(({ path }) => path);

describe('/proc/net/unix', () => {
  it('is a row a socket', () => {
    expect(rowsOf(CAPTURED)).toEqual([
      { type: 1, state: 1, inode: 2758685, path: null },
      { type: 2, state: 7, inode: 2758681, path: null },
      { type: 1, state: 1, inode: 0, path: '@lis' },
      { type: 2, state: 1, inode: 2758, path: '@dg' },
      { type: 5, state: 10, inode: 2758683, path: '@a@b' },
      { type: 1, state: 10, inode: 2758684, path: '/run/my app.sock' },
    ]);
  });

  it('is the same in whatever pieces it comes', () => {
    const content = CAPTURED + line(' @a\nb\n\nc') + line('');
    const whole = rowsOf(content);
    for (let length = 1; length < 200; length++) expect(rowsOf(content, length)).toEqual(whole);
  });

  it('leaves a line that is cut short for the next piece', () => {
    const bytes = Buffer.from(`${HEADING}${line(' /run/x')}0000`);
    expect(parseNetUnix(bytes, newNetUnixRow(), () => {})).toBe(bytes.length - 4);
  });

  it.each([
    [' /run/with  spaces ', '/run/with  spaces '],
    ['  ', ' '],
    [' @', '@'],
    [' /tmp/Grüße/日本', '/tmp/Grüße/日本'],
    [' /tmp/\x1b[31m\r', '/tmp/\x1b[31m\r'],
    [' /run/00000002 00000000 00010000 0001 01 7', '/run/00000002 00000000 00010000 0001 01 7'],
  ])('has the path %j as it is', (written, path) => {
    expect(paths(HEADING + line(written))).toEqual([path]);
  });

  it('has U+FFFD for bytes of a path that are no UTF-8', () => {
    expect(paths(Buffer.from(line(' /a\xff'), 'latin1'))).toEqual(['/a\ufffd']);
  });

  it.each([
    ['a row of an older kernel, 32 bits', 'c1a2b3c4: 00000002 00000000 00010000 0001 01  1536 /x\n'],
    [
      'a row before addresses can be hidden',
      '(____ptrval____): 00000002 00000000 00010000 0001 01 1536 /x\n',
    ],
  ])('has %s', (_, content) => {
    expect(rowsOf(content)).toEqual([{ type: 1, state: 10, inode: 1536, path: '/x' }]);
  });
});

describe('a name with a line break in it', () => {
  it('is one name, as long as names can be', () => {
    expect(paths(HEADING + line(' @a\nb\n\nc') + line(' /run/d'))).toEqual(['@a\nb\n\nc', '/run/d']);
  });

  it('does not go on for longer than names can', () => {
    const [name] = paths(line(` @${'x'.repeat(100)}\n${'y'.repeat(6)}`));
    expect(name).toHaveLength(108);
    expect(paths(line(` @${'x'.repeat(100)}\n${'y'.repeat(7)}`))).toEqual([`@${'x'.repeat(100)}`]);
  });

  it.each([
    'no row at all',
    '0000000099ee089a: 00000002 00000000 00010000 0001 01 x /run/fake',
    '0000000099ee089a: 00000002 00000000 00010000 0001 01 9999999999 /run/fake',
    '0000000099ee089a 00000002 00000000 00010000 0001 01 7 /run/fake',
    '99ee089a: 2 0 10000 1 1 7 /run/fake',
    ' 0000000099ee089a: 00000002 00000000 00010000 0001 01 7 /run/fake',
    '',
  ])('makes no socket of %j', (forged) => {
    expect(rowsOf(HEADING + line(` @\n${forged}`) + line(' /run/real', 8)).map(({ inode }) => inode)).toEqual(
      [7, 8],
    );
  });

  it('is no more of a socket that has no name, or of the heading', () => {
    expect(paths(`${HEADING}more\n${line('')}more\n`)).toEqual([null]);
  });
});

describe('a row that may be forged', () => {
  /** The inodes of a file's rows, with `?` where they may be more of a name before. */
  const doubts = (content: string | Buffer) => {
    const told: string[] = [];
    const take = (row: NetUnixRow, again: boolean) =>
      again || told.push(`${row.inode}${row.doubtful ? '?' : ''}`);
    parseNetUnix(Buffer.from(content as string), newNetUnixRow(), take);
    return told;
  };
  const bare = line('', 8).length - 1;

  it('is one for which the name before it has room', () => {
    const name = (length: number) => line(` @${'x'.repeat(length - 1)}`);
    expect(doubts(name(108 - 1 - bare) + line('', 8))).toEqual(['7', '8?']);
    expect(doubts(name(108 - bare) + line('', 8))).toEqual(['7', '8']);
    expect(doubts(name(10) + line(` @${'x'.repeat(60)}`, 8))).toEqual(['7', '8']);
  });

  it('is none behind a socket without a name, nor behind the heading', () => {
    expect(doubts(HEADING + line('') + line('', 8) + line(' @a', 9))).toEqual(['7', '8', '9']);
  });

  it('counts what of the name came on other lines', () => {
    expect(doubts(`${line(' @a')}${'x'.repeat(20)}\n${line('', 8)}`)).toEqual(['7', '8?']);
    expect(doubts(`${line(' @a')}${'x'.repeat(52)}\n${line('', 8)}`)).toEqual(['7', '8']);
  });

  it('leaves the name before it the rest of its room: rows are short where pointers are', () => {
    const short = (inode: number, path = '') =>
      `c1a2b3c4: 00000002 00000000 00010000 0001 01 ${inode}${path}\n`;
    expect(doubts(short(10, ' @') + short(11) + short(12) + short(13))).toEqual(['10', '11?', '12?', '13']);
  });

  // As unix(7) and unix_seq_show have it: whatever names are, no row of a name is taken for certain, and every certain row is one.
  it('is every one that is', () => {
    const forged = fc.integer({ min: 1, max: 999 }).map((inode) => line('', 1_000_000 + inode).trimEnd());
    const piece = fc.oneof(fc.constantFrom('\n', 'x', '\n\n', ' '), forged);
    const name = fc
      .tuple(fc.constantFrom('@', '/'), fc.array(piece, { maxLength: 6 }))
      .map(([first, rest]) => ` ${(first + rest.join('')).slice(0, 108)}`);
    fc.assert(
      fc.property(fc.array(fc.oneof(name, fc.constant('')), { maxLength: 8 }), (names) => {
        const told = doubts(HEADING + names.map((each, at) => line(each, at + 1)).join(''));
        const certain = told.filter((each) => !each.endsWith('?'));
        expect(certain.filter((each) => Number(each) > 999_999)).toEqual([]);
        expect(told.map((each) => Number.parseInt(each, 10)).filter((inode) => inode < 1_000_000)).toEqual(
          names.map((_, at) => at + 1),
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe('anything else', () => {
  it('is no row, and no error', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom(HEADING, line(' @x'), line(''), '\n'))),
        (parts) => {
          for (const row of rowsOf(parts.join(''))) {
            expect(row.inode).toBeLessThanOrEqual(0xffff_ffff);
            expect([1, 7, 10]).toContain(row.state);
          }
        },
      ),
    );
  });

  it('is used up to its last line break', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const used = parseNetUnix(bytes, newNetUnixRow(), () => {});
        expect(used).toBe(bytes.lastIndexOf(10) + 1);
      }),
    );
  });
});
