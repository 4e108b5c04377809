import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The least that a program with Ink can be, built as esbuild builds it; it paints `painted`. */
export async function buildBox(folder: string): Promise<string> {
  const sources = {
    'no-devtools.js': 'export default {};',
    'start.js': `
      Object.defineProperty(globalThis, 'fetch', { value: undefined, configurable: true, writable: true });
      await import('./box.js');`,
    'box.js': `
      import { Box, render, Text } from 'ink';
      import { createElement } from 'react';
      const box = createElement(Box, { borderStyle: 'round' }, createElement(Text, null, 'painted'));
      render(box, { alternateScreen: true, incrementalRendering: true, patchConsole: false });
      setInterval(() => {}, 1000);`,
  };
  for (const [name, source] of Object.entries(sources)) writeFileSync(`${folder}/${name}`, source);
  writeFileSync(`${folder}/package.json`, '{ "type": "module" }');
  await build({
    absWorkingDir: folder,
    nodePaths: [`${ROOT}node_modules`],
    entryPoints: ['start.js'],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    alias: { 'react-devtools-core': './no-devtools.js' },
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    banner: { js: "import{createRequire as $r}from'node:module';const require=$r(import.meta.url);" },
    logLevel: 'warning',
  });
  return `${folder}/dist/start.js`;
}
