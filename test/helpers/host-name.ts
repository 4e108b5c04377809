import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

const real = os.hostname;

/** Calls this host so until it is disposed of: the header has its name. */
export function callHost(name: string): Disposable {
  put(() => name);
  return { [Symbol.dispose]: () => put(real) };
}

function put(hostname: typeof os.hostname): void {
  os.hostname = hostname;
  syncBuiltinESMExports();
}
