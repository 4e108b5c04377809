import { loadYoga } from 'yoga-layout/load';
import constants from '../../node_modules/yoga-layout/dist/src/generated/YGEnums.js';

/**
 * Stands in for yoga-layout, which awaits its WebAssembly while it is imported: that only ES modules can, whose
 * loader takes longer to start, and nothing else happens meanwhile. Its constants are there at once, which is all
 * that Ink asks for before it draws; the rest is there once {@link ready}.
 */
const yoga: object = { ...constants };

export const ready: Promise<unknown> = loadYoga().then((loaded) => Object.assign(yoga, loaded));

export default yoga;
