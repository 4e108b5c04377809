import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readRecipients } from '../../src/processes/recipients.ts';
import { ProcFs } from '../../src/procfs/procfs.ts';
import { runAtOnce } from '../../src/store/slices.ts';
import { captured, NODE } from '../procfs/fixture.ts';

it("of Docker's proxy, which is called with what it is for, it is Docker that would start it again", () => {
  const folder = mkdtempSync(join(tmpdir(), 'porttop-recipients-'));
  try {
    mkdirSync(join(folder, '7'));
    const stat = captured(`${NODE}/stat`).toString().replace('(node) S 16491', '(docker-proxy) S 1');
    writeFileSync(join(folder, '7/stat'), stat);
    const argv = ['docker-proxy', '-container-ip', '172.17.0.2', '-container-port', '80'];
    writeFileSync(join(folder, '7/cmdline'), argv.map((word) => `${word}\0`).join(''));
    const sources = {
      procfs: new ProcFs(folder),
      users: { name: () => null },
      ports: () => [{ protocol: 'tcp', port: 8080 }] as const,
    };
    const [found] = runAtOnce(readRecipients(sources, [7]));
    expect(found).toMatchObject({
      name: 'docker-proxy 172.17.0.2:80',
      restart: { command: 'docker stop $(docker ps --quiet --filter publish=8080)' },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
