import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseEtcServices } from '../../src/services/etc-services.ts';
import { isPlainlyOther, PROGRAMS, servedBy } from '../../src/services/programs.ts';
import { Services } from '../../src/services/services.ts';

describe('a program on a port that is registered for another service', () => {
  it.each([
    ['EtherNet/IP-1', ['sshd'], true],
    ['ssh', ['sshd'], false],
    ['http', ['postgres', 'postgres'], true],
    // One that may serve anything, or is not known.
    ['hbci', ['node'], false],
    ['ssh', ['nginx'], false],
    ['http', ['sshd', 'nginx'], false],
    ['http', [null], false],
    ['http', [], false],
    ['http', ['constructor'], false],
  ])('%s, by %s: %s', (service, programs, other) => {
    expect(isPlainlyOther(service, programs)).toBe(other);
  });
});

describe('what programs are known to serve', () => {
  const services = new Services(
    parseEtcServices(
      readFileSync(fileURLToPath(new URL('../fixtures/etc/services', import.meta.url)), 'utf8'),
    ),
  );
  beforeAll(() => services.loadRegistry());

  it.each(PROGRAMS)('%s has a name as the registries write it, and a comm that fits', (program) => {
    expect(program.length).toBeLessThanOrEqual(15);
    for (const name of servedBy(program) ?? []) {
      const found = services.named(name).map((service) => service.name);
      expect([name, found.includes(name)]).toEqual([name, true]);
    }
  });
});
