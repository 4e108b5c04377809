import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSecret, MASK, masked, withoutPasswords } from '../../src/processes/secrets.ts';

describe('a variable whose name says that it is a secret', () => {
  it.each([
    'GITHUB_TOKEN',
    'client_secret',
    'PGPASSWORD',
    'passwd',
    'AWS_ACCESS_KEY_ID',
    'GOOGLE_APPLICATION_CREDENTIALS',
    'OAuth',
    'SESSION_COOKIE',
    'SENTRY_DSN',
    'PGPASS',
    'MYSQL_PWD',
  ])('%s is masked', (name) => {
    expect(isSecret(name)).toBe(true);
    expect(masked(name, 'hunter2')).toBe(MASK);
  });

  it.each(['PATH', 'USER', 'PWD', 'OLDPWD', 'DS_N', 'LANG', ''])('%s is not', (name) => {
    expect(isSecret(name)).toBe(false);
    expect(masked(name, 'hunter2')).toBe('hunter2');
  });

  it('shows nothing of its value, not even how long it is', () => {
    const word = fc.constantFrom('TOKEN', 'secret', 'Passw', 'KEY', 'credential', 'aUTh', 'COOKIE', 'dsn');
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, word, text, text, (before, secret, after, value) => {
        expect(masked(`${before}${secret}${after}`, value)).toBe(MASK);
      }),
    );
  });
});

describe('the password of a URL', () => {
  it.each([
    ['postgres://ada:hunter2@db/app', 'postgres://ada:****@db/app'],
    ['redis://:hunter2@cache:6379/0', 'redis://:****@cache:6379/0'],
    ['https://ada:@host', 'https://ada:****@host'],
    ['HTTP://ada:hunter2@host', 'HTTP://ada:****@host'],
    ['postgresql+asyncpg://ada:hunter2@db', 'postgresql+asyncpg://ada:****@db'],
    ['smtp://ada@example.com:hunter2@mail', 'smtp://ada@example.com:****@mail'],
    ['amqp://a:one@h1,amqp://b:two@h2', 'amqp://a:****@h1,amqp://b:****@h2'],
    ['x http://a:one@h1/ y http://b:two@h2/', 'x http://a:****@h1/ y http://b:****@h2/'],
    ['mongodb://a:p@ss/w:o?r#d@h1:27017,h2:27017/db', 'mongodb://a:****@h1:27017,h2:27017/db'],
    ['{"url":"http://a:one@h"}', '{"url":"http://a:****@h"}'],
    ['http://a:12345@host', 'http://a:****@host'],
  ])('%s shows as %s', (value, shown) => {
    expect(masked('DATABASE_URL', value)).toBe(shown);
  });

  it.each([
    'http://host:8080/path@v2',
    'http://host:8080',
    'http://host:8080 mail ada@example.com',
    'http://[::1]:8080/@scope/package',
    'https://ada@host/path',
    'git@github.com:ada/porttop',
    'C://',
    '://a:b@c',
    'a:b@c',
  ])('is not seen in %s', (value) => {
    expect(withoutPasswords(value)).toBe(value);
  });

  it('never shows', () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9.-]{0,9}$/);
    const password = fc
      .string({ unit: 'binary' })
      .filter((text) => !/\s|:\/\/|^\d*[/?#]/u.test(text) && !text.endsWith(':/') && !text.endsWith(':'));
    fc.assert(
      fc.property(word, word, password, word, (scheme, user, secret, host) => {
        expect(withoutPasswords(`${scheme}://${user}:${secret}@${host}`)).toBe(
          `${scheme}://${user}:${MASK}@${host}`,
        );
      }),
    );
  });

  it.each(['a', 'a://', 'a://b:', 'a://b:c', 'a:', '://:', 'a://b:c@'])(
    'is looked for in a long value in no long time: %s…',
    (piece) => {
      const value = piece.repeat((1 << 20) / piece.length);
      const start = process.cpuUsage();
      withoutPasswords(value);
      expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000);
    },
  );
});
