import { expect, it } from 'vitest';
import { heldPorts } from '../../src/sockets/held-ports.ts';
import { connection, held, snapshot, tcp, udp } from '../helpers/snapshots.ts';

it('a process holds the ports at which it can be reached, each once, by number', () => {
  const nginx = [held('nginx', 812), held('nginx', 813)];
  const rows = snapshot(
    [
      tcp('0.0.0.0:443', { owners: nginx }),
      tcp('0.0.0.0:80', { owners: nginx }),
      tcp('[::]:80', { owners: nginx }),
      udp('0.0.0.0:80', { owners: [held('nginx', 812)] }),
      connection('10.0.0.1:50000', '10.0.0.2:80', { owners: [held('nginx', 813)] }),
    ],
    { unreadable: { 900: 'EACCES' } },
  );
  const ports = heldPorts(rows.table, rows.ownership);
  expect(ports(812)).toEqual([
    { protocol: 'tcp', port: 80 },
    { protocol: 'udp', port: 80 },
    { protocol: 'tcp', port: 443 },
  ]);
  expect(ports(813)).toEqual([
    { protocol: 'tcp', port: 80 },
    { protocol: 'tcp', port: 443 },
  ]);
  expect(ports(1)).toEqual([]);
  expect(ports(900)).toBeNull();
});
