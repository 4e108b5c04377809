import { availableParallelism } from 'node:os';

/** All of them, in order; as many at a time as there are processors. */
export async function allOf<Item, Result>(
  items: readonly Item[],
  answer: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  const work = async () => {
    for (const [index, item] of left) results[index] = await answer(item);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return results;
}
