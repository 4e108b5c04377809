import type { State } from '../../store/state.ts';
import { VIEWS, type ViewName } from '../../store/views.ts';
import { type SafeText, safe, text } from '../../text/safe.ts';
import { widthOf } from '../../text/width.ts';
import { narrowingCells } from './narrowing.ts';

export type ViewLabel = { name: ViewName; label: SafeText };

/** The views as their line names them: where it has to tell what narrows the rows, the others by their keys alone. */
export function viewLabels(state: State, width: number): ViewLabel[] {
  const named = VIEWS.map(({ name, key, title }) => ({ name, label: text` ${safe(key)} ${title} ` }));
  if (cellsOf(named) + narrowingCells(state) <= width) return named;
  return named.map((view, at) =>
    view.name === state.view ? view : { ...view, label: text` ${safe(VIEWS[at]?.key ?? '')} ` },
  );
}

export function cellsOf(labels: readonly ViewLabel[]): number {
  return labels.reduce((cells, { label }) => cells + widthOf(label), 0);
}
