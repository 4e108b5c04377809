/** The one place that holds state. Reducers say how it changes; listeners hear that it did. */
export type Store<State, Action> = {
  get(): State;
  dispatch(action: Action): void;
  /** Returns what ends the subscription. */
  subscribe(listener: () => void): () => void;
};

export function createStore<State, Action>(
  initial: State,
  reduce: (state: State, action: Action) => State,
): Store<State, Action> {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    dispatch(action) {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
