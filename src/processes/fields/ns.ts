import { namespaceNumber } from '../../procfs/ns.ts';
import { join, safe, text } from '../../text/safe.ts';
import type { Asked, FieldDefinition, Read } from '../field.ts';
import { plain, type Said } from '../said.ts';
import { orNull } from '../tolerance.ts';

/** `ours`: whether porttop is in it too; null: not known. */
export type ProcessNamespace = { name: string; number: number; ours: boolean | null };

export const ns: FieldDefinition<ProcessNamespace[]> = {
  about: 'its namespaces, and which of them are not those of porttop',
  option: 'CONFIG_NAMESPACES',
  read: readNamespaces,
  entries: (namespaces) =>
    namespaces.map(({ name, number, ours }) => [name, plain(text`${number}${COMPARED[`${ours}`]}`)]),
  json: (namespaces) => ({
    value: Object.fromEntries(namespaces.map(({ name, number }) => [name, number])),
  }),
};

const COMPARED = {
  true: text`, as porttop's`,
  false: text`, of its own: porttop is in another`,
  null: text``,
};

function readNamespaces({ procfs, pid }: Asked): Read<ProcessNamespace[]> {
  const namespaces: ProcessNamespace[] = [];
  for (const name of procfs.names(`${pid}/ns`).sort()) {
    const number = namespaceNumber(procfs.link(`${pid}/ns/${name}`));
    if (number === null) continue;
    const ours = orNull(() => namespaceNumber(procfs.link(`self/ns/${name}`)));
    namespaces.push({ name, number, ours: ours === null ? null : ours === number });
  }
  return { value: namespaces };
}

/** Only those in which it is apart; `…_for_children` say nothing of itself. */
export function ownNamespaces(namespaces: readonly ProcessNamespace[]): Said | null {
  const own = namespaces.filter(({ name, ours }) => ours === false && !name.endsWith('_for_children'));
  if (own.length === 0) return null;
  return plain(
    text`of its own: ${join(
      own.map(({ name, number }) => text`${safe(name)} ${number}`),
      text`, `,
    )}`,
  );
}
