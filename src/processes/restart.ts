import { containerOf, unitOf } from '../procfs/cgroup.ts';
import { shellQuote } from '../text/quote.ts';

/** What may start a process again once it is gone, and the command that really stops it; null: not known. */
export type Restart = { by: string; command: string | null };

/** Who asks: the commands are for this user. */
export type Asker = {
  uid: number;
  /** The container that this program is in itself: from in there, nobody can stop it. */
  container: string | null;
  userName(uid: number): string | null;
};

/** As Docker and Podman take it, and print it. */
const SHORT_ID = 12;

/** The manager of a container by what it puts before the id, and how it is told to stop one. */
const MANAGERS: readonly [sign: RegExp, command: string][] = [
  [/libpod-/, 'podman stop'],
  [/(?:docker-|\/docker\/)/, 'docker stop'],
  [/nerdctl-/, 'nerdctl stop'],
  [/(?:systemd-nspawn@|machine-)/, 'machinectl poweroff'],
];
const KUBERNETES = /kubepods|cri-containerd|crio-/;

/** Of whom a unit is: a user's own manager runs in its service (user@.service(5)). */
const USER_MANAGER = /\/user@(\d+)\.service\/(?=.)/;

/** What the cgroups of a process tell, what tells most first; null: none of them tells of anybody. */
export function restartOf(cgroups: readonly string[], asker: Asker): Restart | null {
  for (const path of cgroups) {
    const container = containerOf(path);
    if (container !== null && container !== asker.container) return restartOfContainer(path, container);
    const unit = unitOf(path);
    if (unit?.endsWith('.service')) return { by: unit, command: stopUnit(path, unit, asker) };
  }
  return null;
}

function restartOfContainer(path: string, container: string): Restart {
  const name = /^[\da-f]{64}$/.test(container) ? container.slice(0, SHORT_ID) : container;
  if (KUBERNETES.test(path)) return { by: `Kubernetes (container ${name})`, command: null };
  const [, stop] = MANAGERS.find(([sign]) => sign.test(path)) ?? [];
  return {
    by: `container ${name}`,
    command: stop === undefined ? null : `${stop} ${shellQuote(name)}`,
  };
}

function stopUnit(path: string, unit: string, { uid, userName }: Asker): string {
  const manager = USER_MANAGER.exec(path)?.[1];
  if (manager === undefined) return `systemctl stop ${shellQuote(unit)}`;
  // Another user's manager is reached by that user's name (systemctl(1), --machine).
  const machine = `--machine=${userName(Number(manager)) ?? manager}@.host`;
  const whose = Number(manager) === uid ? '' : ` ${shellQuote(machine)}`;
  return `systemctl --user${whose} stop ${shellQuote(unit)}`;
}

/** Docker's own process that takes connections from outside and passes them on to a container. */
const FORWARDER = 'docker-proxy';

/** The same of a process that only forwards a port to a container, by its comm; null: it does not. */
export function restartOfForwarder(comm: string, port: number | undefined): Restart | null {
  if (comm !== FORWARDER || port === undefined) return null;
  return {
    by: 'Docker (it only forwards the port to a container)',
    command: `docker stop $(docker ps --quiet --filter publish=${port})`,
  };
}
