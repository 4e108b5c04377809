import { vi } from 'vitest';

export type Printed = { status: number; output: string; lines: string[] };

/** Runs a command in this process, and what it prints. */
export async function printedBy(run: (args: string[]) => Promise<number>, args: string[]): Promise<Printed> {
  let output = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    output += chunk;
    return true;
  });
  try {
    const status = await run(args);
    return { status, output, lines: output.trimEnd().split('\n') };
  } finally {
    write.mockRestore();
  }
}
