/**
 * Runs `porttop list` here once for each list of arguments in argv, a JSON text each, and says in JSON what came
 * of each: `node listings.ts '["-a"]' '["-l"]'`. One process for many, since Node takes its time to start.
 */
import { run } from '../../src/commands/list.ts';
import { standardOutput } from '../../src/output/standard-output.ts';

export type Listing = { code: number; stdout: string; stderr: string };

const complain = process.stderr.write.bind(process.stderr);
const listings: Listing[] = [];
for (const args of process.argv.slice(2)) {
  const said = { stdout: '', stderr: '' };
  standardOutput.write = (text) => {
    said.stdout += text;
  };
  process.stderr.write = (chunk: string | Uint8Array) => {
    said.stderr += chunk;
    return true;
  };
  const code = await run(JSON.parse(args)).finally(() => {
    process.stderr.write = complain;
  });
  listings.push({ code, ...said });
}
process.stdout.write(JSON.stringify(listings));
