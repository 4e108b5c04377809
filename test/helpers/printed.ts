import { vi } from 'vitest';
import { standardOutput } from '../../src/output/standard-output.ts';

/** `output`: on standard output; `complaint`: on standard error. */
export type Printed = { status: number; output: string; complaint: string; lines: string[] };

/**
 * Runs a command in this process, and what it prints.
 * @param columns of the terminal that it prints on; null: on none
 */
export async function printedBy(
  run: (args: string[]) => Promise<number>,
  args: string[],
  columns: number | null = null,
): Promise<Printed> {
  let output = '';
  let complaint = '';
  const spies = [
    vi.spyOn(standardOutput, 'write').mockImplementation((text) => {
      output += text;
    }),
    vi.spyOn(standardOutput, 'columns', 'get').mockReturnValue(columns),
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      complaint += chunk;
      return true;
    }),
  ];
  try {
    const status = await run(args);
    return { status, output, complaint, lines: output.trimEnd().split('\n') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
