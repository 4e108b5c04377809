/**
 * Runs `porttop list` here once for each list of arguments in argv, a JSON text each, and says in JSON what came
 * of each: `node listings.ts '["-a"]' '["-l"]'`. One process for many, since Node takes its time to start.
 */
import { run } from '../../src/commands/list.ts';

export type Listing = { code: number; stdout: string; stderr: string };

const write = {
  stdout: process.stdout.write.bind(process.stdout),
  stderr: process.stderr.write.bind(process.stderr),
};
const listings: Listing[] = [];
for (const args of process.argv.slice(2)) {
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    process[stream].write = (chunk: string | Uint8Array) => {
      said[stream] += chunk;
      return true;
    };
  }
  const code = await run(JSON.parse(args)).finally(() => {
    process.stdout.write = write.stdout;
    process.stderr.write = write.stderr;
  });
  listings.push({ code, ...said });
}
process.stdout.write(JSON.stringify(listings));
