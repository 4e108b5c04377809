import { describe, expect, it } from 'vitest';
import type { Recipient } from '../../src/processes/recipients.ts';
import { portsBefore } from '../../src/sockets/port-holders.ts';
import type { SignalDialog } from '../../src/store/signal-dialog.ts';
import type { Sample } from '../../src/store/state.ts';
import { recipient } from '../helpers/recipients.ts';
import { held, NOON, tcp } from '../helpers/snapshots.ts';
import { KEY, openScreen, type Screen } from './screen.tsx';

const web = tcp('0.0.0.0:80', { owners: [held('nginx', 812), held('nginx', 813)] });

/** The dialog over the table at 80×24, of these processes. */
async function openWith(recipients: readonly Recipient[]): Promise<Screen> {
  const screen = await openScreen({ sockets: [web], size: { columns: 80, rows: 24 } });
  await screen.press('K');
  const of = (screen.state.signal as SignalDialog).meant;
  screen.store.dispatch({ type: 'signal-listed', of, recipients, ports: [] });
  await screen.press();
  return screen;
}

const worker = recipient('nginx', 813);
const master = recipient('nginx', 812, {
  children: [{ pid: 813, name: 'nginx' }],
  ports: [
    { protocol: 'tcp', port: 80 },
    { protocol: 'udp', port: 443 },
  ],
  unit: 'nginx.service',
  restart: { by: 'nginx.service', command: 'systemctl stop nginx.service' },
});

it('the dialog shows signals, and each process with its ports, its children and what would start it again', async () => {
  using screen = await openWith([master, worker]);
  expect(screen.line('SIGTERM')).toContain('▸ 15 SIGTERM');
  expect(screen.line('nginx 812')).toMatch(/▸ nginx 812 {2}root {2}ports 80,443\/udp/);
  expect(screen.text).toMatch(/1 child: nginx 813/);
  expect(screen.text).toMatch(/! nginx\.service may start it again; what/);
  expect(screen.line('systemctl')).toMatch(/ systemctl stop nginx\.service {2,}│/);
  expect(screen.line('nginx 813  root')).toMatch(/▸ nginx 813 /);
});

it('says whom the chosen signal hits, and that y sends it; where it asks once more, that', async () => {
  using screen = await openWith([worker]);
  expect(screen.text).toContain('y sends SIGTERM to nginx 813, Enter asks');
  expect(screen.lines.at(-1)).toMatch(/y yes, send it/);
  await screen.press(KEY.down);
  expect(screen.text).toContain('y sends SIGKILL to nginx 813');
  await screen.press('h', 'u');
  expect(screen.text).toContain('Enter asks about SIGHUP to nginx 813');
  expect(screen.lines.at(-1)).not.toMatch(/y yes/);
  using careful = await openWith([recipient('bash', 9, { caution: 'ancestor' })]);
  expect(careful.text).toContain('y asks about SIGTERM to bash 9 once more');
  await careful.press('y');
  expect(careful.text).toContain('Type its pid or its name');
});

it('sends on y, once it was drawn who is hit', async () => {
  using screen = await openWith([worker]);
  await screen.press('y');
  expect(screen.state.signal?.step).toBe('send');
});

it('sends nothing to more than have been on the screen', async () => {
  using screen = await openWith(Array.from({ length: 30 }, (_, at) => recipient('nginx', 900 + at)));
  expect(screen.text).toContain('PgDn to see all of them, then y');
  expect(screen.lines.at(-1)).not.toMatch(/y yes/);
  await screen.press('y');
  expect(screen.state.signal?.step).toBe('choose');
  for (let page = 0; page < 6; page++) await screen.press(KEY.pageDown);
  expect(screen.lines.at(-1)).toMatch(/y yes, send it/);
  await screen.press('y');
  expect(screen.state.signal?.step).toBe('send');
});

it('of several it marks those that are hit, and asks about them alone', async () => {
  using screen = await openWith([master, worker]);
  await screen.press(KEY.right, KEY.right, KEY.enter);
  expect(screen.text).toContain('Send SIGTERM to nginx 813?');
  expect(screen.text).not.toContain('systemctl');
});

it('text of others acts on no terminal and breaks no frame', async () => {
  const name = '\x1b]0;owned\x07\u202e端';
  const restart = { by: `${name}.service`, command: `stop ${name}` };
  using screen = await openWith([recipient(name, 812, { restart, children: [{ pid: 9, name }] })]);
  expect(screen.text).toContain('\\e]0;owned\\x07\\u202e端 812');
  expect(screen.text).not.toMatch(/[\x07\u202e]/);
  const inner = screen.lines.filter((line) => line.startsWith('│'));
  expect(inner.length).toBeGreaterThan(5);
  for (const line of inner) expect(line.trimEnd()).toMatch(/│.*││.*│$/);
});

it('more lines than there is room for are scrolled to', async () => {
  const many = Array.from({ length: 30 }, (_, at) => recipient('nginx', 900 + at));
  using screen = await openWith(many);
  expect(screen.text).toMatch(/more lines: PgDn/);
  for (let page = 0; page < 6; page++) await screen.press(KEY.pageDown);
  expect(screen.text).toContain('nginx 929');
  expect(screen.text).not.toMatch(/more lines/);
});

it('what became of each is said', async () => {
  using screen = await openWith([master, worker]);
  await screen.press(KEY.enter, 'y');
  const of = (screen.state.signal as SignalDialog).meant;
  const outcomes = new Map([
    [812, { state: 'failed', said: 'not allowed' }],
    [813, { state: 'ended', said: 'gone', seenAt: 0 }],
  ] as const);
  screen.store.dispatch({ type: 'signal-told', of, outcomes });
  await screen.press();
  expect(screen.text).toMatch(/nginx 812 (.|\n)*not allowed(.|\n)*nginx 813 (.|\n)*gone/);
  await screen.press(KEY.enter);
  expect(screen.text).not.toContain('┌─');
});

describe('once they have ended', () => {
  const port = tcp('0.0.0.0:80', { inode: 77, owners: [held('nginx', 812)] });
  const shared = tcp('0.0.0.0:80', { inode: 77, owners: [held('helper', 813)] });

  async function ended(): Promise<Screen> {
    const screen = await openScreen({ sockets: [port], size: { columns: 120, rows: 40 } });
    await screen.press('K');
    const of = (screen.state.signal as SignalDialog).meant;
    const { snapshot } = screen.state.sample as Sample;
    const ports = portsBefore(snapshot.table, snapshot.ownership, [812]);
    const children = [{ pid: 813, name: 'helper' }];
    const recipients = [recipient('nginx', 812, { children })];
    await screen.dispatch({ type: 'signal-listed', of, recipients, ports });
    await screen.press('y');
    const outcome = { state: 'ended', said: 'gone after 0.2 s', seenAt: NOON + 500 } as const;
    await screen.dispatch({ type: 'signal-told', of, outcomes: new Map([[812, outcome]]) });
    return screen;
  }

  it('says who listens on their ports from a look after that, and not before', async () => {
    using screen = await ended();
    expect(screen.text).toContain('looking who listens on port 80/tcp now…');
    expect(screen.text).toMatch(/nginx 812 {2}root {2}had ports 80/);
    expect(screen.text).not.toMatch(/1 child|LISTEN/);
    await screen.sample([], { at: 1 });
    expect(screen.text).toContain('nothing listens on port 80/tcp now');
    await screen.sample([tcp('0.0.0.0:80', { inode: 99, owners: [held('caddy', 900)] })], { at: 2 });
    expect(screen.text).toContain('port 80/tcp is open again: caddy 900 listens there now');
  });

  it('says so, too, where all else looks as before', async () => {
    using screen = await ended();
    await screen.sample([shared], { at: 0.4 });
    expect(screen.text).toContain('looking who listens on port 80/tcp now…');
    await screen.dispatch({ type: 'looked', now: NOON + 1000 });
    expect(screen.text).toMatch(/port 80\/tcp is still open: helper 813 \(child of nginx 812\)/);
  });
});
