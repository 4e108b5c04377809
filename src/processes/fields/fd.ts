import { socketInode } from '../../procfs/fd.ts';
import { type AccessMode, parseAccessMode } from '../../procfs/fdinfo.ts';
import { ProcError, type ProcFs } from '../../procfs/procfs.ts';
import { endpoint } from '../../sockets/endpoint.ts';
import type { Socket } from '../../sockets/socket.ts';
import { join, type SafeText, safe, text } from '../../text/safe.ts';
import type { Asked, FieldDefinition, Read, Steps } from '../field.ts';
import { plain, type Said } from '../said.ts';
import { orNull } from '../tolerance.ts';

/**
 * `mode` is null for a descriptor that only names a file (O_PATH), or where fdinfo could not be read; `socket`
 * where it leads to none, or that was not found.
 */
export type Descriptor = { fd: number; mode: AccessMode | null; target: string; socket: Socket | null };

export const fd: FieldDefinition<Descriptor[]> = {
  about: 'its open files, and its sockets with their ends and states',
  read: readDescriptors,
  entries: (descriptors) =>
    descriptors.map(({ fd, mode, target, socket }) => {
      const said = socket === null ? safe(target) : text`${safe(target)}  ${socketText(socket)}`;
      return [`${fd}${mode ?? ''}`, plain(said)];
    }),
};

/** In numeric order. A descriptor that is closed meanwhile is left out. */
function* readDescriptors({ procfs, pid, most, sockets }: Asked): Steps<Read<Descriptor[]>> {
  const numbers = yield* readNumbers(procfs, pid);
  const descriptors: Descriptor[] = [];
  const wanted = numbers.slice(0, most ?? numbers.length);
  for (const fd of wanted) {
    const target = targetOf(procfs, pid, fd);
    if (target === null) continue;
    const mode = orNull(() => parseAccessMode(procfs.text(`${pid}/fdinfo/${fd}`)));
    descriptors.push({ fd, mode, target, socket: sockets?.get(socketInode(target)) ?? null });
    yield;
  }
  const more = numbers.length - wanted.length;
  return { value: descriptors, ...(more > 0 && { more }) };
}

/** The descriptors that are open, ascending. */
export function* readNumbers(procfs: ProcFs, pid: number): Steps<number[]> {
  const names = yield* procfs.namesInSteps(`${pid}/fd`);
  return names.map(Number).sort((a, b) => a - b);
}

/**
 * null: it was closed meanwhile. Root may list the descriptors of a process that it may not look into, and then
 * follow none of them.
 */
export function targetOf(procfs: ProcFs, pid: number, fd: number): string | null {
  try {
    return procfs.link(`${pid}/fd/${fd}`);
  } catch (error) {
    if (!(error instanceof ProcError)) throw error;
    if (error.gone) return null;
    throw new ProcError(error.code, procfs.path(`${pid}/fd`), { cause: error.cause });
  }
}

/** `tcp 127.0.0.1:80 LISTEN`, `tcp6 [::1]:5000 – [::1]:80 ESTABLISHED`, `unix /run/x.sock LISTEN`. */
export function socketText({ protocol, family, local, remote, path, state }: Socket): SafeText {
  const ends = [local && endpoint(local), remote && endpoint(remote), path].filter((end) => end !== null);
  const words = [`${protocol}${family === 'ipv6' ? '6' : ''}`, ends.join(' – '), state];
  return safe(words.filter((word) => word !== '').join(' '));
}

/** More are counted. */
const SHOWN = 20;

/** The ports that it holds: what is open to others one by one; how many more sockets there are. */
export function ports(descriptors: readonly Descriptor[]): Said | null {
  const sockets = [...new Set(descriptors.flatMap(({ socket }) => socket ?? []))];
  const open = sockets.filter(({ local, remote }) => local !== null && local.port !== 0 && remote === null);
  const unix = sockets.filter(({ family }) => family === 'unix').length;
  const others = sockets.length - open.length - unix;
  const lines = open.slice(0, SHOWN).map(socketText);
  const more = [
    open.length > SHOWN ? text`${open.length - SHOWN} more` : null,
    others > 0 ? text`${others} connected` : null,
    unix > 0 ? text`${unix} unix` : null,
  ].filter((part) => part !== null);
  if (more.length > 0) lines.push(text`${lines.length > 0 ? text`and ` : text``}${join(more, text`, `)}`);
  return lines.length > 0 ? plain(...lines) : null;
}
