/**
 * Characters that take one cell each, and join no other to one: ASCII, Latin letters, dashes, arrows, box
 * drawing, blocks, and ESC of colours. (Not © ® ‼ ↔ ▶ and their like: an emoji can be made of them.)
 */
export const NARROW =
  /^[\x1b -~\u00a1-\u00a8\u00aa-\u00ac\u00af-\u02ff\u2010-\u2027\u2030-\u203b\u203e-\u2048\u2190-\u2193\u2500-\u259f\u25b2\u25b8\u25bc]*$/;
