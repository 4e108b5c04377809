import { describe, expect, it } from 'vitest';
import type { Recipient } from '../../src/processes/recipients.ts';
import { reduce } from '../../src/store/reduce.ts';
import { type Outcome, type SignalDialog, toBeHit } from '../../src/store/signal-dialog.ts';
import { type Action, initialState, type State } from '../../src/store/state.ts';
import { recipient } from '../helpers/recipients.ts';
import { held, snapshot, tcp } from '../helpers/snapshots.ts';

const web = tcp('0.0.0.0:80', { inode: 77, owners: [held('nginx', 812), held('nginx', 813)] });

function sampled(sockets = [web], options: Parameters<typeof initialState>[0] = {}): State {
  return reduce(initialState(options), { type: 'sampled', snapshot: snapshot(sockets), ownersKnown: true });
}

const after = (state: State, ...actions: Action[]): State => actions.reduce(reduce, state);
const type = (text: string): Action => ({ type: 'signal-edit', edit: { type: 'insert', text } });
const enter: Action = { type: 'signal-next' };
const esc: Action = { type: 'back' };
const dialogOf = (state: State) => state.signal as SignalDialog;

/** The dialog, once it is known who is meant. */
function opened(
  recipients: readonly Recipient[] = [recipient('nginx', 812), recipient('nginx', 813)],
): State {
  return listed(after(sampled(), { type: 'signal' }), recipients);
}

function listed(state: State, recipients: readonly Recipient[]): State {
  const of = dialogOf(state).meant;
  return after(state, { type: 'signal-listed', of, recipients, ports: [] }, { type: 'signal-shown', of });
}

function told(state: State, outcomes: Record<number, Outcome['state']>): State {
  const entries = Object.entries(outcomes).map(
    ([pid, state]) => [Number(pid), { state, said: '', seenAt: 0 }] as const,
  );
  return after(state, { type: 'signal-told', of: dialogOf(state).meant, outcomes: new Map(entries) });
}
const hit = (state: State) => toBeHit(dialogOf(state)).map(({ pid }) => pid);

describe('K', () => {
  it('means all owners of the selected socket, and that socket', () => {
    const { meant, socket } = dialogOf(opened());
    expect(meant).toEqual({ pids: [812, 813], inodes: new Set([77]) });
    expect(socket?.local?.port).toBe(80);
  });

  it('means the process alone where its sockets are one row, whoever else has one of them', () => {
    const shared = tcp('0.0.0.0:81', { inode: 78, owners: [held('nginx', 812), held('worker', 901)] });
    const grouped = after(sampled([shared, web]), { type: 'tree' }, { type: 'fold-all' });
    const { meant, others } = dialogOf(after(grouped, { type: 'signal' }));
    expect(meant).toEqual({ pids: [812], inodes: new Set([77, 78]) });
    expect(others).toBe(1);
  });

  it('keeps what is typed in the filter, and means what that left', () => {
    const ssh = tcp('0.0.0.0:22', { inode: 22, owners: [held('sshd', 700)] });
    const typed = after(
      sampled([ssh, web]),
      { type: 'filter' },
      { type: 'filter-edit', edit: { type: 'insert', text: '80' } },
      { type: 'signal' },
    );
    expect(dialogOf(typed).meant.pids).toEqual([812, 813]);
    expect(after(typed, esc)).toMatchObject({
      focus: 'table',
      tables: { listening: { filter: { text: '80' } } },
    });
  });

  it('means what a number is coming to, and does not keep that number for another', () => {
    const alt = tcp('0.0.0.0:8080', { inode: 80, owners: [held('node', 900)] });
    const typed = after(
      sampled([web, alt]),
      { type: 'filter' },
      { type: 'filter-edit', edit: { type: 'insert', text: '808' } },
      { type: 'signal' },
    );
    expect(dialogOf(typed).meant.pids).toEqual([900]);
    expect(after(typed, esc)).toMatchObject({
      focus: 'table',
      tables: { listening: { filter: { text: '808', kept: false } } },
    });
  });

  it('means no other owner than the one of the details before it is known who they are', () => {
    const details = after(sampled(), { type: 'open' }, { type: 'owner-by', by: 1 }, { type: 'signal' });
    expect(dialogOf(after(details, { type: 'signal-owner', by: 1 })).only).toBe(813);
  });

  it('in the details of one of several owners means that one', () => {
    const details = after(sampled(), { type: 'open' }, { type: 'owner-by', by: 1 }, { type: 'signal' });
    expect(dialogOf(details).only).toBe(813);
    // That one has gone: nobody else is hit in its place.
    const left = listed(details, [recipient('nginx', 812)]);
    expect(hit(left)).toEqual([]);
    expect(dialogOf(after(left, type('y'), enter, type('y'))).step).toBe('choose');
  });

  it.each([
    ['has no owner that is known', [tcp('0.0.0.0:80')], {}, /owner is not known/],
    ['is shown read-only', [web], { refusesSignals: 'nobody is signalled: --readonly' }, /--readonly/],
  ])('on a socket that %s says why nothing happens, until the next key', (_, sockets, options, why) => {
    const state = after(sampled(sockets, options), { type: 'signal' });
    expect(state.signal).toBeNull();
    expect(state.notice).toMatch(why);
    const news: Action = { type: 'looked', now: 1 };
    expect(after(state, news).notice).toMatch(why);
  });

  it('on a socket that has closed says that there is nobody', () => {
    const state = after(sampled(), { type: 'sampled', snapshot: snapshot([], { at: 1 }), ownersKnown: true });
    expect(after(state, { type: 'signal' }).notice).toMatch(/it is gone/);
  });
});

describe('the dialog', () => {
  it('sends the chosen signal on y, at once', () => {
    expect(dialogOf(after(opened(), type('y')))).toMatchObject({
      step: 'send',
      signal: { name: 'SIGTERM' },
    });
    const next: Action = { type: 'signal-move', by: 1 };
    expect(dialogOf(after(opened(), next, type('y')))).toMatchObject({
      step: 'send',
      signal: { name: 'SIGKILL' },
    });
    expect(dialogOf(after(opened(), type('1'), type('y')))).toMatchObject({
      step: 'send',
      signal: { name: 'SIGHUP' },
    });
  });

  it('takes y for a letter of the word that finds a signal', () => {
    const typed = after(opened(), type('s'), type('y'));
    expect(dialogOf(typed)).toMatchObject({ step: 'choose', line: { text: 'sy' } });
    expect(dialogOf(after(opened(), type('x'), type('y'))).step).toBe('choose');
  });

  it('on Enter asks, and sends on y', () => {
    const chosen = after(opened(), { type: 'signal-move', by: 1 }, enter);
    expect(dialogOf(chosen)).toMatchObject({ step: 'confirm', signal: { name: 'SIGKILL' } });
    expect(dialogOf(after(chosen, enter)).step).toBe('confirm');
    expect(dialogOf(after(chosen, type('n'))).step).toBe('choose');
    expect(dialogOf(after(chosen, type('y'))).step).toBe('send');
  });

  it('takes no yes before it has said who is hit', () => {
    const early = after(sampled(), { type: 'signal' }, type('y'));
    expect(dialogOf(early)).toMatchObject({ step: 'choose', line: { text: '' } });
    expect(dialogOf(after(early, enter, type('y'))).step).toBe('confirm');
    for (const waiting of [early, after(early, enter)]) {
      const { step } = dialogOf(waiting);
      expect(dialogOf(after(listed(waiting, []), type('y'))).step).toBe(step);
      expect(dialogOf(after(listed(waiting, [recipient('nginx', 812)]), type('y'))).step).toBe('send');
    }
  });

  it('takes no yes before that is on the screen', () => {
    const state = after(sampled(), { type: 'signal' });
    const of = dialogOf(state).meant;
    const known = after(state, {
      type: 'signal-listed',
      of,
      recipients: [recipient('nginx', 812)],
      ports: [],
    });
    expect(dialogOf(after(known, type('y'))).step).toBe('choose');
    expect(dialogOf(after(known, enter, type('y'))).step).toBe('confirm');
    expect(dialogOf(after(known, { type: 'signal-shown', of }, type('y'))).step).toBe('send');
  });

  it('finds a signal by what is typed', () => {
    expect(dialogOf(after(opened(), type('h'), type('up'), enter)).signal.name).toBe('SIGHUP');
    expect(dialogOf(after(opened(), type('9'), enter)).signal.name).toBe('SIGKILL');
    expect(dialogOf(after(opened(), type('nosuch'), enter)).step).toBe('choose');
  });

  it('hits all of several, or each of them', () => {
    const next: Action = { type: 'signal-owner', by: 1 };
    const state = opened();
    expect(hit(state)).toEqual([812, 813]);
    expect(hit(after(state, next))).toEqual([812]);
    expect(hit(after(state, next, next))).toEqual([813]);
    expect(hit(after(state, next, next, next))).toEqual([812, 813]);
    expect(hit(after(state, next, enter, type('y')))).toEqual([812]);
  });

  it('goes back step by step, and gives the keys back', () => {
    const typed = after(opened(), type('x'));
    expect(dialogOf(after(typed, esc)).line.text).toBe('');
    expect(after(typed, esc, esc)).toMatchObject({ signal: null, focus: 'table' });
    expect(dialogOf(after(opened(), enter, esc)).step).toBe('choose');
  });

  it('asks once more about pid 1, itself and its ancestors: their pid or name is to be typed', () => {
    const careful = opened([
      recipient('systemd', 1, { caution: 'init' }),
      recipient('bash', 9, { caution: 'ancestor' }),
    ]);
    expect(dialogOf(after(careful, type('y'))).step).toBe('insist');
    const asked = after(careful, enter, type('y'));
    expect(dialogOf(asked).step).toBe('insist');
    expect(dialogOf(after(asked, enter))).toMatchObject({ step: 'insist', mistaken: true });
    expect(dialogOf(after(asked, type('9'), enter))).toMatchObject({ step: 'insist', mistaken: true });
    const once = after(asked, type('systemd'), enter);
    expect(dialogOf(once)).toMatchObject({ step: 'insist', insisted: [1] });
    expect(dialogOf(after(once, type('9'), enter)).step).toBe('send');
    expect(dialogOf(after(once, esc, enter, type('y')))).toMatchObject({ step: 'insist', insisted: [] });
  });

  it('watches until all have ended, and is done', () => {
    const sent = told(after(opened(), enter, type('y')), { 812: 'awaited', 813: 'failed' });
    expect(dialogOf(sent).step).toBe('watch');
    const done = told(sent, { 812: 'ended' });
    expect(dialogOf(done).step).toBe('done');
    expect(after(done, enter)).toMatchObject({ signal: null, focus: 'table' });
  });

  it('offers SIGKILL for those that are still there, and sends it to them alone', () => {
    const sent = told(after(opened(), enter, type('y')), { 812: 'ended', 813: 'there' });
    const late = after(sent, { type: 'signal-waited', of: dialogOf(sent).meant });
    expect(dialogOf(late).step).toBe('linger');
    expect(after(late, type('n')).signal).toBeNull();
    const again = after(late, enter, type('y'));
    expect(dialogOf(again)).toMatchObject({ step: 'send', signal: { name: 'SIGKILL' } });
    expect(hit(again)).toEqual([813]);
    expect(dialogOf(after(late, enter, esc)).step).toBe('linger');
    expect(dialogOf(after(late, enter, type('n'))).step).toBe('linger');
  });

  it('takes no yes that is still held down for one to SIGKILL', () => {
    const sent = told(after(opened(), type('y')), { 812: 'there', 813: 'there' });
    const late = after(sent, { type: 'signal-waited', of: dialogOf(sent).meant });
    expect(after(late, type('y'), type('y'))).toBe(late);
  });

  it('asks about SIGKILL no more once the last has gone, and goes on where one is left', () => {
    const sent = told(after(opened(), type('y')), { 812: 'there', 813: 'there' });
    const asking = after(sent, { type: 'signal-waited', of: dialogOf(sent).meant }, enter);
    const one = told(asking, { 812: 'ended' });
    expect([dialogOf(one).step, hit(one)]).toEqual(['confirm', [813]]);
    expect(dialogOf(told(one, { 813: 'ended' })).step).toBe('done');
  });

  it.each(['HUP', 'KILL'])('offers none after SIG%s', (name) => {
    const sent = told(after(opened(), type(name), enter, type('y')), { 812: 'there' });
    const late = after(sent, { type: 'signal-waited', of: dialogOf(sent).meant });
    expect(dialogOf(late).step).toBe('done');
  });

  it('does not hear what was found out for another one', () => {
    const state = opened();
    const of = { pids: [812], inodes: new Set([77]) };
    expect(after(state, { type: 'signal-listed', of, recipients: [], ports: [] })).toBe(state);
  });
});
