import { expect, it } from 'vitest';
import { openListener, openPorttop } from './porttop.ts';

// Node calls its main thread, whose name is comm, `MainThread`.
it('a process has one name: as an owner, in the dialog of signals, among parents and among processes', async () => {
  await using listener = await openListener();
  const { pid, port } = listener;
  await using screen = await openPorttop({ args: [String(port)], rows: 60 });
  screen.press('1');
  await screen.waitFor(new RegExp(`^▌. +${port} .* node +${pid} `, 'm'));
  screen.press('K');
  await screen.waitFor(`y sends SIGTERM to node ${pid}`);
  screen.press('Esc');
  await screen.waitFor((lines) => !lines.join('\n').includes('┌─'));
  screen.press('Enter');
  await screen.waitFor(new RegExp(`└ node ${pid}`));
  expect(screen.text()).toContain(`┌─ node ${pid} `);
  screen.press('Esc', '3');
  await screen.waitFor(/ COMMAND/);
  screen.type(`/${pid}\r`);
  await screen.waitFor(new RegExp(`^▌ +.*\\b${pid} `, 'm'));
  screen.press('Enter');
  await screen.waitFor(`┌─ node ${pid} `);
  expect(screen.text()).not.toContain('MainThread');
});
