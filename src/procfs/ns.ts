/** What /proc/PID/ns/NAME leads to, `net:[4026531833]` (namespaces(7)): the namespace's number; null: it is none. */
export function namespaceNumber(link: string): number | null {
  const number = /^\w+:\[(\d+)\]$/.exec(link)?.[1];
  return number === undefined ? null : Number(number);
}
