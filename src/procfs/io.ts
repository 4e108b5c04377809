/** /proc/PID/io (proc_pid_io(5)) by the kernel's names: `rchar`, `read_bytes`, …. */
export type Io = ReadonlyMap<string, number>;

/** @throws SyntaxError where a line is none of it */
export function parseIo(content: string): Io {
  return new Map(
    content
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [, name, count] = /^(\w+): (\d+)$/.exec(line) ?? [];
        if (name === undefined) throw new SyntaxError('no io of a process');
        return [name, Number(count)];
      }),
  );
}
