import { type Limit, parseLimits } from '../../procfs/limits.ts';
import { type SafeText, safe, text } from '../../text/safe.ts';
import { bytes } from '../../text/units.ts';
import { type Facts, type FieldDefinition, isReadable } from '../field.ts';
import { plain, type Said, warning } from '../said.ts';

type Limits = ReadonlyMap<string, Limit>;

export const limits: FieldDefinition<Limits> = {
  about: 'its resource limits',
  read: ({ procfs, pid }) => ({ value: parseLimits(procfs.text(`${pid}/limits`)) }),
  entries: (limits) => [...limits].map(([name, limit]) => [name, plain(limitText(limit))]),
  json: (limits) => ({ value: Object.fromEntries(limits) }),
};

function limitText({ soft, hard, unit }: Limit): SafeText {
  if (soft === hard) return amount(soft, unit);
  return text`${amount(soft, unit)}, can be raised to ${amount(hard, unit)}`;
}

function amount(limit: number | null, unit: string | null): SafeText {
  if (limit === null) return text`unlimited`;
  switch (unit) {
    case 'bytes':
      return text`${limit} bytes (${bytes(limit)})`;
    case 'us':
      return text`${limit} µs`;
    case null:
      return text`${limit}`;
    default:
      return text`${limit} ${safe(unit)}`;
  }
}

/** From here on it is told that descriptors run short. */
const NEARLY = 0.9;

/** How many files it has open, of how many. */
export function openFiles(limits: Limits, { fields }: Facts): Said | null {
  const limit = limits.get('Max open files');
  if (!limit || !isReadable(fields.fd)) return null;
  const open = fields.fd.value.length + (fields.fd.more ?? 0);
  const { soft } = limit;
  if (soft === null) return plain(text`${open} open`);
  const said = text`${open} open, of ${soft}`;
  return open >= soft * NEARLY ? warning(text`${said}: nearly all that it may`) : plain(said);
}
