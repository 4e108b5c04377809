import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parsePasswd, Users } from '../../src/processes/users.ts';

let folder: string;
let calls: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porttop-users-'));
  calls = join(folder, 'calls');
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, 0o755);
  return path;
}

/** A getent that writes down what it was asked. */
function getent(script: string): string {
  return file('getent', `#!/bin/sh\necho "$*" >> ${calls}\n${script}\n`);
}

const passwd = () => file('passwd', 'root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/sh\n');
const asked = () => readFileSync(calls, 'utf8').trim().split('\n');

describe('groups', () => {
  it('are named as users are, by their own file and getent, which is asked once', async () => {
    const group = file('group', 'root:x:0:\nadm:x:4:syslog,ada\n');
    const script = getent('echo "$1$2:x:$2:"');
    const users = new Users({ passwd: passwd(), group, getent: script });
    expect([users.group(4), users.name(4), users.group(77)]).toEqual(['adm', null, null]);
    expect(users.unsettled).toBe(true);
    await users.settle();
    expect([users.group(77), users.name(4)]).toEqual(['group77', 'passwd4']);
    expect(asked().toSorted()).toEqual(['group 77', 'passwd 4']);
    expect(users.unsettled).toBe(false);
  });
});

describe('passwd(5)', () => {
  it('names uids', () => {
    expect([...parsePasswd('root:x:0:0:root:/root:/bin/bash\nada:x:1000:1000::/home/ada:/bin/sh')]).toEqual([
      [0, 'root'],
      [1000, 'ada'],
    ]);
  });

  it('counts the first of two names of one uid, as getpwuid(3) does', () => {
    expect(parsePasswd('root:x:0:0:::\ntoor:x:0:0:::\n').get(0)).toBe('root');
  });

  it.each([
    '# a:x:1:1:::',
    '+:x:1:1:::',
    '+ada:x:1:1:::',
    '-ada:x:1:1:::',
    ':x:1:1:::',
    'a:x::1:::',
    'a:x:-1:1',
    'a:x:1e3:1',
    'a',
    '',
  ])('has no user in %j', (line) => {
    expect([...parsePasswd(line)]).toEqual([]);
  });
});

describe('Users', () => {
  it('knows those of /etc/passwd at once, without getent', async () => {
    const users = new Users({ passwd: passwd(), getent: '/nonexistent' });
    expect([users.name(0), users.name(1000)]).toEqual(['root', 'ada']);
    await expect(users.resolve(1000)).resolves.toBe('ada');
  });

  it('does not mind that there is no /etc/passwd, nor getent', async () => {
    const users = new Users({ passwd: join(folder, 'none'), getent: join(folder, 'none') });
    expect(users.name(0)).toBeNull();
    await expect(users.resolve(0)).resolves.toBeNull();
  });

  it('asks the system’s own getent', async () => {
    await expect(new Users({ passwd: '/nonexistent' }).resolve(0)).resolves.toBe('root');
  });

  it('asks getent for what it did not know, when it is told to', async () => {
    const users = new Users({ passwd: passwd(), getent: getent('echo "eve:x:$2:1::/:/bin/sh"') });
    expect(users.name(2000)).toBeNull();
    expect(users.name(2000)).toBeNull();
    await users.settle();
    expect(users.name(2000)).toBe('eve');
    expect(asked()).toEqual(['passwd 2000']);
  });

  it('asks once, whatever the answer', async () => {
    const users = new Users({ passwd: passwd(), getent: getent('exit 2') });
    expect(await users.resolve(2000)).toBeNull();
    expect(await users.resolve(2000)).toBeNull();
    expect(users.name(2000)).toBeNull();
    await users.settle();
    expect(asked()).toEqual(['passwd 2000']);
  });

  it('does not take a user whose name is the number for the one whose uid it is', async () => {
    const users = new Users({ passwd: passwd(), getent: getent('echo "$2:x:5:5::/:/bin/sh"') });
    expect(await users.resolve(2000)).toBeNull();
  });

  it('asks a few at once and in the end all', async () => {
    const running = join(folder, 'running');
    const users = new Users({
      passwd: passwd(),
      getent: getent(`echo + >> ${running}; echo "u$2:x:$2:1::/:"; read x < /dev/null; echo - >> ${running}`),
    });
    const uids = Array.from({ length: 12 }, (_, index) => 2000 + index);
    for (const uid of uids) users.name(uid);
    await users.settle();
    expect(uids.map((uid) => users.name(uid))).toEqual(uids.map((uid) => `u${uid}`));
    let now = 0;
    const atOnce = readFileSync(running, 'utf8')
      .trim()
      .split('\n')
      .map((sign) => (now += sign === '+' ? 1 : -1));
    expect(Math.max(...atOnce)).toBeLessThanOrEqual(4);
    expect(asked()).toHaveLength(12);
  });

  it('waits once for a directory that does not answer, and keeps the rest for the next time', async () => {
    const users = new Users({ passwd: passwd(), getent: getent('exec sleep 60') });
    for (let uid = 2000; uid < 2010; uid++) users.name(uid);
    await users.settle();
    expect(asked()).toHaveLength(4);
    expect(users.name(2000)).toBeNull();
    await users.settle();
    expect(asked()).toHaveLength(8);
  });
});
