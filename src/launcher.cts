#!/usr/bin/env node
// Parsed by whatever Node is there, however old: so nothing here is newer than ES2015 but import().
// Ink 8 asks for Node 22; the bundle was seen to run on 20, slower.
const OLDEST = 20;

if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  process.stderr.write(
    `porttop: needs Node ${OLDEST} or newer (best: 24), and this is ${process.versions.node} (${process.execPath}): start it with a newer one\n`,
  );
  process.exitCode = 2;
} else {
  import('./cli.js' as string);
}
