import { Box } from 'ink';
import { join, type SafeText, text } from '../../text/safe.ts';
import { BINDINGS, keyName } from '../keys/bindings.ts';
import { Line } from '../Line.tsx';
import { type PlainRow, PlainTable } from '../table/PlainTable.tsx';
import type { Theme } from '../theme.ts';

type Props = { theme: Theme; top: number; width: number; height: number };

const MARKS: PlainRow[] = [
  [text`▸ Marks`, text`  `],
  [text`  ▌`, text`  the selected row`],
  [text`  +  -`, text`  came, or went, in the last five seconds`],
  [text`  ▸  ▾`, text`  several sockets as one row, and each by itself`],
  [text`  ?`, text`  could not be found out: Enter on the row says why`],
  [text`  –`, text`  there is nothing to tell`],
];

const FILTERS: PlainRow[] = [
  [text`▸ Filters`, text`  `],
  [text`  80  nginx`, text`  a port of either end or a pid; text anywhere`],
  [text`  port:80,443`, text`  a column by its key: also port:3000-3010, recvq:>0`],
  [text`  user:=www-data`, text`  the whole of it; cmd:/^ngin/ is a pattern`],
  [text`  addr:10.0.0.0/8`, text`  a network; remote::443 is the other end's port`],
  [text`  cpu:>10`, text`  of processes; also rss:>100M, user:root, port:80`],
  [text`  a or not (b c)`, text`  a word in quotes is only a word: "or"`],
  [text`  `, text`  `],
];

/** Every line of the help, made of the bindings that the keys really have. */
function helpRows(): PlainRow[] {
  const groups = new Map<SafeText, PlainRow[]>();
  for (const { keys, help, group } of BINDINGS) {
    if (!help) continue;
    const rows = groups.get(group) ?? [];
    groups.set(group, rows);
    rows.push([text`  ${join(keys.map(keyName), text` `)}`, text`  ${help}`]);
  }
  return [
    ...[...groups].flatMap(([group, rows]): PlainRow[] => [
      [text`▸ ${group}`, text`  `],
      ...rows,
      [text`  `, text`  `],
    ]),
    ...FILTERS,
    ...MARKS,
  ];
}

let made: PlainRow[] | null = null;

/** Made when somebody asks for help, which the first frame does not wait for. */
function rows(): PlainRow[] {
  made ??= helpRows();
  return made;
}

export function helpLength(): number {
  return rows().length;
}

const KEYS = 24;

export function HelpPane({ theme, top, width, height }: Props) {
  const from = Math.max(0, Math.min(top, helpLength() - (height - 1)));
  const visible = rows().slice(from, from + height - 1);
  return (
    <Box flexDirection="column" height={height} overflow="hidden">
      <Line>{theme.paint('title', text` Keys`)}</Line>
      <PlainTable theme={theme} rows={visible} widths={[KEYS, width - KEYS - 4]} />
    </Box>
  );
}
