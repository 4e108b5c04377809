import type { Variable } from '../procfs/environ.ts';
import type { Stat } from '../procfs/stat.ts';
import type { Statm } from '../procfs/statm.ts';
import { type Status, sizeOf } from '../procfs/status.ts';
import { type Details, type Field, type FieldName, isReadable, type Values } from './details.ts';
import { masked, withoutPasswords } from './secrets.ts';

/**
 * The document of `show --json`: each field as `{ path, value }` or `{ path, error }`. Sizes are in bytes
 * and say so in their names; secrets of the environment are masked unless they are to be revealed.
 */
export function detailsJson({ pid, fields }: Details, { reveal }: { reveal: boolean }): object {
  const names = Object.keys(fields) as FieldName[];
  return { pid, fields: Object.fromEntries(names.map((name) => [name, fieldJson(name, fields, reveal)])) };
}

function fieldJson<Name extends FieldName>(
  name: Name,
  fields: Details['fields'],
  reveal: boolean,
): object | undefined {
  const field = fields[name] as Field<Values[Name]> | undefined;
  if (!isReadable(field)) return field;
  return { ...field, ...FORMS[name]?.(field.value, reveal) };
}

/** How a value stands in JSON, where that is not as it is here. */
const FORMS: { [Name in FieldName]?: (value: Values[Name], reveal: boolean) => { value: unknown } } = {
  exe: ({ path, state }) => ({ value: path, state }),
  environ: (environ, reveal) => ({ value: environJson(environ, reveal) }),
  statm: (statm) => ({ value: statmJson(statm) }),
  stat: (stat) => ({ value: statJson(stat) }),
  status: (status) => ({ value: statusJson(status) }),
};

/** Of duplicates the first, as getenv(3) has it; null where there is no value. */
function environJson(environ: readonly Variable[], reveal: boolean): Record<string, string | null> {
  const values = new Map<string, string | null>();
  for (const { name, value } of environ) {
    if ((values.get(name) ?? null) !== null) continue;
    values.set(name, value === null || reveal ? value : masked(name, value));
  }
  return Object.fromEntries(
    [...values].map(([name, value]) => [reveal ? name : withoutPasswords(name), value]),
  );
}

function statmJson(statm: Statm): object {
  return Object.fromEntries(Object.entries(statm).map(([name, size]) => [`${name}Bytes`, size]));
}

/** By proc_pid_stat(5)'s names and in its units, but for the sizes. */
function statJson(stat: Stat): object {
  const { vsize, rss, rsslim, ...others } = stat;
  return { ...others, vsizeBytes: vsize, rssPages: rss, rsslimBytes: rsslim >= 2 ** 64 ? null : rsslim };
}

/** The lines of status that are a decimal number in every process. */
const NUMBERS = new Set([
  'Tgid',
  'Ngid',
  'Pid',
  'PPid',
  'TracerPid',
  'FDSize',
  'Kthread',
  'Threads',
  'CoreDumping',
  'THP_enabled',
  'NoNewPrivs',
  'Seccomp',
  'Seccomp_filters',
  'voluntary_ctxt_switches',
  'nonvoluntary_ctxt_switches',
]);

function statusJson(status: Status): object {
  return Object.fromEntries(
    Object.entries(status.lines).map(([name, line]) => {
      const size = sizeOf(status, name);
      if (size !== null) return [`${name}Bytes`, size];
      return [name, NUMBERS.has(name) ? Number(line) : line];
    }),
  );
}
