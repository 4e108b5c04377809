import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ETC_SERVICES, parseEtcServices } from '../../src/services/etc-services.ts';
import { readServices } from '../../src/services/services.ts';
import { outcomeOf, PORTTOP } from '../helpers/porttop.ts';

// musl's getent knows no -s, and asking other sources than the file would compare something else.
const comparable =
  existsSync(ETC_SERVICES) && spawnSync('getent', ['-s', 'files', 'services', 'x']).status === 2;

/** The rows that getent prints: "http                  80/tcp www". Unknown keys make it end in 2. */
function getent(keys: string[] = []): string[] {
  const args = ['-s', 'files', 'services', ...keys];
  const printed = execFileSync('getent', args, { encoding: 'latin1' });
  return printed
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ +/).join(' '));
}

describe.skipIf(!comparable)("this machine's /etc/services, beside getent(1)", () => {
  const rows = comparable ? parseEtcServices(readFileSync(ETC_SERVICES, 'latin1')) : [];
  const line = ({ name, port, protocol, aliases }: (typeof rows)[number]) =>
    [name, `${port}/${protocol}`, ...aliases].join(' ');

  it('has the same rows in the same order', () => {
    expect(rows.map(line)).toEqual(getent());
  });

  it('has the same service for each port and protocol; of duplicates both take the first', () => {
    const services = readServices();
    const found = rows.map(({ port, protocol }) => services.lookup(port, protocol));
    expect(found.flatMap((service) => (service ? [line(service)] : []))).toEqual(
      getent(rows.map(({ port, protocol }) => `${port}/${protocol}`)),
    );
  });

  it('is what porttop service prints of all its ports at once', async () => {
    const ports = rows.map(({ port, protocol }) => `${port}/${protocol}`);
    const { stdout } = await outcomeOf(process.execPath, [PORTTOP, 'service', '--json', ...ports]);
    const { services } = JSON.parse(stdout) as { services: typeof rows };
    const firsts = new Map(services.toReversed().map((row) => [`${row.port}/${row.protocol}`, row]));
    expect(services.every(({ source }) => source === ETC_SERVICES)).toBe(true);
    expect(ports.flatMap((port) => line(firsts.get(port) as (typeof rows)[number]))).toEqual(getent(ports));
  });

  it('has the same service for each name and alias', () => {
    const services = readServices();
    const asked = rows.flatMap(({ name, protocol, aliases }) =>
      [name, ...aliases].map((word) => ({ word, protocol })),
    );
    const answers = getent(asked.map(({ word, protocol }) => `${word}/${protocol}`));
    expect(answers).toHaveLength(asked.length);
    const missed = asked.filter(
      ({ word, protocol }, index) =>
        !services.named(word, protocol).some((service) => line(service) === answers[index]),
    );
    expect(missed).toEqual([]);
    // A name that getent finds once may be of several ports here; none of them is of another name.
    const others = asked.filter(({ word, protocol }) =>
      services
        .named(word, protocol)
        .some(
          ({ name, aliases }) =>
            ![name, ...aliases].some((known) => known.toLowerCase() === word.toLowerCase()),
        ),
    );
    expect(others).toEqual([]);
  });
});
