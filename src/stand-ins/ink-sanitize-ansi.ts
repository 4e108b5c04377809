import inkSanitizeAnsi from '../../node_modules/ink/build/sanitize-ansi.js';

/** More than there are on a screen, twice. */
const KEPT = 512;

const known = new Map<string, string>();

/**
 * Stands in for what Ink takes out of every text of every frame, though most are as they were: it makes the same of the
 * same, so it is asked once. (Of what is drawn here nothing is left to be taken out: see src/text/safe.ts.)
 */
export default function sanitizeAnsi(text: string): string {
  let clean = known.get(text);
  if (clean === undefined) {
    clean = inkSanitizeAnsi(text);
    if (known.size >= KEPT) known.clear();
    known.set(text, clean);
  }
  return clean;
}
