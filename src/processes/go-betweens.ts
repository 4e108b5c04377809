/** Programs that hold a port for a container, and whose arguments tell for which. */

export const GO_BETWEENS: ReadonlySet<string> = new Set(['docker-proxy', 'conmon']);

/**
 * What a person calls such a process: `docker-proxy 172.17.0.2:80`, `conmon web`; null: it is none, or its arguments
 * do not tell.
 */
export function goBetweenName(command: string, argv: readonly string[]): string | null {
  if (command === 'docker-proxy') {
    const target = proxiedBy(argv);
    return target && `${command} ${target}`;
  }
  if (command === 'conmon') {
    const name = conmonOf(argv)?.name;
    return name ? `${command} ${name}` : null;
  }
  return null;
}

/** Where Docker's proxy leads to: `172.17.0.2:80`. */
function proxiedBy(argv: readonly string[]): string | null {
  const address = argumentOf(argv, '-container-ip');
  const port = argumentOf(argv, '-container-port');
  if (address === null || port === null) return null;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The container that Podman's or CRI-O's monitor watches over; null: it is no monitor. */
export function conmonOf(argv: readonly string[]): { id: string; name: string | null } | null {
  const [program = ''] = argv;
  const id = argumentOf(argv, '-c');
  if (id === null || !/(?:^|\/)conmon$/.test(program)) return null;
  return { id, name: argumentOf(argv, '-n') };
}

function argumentOf(argv: readonly string[], option: string): string | null {
  const at = argv.indexOf(option);
  return at === -1 ? null : (argv[at + 1] ?? null);
}
