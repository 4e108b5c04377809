import { type SafeText, safe, text } from '../text/safe.ts';
import { environment, fieldRows, openFilesRow, overview, ownership } from './describe.ts';
import type { Details } from './details.ts';
import { isReadable } from './field.ts';
import { definitionOf, type FieldName } from './fields.ts';
import { type Context, dim, type Row } from './said.ts';

export type TabName = 'overview' | 'sockets' | 'files' | 'environment' | 'memory' | 'limits' | 'kernel';

type Tab = {
  name: TabName;
  title: SafeText;
  /** Where there is little room. */
  short: SafeText;
  /** The files that it tells of: they are read only while it is shown. */
  fields: readonly FieldName[];
  /** How many entries of its lists are read, where not {@link MOST}. */
  most?: number;
};

/** The pages of a process's details, in their order. */
export const TABS: readonly Tab[] = [
  {
    name: 'overview',
    title: text`overview`,
    short: text`overview`,
    fields: ['cmdline', 'exe', 'cwd', 'root', 'environ', 'stat', 'status', 'cgroup', 'ns'],
  },
  // Of its descriptors only whether they may be read: what they lead to is told by the tables of sockets.
  { name: 'sockets', title: text`sockets`, short: text`sockets`, fields: ['fd'], most: 0 },
  { name: 'files', title: text`files`, short: text`files`, fields: ['fd', 'limits'] },
  {
    name: 'environment',
    title: text`environment`,
    short: text`env`,
    fields: ['environ', 'status', 'loginuid'],
  },
  {
    name: 'memory',
    title: text`memory`,
    short: text`memory`,
    // Of mem its mappings are counted: maps is read here and nowhere else.
    fields: ['statm', 'smaps', 'pagemap', 'mem', 'maps'],
  },
  {
    name: 'limits',
    title: text`limits`,
    short: text`limits`,
    fields: ['limits', 'status', 'stat', 'cpu'],
  },
  {
    name: 'kernel',
    title: text`kernel`,
    short: text`kernel`,
    fields: [
      ...(['wchan', 'stack', 'oom_score', 'loginuid', 'cgroup', 'ns', 'io'] as const),
      ...(['clear_refs', 'sched'] as const),
    ],
  },
];

export function tabNamed(name: TabName): Tab {
  return TABS.find((tab) => tab.name === name) as Tab;
}

/** Entries of a list that are read and told; how many more there are is said. */
export const MOST = 1000;

/** What a page tells, from the files that were read for it. Sockets are no file of the process: others tell of them. */
export function tabRows(name: TabName, details: Details, context: Context): Row[] {
  switch (name) {
    case 'overview':
      return overview(details, context);
    case 'sockets':
      return [];
    case 'files':
      return [...openFilesRow(details), ...fieldRows('fd', details, context)];
    case 'environment':
      return [
        ...ownership(details, context),
        ...fieldRows('loginuid', details, context),
        // Why it may not be read is said above.
        ...(isReadable(details.fields.environ) ? atMost(MOST, environment(details, context)) : []),
      ];
    default:
      return tabNamed(name).fields.flatMap((field) => section(field, details, context));
  }
}

/** A file that says much has its name and what it tells above it. */
function section(name: FieldName, details: Details, context: Context): Row[] {
  const rows = fieldRows(name, details, context);
  const [first] = rows;
  if (!first || (rows.length === 1 && first.label === name)) return rows;
  // What `show` does beside is not done here.
  const [about = ''] = definitionOf(name).about.split('; ');
  const heading: Row = {
    field: name,
    label: safe(name),
    source: first.source,
    lines: [safe(about)],
    tone: 'heading',
  };
  return [heading, ...rows];
}

function atMost(most: number, rows: Row[]): Row[] {
  const [first] = rows;
  const more = rows.length - most;
  if (!first || more <= 0) return rows;
  return [...rows.slice(0, most), { ...first, label: text`…`, ...dim(text`and ${more} more`) }];
}
