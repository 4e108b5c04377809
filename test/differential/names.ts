/** A name that breaks out of the quotes and brackets around it in what ss prints. */
export const HOSTILE_NAME = 'x",pid=1,fd=2)';

/** A name that looks like the rest of a line of /proc/PID/stat. */
export const HEIR_NAME = 'an (heir) R 1';
