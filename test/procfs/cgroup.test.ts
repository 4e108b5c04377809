import { describe, expect, it } from 'vitest';
import { cgroupsOf, containerOf, parseCgroup, unitOf } from '../../src/procfs/cgroup.ts';

const ID = 'ad05aef8f1a1f3b4c6b5b2d4a9d0c1e2f3a4b5c6d7e8f90123456789abcdef01';
const OTHER = '0'.repeat(64);
const TASK = '34dc0b5e626f2c5c4c5170e34b10e765';
const POD = 'pod2f48a1c5-8a3b-4b7e-9f0d-1c2b3a4d5e6f';

describe('/proc/PID/cgroup', () => {
  it('is a line a hierarchy, and its path may have anything in it', () => {
    expect(parseCgroup('12:cpu,cpuacct:/a b\n1:name=systemd:/x:y\n0::/z (deleted)\n')).toEqual([
      { hierarchy: 12, controllers: 'cpu,cpuacct', path: '/a b' },
      { hierarchy: 1, controllers: 'name=systemd', path: '/x:y' },
      { hierarchy: 0, controllers: '', path: '/z' },
    ]);
    for (const odd of ['', '\n', 'x', '0:', '0::relative', ':::']) expect(parseCgroup(odd)).toEqual([]);
  });

  it.each([
    ['of v2', '0::/system.slice/nginx.service\n', ['/system.slice/nginx.service']],
    [
      'of v1',
      '4:memory:/system.slice/x\n1:name=systemd:/system.slice/nginx.service\n',
      ['/system.slice/nginx.service', '/system.slice/x'],
    ],
    [
      'of both, as systemd has them',
      '4:memory:/\n1:name=systemd:/init.scope\n0::/init.scope\n',
      ['/init.scope', '/'],
    ],
    [
      'of both, where v2 is only there',
      `4:memory:/docker/${ID}\n1:name=systemd:/\n0::/\n`,
      [`/docker/${ID}`, '/'],
    ],
    ['above what this namespace may see', '0::/../sibling\n', ['/../sibling']],
  ])('has what tells most first: %s', (_, content, paths) => {
    expect(cgroupsOf(parseCgroup(content))).toEqual(paths);
  });
});

/** As seen on hosts: a path, its unit, its container. */
const FORMS: readonly (readonly [path: string, unit: string | null, container: string | null])[] = [
  ['/', null, null],
  ['/init.scope', 'init.scope', null],
  ['/system.slice', null, null],
  ['/system.slice/nginx.service', 'nginx.service', null],
  ['/system.slice/ssh.socket', 'ssh.socket', null],
  ['/system.slice/system-getty.slice/getty@tty1.service', 'getty@tty1.service', null],
  ['/system.slice/system-postgresql.slice/postgresql@15-main.service', 'postgresql@15-main.service', null],
  // The name of the unit, as systemctl(1) takes it.
  ['/system.slice/srv-my\\x2ddata.mount', 'srv-my\\x2ddata.mount', null],
  ['/system.slice/_cpu.service', 'cpu.service', null],
  ['/user.slice/user-1000.slice/session-3.scope', 'session-3.scope', null],
  [
    '/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.gnome.Terminal.slice/vte-spawn-1.scope',
    'vte-spawn-1.scope',
    null,
  ],
  ['/system.slice/containerd.service/worker', 'containerd.service', null],
  ['/system.slice/a.service.d', null, null],
  ['/.service', null, null],
  // Docker: cgroupfs, systemd, rootless, one in another.
  [`/docker/${ID}`, null, ID],
  [`/system.slice/docker-${ID}.scope`, `docker-${ID}.scope`, ID],
  [`/user.slice/user-1000.slice/user@1000.service/app.slice/docker-${ID}.scope`, `docker-${ID}.scope`, ID],
  [`/docker/${OTHER}/docker/${ID}`, null, ID],
  [`/system.slice/docker-${ID}.scope/system.slice/nginx.service`, 'nginx.service', ID],
  ['/system.slice/docker.service', 'docker.service', null],
  // Podman, and its monitor, which is outside.
  [`/machine.slice/libpod-${ID}.scope`, `libpod-${ID}.scope`, ID],
  [`/machine.slice/libpod-${ID}.scope/container`, `libpod-${ID}.scope`, ID],
  [`/libpod_parent/libpod-${ID}`, null, ID],
  [
    `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container`,
    `libpod-${ID}.scope`,
    ID,
  ],
  [`/machine.slice/libpod-conmon-${ID}.scope`, `libpod-conmon-${ID}.scope`, null],
  // containerd by itself and by nerdctl, CRI-O, Kubernetes of both drivers, v1 and v2.
  [`/default/${ID}`, null, ID],
  [`/system.slice/nerdctl-${ID}.scope`, `nerdctl-${ID}.scope`, ID],
  [`/kubepods/besteffort/${POD}/${ID}`, null, ID],
  [`/kubepods/${POD}/${ID}`, null, ID],
  [
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod2f48a1c5_8a3b.slice/cri-containerd-${ID}.scope`,
    `cri-containerd-${ID}.scope`,
    ID,
  ],
  [`/kubepods.slice/kubepods-pod2f48a1c5_8a3b.slice/crio-${ID}.scope`, `crio-${ID}.scope`, ID],
  [
    `/kubepods.slice/kubepods-pod2f48a1c5_8a3b.slice/crio-conmon-${ID}.scope`,
    `crio-conmon-${ID}.scope`,
    null,
  ],
  [
    `/system.slice/containerd.service/kubepods-burstable-${POD}.slice:cri-containerd:${ID}`,
    'containerd.service',
    ID,
  ],
  [`/ecs/0a1b2c3d/${ID}`, null, ID],
  [`/ecs/${TASK}/${TASK}-4230406223`, null, `${TASK}-4230406223`],
  // Of kind, which has Kubernetes in a container, and of one that systemd starts (Podman's --cgroups=split).
  [
    `/docker/${OTHER}/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod2f48a1c5.slice/cri-containerd-${ID}.scope`,
    `cri-containerd-${ID}.scope`,
    ID,
  ],
  [`/system.slice/web.service/libpod-payload-${ID}`, 'web.service', ID],
  ['/system.slice/web.service/supervisor', 'web.service', null],
  // In a pod of Podman's, and what a cgroup namespace shows of a sibling.
  [`/machine.slice/machine-libpod_pod_${OTHER}.slice/libpod-${ID}.scope`, `libpod-${ID}.scope`, ID],
  [`/../../docker-${ID}.scope`, `docker-${ID}.scope`, ID],
  [`/actions_job/${ID}`, null, ID],
  ['/system.slice/snap.lxd.daemon.service', 'snap.lxd.daemon.service', null],
  [
    '/user.slice/user-1000.slice/user@1000.service/app.slice/app-flatpak-org.mozilla.firefox-123.scope',
    'app-flatpak-org.mozilla.firefox-123.scope',
    null,
  ],
  // LXC and LXD, before and since 4.0, and their monitor.
  ['/lxc/web', null, 'web'],
  ['/lxc/web/system.slice/nginx.service', 'nginx.service', 'web'],
  ['/lxc.payload.web/system.slice/nginx.service', 'nginx.service', 'web'],
  ['/lxc.payload/web/init.scope', 'init.scope', 'web'],
  ['/lxc.monitor.web', null, null],
  // systemd-nspawn.
  ['/machine.slice/systemd-nspawn@web.service/payload/system.slice/x.service', 'x.service', 'web'],
  ['/machine.slice/machine-my\\x2dweb.scope', 'machine-my\\x2dweb.scope', 'my-web'],
  // What is none, though it looks nearly so.
  [`/docker/${ID.slice(1)}`, null, null],
  [`/docker/${ID}0`, null, null],
  ['/docker/buildx', null, null],
];

describe('the path of a cgroup', () => {
  it.each(FORMS)('%s', (path, unit, container) => {
    expect([unitOf(path), containerOf(path)]).toEqual([unit, container]);
  });
});
