/** The fields of one line, as RFC 4180 has them; throws where it is not of that form. */
export function fieldsOf(text: string): string[] {
  const fields: string[] = [];
  let rest = text;
  for (;;) {
    const field = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|$)/.exec(rest);
    if (!field) throw new Error(`no CSV: ${rest}`);
    fields.push(field[1]?.replaceAll('""', '"') ?? field[2] ?? '');
    rest = rest.slice(field[0].length);
    if (field[3] === '') return fields;
  }
}
