import { manPage } from './man.ts';

/** What is made of the program's own data, and where it is kept. */
export const DOCUMENTS: readonly { path: string; contents: () => string }[] = [
  { path: 'assets/porttop.1', contents: manPage },
];
