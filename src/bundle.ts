import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/**
 * What a file of the build exports, as `require` would have it, but for what V8 made of it when it was built
 * (`file.cache`, see test/keep-compiled.cjs): compiling the screen's half a megabyte takes as long as all else until its
 * first frame. Another V8 refuses that by itself, and compiles as ever.
 */
export function loadBundle<Exports>(file: string): Exports {
  const source = `(function(exports,require,module,__filename,__dirname){${readFileSync(file, 'utf8')}\n})`;
  const script = new Script(source, { filename: file, ...cacheOf(file) });
  const module = { exports: {} as Exports };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  return module.exports;
}

function cacheOf(file: string): { cachedData?: Buffer } {
  try {
    return { cachedData: readFileSync(file.replace(/\.js$/, '.cache')) };
  } catch {
    return {};
  }
}
