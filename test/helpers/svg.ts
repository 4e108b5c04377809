import type { Cell, Colour, Terminal } from './terminal.ts';

export type SvgOptions = {
  /** In the window's bar; the terminal's own title unless given. */
  title?: string;
};

const FONTS =
  "ui-monospace, SFMono-Regular, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";
const FONT_SIZE = 14;
/** The advance of Menlo and DejaVu Sans Mono; other fonts are fitted by textLength. */
const CELL_WIDTH = 8.43;
const CELL_HEIGHT = 18;
const BASELINE = 13.2;

const MARGIN = 22;
const BAR_HEIGHT = 36;
const PADDING = 12;
const RADIUS = 10;
const LIGHT_LINE = 1;
const HEAVY_LINE = 2;

const BACKGROUND = '#161a21';
const FOREGROUND = '#d3dae6';
const BAR = '#20252e';
const ANSI = [
  '#1c212a',
  '#f27983',
  '#8ccf7e',
  '#e9c46a',
  '#6cb2f7',
  '#c792ea',
  '#56c8d8',
  '#c5ccd8',
  '#697386',
  '#ff98a0',
  '#a6e399',
  '#ffd98a',
  '#92c9ff',
  '#ddb3f8',
  '#82e2ee',
  '#ffffff',
];
const BUTTONS = ['#ed6a5e', '#f4bf4f', '#61c554'];

/** The terminal's screen as a picture of a window. */
export function svgOf(terminal: Terminal, { title = terminal.title }: SvgOptions = {}): string {
  const width = terminal.columns * CELL_WIDTH + 2 * PADDING;
  const height = terminal.rows * CELL_HEIGHT + BAR_HEIGHT + 2 * PADDING;
  const drawing = new Drawing();
  for (let row = 0; row < terminal.rows; row++) drawing.row(row, paintedCells(terminal, row));
  const label = escaped(title || 'terminal');
  const buttons = BUTTONS.map((colour, index) => {
    return `<circle cx="${20 + index * 20}" cy="${BAR_HEIGHT / 2}" r="6" fill="${colour}"/>`;
  });
  const [outerWidth, outerHeight] = [round(width + 2 * MARGIN), round(height + 2 * MARGIN)];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${outerWidth}" height="${outerHeight}" viewBox="0 0 ${outerWidth} ${outerHeight}" role="img" aria-label="${label}">
<defs><filter id="shadow" x="-10%" y="-10%" width="120%" height="120%"><feGaussianBlur stdDeviation="8"/></filter></defs>
<g transform="translate(${MARGIN} ${MARGIN})">
<rect y="5" width="${round(width)}" height="${height}" rx="${RADIUS}" fill-opacity="0.4" filter="url(#shadow)"/>
<rect width="${round(width)}" height="${height}" rx="${RADIUS}" fill="${BACKGROUND}"/>
<path d="M0 ${BAR_HEIGHT}V${RADIUS}a${RADIUS} ${RADIUS} 0 0 1 ${RADIUS} -${RADIUS}H${round(width - RADIUS)}a${RADIUS} ${RADIUS} 0 0 1 ${RADIUS} ${RADIUS}V${BAR_HEIGHT}z" fill="${BAR}"/>
${buttons.join('')}
<text x="${round(width / 2)}" y="${BAR_HEIGHT / 2 + 4.5}" text-anchor="middle" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="13" fill="#9aa4b5">${label}</text>
<rect x="0.5" y="0.5" width="${round(width - 1)}" height="${height - 1}" rx="${RADIUS - 0.5}" fill="none" stroke="#fff" stroke-opacity="0.12"/>
<g transform="translate(${PADDING} ${BAR_HEIGHT + PADDING})" font-family="${FONTS}" font-size="${FONT_SIZE}">
${drawing.toString()}
</g>
</g>
</svg>
`;
}

/** A cell with its colours as they are seen. */
type Painted = {
  text: string;
  width: number;
  foreground: string;
  background: string;
  /** Attributes of the text element, beside its colour. */
  style: string;
};

function paintedCells(terminal: Terminal, row: number): Painted[] {
  const cursor = terminal.cursorVisible() ? terminal.cursor() : null;
  return Array.from({ length: terminal.columns }, (_, column) => {
    const cell = terminal.cell(row, column);
    const underCursor = cursor?.row === row && cursor.column === column;
    return painted(underCursor ? { ...cell, inverse: !cell.inverse } : cell);
  });
}

function painted(cell: Cell): Painted {
  let foreground = colourOf(cell.fg, FOREGROUND);
  let background = colourOf(cell.bg, BACKGROUND);
  if (cell.inverse) [foreground, background] = [background, foreground];
  if (cell.dim) foreground = mixed(foreground, background, 0.45);
  const decorations = [cell.underline ? 'underline' : '', cell.strikethrough ? 'line-through' : ''].filter(
    Boolean,
  );
  const style = [
    cell.bold ? ' font-weight="700"' : '',
    cell.italic ? ' font-style="italic"' : '',
    decorations.length > 0 ? ` text-decoration="${decorations.join(' ')}"` : '',
  ];
  return { text: cell.text || ' ', width: cell.width, foreground, background, style: style.join('') };
}

/** Collects what is drawn, joining neighbours: a row of one colour is one rectangle, a border one path. */
class Drawing {
  readonly #backgrounds = new Shapes();
  readonly #blocks = new Shapes();
  readonly #lines = new Shapes();
  readonly #texts: string[] = [];

  row(row: number, cells: Painted[]): void {
    const y = row * CELL_HEIGHT;
    let run: Run | null = null;
    const finish = () => {
      if (run) this.#texts.push(textElement(run, y + BASELINE));
      run = null;
    };
    for (const [column, cell] of cells.entries()) {
      const x = column * CELL_WIDTH;
      if (cell.background !== BACKGROUND) {
        this.#backgrounds.rectangle(cell.background, x, y, CELL_WIDTH, CELL_HEIGHT);
      }
      if (cell.width === 0) continue;
      if (this.#drawn(cell, x, y)) {
        finish();
        continue;
      }
      if (run && !continues(run, cell)) finish();
      if (cell.text === ' ' && !(run as Run | null)) continue;
      run ??= { column, columns: 0, text: '', cell };
      run.text += cell.text;
      run.columns += cell.width;
    }
    finish();
  }

  toString(): string {
    // Crisp: a seam would show between two neighbours that both cover half of a pixel.
    const areas = `<g shape-rendering="crispEdges">${this.#backgrounds}${this.#blocks}</g>`;
    return [areas, `${this.#lines}`, ...this.#texts].filter(Boolean).join('\n');
  }

  /** Lines and blocks have to meet across cells, and no font's do at every height of line. */
  #drawn({ text, foreground }: Painted, x: number, y: number): boolean {
    const code = text.codePointAt(0) ?? 0;
    const arms = ARMS[text];
    const corner = ROUND_CORNERS[text];
    if (arms) this.#lines.arms(foreground, arms, x, y);
    else if (corner) this.#lines.corner(foreground, corner, x, y);
    else if (code >= 0x2800 && code <= 0x28ff) this.#lines.braille(foreground, code - 0x2800, x, y);
    else if (code >= 0x2580 && code <= 0x2595) this.#blocks.block(foreground, code, x, y);
    else return false;
    return true;
  }
}

type Run = { column: number; columns: number; text: string; cell: Painted };

/** Two spaces end a run: a gap is a place, not text, in whatever way a viewer treats white space. */
function continues(run: Run, cell: Painted): boolean {
  if (run.text.endsWith(' ') && cell.text === ' ') return false;
  // A wide character's font is rarely the others'.
  if (cell.width !== run.cell.width) return false;
  return cell.foreground === run.cell.foreground && cell.style === run.cell.style;
}

function textElement({ column, columns, text, cell }: Run, y: number): string {
  const shown = text.trimEnd();
  const length = round((columns - (text.length - shown.length)) * CELL_WIDTH);
  const place = `x="${round(column * CELL_WIDTH)}" y="${round(y)}" textLength="${length}" lengthAdjust="spacingAndGlyphs"`;
  return `<text ${place} fill="${cell.foreground}"${cell.style}>${escaped(shown)}</text>`;
}

type Rectangle = { x: number; y: number; width: number; height: number };

/** Filled shapes by colour. */
class Shapes {
  readonly #rectangles = new Map<string, Rectangle[]>();
  readonly #strokes = new Map<string, string[]>();
  readonly #dots = new Map<string, string[]>();

  /** One that touches the one before, or the one above, makes that longer. */
  rectangle(paint: string, x: number, y: number, width: number, height: number): void {
    const all = listIn(this.#rectangles, paint);
    const before = all.findLast((other) => {
      return other.y === y && other.height === height && touches(other.x + other.width, x);
    });
    const above = all.findLast((other) => {
      return touches(other.x, x) && touches(other.width, width) && touches(other.y + other.height, y);
    });
    if (before) before.width = x + width - before.x;
    else if (above && width < CELL_WIDTH) above.height = y + height - above.y;
    else all.push({ x, y, width, height });
  }

  arms(colour: string, weights: string, x: number, y: number): void {
    const [left = 0, up = 0, right = 0, down = 0] = [...weights].map((weight) => LINES[Number(weight)] ?? 0);
    const [centreX, centreY] = centreOf(x, y);
    const half = Math.max(left, up, right, down) / 2;
    const horizontal = Math.max(left, right);
    const vertical = Math.max(up, down);
    if (horizontal) {
      const from = left ? x : centreX - half;
      const to = right ? x + CELL_WIDTH : centreX + half;
      this.rectangle(colour, from, centreY - horizontal / 2, to - from, horizontal);
    }
    if (vertical) {
      const from = up ? y : centreY - half;
      const to = down ? y + CELL_HEIGHT : centreY + half;
      this.rectangle(colour, centreX - vertical / 2, from, vertical, to - from);
    }
  }

  corner(colour: string, [sideways, upright]: readonly [number, number], x: number, y: number): void {
    const [centreX, centreY] = centreOf(x, y);
    const radius = CELL_WIDTH / 2;
    const endX = round(sideways > 0 ? x + CELL_WIDTH : x);
    const endY = upright > 0 ? y + CELL_HEIGHT : y;
    const bendY = round(centreY + upright * radius);
    const bend = `Q${centreX} ${centreY} ${endX} ${centreY}`;
    listIn(this.#strokes, colour).push(`M${centreX} ${endY}V${bendY}${bend}`);
  }

  /** U+2580 to U+2595. */
  block(colour: string, code: number, x: number, y: number): void {
    const eighthX = CELL_WIDTH / 8;
    const eighthY = CELL_HEIGHT / 8;
    const lower = code - 0x2580;
    const left = 0x2590 - code;
    if (code === 0x2580) this.rectangle(colour, x, y, CELL_WIDTH, CELL_HEIGHT / 2);
    else if (lower <= 8) this.rectangle(colour, x, y + (8 - lower) * eighthY, CELL_WIDTH, lower * eighthY);
    else if (left >= 1) this.rectangle(colour, x, y, left * eighthX, CELL_HEIGHT);
    else if (left === 0) this.rectangle(colour, x + CELL_WIDTH / 2, y, CELL_WIDTH / 2, CELL_HEIGHT);
    else if (code <= 0x2593) {
      const shade = `${colour}" fill-opacity="${(code - 0x2590) * 0.25}`;
      this.rectangle(shade, x, y, CELL_WIDTH, CELL_HEIGHT);
    } else if (code === 0x2594) this.rectangle(colour, x, y, CELL_WIDTH, eighthY);
    else this.rectangle(colour, x + 7 * eighthX, y, eighthX, CELL_HEIGHT);
  }

  braille(colour: string, dots: number, x: number, y: number): void {
    for (const [bit, [column, row]] of BRAILLE_DOTS.entries()) {
      if (!(dots & (1 << bit))) continue;
      const centre = `${round(x + CELL_WIDTH * (0.27 + column * 0.46) - 1)} ${round(y + CELL_HEIGHT * (0.14 + row * 0.24))}`;
      listIn(this.#dots, colour).push(`M${centre}a1 1 0 1 0 2 0a1 1 0 1 0 -2 0`);
    }
  }

  toString(): string {
    const filled = [...this.#rectangles].map(([paint, all]) => {
      const data = all.map(({ x, y, width, height }) => {
        const [right, bottom] = [round(x + width), round(y + height)];
        return `M${round(x)} ${round(y)}H${right}V${bottom}H${round(x)}z`;
      });
      return `<path fill="${paint}" d="${data.join('')}"/>`;
    });
    const stroked = [...this.#strokes].map(([colour, data]) => {
      return `<path fill="none" stroke="${colour}" stroke-width="${LIGHT_LINE}" d="${data.join('')}"/>`;
    });
    const dotted = [...this.#dots].map(([colour, data]) => `<path fill="${colour}" d="${data.join('')}"/>`);
    return [...filled, ...stroked, ...dotted].join('\n');
  }
}

const LINES = [0, LIGHT_LINE, HEAVY_LINE];

/** Left, up, right, down: 0 none, 1 light, 2 heavy. */
const ARMS: Record<string, string> = {
  '─': '1010',
  '│': '0101',
  '┌': '0011',
  '┐': '1001',
  '└': '0110',
  '┘': '1100',
  '├': '0111',
  '┤': '1101',
  '┬': '1011',
  '┴': '1110',
  '┼': '1111',
  '━': '2020',
  '┃': '0202',
  '┏': '0022',
  '┓': '2002',
  '┗': '0220',
  '┛': '2200',
  '┣': '0222',
  '┫': '2202',
  '┳': '2022',
  '┻': '2220',
  '╋': '2222',
  '╴': '1000',
  '╵': '0100',
  '╶': '0010',
  '╷': '0001',
  '╸': '2000',
  '╹': '0200',
  '╺': '0020',
  '╻': '0002',
};

/** Which way the two ends go: right or left, down or up. */
const ROUND_CORNERS: Record<string, readonly [number, number]> = {
  '╭': [1, 1],
  '╮': [-1, 1],
  '╰': [1, -1],
  '╯': [-1, -1],
};

/** Column and row of each bit of a braille pattern. */
const BRAILLE_DOTS = [
  [0, 0],
  [0, 1],
  [0, 2],
  [1, 0],
  [1, 1],
  [1, 2],
  [0, 3],
  [1, 3],
] as const;

function colourOf(colour: Colour, otherwise: string): string {
  if (colour === null) return otherwise;
  if (typeof colour === 'string') return colour;
  if (colour < 16) return ANSI[colour] ?? otherwise;
  if (colour >= 232) return hexadecimal([0, 0, 0].map(() => 8 + (colour - 232) * 10));
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  const index = colour - 16;
  return hexadecimal([Math.floor(index / 36), Math.floor(index / 6) % 6, index % 6].map(level));
}

function mixed(colour: string, into: string, share: number): string {
  const [from, to] = [channels(colour), channels(into)];
  return hexadecimal(from.map((value, index) => Math.round(value + ((to[index] ?? 0) - value) * share)));
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}

function hexadecimal(values: number[]): string {
  return `#${values.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** In the middle of a pixel, where a thin line is sharp. */
function centreOf(x: number, y: number): [number, number] {
  return [Math.floor(x + CELL_WIDTH / 2) + 0.5, y + CELL_HEIGHT / 2 - 0.5];
}

function touches(end: number, begin: number): boolean {
  return Math.abs(end - begin) < 0.01;
}

function listIn<Value>(lists: Map<string, Value[]>, key: string): Value[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
