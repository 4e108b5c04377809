import { safe, text } from '../text/safe.ts';
import type { Details } from './details.ts';
import { type Field, isReadable, unreadable } from './field.ts';
import { membership } from './fields/cgroup.ts';
import { commandLine, whyEmpty } from './fields/cmdline.ts';
import { workingDirectory } from './fields/cwd.ts';
import { userVariable, variableEntries } from './fields/environ.ts';
import { executable } from './fields/exe.ts';
import { ports } from './fields/fd.ts';
import { traffic } from './fields/io.ts';
import { openFiles } from './fields/limits.ts';
import { ownNamespaces } from './fields/ns.ts';
import { rootDirectory } from './fields/root.ts';
import { share } from './fields/smaps.ts';
import { started, stateOf } from './fields/stat.ts';
import { memory } from './fields/status.ts';
import { user } from './fields/users.ts';
import { definitionOf, type FieldName, type Values } from './fields.ts';
import { parents } from './parents.ts';
import { type Context, dim, type Row, type Said, TOO_LONG } from './said.ts';

/** What a process is, in a few rows, from those of its files that were asked for. */
export function overview(details: Details, context: Context): Row[] {
  return [
    ...about(details, 'cmdline', 'cmdline', (argv) => commandLine(argv, details)),
    ...about(details, 'exe', 'exe', executable),
    ...about(details, 'cwd', 'cwd', workingDirectory),
    ...about(details, 'root', 'root', (path) => rootDirectory(path, details)),
    ...ownership(details, context),
    ...about(details, 'stat', 'state', ({ state }) => stateOf(state)),
    ...about(details, 'stat', 'started', () => started(details, context)),
    ...about(details, 'stat', 'parents', (stat) => parents(stat, details)),
    ...about(details, 'cgroup', 'cgroup', membership),
    ...about(details, 'ns', 'ns', ownNamespaces),
    ...about(details, 'status', 'memory', (status) => memory(status, details)),
    ...ifReadable(details, 'smaps', 'share', share),
    ...about(details, 'status', 'threads', ({ threads }) => ({ lines: [text`${threads}`], tone: 'plain' })),
    ...about(details, 'io', 'io', traffic),
    ...about(details, 'fd', 'sockets', ports),
    ...ifReadable(details, 'limits', 'files', (limits) => openFiles(limits, details)),
  ];
}

/** Whose it is: its uids, and USER in its environment. */
export function ownership(details: Details, context: Context): Row[] {
  return [
    ...about(details, 'status', 'user', (status) => user(status, details, context)),
    ...about(details, 'environ', 'environ', (environ) => userVariable(environ, details, context)),
  ];
}

/** How many files it has open, of how many; nothing where either may not be read. */
export function openFilesRow(details: Details): Row[] {
  return ifReadable(details, 'limits', 'open', (limits) => openFiles(limits, details));
}

/** The environment, a row for each variable, in its order; secrets masked unless they are to be revealed. */
export function environment(details: Details, context: Pick<Context, 'reveal'>): Row[] {
  return rowsOf(details, 'environ', (variables) => variableEntries(variables, context));
}

/** One file of /proc/PID, all that it says. */
export function fieldRows<Name extends FieldName>(name: Name, details: Details, context: Context): Row[] {
  return rowsOf(details, name, (value) => definitionOf(name).entries(value, details, context));
}

function rowsOf<Name extends FieldName>(
  details: Details,
  name: Name,
  entries: (value: Values[Name]) => (readonly [string, Said])[],
): Row[] {
  const field = details.fields[name] as Field<Values[Name]> | undefined;
  if (!isReadable(field)) return about(details, name, name, () => null);
  const source = safe(field.path);
  const rows: Row[] = entries(field.value).map(([label, said]) => ({
    field: name,
    label: safe(label),
    source,
    ...said,
  }));
  if (rows.length === 0) return about(details, name, name, () => dim(text`empty${whyEmpty(details)}`));
  if (field.more) rows.push({ field: name, label: text`…`, source, ...dim(text`and ${field.more} more`) });
  if (field.truncated) rows.push({ field: name, label: text`…`, source, ...dim(TOO_LONG) });
  return rows;
}

/** The row of a file: what is said of it, if anything, or why it cannot be read; none if it was not asked for. */
function about<Name extends FieldName>(
  details: Details,
  name: Name,
  label: string,
  say: (value: Values[Name]) => Said | null,
): Row[] {
  const field = details.fields[name] as Field<Values[Name]> | undefined;
  if (!field) return [];
  const said = 'error' in field ? unreadable(field.error) : say(field.value);
  return said === null ? [] : [{ field: label, label: safe(label), source: safe(field.path), ...said }];
}

/** What only adds to what another row says already, or why that cannot be said. */
function ifReadable<Name extends FieldName>(
  details: Details,
  name: Name,
  label: string,
  say: (value: Values[Name]) => Said | null,
): Row[] {
  return isReadable(details.fields[name] as Field<Values[Name]> | undefined)
    ? about(details, name, label, say)
    : [];
}
