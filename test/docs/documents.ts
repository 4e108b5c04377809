import { bashCompletion } from './completions/bash.ts';
import { fishCompletion } from './completions/fish.ts';
import { zshCompletion } from './completions/zsh.ts';
import { manPage } from './man.ts';

/** What is made of the program's own data, and where it is kept. */
export const DOCUMENTS: readonly { path: string; contents: () => string }[] = [
  { path: 'assets/porttop.1', contents: manPage },
  { path: 'assets/completions/porttop.bash', contents: bashCompletion },
  { path: 'assets/completions/_porttop', contents: zshCompletion },
  { path: 'assets/completions/porttop.fish', contents: fishCompletion },
];
