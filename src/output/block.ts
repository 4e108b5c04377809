/** How many lines are printed at once: of a hundred thousand, not all are in memory as text. */
export const BLOCK = 512;

/** Lines, each with its end, put together to blocks. */
export function* inBlocks<Text extends string>(lines: Iterable<Text>): Generator<Text, void> {
  const block: Text[] = [];
  for (const line of lines) {
    block.push(line);
    if (block.length === BLOCK) yield block.splice(0).join('') as Text;
  }
  if (block.length > 0) yield block.join('') as Text;
}
