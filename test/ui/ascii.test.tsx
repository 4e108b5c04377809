import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { safe, text } from '../../src/text/safe.ts';
import { widthOf } from '../../src/text/width.ts';
import { inSigns } from '../../src/ui/ascii.ts';
import { held, tcp } from '../helpers/snapshots.ts';
import { KEY, openScreen, processOf } from './screen.tsx';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

describe('a terminal that has ASCII alone', () => {
  it('gets it, in as many cells, whatever a text is of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (raw) => {
        const shown = inSigns('ascii', safe(raw));
        expect(shown).toMatch(/^[ -~]*$/);
        expect(widthOf(shown)).toBe(widthOf(safe(raw)));
      }),
    );
  });

  test.each([
    ['naïve', 'na?ve'],
    ['한글', '????'],
    ['👨‍👩‍👧', '??\\u200d??\\u200d??'],
    ['n\u0303', 'n'],
    ['nginx ×3…', 'nginx x3~'],
  ])('reads %s as %s', (raw, shown) => {
    expect(inSigns('ascii', safe(raw))).toBe(shown);
  });

  it('gets a sign of its own for each that the program writes', () => {
    const sources = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /\.tsx?$/.test(path),
    );
    const written = new Set(
      sources.flatMap((path) => {
        const code = readFileSync(`${src}${path}`, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
        return code.match(/[^\0-\x7f]/gu) ?? [];
      }),
    );
    expect(written.size).toBeGreaterThan(10);
    expect([...written].filter((sign) => inSigns('ascii', safe(sign)).includes('?'))).toEqual([]);
  });

  it('has the whole screen in it', async () => {
    using screen = await openScreen({
      size: { columns: 80, rows: 24 },
      signs: 'ascii',
      sockets: [
        tcp('0.0.0.0:22', { owners: [held('sshd', 700), held('sshd', 701)] }),
        tcp('127.0.0.1:8080', { owners: [held('größe한', 812)] }),
        tcp('[::]:2049'),
      ],
    });
    await screen.press(KEY.down, KEY.enter);
    await screen.dispatch(processOf(812, { cwd: '/srv/größe' }));
    expect(screen.lines.map((line) => line.trimEnd()).join('\n')).toMatchInlineSnapshot(`
      " porttop  web-3  3 listening  0 connected  1 unowned      by /proc/net  every 1s
       1 Listening  2 Sockets  3 Processes  4 Services  5 Timeline
          PORT^ SERVICE  PROTO  ADDRESS    OWNER                  PID  CONN  QUEUE   >
            22  -        tcp    0.0.0.0    sshd x2                700     -      0
      >   2049  -        tcp6   ::         ? kernel or namespace    -     -      0
          8080  -        tcp    127.0.0.1  gr??e??                812     -      0




      +- tcp 2049 -----------[overview] sockets  files  env  memory  limits  kernel -+
      |> socket        tcp6 [::]:2049, LISTEN, 0 waiting to be accepted              |
      |  connections ? counting~                                                     |
      |  service       2049/tcp: /etc/services is silent; the IANA registry is not   |
      |                read yet                                                      |
      |  owner       ? the descriptors of every process were read and none leads     |
      |              ? here: the kernel itself has it (as NFS and WireGuard do), or  |
      |              ? a process in a pid namespace that is not visible from here    |
      |  cmdline       'nginx: master process'                                       |
      |  exe           /usr/sbin/nginx                                               |
      |  cwd           /srv/gr??e                                                    |
      |  root          /                                                             |
      +- /proc/net/tcp6  (10 more lines) --------------------------------------------+
       ^v move  <> page  Esc back  Tab pane  [ ] view  / search  ? help  q quit"
    `);
    await screen.press('?', 'G');
    expect(screen.text).toMatch(/^[ -~\n]*$/);
  });
});

test("the kernel's console keeps its letters and gets our signs in ASCII", () => {
  expect(inSigns('letters', text`▌ größe…`)).toBe('> größe~');
});
