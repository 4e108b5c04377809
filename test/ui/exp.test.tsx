import { test } from 'vitest';
import { tcp } from '../helpers/snapshots.ts';
import { openScreen } from './screen.tsx';
test('x', async () => {
    using s = await openScreen({ sockets: [tcp('0.0.0.0:1')] });
    await s.press('4');
    console.log(s.frames.length, s.frames.at(-2)?.slice(0,500));
});
