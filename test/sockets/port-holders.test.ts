import { expect, it } from 'vitest';
import { holdingsOf, type PortBefore, portsBefore } from '../../src/sockets/port-holders.ts';
import { held, type SocketLiteral, snapshot, tcp, udp } from '../helpers/snapshots.ts';

const before = (sockets: readonly SocketLiteral[], ...pids: number[]) => {
  const { table, ownership } = snapshot(sockets);
  return portsBefore(table, ownership, pids);
};
const web = tcp('0.0.0.0:80', { inode: 1, owners: [held('web', 7)] });
const other = tcp('10.0.0.1:80', { inode: 2, owners: [held('other', 8)] });
const dns = udp('0.0.0.0:53', { inode: 3, owners: [held('web', 7)] });
const ended = new Set([7]);

function now(sockets: readonly SocketLiteral[], more: Parameters<typeof snapshot>[1] = {}) {
  const [port] = before([web, other], 7) as [PortBefore];
  return holdingsOf(port, snapshot(sockets, more), ended).map(({ since, owners, unknown }) => [
    since,
    owners.map(({ pid }) => pid).join(),
    unknown,
  ]);
}

it('the ports of processes are those where they can be reached, with the sockets of others there', () => {
  const ports = before([web, other, dns, tcp('0.0.0.0:22', { owners: [held('sshd', 9)] })], 7);
  expect(
    ports.map(({ protocol, port, theirs, others }) => [protocol, port, [...theirs], [...others]]),
  ).toEqual([
    ['udp', 53, [3], []],
    ['tcp', 80, [1], [2]],
  ]);
});

it('nobody holds a port where nothing listens, whatever the kernel keeps of connections', () => {
  const rest = tcp('10.0.0.1:80', { remote: '10.0.0.9:4000', state: 'TIME_WAIT' });
  expect(now([rest, dns])).toEqual([]);
});

it('a socket that is still there, one that was, and one that was not are told apart', () => {
  const child = { ...web, owners: [held('child', 70)] };
  const next = tcp('0.0.0.0:80', { inode: 5, owners: [held('next', 90)] });
  expect(now([child, other, next])).toEqual([
    ['still', '70', null],
    ['before', '8', null],
    ['now', '90', null],
  ]);
});

it('who is known to have ended holds nothing: the others are still to be found', () => {
  expect(now([web])).toEqual([['still', '', null]]);
  expect(now([{ ...web, owners: [held('web', 7), held('child', 70)] }])).toEqual([['still', '70', null]]);
});

it('of whom nobody can be told, that is told, once everybody was asked', () => {
  const anybody = tcp('0.0.0.0:80', { inode: 5 });
  expect(now([anybody], { unowned: true })).toEqual([['now', '', null]]);
  expect(now([anybody], { unreadable: { 4: 'EACCES' } })).toEqual([['now', '', 'permission']]);
});
