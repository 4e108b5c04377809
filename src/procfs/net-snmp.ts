/** /proc/net/snmp: two lines a protocol, names and then numbers, `Tcp: RtoAlgorithm …` (RFC 4022 names them). */

/**
 * How many TCP connections are up: ESTABLISHED or CLOSE_WAIT, of one network namespace.
 * null where the file does not say.
 */
export function parseConnected(text: string): number | null {
  const [names, values] = text.split('\n').filter((line) => line.startsWith('Tcp:'));
  const at = names?.trim().split(/\s+/).indexOf('CurrEstab') ?? -1;
  const value = at < 1 ? undefined : values?.trim().split(/\s+/)[at];
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : null;
}
