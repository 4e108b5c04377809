import { describe, expect, it } from 'vitest';
import { type Restart, restartOf, restartOfForwarder } from '../../src/processes/restart.ts';

const ID = '0123456789ab'.padEnd(64, 'c');
const ada = { uid: 1000, container: null, userName: (uid: number) => (uid === 1001 ? 'bob' : null) };

describe('what would start a process again, and what stops it', () => {
  it.each<[string, string, Restart | null]>([
    [
      'a service',
      '/system.slice/nginx.service',
      { by: 'nginx.service', command: 'systemctl stop nginx.service' },
    ],
    [
      'a service of one’s own',
      '/user.slice/user-1000.slice/user@1000.service/app.slice/web.service',
      { by: 'web.service', command: 'systemctl --user stop web.service' },
    ],
    [
      'a service of another user',
      '/user.slice/user-1001.slice/user@1001.service/app.slice/web.service',
      { by: 'web.service', command: 'systemctl --user --machine=bob@.host stop web.service' },
    ],
    [
      'a unit whose name the shell would read otherwise',
      '/system.slice/system-x\\x2dy.slice/x\\x2dy@$(id).service',
      { by: 'x\\x2dy@$(id).service', command: "systemctl stop 'x\\x2dy@$(id).service'" },
    ],
    ['a login', '/user.slice/user-1000.slice/session-3.scope', null],
    ['the user’s manager', '/user.slice/user-1000.slice/user@1000.service/init.scope', null],
    ['no unit', '/', null],
    [
      'Docker with systemd',
      `/system.slice/docker-${ID}.scope`,
      { by: 'container 0123456789ab', command: 'docker stop 0123456789ab' },
    ],
    [
      'Docker without',
      `/docker/${ID}`,
      { by: 'container 0123456789ab', command: 'docker stop 0123456789ab' },
    ],
    [
      'Podman',
      `/machine.slice/libpod-${ID}.scope/container`,
      { by: 'container 0123456789ab', command: 'podman stop 0123456789ab' },
    ],
    [
      'a pod',
      `/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope`,
      { by: 'Kubernetes (container 0123456789ab)', command: null },
    ],
    [
      'a machine',
      '/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service',
      { by: 'container web', command: 'machinectl poweroff web' },
    ],
    ['LXC or Incus, which nobody can tell apart', '/lxc.payload.web', { by: 'container web', command: null }],
  ])('%s', (_, path, restart) => {
    expect(restartOf([path], ada)).toEqual(restart);
  });

  it('is not told of the container that porttop is in itself', () => {
    expect(restartOf([`/docker/${ID}`], { ...ada, container: ID })).toBeNull();
  });

  it('is the container behind docker-proxy, and of no other program', () => {
    expect(restartOfForwarder('docker-proxy', 8080)?.command).toBe(
      'docker stop $(docker ps --quiet --filter publish=8080)',
    );
    expect(restartOfForwarder('docker-proxy', undefined)).toBeNull();
    expect(restartOfForwarder('nginx', 8080)).toBeNull();
  });
});
