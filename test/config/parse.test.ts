import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { ConfigError, parseConfig } from '../../src/config/parse.ts';
import { presetOf } from '../../src/config/preset.ts';
import { defaultConfig } from '../../src/config/print.ts';
import { TABLE_NAMES } from '../../src/config/settings.ts';
import { COLUMNS } from '../../src/query/columns.ts';
import { PROCESS_COLUMNS } from '../../src/query/process-columns.ts';
import { initialState } from '../../src/store/state.ts';
import { allColumns, sortOf } from '../../src/store/views.ts';

/** What is wrong, as the user reads it behind the file's name. */
function complaint(text: string): string | null {
  try {
    parseConfig(text);
    return null;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return `${error.line}:${error.column}: ${error.message}`;
  }
}

const SETTINGS = 'there are interval, theme, mouse, numeric';
const INTERVAL = 'expected a number of seconds, at least 0.1';
const LIST = 'expected a list of columns, as in ["pid", "command"]';
const SORT = 'expected a column, as in "port" or "port:desc"';

describe('a file of settings', () => {
  it('sets what it says, and nothing else', () => {
    expect(parseConfig('')).toEqual({});
    expect(parseConfig('\ufeffinterval = 0.5\nmouse = false # the terminal selects\r\n')).toEqual({
      interval: 0.5,
      mouse: false,
    });
    expect(
      parseConfig('theme = "mono"\n[listening]\ncolumns = [\n "port",\n "pid",\n]\nsort = "pid:desc"'),
    ).toEqual({
      theme: 'mono',
      listening: {
        columns: [COLUMNS.port, COLUMNS.pid],
        sort: { column: COLUMNS.pid, descending: true },
      },
    });
    expect(parseConfig('processes = { sort = "rss" }\nsockets.sort = "local:asc"')).toEqual({
      processes: { sort: { column: PROCESS_COLUMNS.rss, descending: false } },
      sockets: { sort: { column: COLUMNS.local, descending: false } },
    });
  });

  test.each([
    ['interval = "often"', `1:12: interval is "often": ${INTERVAL}`],
    ['interval = 0.01', `1:12: interval is 0.01: ${INTERVAL}`],
    ['interval = nan', `1:12: interval is NaN: ${INTERVAL}`],
    ['mouse = true\n\n  theme   =  "dark"', '3:14: theme is "dark": expected "terminal" or "mono"'],
    ['mouse = 1', '1:9: mouse is 1: expected true or false'],
    ['numeric = 2026-11-25', '1:11: numeric is "2026-11-25": expected true or false'],
    ['colour = "red"', `1:1: 'colour' is no setting: ${SETTINGS}, [listening], [sockets], [processes]`],
    ['reveal = true', `1:1: 'reveal' is no setting: ${SETTINGS}, [listening], [sockets], [processes]`],
    [
      '# [services]\n[services]',
      `2:1: 'services' is no setting: ${SETTINGS}, [listening], [sockets], [processes]`,
    ],
    [
      '[listening]\nsort = "port"\nwidth = 3',
      "3:1: 'width' is no setting of [listening]: there are columns, sort",
    ],
    ['listening = 3', '1:13: listening is 3: expected a table, [listening]'],
    ['[[sockets]]\nsort = "port"', '1:1: sockets is [{"sort":"port"}]: expected a table, [sockets]'],
    ['[sockets]\ncolumns = "port"', `2:11: sockets.columns is "port": ${LIST}`],
    ['[sockets]\ncolumns = []', `2:11: sockets.columns is []: ${LIST}`],
    ['[sockets]\ncolumns = ["port", 3]', `2:11: sockets.columns is ["port",3]: ${LIST}`],
    ['[sockets]\nsort = false', `2:8: sockets.sort is false: ${SORT}`],
    ['[sockets]\nsort.by = "port"', `2:1: sockets.sort is a table: ${SORT}`],
    ['interval = 1\ninterval = 2', '2:1: trying to redefine an already defined table or value'],
    ['theme = mono', '1:9: invalid value'],
    ['interval = ', '1:12: invalid value'],
  ])('%j is complained of: %s', (text, said) => {
    expect(complaint(text)).toBe(said);
  });

  test.each([
    [
      '[listening]\ncolumns = ["port", "prot"]',
      `2:11: listening.columns is ["port","prot"]: 'prot' is no column: there are ${Object.keys(COLUMNS).join(', ')}`,
    ],
    [
      '[processes]\nsort = "port"',
      `2:8: processes.sort is "port": 'port' is no column of processes: there are ${Object.keys(PROCESS_COLUMNS).join(', ')}`,
    ],
  ])('%j names the columns that there are', (text, said) => {
    expect(complaint(text)).toBe(said);
  });

  it('is complained of where the value is, and not where its text is also found', () => {
    const decoys = 'theme = "mono" # interval = 0\n[listening]\ncolumns = [\n  "port", # interval\n]\n';
    expect(complaint(`${decoys}[processes]\ncolumns = ["pid"]\nsort = """\ninterval"""`)).toMatch(
      /^8:8: processes\.sort is/,
    );
    expect(complaint(`theme = """\ninterval = 1\n"""\ninterval = "x"`)).toMatch(/^1:9: theme/);
    expect(complaint(`"interval"="x"`)).toMatch(/^1:12: interval/);
    expect(complaint(`listening = { columns = ["port"], sort = 1 }`)).toMatch(/^1:42: listening\.sort/);
    expect(complaint(`listening.columns = [\n"sort"\n]`)).toMatch(/^1:21: listening\.columns/);
    // Nothing stands there as it is meant.
    expect(complaint('"interv\\u0061l" = 0')).toMatch(/^1:1: interval is 0/);
  });

  it('gets its complaints told in one line, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(complaint(`interval = ${JSON.stringify(value)}`)).not.toMatch(/\n/);
      }),
    );
  });

  it('has no secrets to show: nothing sets --reveal', () => {
    expect(complaint('reveal = true')).not.toBeNull();
  });
});

describe('the commented default', () => {
  it('sets nothing', () => {
    expect(parseConfig(defaultConfig())).toEqual(Object.fromEntries(TABLE_NAMES.map((name) => [name, {}])));
  });

  it('is what is so by itself, once nothing of it is commented out', () => {
    const settings = defaultConfig().replaceAll(/^#(?=\w)/gm, '');
    const { listening, sockets, processes, ...rest } = parseConfig(settings);
    const { interval, mouse, numeric } = initialState();
    expect(rest).toEqual({ interval, mouse, numeric, theme: 'terminal' });
    for (const name of TABLE_NAMES) {
      expect(presetOf({ [name]: { listening, sockets, processes }[name] }, { numeric: false })[name]).toEqual(
        {
          columns: allColumns(name).own,
          sort: sortOf(name),
        },
      );
    }
  });

  it('names every column, and is no wider than 104 characters', () => {
    const lines = defaultConfig().split('\n');
    for (const name of TABLE_NAMES) {
      const from = lines.indexOf(`[${name}]`);
      const told = lines
        .slice(
          from,
          lines.findIndex((line, at) => at > from && line.startsWith('#sort')),
        )
        .join(' ');
      for (const { key } of allColumns(name).all) expect(told).toMatch(new RegExp(`[ "]${key}[,."]`));
    }
    expect(lines.filter((line) => line.length > 104 && !line.startsWith('#columns'))).toEqual([]);
  });
});

describe('the tables', () => {
  const preset = (text: string, numeric = false) => presetOf(parseConfig(text), { numeric });

  it('have the columns and the order that are set', () => {
    const { tables } = initialState({
      preset: preset('[processes]\ncolumns = ["pid", "ports"]\nsort = "pid"'),
    });
    expect(tables.processes).toMatchObject({
      columns: [PROCESS_COLUMNS.pid, PROCESS_COLUMNS.ports],
      sort: { key: 'pid', descending: false },
    });
    expect(tables.listening).toMatchObject({ columns: null, sort: sortOf('listening') });
  });

  it('show the column that they are sorted by', () => {
    const { listening } = preset('[listening]\nsort = "inode"');
    expect(listening?.columns).toEqual([...allColumns('listening').own, COLUMNS.inode]);
  });

  it('give way to what was asked for at the start', () => {
    const { tables } = initialState({
      preset: preset('[listening]\ncolumns = ["pid"]\nsort = "pid"\n[sockets]\ncolumns = ["local"]'),
      columns: [COLUMNS.port],
      sort: { key: 'port', descending: true },
      columnsOf: (own) => [...own, COLUMNS.netns],
    });
    expect(tables.listening).toMatchObject({
      columns: [COLUMNS.port],
      sort: { key: 'port', descending: true },
    });
    expect(tables.sockets.columns).toEqual([COLUMNS.local, COLUMNS.netns]);
  });

  it('leave names that come from DNS to -r, and sort by uids where users are numbers', () => {
    expect(preset('[sockets]\ncolumns = ["remote", "host"]').sockets?.columns).toEqual([COLUMNS.remote]);
    expect(preset('[sockets]\nsort = "user"', true).sockets?.sort?.key).toBe('uid');
  });
});
