import { parseStatus, type Status, sizeOf } from '../../procfs/status.ts';
import { EMPTY, join, type SafeText, safe, text } from '../../text/safe.ts';
import { bytes } from '../../text/units.ts';
import { capabilitiesText } from '../capabilities.ts';
import type { Facts, FieldDefinition } from '../field.ts';
import { type Context, dim, plain, type Said } from '../said.ts';
import { signalsOf } from '../signals.ts';
import { whyEmpty } from './cmdline.ts';
import { groupNamed, named } from './users.ts';

export const status: FieldDefinition<Status> = {
  about: 'its users and groups, memory, signals, capabilities',
  read: ({ procfs, pid }) => ({ value: parseStatus(procfs.text(`${pid}/status`)) }),
  entries: (status, _, { users }) =>
    Object.keys(status.lines).map((field) => [field, plain(statusText(status, field, users))]),
  json: (status) => ({ value: statusJson(status) }),
};

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

type Meaning = (line: string) => SafeText;

const choice =
  (...words: readonly SafeText[]): Meaning =>
  (line) =>
    words[Number(line)] ?? EMPTY;
const yes = choice(text`no`, text`yes`);
const ofMask =
  (words: (mask: bigint) => string): Meaning =>
  (line) =>
    /^[\da-f]+$/.test(line) ? safe(words(BigInt(`0x${line}`))) : EMPTY;
const signals = ofMask((mask) => signalsOf(mask).join(', ') || 'none');
const capabilities = ofMask(capabilitiesText);

/** What stands beside a line that is not a mere number or text. */
const MEANINGS: Record<string, Meaning> = {
  Umask: (line) => text`not given to new files: ${safe(permissions(Number.parseInt(line, 8)))}`,
  Ngid: (line) => (line === '0' ? text`no NUMA group` : EMPTY),
  TracerPid: (line) => (line === '0' ? text`nobody traces it` : text`is tracing it`),
  FDSize: () => text`slots for descriptors`,
  Kthread: yes,
  CoreDumping: yes,
  THP_enabled: yes,
  SigQ: () => text`signals that are queued for its user, and how many may be`,
  Groups: (line) => (line === '' ? text`none` : EMPTY),
  SigPnd: signals,
  ShdPnd: signals,
  SigBlk: signals,
  SigIgn: signals,
  SigCgt: signals,
  CapInh: capabilities,
  CapPrm: capabilities,
  CapEff: capabilities,
  CapBnd: capabilities,
  CapAmb: capabilities,
  NoNewPrivs: choice(text`no`, text`yes: no program that it runs gets more rights`),
  Seccomp: choice(text`none`, text`strict: read, write, exit and sigreturn only`, text`filtered`),
};

/** `--- -w- -w-` of 0022. */
function permissions(bits: number): string {
  return [6, 3, 0]
    .map((shift) => [...'rwx'].map((letter, at) => ((bits >> shift) & (4 >> at) ? letter : '-')).join(''))
    .join(' ');
}

function statusText(status: Status, field: string, users: Context['users']): SafeText {
  const size = sizeOf(status, field);
  if (size !== null) return bytes(size);
  if (field === 'Uid') return idsText(status.uids, (uid) => named(uid, users));
  if (field === 'Gid') return idsText(status.gids, (gid) => groupNamed(gid, users));
  const line = status.lines[field] ?? '';
  if (field === 'Groups' && line !== '') return groupsText(groupsOf(status), users);
  const meaning = Object.hasOwn(MEANINGS, field) ? (MEANINGS[field]?.(line) ?? EMPTY) : EMPTY;
  const said = safe(line.replaceAll('\t', ' '));
  return join(
    [said, meaning].filter((part) => part !== ''),
    text` `,
  );
}

/** The supplementary groups. */
export function groupsOf({ lines }: Status): number[] {
  return (lines.Groups ?? '').split(/\s+/).filter(Boolean).map(Number);
}

function groupsText(gids: readonly number[], users: Context['users']): SafeText {
  return join(
    gids.map((gid) => groupNamed(gid, users)),
    text`, `,
  );
}

/** Each that is another than the real one. */
function idsText({ real, ...others }: Status['uids'], say: (id: number) => SafeText): SafeText {
  const names = { effective: text`effective`, saved: text`saved`, filesystem: text`for files` };
  const differing = (Object.keys(names) as (keyof typeof names)[])
    .filter((kind) => others[kind] !== real)
    .map((kind) => text`${names[kind]} ${say(others[kind])}`);
  return join([say(real), ...differing], text`, `);
}

/** In what memory it has, of what kind. */
export function memory(status: Status, facts: Facts): Said {
  const resident = sizeOf(status, 'VmRSS');
  if (resident === null) return dim(text`none${whyEmpty(facts)}`);
  const part = (name: string, what: SafeText) => {
    const size = sizeOf(status, name);
    return size ? [text`${bytes(size)} ${what}`] : [];
  };
  const parts = [
    ...part('RssAnon', text`its own`),
    ...part('RssFile', text`of files`),
    ...part('RssShmem', text`shared memory`),
  ];
  const apart = [...part('VmSwap', text`swapped out`), ...part('VmSize', text`of address space`)];
  const ofIt = parts.length > 0 ? text`, of it ${join(parts, text`, `)}` : EMPTY;
  return plain(text`${bytes(resident)} resident${ofIt}`, join(apart, text`, `));
}
