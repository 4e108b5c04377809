import { execFileSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDetails } from '../../src/processes/details.ts';
import { isReadable } from '../../src/processes/field.ts';
import { USUAL_FIELDS } from '../../src/processes/fields.ts';
import { readBtime } from '../../src/processes/start-time.ts';
import { ProcError, ProcFs } from '../../src/procfs/procfs.ts';
import { CAPTURED, KTHREADD, NODE, WORKER, ZOMBIE } from '../procfs/fixture.ts';
import { start, startZombie } from './child.ts';

const live = new ProcFs();
let folder: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'porttop-details-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A /proc that says no to what the pattern matches. */
class Refusing extends ProcFs {
  readonly code: string;
  readonly refused: RegExp;

  constructor(code: string, refused: RegExp, root?: string) {
    super(root);
    this.code = code;
    this.refused = refused;
  }

  #check(relative: string): void {
    if (this.refused.test(relative)) {
      const cause = Object.assign(new Error(), { errno: this.code === 'EACCES' ? -13 : -1 });
      throw new ProcError(this.code, this.path(relative), { cause });
    }
  }

  override read(relative: string, limit?: number) {
    this.#check(relative);
    return super.read(relative, limit);
  }

  override link(relative: string) {
    this.#check(relative);
    return super.link(relative);
  }

  override *namesInSteps(relative: string) {
    this.#check(relative);
    return yield* super.namesInSteps(relative);
  }

  override names(relative: string) {
    this.#check(relative);
    return super.names(relative);
  }
}

describe('the details of a live process', () => {
  it('are what it was started with', async () => {
    const [input, output, both] = [
      openSync('/dev/null', 'r'),
      openSync(join(folder, 'log'), 'w'),
      openSync(join(folder, 'data'), 'w+'),
    ];
    const { pid } = await start('sh', ['-c', 'read x <&4', 'naïve arg', ''], {
      cwd: folder,
      env: { USER: 'ada' },
      stdio: [input, output, 'inherit', both, 'pipe'],
    });
    for (const file of [input, output, both]) closeSync(file);

    const { fields, startTime, kernelThread, ownMounts } = readDetails(live, pid);
    expect(fields.cmdline).toEqual({
      path: `/proc/${pid}/cmdline`,
      value: ['sh', '-c', 'read x <&4', 'naïve arg', ''],
    });
    expect(fields.cwd).toEqual({ path: `/proc/${pid}/cwd`, value: folder });
    expect(fields.root).toEqual({ path: `/proc/${pid}/root`, value: '/' });
    expect(fields.exe).toEqual({
      path: `/proc/${pid}/exe`,
      value: { path: readlinkSync(`/proc/${pid}/exe`), state: 'present' },
    });
    expect(fields.environ).toMatchObject({ value: expect.arrayContaining([{ name: 'USER', value: 'ada' }]) });
    expect(fields.stat).toMatchObject({ value: { pid, ppid: process.pid } });
    expect(fields.status).toMatchObject({ value: { uids: { real: process.getuid?.() } } });
    const descriptors = isReadable(fields.fd) ? fields.fd.value : [];
    expect(descriptors.map(({ fd }) => fd)).toEqual(
      descriptors.map(({ fd }) => fd).toSorted((a, b) => a - b),
    );
    expect(descriptors).toEqual(
      expect.arrayContaining([
        { fd: 1, mode: 'w', target: join(folder, 'log'), socket: null },
        { fd: 3, mode: 'u', target: join(folder, 'data'), socket: null },
        { fd: 4, mode: 'u', target: readlinkSync(`/proc/${pid}/fd/4`), socket: null },
      ]),
    );
    expect({ kernelThread, ownMounts }).toEqual({ kernelThread: false, ownMounts: false });
    // btime counts whole seconds, and the clock may have been set since.
    expect(Math.abs(Date.parse(startTime as string) - Date.now())).toBeLessThan(3000);
  });

  it('say of its memory what ps says', async () => {
    const { pid } = await start('cat');
    const said = execFileSync('ps', ['-o', 'vsz=', '-p', String(pid)], { encoding: 'utf8' });
    const { fields } = readDetails(live, pid, { fields: ['statm'] });
    expect(fields.statm).toMatchObject({ value: { size: Number(said) * 1024 } });
  });

  it('are only those that were asked for', async () => {
    expect(Object.keys(readDetails(live, process.pid).fields)).toEqual([...USUAL_FIELDS]);
    expect(Object.keys(readDetails(live, process.pid, { fields: ['exe', 'cwd'] }).fields)).toEqual([
      'exe',
      'cwd',
    ]);
  });

  it('say of a zombie what is left, and that it is one', async () => {
    const pid = await startZombie();
    await expect.poll(() => live.text(`${pid}/stat`)).toContain(') Z ');
    const { fields } = readDetails(live, pid);
    expect(fields.stat).toMatchObject({ value: { state: 'Z' } });
    expect(fields.cmdline).toMatchObject({ value: [] });
    expect(fields.exe).toMatchObject({ error: { hint: expect.stringContaining('a zombie') } });
  });

  it('are none when the process is gone', () => {
    expect(() => readDetails(live, 2 ** 30)).toThrow(expect.objectContaining({ code: 'ENOENT', gone: true }));
  });
});

describe('a file that cannot be read', () => {
  const uids = (real: number, effective = real) => {
    cpSync(CAPTURED, folder, { recursive: true });
    const status = new ProcFs(CAPTURED).text(`${NODE}/status`);
    writeFileSync(
      join(folder, String(NODE), 'status'),
      status.replace(/^Uid:.*$/m, `Uid:\t${real}\t${effective}\t${effective}\t${effective}`),
    );
    return new Refusing('EACCES', /environ/, folder);
  };
  const environOf = (procfs: ProcFs, uid: number, users?: { name(uid: number): string | null }) =>
    readDetails(procfs, NODE, { uid, users }).fields.environ;

  it('takes none of the others with it', () => {
    const elsewhere: Record<string, string> = { smaps: 'smaps_rollup', cpu: 'stat' };
    for (const name of USUAL_FIELDS) {
      const file = elsewhere[name] ?? name;
      const procfs = new Refusing('EACCES', new RegExp(`^\\d+/${file}$`));
      const { fields } = readDetails(procfs, process.pid);
      const unreadable = USUAL_FIELDS.filter((other) => 'error' in (fields[other] ?? {}));
      const also = { cwd: ['wchan'], stat: ['cpu'], cpu: ['stat'] } as Record<string, string[]>;
      expect(unreadable.toSorted()).toEqual([name, ...(also[name] ?? [])].toSorted());
      expect(fields[name]).toMatchObject({
        path: `/proc/${process.pid}/${file}`,
        error: { code: 'EACCES', message: 'permission denied' },
      });
    }
  });

  it('tells an ordinary user who may read it', () => {
    const ada = { name: (uid: number) => (uid === 1000 ? 'ada' : null) };
    expect(environOf(uids(1000), 33, ada)).toMatchObject({
      error: { hint: 'run as root, or as its owner ada' },
    });
    expect(environOf(uids(1001), 33, ada)).toMatchObject({
      error: { hint: 'run as root, or as its owner uid 1001' },
    });
  });

  it('tells only of root where only root may read it', () => {
    expect(environOf(uids(0), 33)).toMatchObject({ error: { hint: 'run as root' } });
    expect(environOf(uids(1000, 0), 1000)).toMatchObject({ error: { hint: 'run as root' } });
  });

  it('does not tell its owner to become its owner', () => {
    expect(environOf(uids(1000), 1000)).toMatchObject({
      error: { hint: expect.stringMatching(/^run as root: .*PR_SET_DUMPABLE/) },
    });
  });

  it('does not tell root to become root', () => {
    const field = environOf(uids(1000), 0);
    expect(field).toMatchObject({ error: { hint: expect.stringContaining('even from root') } });
    expect(field).not.toMatchObject({ error: { hint: expect.stringContaining('run as root') } });
  });

  it('says so even where nothing of the process may be read', () => {
    const { fields, startTime } = readDetails(new Refusing('EPERM', /^\d+\//), process.pid, { uid: 1 });
    expect(startTime).toBeNull();
    for (const name of USUAL_FIELDS) {
      expect(fields[name]).toMatchObject({ error: { code: 'EPERM', hint: 'run as root, or as its owner' } });
    }
  });

  it('is none of a kernel thread', () => {
    const { fields, kernelThread } = readDetails(new ProcFs(CAPTURED), KTHREADD);
    expect(kernelThread).toBe(true);
    expect(fields.exe).toMatchObject({
      error: {
        code: 'ENOENT',
        message: 'no such file or directory',
        hint: 'a kernel thread runs no program',
      },
    });
  });

  it('is not of a process that has ended meanwhile', () => {
    expect(readDetails(new ProcFs(CAPTURED), NODE).fields.exe).toMatchObject({
      error: { hint: 'the process ended' },
    });
    expect(readDetails(new ProcFs(CAPTURED), ZOMBIE).fields.exe).toMatchObject({
      error: { hint: expect.stringContaining('a zombie') },
    });
  });

  it('may be there and be nonsense', () => {
    cpSync(CAPTURED, folder, { recursive: true });
    writeFileSync(join(folder, String(NODE), 'status'), 'nonsense');
    expect(readDetails(new ProcFs(folder), NODE).fields.status).toMatchObject({ error: { code: 'EBADMSG' } });
  });
});

describe('the details of a captured process', () => {
  it('are read from there', () => {
    const { startTime, loginUid, fields } = readDetails(new ProcFs(CAPTURED), WORKER);
    expect(fields.cmdline).toEqual({
      path: `${CAPTURED}/${WORKER}/cmdline`,
      value: ['nginx: worker process'],
    });
    expect(startTime).toBe('2026-11-23T06:49:16.820Z');
    expect(loginUid).toBeNull();
  });

  it('have no start without the time of the boot', () => {
    expect(readDetails(new ProcFs(CAPTURED), NODE, { btime: null }).startTime).toBeNull();
    expect(readDetails(new ProcFs(CAPTURED), NODE, { btime: 0 }).startTime).toBe('1970-01-01T00:36:08.790Z');
    expect(readBtime(new ProcFs('/nonexistent'))).toBeNull();
  });

  it('say who logged in', () => {
    cpSync(CAPTURED, folder, { recursive: true });
    writeFileSync(join(folder, String(NODE), 'loginuid'), '1000');
    expect(readDetails(new ProcFs(folder), NODE).loginUid).toBe(1000);
  });

  it('have of a huge environment what is within the limit, and no half of a variable', () => {
    cpSync(CAPTURED, folder, { recursive: true });
    writeFileSync(
      join(folder, String(NODE), 'environ'),
      `A=${'a'.repeat(1 << 19)}\0URL=http://x:${'b'.repeat(1 << 20)}@host\0Z=z\0`,
    );
    const { environ } = readDetails(new ProcFs(folder), NODE).fields;
    expect(environ).toMatchObject({ truncated: true });
    expect(isReadable(environ) && environ.value.map(({ name }) => name)).toEqual(['A']);
  });

  it('are not mixed with those of the next process with its pid', () => {
    let reads = 0;
    class Reused extends ProcFs {
      override text(relative: string): string {
        const text = super.text(relative);
        return relative === `${NODE}/stat` && ++reads > 1 ? text.replace('216879', '216999') : text;
      }
    }
    expect(() => readDetails(new Reused(CAPTURED), NODE)).toThrow(expect.objectContaining({ gone: true }));
  });
});
