declare const __VERSION__: string | undefined;

/** The version of package.json, written in when porttop is built. */
export const VERSION = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-source';
