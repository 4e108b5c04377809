/** What man(7) cannot write in ASCII, or what would be something else in a terminal of few characters. */
const PLAIN: Record<string, string> = {
  '…': '...',
  '–': '\\(en',
  '↑': 'Up',
  '↓': 'Down',
  '←': 'Left',
  '→': 'Right',
};

/** A word to be typed as it stands: no hyphen, quote or caret of it may become a nicer one. */
export function literal(text: string): string {
  const signs: Record<string, string> = {
    '\\': '\\e',
    '-': '\\-',
    "'": '\\(aq',
    '`': '\\(ga',
    '^': '\\(ha',
    '~': '\\(ti',
  };
  return ascii(text.replaceAll(/[\\\-'`^~]/g, (sign) => signs[sign] as string));
}

/** Text, in which what is between backticks is to be typed: bold. */
export function prose(text: string): string {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? bold(part) : plain(part)))
    .join('');
}

export function bold(text: string): string {
  return `\\fB${literal(text)}\\fP`;
}

export function italic(text: string): string {
  return `\\fI${literal(text)}\\fP`;
}

/** A hyphen inside a word stays one; before a word it begins an option. */
function plain(text: string): string {
  return ascii(text.replaceAll('\\', '\\e').replaceAll(/(?<![a-z])-|-(?![a-z])/gi, '\\-'));
}

function ascii(text: string): string {
  return text.replaceAll(/[^\n -~]/g, (character) => {
    const written = PLAIN[character];
    if (written === undefined) throw new RangeError(`no way to write ${JSON.stringify(character)} in roff`);
    return written;
  });
}

/** A line that begins with a dot or a quote would be a request. */
function line(text: string): string {
  return /^[.']/.test(text) ? `\\&${text}` : text;
}

export const section = (title: string) => `.SH ${title}`;
export const subsection = (title: string) => `.SS "${title}"`;
export const paragraph = (text: string) => `.PP\n${line(prose(text))}`;
/** A term, already marked, and under it what is said of it. */
export const tagged = (term: string, text: string) => `.TP\n${line(term)}\n${line(prose(text))}`;
