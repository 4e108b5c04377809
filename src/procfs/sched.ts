/** /proc/PID/sched by the kernel's names, in its order: `se.vruntime`, `nr_switches`, …. */
export type Sched = ReadonlyMap<string, number | string>;

/** Under the heading, which holds comm as it is; longer than any comm, so none can be forged. */
const RULE = /^-{60,}$/;
const FACT = /^(\S.*?)\s*:\s*(\S.*)$/;
/** `current_node=0, numa_group_id=0` and `numa_faults node=0 task_private=0 …`. */
const ASSIGNMENT = /([^\s,=]+)=(-?\d+)/g;

/** @throws SyntaxError where there is no rule under a heading */
export function parseSched(content: string): Sched {
  const lines = content.split('\n');
  const rule = lines.findIndex((line) => RULE.test(line));
  if (rule < 0) throw new SyntaxError('no sched of a process');
  const facts = new Map<string, number | string>();
  for (const line of lines.slice(rule + 1)) {
    const [, name, value = ''] = FACT.exec(line) ?? [];
    if (name !== undefined) {
      facts.set(name, numberOr(value));
      continue;
    }
    const [, subject] = /^(numa_faults node=\d+) /.exec(line) ?? [];
    for (const [, key = '', number] of line.slice(subject?.length ?? 0).matchAll(ASSIGNMENT)) {
      facts.set(subject === undefined ? key : `${subject} ${key}`, Number(number));
    }
  }
  return facts;
}

function numberOr(text: string): number | string {
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}
