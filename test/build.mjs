// Builds dist/: the entry, which any Node can parse, and beside it a file for each command, with its compiled code.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { root, shared } from './bundling.mjs';
import { keepCompiled } from './code-cache.mjs';
import { licencesOf } from './licences.mjs';

rmSync(`${root}dist`, { recursive: true, force: true });
mkdirSync(`${root}dist`);

const inputs = {};
async function bundle(options) {
  const { metafile } = await build({ ...shared, ...options });
  Object.assign(inputs, metafile.inputs);
}

writeFileSync(`${root}dist/package.json`, '{ "type": "commonjs" }\n');

await bundle({
  entryPoints: { porttop: 'src/cli.ts' },
  // For any Node to parse, so that one that is too old can say so; what it loads is for newer ones.
  target: 'es2017',
  supported: { ...shared.supported, 'dynamic-import': false },
  inject: [],
  banner: {},
  plugins: [
    {
      name: 'commands-apart',
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /^\.\/commands\// }, ({ path }) => ({
          path: path.replace(/^\.\/commands\/([\w-]+)\.tsx?$/, '$1.js'),
          namespace: 'command',
        }));
        onLoad({ filter: /./, namespace: 'command' }, ({ path }) => ({
          contents: `
            import { loadBundle } from './src/bundle.ts';
            module.exports = loadBundle(__dirname + '/${path}');`,
          resolveDir: root,
        }));
      },
    },
  ],
});
chmodSync(`${root}dist/porttop.js`, 0o755);

// One file a command: each further file that is loaded costs a millisecond of the start.
for (const command of [
  'top.tsx',
  'list.ts',
  'ps.ts',
  'show.ts',
  'service.ts',
  'kill.ts',
  'watch.ts',
  'top-help.ts',
]) {
  await bundle({ entryPoints: [`src/commands/${command}`] });
}

// What the threads that look for owners run.
await bundle({ entryPoints: ['src/store/walker.ts'] });

writeFileSync(`${root}dist/THIRD-PARTY-LICENSES`, licencesOf(Object.keys(inputs)));

await keepCompiled();
