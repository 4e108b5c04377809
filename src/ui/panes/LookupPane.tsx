import { Box } from 'ink';
import type { Service } from '../../services/service.ts';
import type { Line as Typed } from '../../store/line.ts';
import { EMPTY, join, type SafeText, safe, text } from '../../text/safe.ts';
import { fit } from '../../text/width.ts';
import { Line } from '../Line.tsx';
import { type PlainRow, PlainTable } from '../table/PlainTable.tsx';
import { painted, type Theme } from '../theme.ts';
import { typedLine } from './typed-line.ts';

type Props = {
  theme: Theme;
  typed: Typed;
  found: readonly Service[];
  /** What to say of a port that nobody registered. */
  unknown: readonly SafeText[];
  /** Whether the IANA registry has been read. */
  complete: boolean;
  top: number;
  width: number;
  height: number;
};

const NAME = 18;
const PORT = 12;
const ALIASES = 20;
const SOURCE = 15;
/** From this width on aliases have a column of their own; below, they stand behind the description. */
const ROOMY = 110;

type Table = {
  titles: readonly SafeText[];
  widths: readonly number[];
  cells(service: Service): readonly SafeText[];
};

/** The columns that there is room for; the description has what the others leave. */
function tableOf(width: number): Table {
  const around = NAME + PORT + SOURCE;
  const where = ({ port, protocol }: Service) => text`${port}/${safe(protocol)}`;
  const aliasesOf = ({ aliases }: Service) => join(aliases.map(safe), text`, `);
  const told = ({ description }: Service) => safe(description ?? '–');
  if (width >= ROOMY)
    return {
      titles: [text`NAME`, text`PORT`, text`ALIASES`, text`DESCRIPTION`, text`SOURCE`],
      widths: [NAME, PORT, ALIASES, width - around - ALIASES - 5, SOURCE],
      cells: (service) => [
        safe(service.name),
        where(service),
        aliasesOf(service) || text`–`,
        told(service),
        safe(service.source),
      ],
    };
  return {
    titles: [text`NAME`, text`PORT`, text`DESCRIPTION (ALIASES)`, text`SOURCE`],
    widths: [NAME, PORT, width - around - 4, SOURCE],
    cells: (service) => [
      safe(service.name),
      where(service),
      service.aliases.length === 0 ? told(service) : text`${told(service)} (${aliasesOf(service)})`,
      safe(service.source),
    ],
  };
}

/** Lines that are no results: what is typed, how much was found, the heading. */
export const LOOKUP_AROUND = 3;

/** The view that looks up any port or name in /etc/services and the IANA registry. */
export function LookupPane({ theme, typed, found, unknown, complete, top, width, height }: Props) {
  const room = Math.max(1, height - LOOKUP_AROUND);
  const from = Math.max(0, Math.min(top, found.length - room));
  const visible = found.slice(from, from + room);
  const { titles, widths, cells } = tableOf(width);
  const heading = join(titles.map((title, column) => fit(text`  ${title}`, (widths[column] ?? 0) + 1)));
  const rows = visible.map((service): PlainRow => cells(service).map((cell) => text`  ${cell}`));
  const label = painted(theme.paint('key', text`  look up  `), typedLine(theme, typed));
  return (
    <Box flexDirection="column" height={height} overflow="hidden">
      <Line>{label}</Line>
      <Line>{theme.paint('quiet', hint(typed, found.length, complete))}</Line>
      <Line>{theme.paint('quiet', rows.length > 0 ? heading : EMPTY)}</Line>
      <PlainTable theme={theme} rows={rows} widths={widths} />
      {rows.length === 0 &&
        unknown.map((line) => <Line key={line}>{theme.paint('plain', text`  ${line}`)}</Line>)}
    </Box>
  );
}

function hint(typed: Typed, count: number, complete: boolean): SafeText {
  const registry = complete ? text`` : text` · reading the IANA registry…`;
  if (typed.text === '') return text`  a number, number/protocol, a name or its beginning${registry}`;
  return text`  ${count} found${registry}`;
}
