import { test } from 'vitest';
import { connection, held, tcp, udp } from '../helpers/snapshots.ts';
import { openScreen, processOf, service, KEY } from './screen.tsx';
import { Services } from '../../src/services/services.ts';
const sockets = [
  tcp('0.0.0.0:22', { owners: [held('sshd', 700)] }),
  tcp('0.0.0.0:80', { owners: [held('nginx', 812), held('nginx', 813)], uid: 33 }),
  tcp('[2001:db8:1111:2222:3333:4444:5555:6666]:443', { owners: [held('nginx', 812)], uid: 33 }),
  udp('127.0.0.53:53', { owners: [held('systemd-resolve', 500)], uid: 101 }),
  tcp('127.0.0.1:2049'),
  connection('10.0.0.1:80', '10.0.0.2:40000', { owners: [held('nginx', 813)], uid: 33 }),
];
test('x', async () => {
  for (const size of [{columns:80,rows:24},{columns:120,rows:40},{columns:200,rows:60}]) {
    using s = await openScreen({ size, sockets, circumstances: { users: {0:'root',33:'www-data',101:'systemd-resolve'}, services: {'80/tcp':'http'} }, services: new Services([service('http',80,{description:'WWW', aliases:['www']})]) , users: {0:'root'}});
    console.log(s.text);
    await s.press('2'); console.log(s.text);
    await s.press('s'); console.log(s.text.split('\n').at(-1));
    await s.press(KEY.enter, '1', 'j','j', KEY.enter); await s.dispatch(processOf(812));
    console.log(s.text);
  }
  using s = await openScreen({ size: {columns:80,rows:24}, services: new Services([service('http',80,{description:'WWW', aliases:['www']})])});
  console.log(s.text); await s.press('4', 'h'); console.log(s.text); await s.press(KEY.f1); console.log(s.text);
  for (const size of [{columns:79,rows:24},{columns:20,rows:5},{columns:10,rows:2},{columns:1,rows:1},{columns:100,rows:3}]) { await s.resize(size); console.log(JSON.stringify(s.lines)); }
});
