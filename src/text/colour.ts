export type ColourChoice = 'auto' | 'always' | 'never';

/**
 * Whether to use colour: what was asked for; else only on a terminal, and there NO_COLOR (no-color.org), then
 * FORCE_COLOR, then what TERM says.
 */
export function wantsColour(choice: ColourChoice, env: NodeJS.ProcessEnv, terminal: boolean): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (!terminal || env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0';
  return env.TERM !== 'dumb' && !env.TERM?.endsWith('-mono') && !/^vt\d+/.test(env.TERM ?? '');
}
