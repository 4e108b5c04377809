import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { inkTableAsModule } from './helpers/ink-table-as-module.ts';
import { ClosingLine, SecondTries, ToolsRequired } from './helpers/reporters.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = { root, server: { deps: { inline: ['ink-table'] } } };

export default defineConfig({
  root,
  plugins: [inkTableAsModule()],
  test: {
    reporters: ['default', new ToolsRequired(), new SecondTries(), new ClosingLine()],
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          name: 'test',
          include: ['test/**/*.test.{ts,tsx}'],
          // The fixtures hold links to / : no glob may follow them.
          exclude: ['test/fixtures/**', 'test/real/**', 'test/hard/**', 'test/bench/**'],
          // To start a worker for each file costs as much as the tests: files share one, and leave it as they found it.
          isolate: false,
          // By default one fewer than there are processors.
          maxWorkers: availableParallelism(),
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { ...shared, name: 'real', include: ['test/real/**/*.test.ts'], testTimeout: 60_000 },
      },
      {
        extends: true,
        // One after the other: each takes the whole machine.
        test: {
          ...shared,
          name: 'hard',
          include: ['test/hard/**/*.test.ts'],
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
    ],
  },
});
