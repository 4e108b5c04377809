import { copyFileSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type Namespace, openNamespace } from '../helpers/namespace.ts';
import { whereIs } from '../helpers/tools.ts';
import { Opener } from '../sockets/opener-process.ts';

/** What a process may call itself, or its files: bytes, as others chose them. */
export const NAMES: Readonly<Record<string, Buffer>> = {
  'clears the screen': Buffer.from('\x1b[2J\x1b[Hgone'),
  'sets the title': Buffer.from('\x1b]0;owned\x07'),
  'takes the clipboard': Buffer.from('\x1b]52;c;b3duZWQ=\x07'),
  colours: Buffer.from('\x1b[31;7mred'),
  'C1 as UTF-8': Buffer.from('\u009b31mC\u009d0;x\u009c'),
  'C1 as bytes': Buffer.from('a\x9b31mC\x9d0;x\x9c', 'latin1'),
  'BEL, CR and BS': Buffer.from('a\x07\rb\x08\x08c\x0e'),
  newlines: Buffer.from('a\n 0 root\nb'),
  'a forged state': Buffer.from('x) R 1 (y'),
  'a forged row': Buffer.from('x\n0000000000000000: 00000002 00000000 00010000 0001 01 4242 /run/forged'),
  'the other way round': Buffer.from('\u202egpj.\u2066x'),
  invisible: Buffer.from('a\u200b\u200d\u2060\ufeffb'),
  'no UTF-8': Buffer.from('\xff\xfe\xc3(\xed\xa0\x80', 'latin1'),
  long: Buffer.from('long-'.repeat(900)),
  wide: Buffer.from('日本語サーバー'),
  combining: Buffer.from('e\u0301\u0327\u0301a\u0301'),
  'combining with what is before it': Buffer.from('\u0301\u0301x'),
  'vowels after one letter': Buffer.from('ก\u0e33\u0e33\u0e33\u0e33'),
  'one in many': Buffer.from('👩‍👩‍👧x'),
  'of a skin': Buffer.from('👍🏽👍🏽'),
  flags: Buffer.from('🇨🇭🇨'),
  'a formula': Buffer.from('=1+1'),
  'a sum': Buffer.from('+1'),
  'a difference': Buffer.from('-1'),
  'a function': Buffer.from('@SUM(A1)'),
  'quotes and commas': Buffer.from('a",b\'$(id)'),
};

export type Beast = { name: string; pid: number; port: number };

/**
 * A process for each of the {@link NAMES}, that has it as its comm, argument, environment, program, folder and open
 * file, and holds a TCP listener; and for each a unix socket of that name, abstract and as a path.
 */
export class HostileZoo {
  readonly namespace: Namespace;
  readonly beasts: readonly Beast[];
  /** A folder of their own. */
  readonly folder: string;
  readonly #opener: Opener;

  private constructor(namespace: Namespace, beasts: Beast[], folder: string, opener: Opener) {
    this.namespace = namespace;
    this.beasts = beasts;
    this.folder = folder;
    this.#opener = opener;
  }

  static async open(): Promise<HostileZoo> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'porttop-zoo-')));
    copyFileSync(realpathSync(whereIs('cat')), join(folder, 'cat'));
    const namespace = await openNamespace();
    const names = Object.entries(NAMES);
    const scripts = names.map(([, bytes]) => script(folder, bytes));
    const host = namespace.spawn(process.execPath, ['-e', HOST, JSON.stringify(scripts)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const held = JSON.parse(await firstLine(host.stdout as Readable)) as Omit<Beast, 'name'>[];
    const beasts = names.map(([name], at) => ({ name, ...(held[at] as Omit<Beast, 'name'>) }));
    const opener = await Opener.start(namespace);
    await opener.open(
      ...names.flatMap(([, bytes], at) => [
        unix(Buffer.concat([Buffer.of(0), bytes.subarray(0, 100)])),
        unix(Buffer.concat([Buffer.from(`${folder}/${at}`), withoutSlashes(bytes).subarray(0, 30)])),
      ]),
    );
    return new HostileZoo(namespace, beasts, folder, opener);
  }

  /** Opens another socket, with this abstract name, until it is disposed of. */
  async lie(name: string): Promise<AsyncDisposable> {
    const opener = await Opener.start(this.namespace);
    await opener.open(unix(Buffer.from(`\0${name}`)));
    return { [Symbol.asyncDispose]: async () => opener.end() };
  }

  /** Opens another socket, with an abstract name, and closes everything that was opened so. */
  async stir(): Promise<void> {
    await this.#opener.close();
    await this.#opener.open(unix(Buffer.concat([Buffer.of(0), NAMES['sets the title'] as Buffer])));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#opener.end();
    await this.namespace[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function unix(path: Buffer) {
  return { domain: 'unix', type: 'stream', bind: path.toString('hex'), listen: 1 } as const;
}

/**
 * Becomes a `cat` of that name that waits for its stdin to end. By a shell, since Node passes only UTF-8 on; the
 * listener is its fd 3.
 */
function script(folder: string, bytes: Buffer): string {
  const file = withoutSlashes(bytes).subarray(0, 200);
  return `
    name=$(printf '${octal(bytes)}_'); name=\${name%_}
    file=$(printf '${octal(file)}_'); file=\${file%_}
    mkdir -p "${folder}/d$file" && cd "${folder}/d$file" || exit
    ln ../cat "./$file" 2>/dev/null || cp ../cat "./$file"
    : > "f$file"
    exec env "V$file=$name" "USER=$name" "API_TOKEN=$name" sh -c 'exec "$0" "$@"' "./$file" -- - "$name" 4< "f$file"`;
}

/** The bytes as printf(1) takes them. */
export function octal(bytes: Buffer): string {
  return [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

function withoutSlashes(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => (byte === 0x2f ? 0x5f : byte)));
}

/** Gives a listener to each script, and says when all of them have become what they were to be. */
const HOST = `
  const { spawn } = require('node:child_process');
  const { readFileSync } = require('node:fs');
  const listen = () => new Promise((resolve) => {
    const server = require('node:net').createServer().listen(0, '127.0.0.1', () => resolve(server));
  });
  const commOf = (pid) => readFileSync('/proc/' + pid + '/comm', 'latin1');
  (async () => {
    const held = await Promise.all(JSON.parse(process.argv[1]).map(async (script) => {
      const server = await listen();
      const { pid } = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore', server._handle.fd] });
      const { port } = server.address();
      while (['sh\\n', 'env\\n', 'node\\n', 'MainThread\\n'].includes(commOf(pid))) await new Promise((done) => setTimeout(done, 2));
      server.close();
      return { pid, port };
    }));
    console.log(JSON.stringify(held));
  })();`;

/** What a process says first. */
export async function firstLine(stream: Readable): Promise<string> {
  for await (const line of createInterface(stream)) return line;
  throw new Error('it said nothing');
}
