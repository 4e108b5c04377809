import { describe, expect, it } from 'vitest';
import { goBetweenName } from '../../src/processes/go-betweens.ts';

const proxy = (address: string) =>
  `/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip ${address} -container-port 80`;
const CONMON = `/usr/bin/conmon --api-version 1 -c ${'a'.repeat(64)} -u x -r /usr/bin/runc -n web --exit-dir /run`;

describe('what holds a port for a container is called with what it is for', () => {
  it.each([
    ['docker-proxy', proxy('172.17.0.2'), 'docker-proxy 172.17.0.2:80'],
    ['docker-proxy', proxy('fd00::2'), 'docker-proxy [fd00::2]:80'],
    ['docker-proxy', '/usr/bin/docker-proxy', null],
    ['docker-proxy', '/usr/bin/docker-proxy -container-ip', null],
    ['conmon', CONMON, 'conmon web'],
    ['conmon', '/usr/bin/conmon --version', null],
    ['nginx', proxy('172.17.0.2'), null],
  ])('%s as %s: %s', (command, typed, name) => {
    expect(goBetweenName(command, typed.split(' '))).toBe(name);
  });
});
