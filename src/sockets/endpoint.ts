import type { Endpoint } from './socket.ts';

/** `127.0.0.1`, `fe80::1%eth0`. */
export function addressWithScope(end: Endpoint): string {
  return end.scope === null ? end.address : `${end.address}%${end.scope}`;
}

/** `127.0.0.1:80`, `[::1]:80`, `[fe80::1%eth0]:80`. */
export function endpoint(end: Endpoint): string {
  const address = addressWithScope(end);
  return end.address.includes(':') ? `[${address}]:${end.port}` : `${address}:${end.port}`;
}
