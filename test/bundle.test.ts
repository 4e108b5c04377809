import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outcomeOf, PORTTOP } from './helpers/porttop.ts';
import { openTerminal } from './helpers/terminal.ts';

const TELLING = ['--require', fileURLToPath(new URL('helpers/tells-refused.cjs', import.meta.url))];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(`${tmpdir()}/porttop-bundle-`);
  cpSync(dirname(PORTTOP), folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const told = async (...args: string[]) => {
  const { stderr } = await outcomeOf(process.execPath, [...TELLING, ...args]);
  return stderr;
};

describe.concurrent('what V8 compiled when a command was built', () => {
  it.each([
    ['list', '--version'],
    ['ps', '--version'],
    ['show', '--version'],
    ['service', '80'],
    ['kill', '--version'],
    ['watch', '--version'],
  ])('is taken by the V8 that built it: %s', async (command, ...args) => {
    expect(await told(PORTTOP, command, ...args)).toBe(`${command}.js: taken\n`);
  });

  it('is taken for the help of the screen', async () => {
    expect(await told(PORTTOP, '--help')).toBe('top-help.js: taken\n');
  });

  it('is taken for the screen', async () => {
    await using terminal = openTerminal({ command: process.execPath, args: [...TELLING, PORTTOP] });
    await terminal.waitFor('listening');
    terminal.press('q');
    await terminal.exit;
    expect(terminal.screen().join('\n')).toContain('top.js: taken');
  });

  it('is refused by a V8 that is told otherwise, which compiles for itself', async () => {
    expect(await told('--no-sparkplug', PORTTOP, 'service', '80')).toBe('service.js: refused\n');
  });
});

describe('the compiled code of a command', () => {
  const cache = () => `${folder}/service.cache`;
  const kept = readFileSync(PORTTOP.replace('porttop.js', 'service.cache'));

  it.each<[string, Uint8Array, string]>([
    ['is empty', Buffer.alloc(0), 'refused'],
    ['was cut short', kept.subarray(0, kept.length / 2), 'refused'],
    ['is something else', Buffer.from('porttop'.repeat(1000)), 'refused'],
  ])('does no harm where it %s', async (_, content, expected) => {
    writeFileSync(cache(), content);
    const { status, stdout, stderr } = await outcomeOf(process.execPath, [
      ...TELLING,
      `${folder}/porttop.js`,
      'service',
      '80',
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: `service.js: ${expected}\n` });
    expect(stdout).toContain('http');
  });

  it('is not needed', async () => {
    rmSync(cache());
    expect(await told(`${folder}/porttop.js`, 'service', '80')).toBe('service.js: none\n');
  });
});
