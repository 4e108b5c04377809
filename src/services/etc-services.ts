import type { Service } from './service.ts';

export const ETC_SERVICES = '/etc/services';
export const HIGHEST_PORT = 65535;

// The blanks of isspace(3) alone: to getservent(3) a no-break space is part of a name.
const FIELDS = /[^ \t\v\f\r]+/g;
// No leading zero, no sign: glibc reads 010 as octal, the manual says decimal, so neither is believed.
const PORT_AND_PROTOCOL = /^(0|[1-9]\d{0,4})\/([^/]+)$/;

/**
 * The rows of a services(5) file, in its order, duplicates too. A line that is no row is skipped, as
 * getservent(3) does; the comment behind a row becomes its description.
 */
export function parseEtcServices(contents: string, source: string = ETC_SERVICES): Service[] {
  const services: Service[] = [];
  for (const line of contents.split('\n')) {
    const service = parseLine(line, source);
    if (service !== null) services.push(service);
  }
  return services;
}

function parseLine(line: string, source: string): Service | null {
  const hash = line.indexOf('#');
  const [name, where, ...aliases] = (hash < 0 ? line : line.slice(0, hash)).match(FIELDS) ?? [];
  const parts = where === undefined ? null : PORT_AND_PROTOCOL.exec(where);
  if (name === undefined || parts === null) return null;
  const port = Number(parts[1]);
  if (port > HIGHEST_PORT) return null;
  const comment = hash < 0 ? '' : line.slice(hash).replace(/^#+/, '').trim();
  return {
    name,
    port,
    protocol: (parts[2] as string).toLowerCase(),
    aliases,
    description: comment === '' ? null : comment,
    source,
  };
}
