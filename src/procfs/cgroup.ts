/** /proc/PID/cgroup (cgroups(7)), and what the names of cgroups tell of systemd's units and of containers. */

/** Where a process is in one hierarchy. */
export type CgroupMembership = {
  /** 0 is cgroup v2. */
  hierarchy: number;
  /** Of v1: `cpu,cpuacct`, `name=systemd`; of v2 none. */
  controllers: string;
  path: string;
};

/** A line a hierarchy: `4:memory:/user.slice`, `0::/init.scope`. */
export function parseCgroup(content: string): CgroupMembership[] {
  return content.split('\n').flatMap((line) => {
    const [, hierarchy, controllers = '', path] = /^(\d+):([^:]*):(\/.*)$/s.exec(line) ?? [];
    if (path === undefined) return [];
    return [{ hierarchy: Number(hierarchy), controllers, path: path.replace(/ \(deleted\)$/, '') }];
  });
}

/**
 * The cgroups of a process, each once, the one that tells most first: of v2 or of systemd, which has its units in
 * both; where those are only the root, that of a controller of v1.
 */
export function cgroupsOf(memberships: readonly CgroupMembership[]): string[] {
  const rank = ({ hierarchy, controllers, path }: CgroupMembership) =>
    (path === '/' ? 3 : 0) + (hierarchy === 0 ? 0 : controllers === 'name=systemd' ? 1 : 2);
  const ranked = memberships.toSorted((a, b) => rank(a) - rank(b));
  return [...new Set(ranked.map(({ path }) => path))];
}

/** Kinds of units that processes can be in, but for slices, which are only folders (systemd.unit(5)). */
const UNIT = /^[^@].*\.(?:service|scope|socket|mount|swap)$/s;

/** The innermost unit of systemd in a cgroup's path. Escapes such as `\x2d` belong to its name. */
export function unitOf(path: string): string | null {
  // systemd puts a `_` before what the kernel could take for a file of its own (cg_escape of src/basic/cgroup-util.c).
  const names = path.split('/').map((name) => name.replace(/^_/, ''));
  return names.findLast((name) => UNIT.test(name)) ?? null;
}

/**
 * An id as Docker, Podman, containerd, CRI-O and Kubernetes have it: alone (`/docker/ID`), as a scope
 * (`docker-ID.scope`, `cri-containerd-ID.scope`), or at the end of a mistaken path (`x.slice:cri-containerd:ID`).
 */
const ID = /(?:^|[-:])([\da-f]{64})(?:\.scope)?$/;
/** Fargate's: `/ecs/TASK/TASK-NUMBER`. */
const TASK = /^[\da-f]{32}-\d+$/;
/** What watches over a container is outside of it. */
const MONITOR = /(?:^|[-:])conmon-/;
/** LXC before and since 4.0: `/lxc/NAME`, `/lxc.payload.NAME`; what is `lxc.monitor.NAME` is outside. */
const LXC = /\/lxc(?:\.payload\.|\.payload\/|\/)([^/]+)/g;
/** systemd-nspawn(1): as a service, and as a scope of systemd-machined(8). */
const MACHINE = /^(?:systemd-nspawn@|machine-)(.+)\.(?:service|scope)$/;

/** The container in a cgroup's path: its name, or its whole id; of one in another the inner one. */
export function containerOf(path: string): string | null {
  const names = path.split('/');
  for (const name of names.toReversed()) {
    const id = ID.exec(name)?.[1];
    if (id !== undefined) return MONITOR.test(name) ? null : id;
    if (TASK.test(name)) return name;
    const machine = MACHINE.exec(name)?.[1];
    if (machine !== undefined) return unescaped(machine);
  }
  return [...path.matchAll(LXC)].at(-1)?.[1] ?? null;
}

/** `\x2d` in the name of a unit is the byte that it says (systemd-escape(1)). */
function unescaped(name: string): string {
  const bytes = name.replace(/\\x([\da-f]{2})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return bytes === name ? name : Buffer.from(bytes, 'latin1').toString('utf8');
}
