import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ContainerNames } from '../../src/processes/container-names.ts';
import { ProcFs } from '../../src/procfs/procfs.ts';
import { TemporaryTree } from '../sockets/fixture.ts';

const ID = 'ad05aef8f1a1f3b4c6b5b2d4a9d0c1e2f3a4b5c6d7e8f90123456789abcdef01';
const OTHER = '0'.repeat(64);
const STORAGE = 'containers/storage/overlay-containers/containers.json';
const TASKS = 'run/containerd/io.containerd.runtime.v2.task';
const listed = (...names: string[]) =>
  JSON.stringify([
    { id: OTHER, names: ['other'] },
    { id: ID, names, image: '' },
  ]);
const annotated = (annotations: object) => JSON.stringify({ ociVersion: '1.1.0', annotations });

/** What the name of the container is where these files are. */
function nameWith(files: Record<string, string>, cgroup = '/'): string | null {
  using tree = new TemporaryTree(files);
  return new ContainerNames(new ProcFs(), { root: tree.root, home: '/home/ada' }).of(ID, cgroup);
}

describe('the name of a container', () => {
  it.each([
    ['Docker', { [`var/lib/docker/containers/${ID}/config.v2.json`]: '{"ID":"x","Name":"/web"}' }, 'web'],
    [
      'Docker without root',
      { [`home/ada/.local/share/docker/containers/${ID}/config.v2.json`]: '{"Name":"/web"}' },
      'web',
    ],
    ['Podman', { [`var/lib/${STORAGE}`]: listed('web', 'alias') }, 'web'],
    ['Podman without root', { [`home/ada/.local/share/${STORAGE}`]: listed('web') }, 'web'],
    ['CRI-O', { [`var/lib/${STORAGE}`]: listed('k8s_web_web-1_default_0_0') }, 'k8s_web_web-1_default_0_0'],
    [
      'containerd, of Kubernetes',
      {
        [`${TASKS}/k8s.io/${ID}/config.json`]: annotated({
          'io.kubernetes.cri.container-name': 'nginx',
          'io.kubernetes.cri.sandbox-name': 'web-1',
        }),
      },
      'web-1/nginx',
    ],
    [
      'containerd, of a pod itself',
      { [`${TASKS}/k8s.io/${ID}/config.json`]: annotated({ 'io.kubernetes.cri.sandbox-name': 'web-1' }) },
      'web-1',
    ],
    ['nerdctl', { [`${TASKS}/default/${ID}/config.json`]: annotated({ 'nerdctl/name': 'web' }) }, 'web'],
  ])('is what %s keeps on disk', (_, files, name) => {
    expect(nameWith(files)).toBe(name);
  });

  it.each([
    ['there is nothing', {}],
    ['it is of others', { [`var/lib/${STORAGE}`]: JSON.stringify([{ id: OTHER, names: ['other'] }]) }],
    ['it has none', { [`var/lib/${STORAGE}`]: listed() }],
    ['what is there is no JSON', { [`var/lib/${STORAGE}`]: '[{"id": ' }],
    [
      'it is other JSON',
      {
        [`var/lib/${STORAGE}`]: '{"length": 1}',
        [`var/lib/docker/containers/${ID}/config.v2.json`]: '{"Name": 7}',
        [`${TASKS}/default/${ID}/config.json`]: 'null',
      },
    ],
    [
      'the monitor’s pid is another process’s by now',
      { [`run/containers/storage/overlay-containers/${ID}/userdata/conmon.pid`]: `${process.pid}` },
    ],
  ])('is not known where %s', (_, files) => {
    expect(nameWith(files)).toBeNull();
  });

  it('is what its monitor was told, where it is in no list', async () => {
    const monitor = spawn(
      process.execPath,
      ['-e', 'console.log(0); process.stdin.resume()', '--', '-c', ID, '-n', 'web'],
      {
        argv0: '/usr/bin/conmon',
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    try {
      await once(monitor.stdout, 'data');
      const file = `overlay-containers/${ID}/userdata/conmon.pid`;
      expect(nameWith({ [`run/containers/storage/${file}`]: `${monitor.pid}` })).toBe('web');
      const slice = '/user.slice/user-1000.slice/user@1000.service/x.scope';
      expect(nameWith({ [`run/user/1000/containers/${file}`]: `${monitor.pid}` }, slice)).toBe('web');
    } finally {
      monitor.stdin.end();
      await once(monitor, 'exit');
    }
  });

  it('is asked for of ids alone, and of this host', () => {
    using tree = new TemporaryTree({ [`var/lib/${STORAGE}`]: listed('web') });
    expect(new ContainerNames(new ProcFs(), { root: tree.root }).of('web', '/lxc/web')).toBeNull();
    expect(new ContainerNames(new ProcFs(tree.root), { root: tree.root }).of(ID, '/')).toBeNull();
  });

  it('is remembered, and so is that there is none', () => {
    using tree = new TemporaryTree({});
    const names = new ContainerNames(new ProcFs(), { root: tree.root });
    expect(names.of(ID, '/')).toBeNull();
    tree.add({ [`var/lib/docker/containers/${ID}/config.v2.json`]: '{"Name":"/web"}' });
    expect(names.of(ID, '/')).toBeNull();
  });
});
