import type { Plugin } from 'vitest/config';

/**
 * ink-table is CommonJS and requires Ink, whose graph has a top-level await: a plain load ends in
 * ERR_REQUIRE_ASYNC_MODULE. This gives its code the same modules through imports instead.
 */
export function inkTableAsModule(): Plugin {
  return {
    name: 'ink-table-as-module',
    transform(code, id) {
      if (!id.includes('/ink-table/dist/index.js')) return null;
      return `
        import * as react from 'react';
        import * as ink from 'ink';
        import * as objectHash from '/src/stand-ins/object-hash.ts';
        const modules = { react: { ...react, default: react }, ink, 'object-hash': objectHash };
        const module_ = {};
        (function (exports, require) {${code}
        }).call({}, module_, (id) => modules[id]);
        export default module_.default;`;
    },
  };
}
