import type { FieldDefinition } from './field.ts';
import { cgroup } from './fields/cgroup.ts';
import { clearRefs } from './fields/clear-refs.ts';
import { cmdline } from './fields/cmdline.ts';
import { cpu } from './fields/cpu.ts';
import { cwd } from './fields/cwd.ts';
import { environ } from './fields/environ.ts';
import { exe } from './fields/exe.ts';
import { fd } from './fields/fd.ts';
import { io } from './fields/io.ts';
import { limits } from './fields/limits.ts';
import { loginuid } from './fields/loginuid.ts';
import { maps } from './fields/maps.ts';
import { mem } from './fields/mem.ts';
import { ns } from './fields/ns.ts';
import { oomScore } from './fields/oom-score.ts';
import { pagemap } from './fields/pagemap.ts';
import { root } from './fields/root.ts';
import { sched } from './fields/sched.ts';
import { smaps } from './fields/smaps.ts';
import { stack } from './fields/stack.ts';
import { stat } from './fields/stat.ts';
import { statm } from './fields/statm.ts';
import { status } from './fields/status.ts';
import { wchan } from './fields/wchan.ts';

/** The files of /proc/PID that are shown, each by its own name. */
const DEFINITIONS = {
  cmdline,
  cwd,
  exe,
  root,
  environ,
  fd,
  maps,
  smaps,
  pagemap,
  statm,
  stat,
  status,
  wchan,
  stack,
  cpu,
  mem,
  clear_refs: clearRefs,
  limits,
  cgroup,
  ns,
  io,
  oom_score: oomScore,
  sched,
  loginuid,
};

type Definitions = typeof DEFINITIONS;
export type FieldName = keyof Definitions;
export type Values = {
  [Name in FieldName]: Definitions[Name] extends FieldDefinition<infer Value> ? Value : never;
};

export const FIELDS = Object.keys(DEFINITIONS) as readonly FieldName[];

/** Those that nobody needs to name. */
export const USUAL_FIELDS: readonly FieldName[] = FIELDS.filter((name) => !definitionOf(name).onlyNamed);

/** How a field is read, told, and put in JSON. */
export function definitionOf<Name extends FieldName>(name: Name): FieldDefinition<Values[Name]> {
  return DEFINITIONS[name] as FieldDefinition<Values[Name]>;
}
