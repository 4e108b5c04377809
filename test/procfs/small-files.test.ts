import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIo } from '../../src/procfs/io.ts';
import { parseLoginUid } from '../../src/procfs/loginuid.ts';
import { namespaceNumber } from '../../src/procfs/ns.ts';
import { parseOomScore } from '../../src/procfs/oom-score.ts';
import { parseSched } from '../../src/procfs/sched.ts';
import { parseStack } from '../../src/procfs/stack.ts';

const SCHED = (comm: string) => `${comm} (23541, #threads: 1)
-------------------------------------------------------------------
se.exec_start                                :      16349317.502631
nr_switches                                  :                    2
policy                                       :                    0
mm->numa_scan_seq                            :                   -1
uclamp.max                                   :   a word
current_node=0, numa_group_id=7
numa_faults node=0 task_private=1 task_shared=2 group_private=3 group_shared=4
`;

describe('/proc/PID/sched', () => {
  it('has what the scheduler counts, by name', () => {
    expect([...parseSched(SCHED('head'))]).toEqual([
      ['se.exec_start', 16349317.502631],
      ['nr_switches', 2],
      ['policy', 0],
      ['mm->numa_scan_seq', -1],
      ['uclamp.max', 'a word'],
      ['current_node', 0],
      ['numa_group_id', 7],
      ['numa_faults node=0 task_private', 1],
      ['numa_faults node=0 task_shared', 2],
      ['numa_faults node=0 group_private', 3],
      ['numa_faults node=0 group_shared', 4],
    ]);
  });

  it.each(['x\npolicy : 7', '-----\nprio: 1', 'a\n---------', ') R 1', ''])(
    'does not believe what is forged in comm: %j',
    (comm) => {
      expect(parseSched(SCHED(comm))).toEqual(parseSched(SCHED('head')));
    },
  );
});

describe('/proc/PID/stack', () => {
  it('has the calls without their addresses, which are 0, or were not before Linux 4.15', () => {
    expect(parseStack('[<0>] do_wait+0x60/0x100\n[<ffffffff8109a5b7>] x+0x1/0x2\nodd\n')).toEqual([
      'do_wait+0x60/0x100',
      'x+0x1/0x2',
      'odd',
    ]);
    expect(parseStack('')).toEqual([]);
  });
});

describe('/proc/PID/io', () => {
  it('has what was read and written, by name', () => {
    expect([...parseIo('rchar: 6976\nsyscr: 10\nread_bytes: 0\n')]).toEqual([
      ['rchar', 6976],
      ['syscr', 10],
      ['read_bytes', 0],
    ]);
  });
});

describe('/proc/PID/loginuid and oom_score', () => {
  it('are a number; -1 of 32 bits is nobody’s login', () => {
    expect(parseLoginUid('1000')).toBe(1000);
    expect(parseLoginUid('4294967295')).toBeNull();
    expect(parseOomScore('666\n')).toBe(666);
    expect(parseOomScore('-1000\n')).toBe(-1000);
  });
});

describe('/proc/PID/ns', () => {
  it('has namespaces by their number', () => {
    expect(namespaceNumber('net:[4026531833]')).toBe(4026531833);
    expect(namespaceNumber('/tmp/net:[1]')).toBeNull();
    expect(namespaceNumber('net:[1] (deleted)')).toBeNull();
  });
});

it('those of this process are all understood', () => {
  const text = (name: string) => readFileSync(`/proc/self/${name}`, 'utf8');
  expect(parseIo(text('io')).size).toBe(7);
  expect(parseOomScore(text('oom_score'))).toBeGreaterThanOrEqual(0);
  expect(parseSched(text('sched')).get('policy')).toBe(0);
});

it.each([
  ['io', parseIo],
  ['loginuid', parseLoginUid],
  ['oom_score', parseOomScore],
  ['sched', parseSched],
  ['stack', parseStack],
  ['a namespace', namespaceNumber],
] as const)('%s of nonsense is refused as that, or is nothing, and nothing else goes wrong', (_, parse) => {
  const nonsense = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('rchar', ':', ' ', '-', '1', '\n', '[', '<0>', '-'.repeat(60)))
      .map((all) => all.join('')),
  );
  fc.assert(
    fc.property(nonsense, (text) => {
      try {
        parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
    }),
  );
});
