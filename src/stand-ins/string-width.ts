import { NARROW } from './narrow.ts';

declare const require: (name: string) => typeof import('string-width');

const COLOURS = /\x1b\[[\d;]*m/g;

/**
 * Stands in for string-width, which compiles the pattern of all emoji before it measures anything: 20 ms of
 * the start. It is loaded for the first text that has other than narrow characters.
 */
export default function stringWidth(text: string, options?: object): number {
  if (typeof text === 'string' && NARROW.test(text)) {
    const shown = text.replace(COLOURS, '');
    if (!shown.includes('\x1b')) return shown.length;
  }
  return require('string-width').default(text, options);
}
