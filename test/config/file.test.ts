import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { afterEach, describe, expect, it, test } from 'vitest';
import { configPath, readConfig } from '../../src/config/file.ts';
import { TemporaryTree } from '../sockets/fixture.ts';

describe('the settings are in', () => {
  test.each<[NodeJS.ProcessEnv, string | null]>([
    [{ XDG_CONFIG_HOME: '/etc/xdg', HOME: '/home/u' }, '/etc/xdg/porttop/config.toml'],
    [{ HOME: '/home/u' }, '/home/u/.config/porttop/config.toml'],
    [{ XDG_CONFIG_HOME: '', HOME: '/home/u' }, '/home/u/.config/porttop/config.toml'],
    [{ XDG_CONFIG_HOME: 'relative', HOME: '/home/u' }, '/home/u/.config/porttop/config.toml'],
    [{ HOME: '' }, null],
    [{}, null],
  ])('of %j: %s', (env, path) => {
    expect(configPath(env)).toBe(path);
  });
});

describe('reading them', () => {
  const trees: TemporaryTree[] = [];
  afterEach(() => {
    for (const tree of trees.splice(0)) tree[Symbol.dispose]();
  });
  const home = (tree: ConstructorParameters<typeof TemporaryTree>[0]) => {
    const made = new TemporaryTree(tree);
    trees.push(made);
    return { env: { XDG_CONFIG_HOME: made.root }, path: `${made.root}/porttop/config.toml` };
  };

  it('gives what the file says; none is no error, nor is no home', async () => {
    expect(await readConfig(home({ 'porttop/config.toml': 'interval = 2' }).env)).toEqual({ interval: 2 });
    expect(await readConfig(home({ 'porttop/': '' }).env)).toEqual({});
    expect(await readConfig(home({ porttop: 'a file where the folder would be' }).env)).toEqual({});
    expect(await readConfig({})).toEqual({});
  });

  it('says where it is wrong', async () => {
    const { env, path } = home({ 'porttop/config.toml': '\nmouse = "yes"' });
    await expect(readConfig(env)).rejects.toThrow(`${path}:2:9: mouse is "yes": expected true or false`);
  });

  it('says why it cannot', async () => {
    const folder = home({ 'porttop/config.toml/': '' });
    await expect(readConfig(folder.env)).rejects.toThrow(`${folder.path}: it is no file`);
    const large = home({ 'porttop/config.toml': '#'.repeat(70_000) });
    await expect(readConfig(large.env)).rejects.toThrow(`${large.path}: it is larger than 64 KiB`);
    const loop = home({ 'porttop/config.toml': { link: 'config.toml' } });
    await expect(readConfig(loop.env)).rejects.toThrow(`${loop.path}: it cannot be read: ELOOP`);
  });

  it('does not wait for a pipe that nobody writes to', async () => {
    const { env, path } = home({ 'porttop/': '' });
    execFileSync('mkfifo', [path]);
    await expect(readConfig(env)).rejects.toThrow('it is no file');
  });

  it.skipIf(process.geteuid?.() === 0)(
    'says that it may not be read; where one may not look, it is not there',
    async () => {
      const { env, path } = home({ 'porttop/config.toml': 'interval = 2' });
      chmodSync(path, 0);
      await expect(readConfig(env)).rejects.toThrow(`${path}: it cannot be read: EACCES`);
      chmodSync(`${env.XDG_CONFIG_HOME}/porttop`, 0);
      expect(await readConfig(env)).toEqual({});
      chmodSync(`${env.XDG_CONFIG_HOME}/porttop`, 0o700);
    },
  );
});
