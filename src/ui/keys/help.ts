import { join, type SafeText, text } from '../../text/safe.ts';
import { BINDINGS, type Binding, keyName } from './bindings.ts';

/** What some keys do; several that do the like are one line. */
export type KeyLine = { names: readonly SafeText[]; does: SafeText };

/** The keys that pass the test, by their groups: made of what the keys really do, so it cannot say what is not so. */
export function keyLines(passes: (binding: Binding) => boolean): Map<SafeText, KeyLine[]> {
  const groups = new Map<SafeText, Map<SafeText, SafeText[][]>>();
  for (const binding of BINDINGS) {
    const { keys, help, group } = binding;
    if (!help || !passes(binding)) continue;
    const lines = groups.get(group) ?? new Map<SafeText, SafeText[][]>();
    groups.set(group, lines);
    lines.set(help, [...(lines.get(help) ?? []), keys.map(keyName)]);
  }
  return new Map(
    Array.from(groups, ([group, lines]) => [
      group,
      Array.from(lines, ([does, keys]) => ({ names: inTurn(keys), does })),
    ]),
  );
}

/** `↑ ↓ k j` of `↑ k` and `↓ j`. */
function inTurn(keys: readonly SafeText[][]): SafeText[] {
  const most = Math.max(...keys.map(({ length }) => length));
  const all = Array.from({ length: most }, (_, at) => keys.flatMap((names) => names[at] ?? [])).flat();
  return [...new Set(all)];
}

export function namesText({ names }: KeyLine): SafeText {
  return join(names, text` `);
}
