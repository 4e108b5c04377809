// Builds dist/: a launcher that any Node can parse, and the program beside it in lazily loaded pieces.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
rmSync(`${root}dist`, { recursive: true, force: true });
mkdirSync(`${root}dist`);

await build({
  absWorkingDir: root,
  entryPoints: ['src/launcher.cts'],
  outfile: 'dist/porttop.cjs',
  target: 'es2015',
  // Left as an import(): the program is ES modules, which require() cannot load on older Nodes.
  supported: { 'dynamic-import': true },
  logLevel: 'warning',
});
chmodSync(`${root}dist/porttop.cjs`, 0o755);

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['src/cli.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Ink asks for react-devtools-core only when DEV=true.
  alias: { 'react-devtools-core': './src/ui/no-devtools.ts' },
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    __VERSION__: JSON.stringify(version),
  },
  // ink-table and its object-hash are CommonJS and call require() for what Node brings.
  banner: { js: "import{createRequire as $r}from'node:module';const require=$r(import.meta.url);" },
  metafile: true,
  logLevel: 'warning',
});

writeFileSync(`${root}dist/THIRD-PARTY-LICENSES`, licencesOf(metafile));

/** The licence text of every package that went into the bundle, as their licences ask. */
function licencesOf({ inputs }) {
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
