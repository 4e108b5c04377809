import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Process } from '../../src/processes/process-list.ts';
import { treeOf } from '../../src/processes/process-tree.ts';

const of = (pid: number, ppid: number) => ({ pid, ppid }) as Process;
const inOrder = (processes: readonly Process[]) => processes.map((_, row) => row);

function drawn(processes: readonly Process[]): string[] {
  const { rows, branches } = treeOf(processes, inOrder(processes));
  return rows.map((row) => `${branches.get(row) ?? ''}${processes[row]?.pid}`);
}

describe('processes as a tree', () => {
  it('stand under their parents, in the order in which they came', () => {
    expect(drawn([of(1, 0), of(2, 0), of(10, 1), of(11, 10), of(12, 1), of(13, 12), of(14, 2)])).toEqual([
      '1',
      ' \\_ 10',
      ' |   \\_ 11',
      ' \\_ 12',
      '     \\_ 13',
      '2',
      ' \\_ 14',
    ]);
  });

  it('stand at the left where their parent is not among them', () => {
    expect(drawn([of(11, 10), of(12, 11)])).toEqual(['11', ' \\_ 12']);
  });

  it('are all there, once, whatever they claim of each other, and a chain may be long', () => {
    const pid = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(fc.uniqueArray(pid), fc.array(pid, { minLength: 20, maxLength: 20 }), (pids, parents) => {
        const processes = pids.map((pid, at) => of(pid, parents[at] as number));
        expect(treeOf(processes, inOrder(processes)).rows.toSorted((a, b) => a - b)).toEqual(
          inOrder(processes),
        );
      }),
    );
    const chain = Array.from({ length: 2000 }, (_, at) => of(at + 1, at));
    expect(treeOf(chain, inOrder(chain)).rows).toEqual(inOrder(chain));
  });
});
