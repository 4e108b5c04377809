import { type CgroupMembership, cgroupsOf, containerOf, parseCgroup, unitOf } from '../../procfs/cgroup.ts';
import { join, safe, text } from '../../text/safe.ts';
import { ContainerNames } from '../container-names.ts';
import type { Entry, FieldDefinition } from '../field.ts';
import { dim, plain, type Said } from '../said.ts';

export type Cgroup = { unit: string | null; container: string | null; hierarchies: CgroupMembership[] };

export const cgroup: FieldDefinition<Cgroup> = {
  about: 'its control groups; its unit of systemd and its container',
  option: 'CONFIG_CGROUPS',
  read: ({ procfs, pid }) => ({
    value: cgroupOf(parseCgroup(procfs.text(`${pid}/cgroup`)), new ContainerNames(procfs)),
  }),
  entries: (cgroup) => [
    ['unit', cgroup.unit === null ? dim(text`none of systemd's`) : plain(safe(cgroup.unit))],
    [
      'container',
      cgroup.container === null ? dim(text`none that its cgroups name`) : plain(safe(cgroup.container)),
    ],
    ...cgroup.hierarchies.map(({ hierarchy, controllers, path }): Entry => {
      const label = hierarchy === 0 ? 'v2' : controllers || `hierarchy ${hierarchy}`;
      return [label, plain(safe(path))];
    }),
  ],
};

function cgroupOf(hierarchies: CgroupMembership[], names: ContainerNames): Cgroup {
  const paths = cgroupsOf(hierarchies);
  const first = (tell: (path: string) => string | null) =>
    paths.map(tell).find((told) => told !== null) ?? null;
  const container = first((path) => {
    const id = containerOf(path);
    return id === null ? null : (names.of(id, path) ?? id);
  });
  return { unit: first(unitOf), container, hierarchies };
}

/** What tells most in one line: unit and container, else the path. */
export function membership({ unit, container, hierarchies }: Cgroup): Said | null {
  const parts = [
    unit === null ? null : safe(unit),
    container === null ? null : text`container ${safe(container)}`,
  ].filter((part) => part !== null);
  if (parts.length > 0) return plain(join(parts, text`, `));
  const path = cgroupsOf(hierarchies)[0] ?? '/';
  return path === '/' ? null : plain(safe(path));
}
