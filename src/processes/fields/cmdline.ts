import { parseCmdline } from '../../procfs/cmdline.ts';
import { shellQuote } from '../../text/quote.ts';
import { EMPTY, join, type SafeText, text } from '../../text/safe.ts';
import { type Asked, type Facts, type FieldDefinition, isReadable, type Read } from '../field.ts';
import { dim, plain, type Said, TOO_LONG } from '../said.ts';
import { bounded, NUL } from './bounded.ts';

// The kernel lets arguments and environment together have 6 MB (fs/exec.c, bprm_stack_limits()), but a
// process may claim more of its memory to be them (prctl(2), PR_SET_MM_MAP).
const LIMIT = 8 << 20;

export const cmdline: FieldDefinition<string[]> = {
  about: 'its arguments',
  read: readArguments,
  entries: (argv, facts) => [['cmdline', argumentLines(argv, facts)]],
};

/** For who wants only the first entries of long lists, as much as a person would read. */
const ENOUGH = 16 << 10;

function readArguments({ procfs, pid, most }: Asked): Read<string[]> {
  const file = `${pid}/cmdline`;
  if (most === null) return bounded(procfs, file, LIMIT, NUL, parseCmdline);
  // One argument may be all that there is: its beginning is better than nothing.
  const { bytes, truncated } = procfs.read(file, ENOUGH);
  return { value: parseCmdline(bytes), ...(truncated && { truncated }) };
}

/** The whole command in one line. */
export function commandLine(argv: readonly string[], facts: Facts): Said {
  const words = argv.map(shellQuote);
  if (isCut(facts)) words.push(text`… (${TOO_LONG})`);
  return words.length > 0 ? plain(join(words, text` `)) : dim(text`empty${whyEmpty(facts)}`);
}

/** One argument a line, and still one command when it is pasted. */
function argumentLines(argv: readonly string[], facts: Facts): Said {
  if (argv.length < 2) return commandLine(argv, facts);
  const last = argv.length - 1;
  return plain(
    ...argv.map((word, index) => (index < last ? text`${shellQuote(word)} \\` : shellQuote(word))),
  );
}

function isCut({ fields }: Facts): boolean {
  return isReadable(fields.cmdline) && fields.cmdline.truncated === true;
}

/** Why there is nothing in a file, where the process explains it. */
export function whyEmpty(facts: Facts): SafeText {
  if (facts.kernelThread) return text`: a kernel thread`;
  const { stat } = facts.fields;
  return isReadable(stat) && stat.value.state === 'Z' ? text`: a zombie` : EMPTY;
}
