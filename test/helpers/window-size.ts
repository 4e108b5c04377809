import { render } from 'ink-testing-library';

// Ink asks what it draws on for its size. What this library gives it has no rows, and then Ink starts tput(1)
// twice for every frame, to be told the same.
const { stdout, unmount } = render(null as never);
unmount();
Object.defineProperty(Object.getPrototypeOf(stdout), 'rows', { configurable: true, value: 24 });
