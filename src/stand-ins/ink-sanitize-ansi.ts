import inkSanitizeAnsi from '../../node_modules/ink/build/sanitize-ansi.js';
import { remembered } from '../text/remembered.ts';

/**
 * Stands in for what Ink takes out of every text of every frame, though most are as they were. (Of what is drawn here
 * nothing is left to be taken out: see src/text/safe.ts.)
 */
export default remembered(inkSanitizeAnsi);
