// Builds dist/: the entry, which any Node can parse, and beside it a file for each command.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { root, shared } from './bundling.mjs';

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
      setup({ onResolve }) {
        onResolve({ filter: /^\.\/commands\// }, ({ path }) => ({
          path: path.replace(/^\.\/commands\/([\w-]+)\.tsx?$/, './$1.js'),
          external: true,
        }));
      },
    },
  ],
});
chmodSync(`${root}dist/porttop.js`, 0o755);

// One file a command: each further file that is loaded costs a millisecond of the start.
for (const command of ['top.tsx', 'list.ts', 'ps.ts', 'show.ts', 'service.ts', 'watch.ts', 'top-help.ts']) {
  await bundle({ entryPoints: [`src/commands/${command}`] });
}

writeFileSync(`${root}dist/THIRD-PARTY-LICENSES`, licencesOf(inputs));

/** The licence text of every package that went into the bundle, as their licences ask. */
function licencesOf(inputs) {
  const folders = new Set();
  for (const path of Object.keys(inputs)) {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0];
    if (folder) folders.add(folder);
  }
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(`${root}${folder}/package.json`, 'utf8'));
      const text = [
        'license',
        'LICENSE',
        'license.md',
        'LICENSE.md',
        'LICENSE.txt',
        'License',
        'README.md',
        'readme.md',
      ]
        .map((file) => {
          try {
            return readFileSync(`${root}${folder}/${file}`, 'utf8');
          } catch {
            return '';
          }
        })
        .find((found) => /copyright|licen[cs]e/i.test(found));
      return `${name} ${version} (${license})\n\n${text ?? ''}\n`;
    })
    .join(`\n${'-'.repeat(78)}\n\n`);
}
