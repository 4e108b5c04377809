import type { Command, Option } from 'commander';
import {
  EXAMPLES as KILL_EXAMPLES,
  REMARKS as KILL_REMARKS,
  killCommandLine,
} from '../../src/commands/kill.ts';
import { LIST } from '../../src/commands/list.ts';
import { EXAMPLES as PS_EXAMPLES, REMARKS as PS_REMARKS, psCommandLine } from '../../src/commands/ps.ts';
import { EXAMPLES as SERVICE_EXAMPLES, serviceCommandLine } from '../../src/commands/service.ts';
import { EXAMPLES as SHOW_EXAMPLES, showCommandLine } from '../../src/commands/show.ts';
import { type SocketCommand, socketCommandLine } from '../../src/commands/socket-flags.ts';
import { TOP } from '../../src/commands/top-options.ts';
import type { Example } from '../../src/commands/usage.ts';
import { WATCH } from '../../src/commands/watch.ts';

/** A command as its own help has it. */
export type Documented = {
  /** What is typed after `porttop`; empty for the screen. */
  word: string;
  line: Command;
  examples: readonly Example[];
  /** What its help says under its options. */
  remarks?: string;
  /** Whether it takes the options of all that is about sockets. */
  ofSockets: boolean;
};

function ofSockets(word: string, command: SocketCommand): Documented {
  const line = socketCommandLine(command);
  return { word, line, examples: command.examples, ofSockets: true };
}

/** Every command that there is, in the order in which they are told. */
export const COMMANDS: readonly Documented[] = [
  ofSockets('', TOP),
  ofSockets('list', LIST),
  { word: 'ps', line: psCommandLine(), examples: PS_EXAMPLES, remarks: PS_REMARKS, ofSockets: false },
  { word: 'show', line: showCommandLine(), examples: SHOW_EXAMPLES, ofSockets: false },
  { word: 'service', line: serviceCommandLine(), examples: SERVICE_EXAMPLES, ofSockets: false },
  {
    word: 'kill',
    line: killCommandLine(),
    examples: KILL_EXAMPLES,
    remarks: KILL_REMARKS,
    ofSockets: false,
  },
  { ...ofSockets('watch', WATCH), remarks: WATCH.help },
];

/** The options that a command's help tells, in its order. */
export function optionsOf({ line }: Documented): readonly Option[] {
  return line.createHelp().visibleOptions(line);
}

/** `porttop list [options] [TARGET...]`. */
export function usageOf({ line }: Documented): string {
  return line.createHelp().commandUsage(line);
}

/** The title that a command has as a whole: `porttop list`. */
export function titleOf({ word }: Documented): string {
  return `porttop ${word}`.trimEnd();
}
