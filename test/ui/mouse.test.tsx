import { describe, expect, it, test } from 'vitest';
import { selection } from '../../src/store/shown.ts';
import { type Action, type Focus, initialState } from '../../src/store/state.ts';
import { connection, held, tcp } from '../helpers/snapshots.ts';
import { KEY, openScreen, processOf, type Screen } from './screen.tsx';

const many = Array.from({ length: 60 }, (_, index) =>
  tcp(`0.0.0.0:${1000 + index}`, { owners: [held(`server${59 - index}`, 100 + index)] }),
);
const small = { columns: 80, rows: 24 };
const tall = { columns: 120, rows: 40 };

const open = (options: Parameters<typeof openScreen>[0] = {}) =>
  openScreen({ size: small, sockets: [...many, connection('10.0.0.1:1000', '10.0.0.2:40000')], ...options });

const selected = (screen: Screen) => selection(screen.state)?.row.socket?.local?.port;
const lineOf = (screen: Screen, what: string | RegExp) => screen.lines.indexOf(screen.line(what));

/** Presses what says this, where its line says it. */
async function click(screen: Screen, line: string | RegExp, on?: string): Promise<void> {
  const row = lineOf(screen, line);
  const column = on === undefined ? 5 : (screen.lines[row] as string).indexOf(on);
  await screen.press(`\x1b[<0;${column + 1};${row + 1}M\x1b[<0;${column + 1};${row + 1}m`);
}

async function wheel(screen: Screen, way: 'up' | 'down', row: number, column = 5): Promise<void> {
  await screen.press(`\x1b[<${way === 'up' ? 64 : 65};${column + 1};${row + 1}M`);
}

describe('a click', () => {
  it.each([small, tall])('on a row selects it, at $columns columns', async (size) => {
    using screen = await open({ size });
    await click(screen, / 1007 /);
    expect(selected(screen)).toBe(1007);
    expect(screen.state.detailsOpen).toBe(false);
  });

  it('on a row of a list that is scrolled selects what is seen there', async () => {
    using screen = await open();
    await screen.press('G', 'k', 'k');
    await click(screen, / 1045 /);
    expect(selected(screen)).toBe(1045);
  });

  it('on the selected row opens it; so does a double click', async () => {
    using screen = await open();
    await click(screen, / 1007 /);
    await click(screen, / 1007 /);
    expect(screen.state).toMatchObject({ detailsOpen: true, focus: 'details' });
  });

  it('under the last row does nothing', async () => {
    using screen = await open({ sockets: many.slice(0, 3) });
    const before = screen.state;
    await screen.press('\x1b[<0;5;15M');
    expect(screen.state).toBe(before);
  });

  it('on a heading sorts by it, and again the other way up', async () => {
    using screen = await open();
    await click(screen, / PORT/, 'OWNER');
    expect(screen.line(/ PORT/)).toContain('OWNER▲');
    await click(screen, / PORT/, 'OWNER');
    expect(screen.line(/ PORT/)).toContain('OWNER▼');
    await click(screen, / PORT/, 'ORT');
    expect(screen.line(/ PORT/)).toContain('PORT▲');
  });

  it('on the heading of the column that is sorted by already is the other way up', async () => {
    using screen = await open();
    await click(screen, / PORT/, 'PORT');
    expect(screen.line(/ PORT/)).toContain('PORT▼');
  });

  it.each(['Listening', 'Sockets', 'Processes', 'Services'])('on %s shows that view', async (title) => {
    using screen = await open({ state: { view: title === 'Listening' ? 'sockets' : 'listening' } });
    await click(screen, / 1 Listening/, title);
    expect(screen.state.view).toBe(title.toLowerCase());
  });

  it('on the table and on the details gives each the keys, and puts the cursor where it is', async () => {
    using screen = await open();
    await screen.press(KEY.enter);
    await screen.dispatch(processOf(100));
    await click(screen, /▌/);
    expect(screen.state.focus).toBe('table');
    await click(screen, /│ {2}cwd/);
    expect(screen.state.focus).toBe('details');
    expect(screen.line('▸ cwd')).toContain('│');
    // The frame is the pane's, and no line of it.
    const { detailsLine } = screen.state;
    await click(screen, '┌─');
    expect(screen.state.detailsLine).toBe(detailsLine);
  });

  it('on a row leaves the filter with what it shows', async () => {
    using screen = await open();
    await screen.press('/', '102');
    await click(screen, / 1024 /);
    expect(screen.state.focus).toBe('table');
    expect(selected(screen)).toBe(1024);
    expect(screen.lines[1]).toContain('/102');
  });

  it('does nothing where the terminal is too small to see what it would do', async () => {
    using screen = await open();
    const before = screen.state;
    await screen.resize({ columns: 79, rows: 24 });
    await screen.press('\x1b[<0;5;8M', '\x1b[<65;5;8M');
    expect(screen.state).toBe(before);
  });

  it('goes through nothing that stands over the table', async () => {
    using screen = await open();
    const before = selected(screen);
    await screen.press('?');
    await screen.press('\x1b[<0;5;15M');
    expect(screen.state.focus).toBe('help');
    await screen.dispatch({ type: 'help' });
    expect(selected(screen)).toBe(before);
    // What has the keys and is not known to be clicked through.
    const signal = 'signal' as Focus;
    for (const focus of [{ focus: signal }, { focus: 'help' as Focus, focusBehind: signal }]) {
      const other = { ...screen.state, ...focus };
      using dialog = await openScreen({
        size: small,
        store: { get: () => other, dispatch: () => expect.fail(), subscribe: () => () => {} },
      });
      await dialog.press('\x1b[<0;5;8M', '\x1b[<0;20;2M');
    }
  });
});

describe('the wheel', () => {
  it('scrolls the table and takes the selection along', async () => {
    using screen = await open();
    const top = lineOf(screen, / 1000 /);
    await wheel(screen, 'down', 10);
    expect(selected(screen)).toBe(1003);
    expect(screen.lines[top]).toMatch(/^▌.* 1003 /);
    await wheel(screen, 'up', 10);
    await wheel(screen, 'up', 10);
    expect(screen.lines[top]).toMatch(/^▌.* 1000 /);
  });

  it('scrolls what is under it, and leaves the keys where they are', async () => {
    using screen = await open();
    await screen.press(KEY.enter);
    await screen.dispatch(processOf(100));
    const frame = lineOf(screen, '┌─');
    await screen.press(KEY.tab);
    await wheel(screen, 'down', frame + 3);
    expect(screen.state).toMatchObject({ focus: 'table', detailsLine: 3 });
    expect(selected(screen)).toBe(1000);
    await screen.press(KEY.tab);
    await wheel(screen, 'down', frame - 2);
    expect(screen.state.focus).toBe('details');
    expect(selected(screen)).toBe(1003);
  });

  it('scrolls the help, and no further than its ends', async () => {
    using screen = await open();
    await screen.press('?');
    await wheel(screen, 'down', 10);
    expect(screen.state.helpTop).toBe(3);
    for (let turn = 0; turn < 60; turn++) await wheel(screen, 'down', 10);
    expect(screen.text).toContain('there is nothing to tell');
    const { helpTop } = screen.state;
    await wheel(screen, 'down', 10);
    expect(screen.state.helpTop).toBe(helpTop);
  });
});

test('m switches the mouse off and on, and says what that is good for until the next key', async () => {
  using screen = await open();
  expect(initialState().mouse).toBe(true);
  await screen.press('m');
  expect(screen.state.mouse).toBe(false);
  expect(screen.lines.at(-1)).toContain("the mouse is the terminal's, to select text with");
  await screen.press('j');
  expect(screen.lines.at(-1)).not.toContain('the mouse');
  await screen.press('m');
  expect(screen.lines.at(-1)).toContain('with Shift it selects text');
});

describe('y copies', () => {
  const copied = (screen: Screen) =>
    screen.effects.flatMap((effect) => (effect.type === 'copy' ? [effect.text] : []));

  it('the selected row, as wide as it is', async () => {
    using screen = await open({
      sockets: [tcp('127.0.0.1:80', { owners: [held('a-name-that-is-too-long-for-its-column', 812)] })],
    });
    await screen.press('y');
    expect(copied(screen)[0]).toMatch(
      /^80 .* 127\.0\.0\.1 .* a-name-that-is-too-long-for-its-column {2}812 /,
    );
  });

  it('the value of the line of the details, however it is wrapped', async () => {
    using screen = await open();
    await screen.press(KEY.enter);
    const folder = `/srv/${'folder/'.repeat(30)}`;
    await screen.dispatch(processOf(100, { cwd: folder }));
    while (!/▸ cwd/.test(screen.text)) await screen.press('j');
    await screen.press('y', 'j', 'y');
    expect(copied(screen)).toEqual([folder, folder]);
  });

  it('nothing where nothing is', async () => {
    using screen = await open({ sockets: [] });
    await screen.press('y');
    expect(screen.effects).toEqual([]);
  });

  it('and a remark of it goes by itself', async () => {
    using screen = await open();
    const remark: Action = { type: 'notice', said: null };
    await screen.dispatch(remark);
    expect(screen.state.notice).toBeNull();
  });
});
