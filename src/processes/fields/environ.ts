import { getenv, parseEnviron, type Variable } from '../../procfs/environ.ts';
import { EMPTY, type SafeText, safe, text } from '../../text/safe.ts';
import { type Entry, type Facts, type FieldDefinition, isReadable } from '../field.ts';
import { type Context, dim, plain, type Said, warning } from '../said.ts';
import { isSecret, masked, withoutPasswords } from '../secrets.ts';
import { bounded, NUL } from './bounded.ts';
import { named } from './users.ts';

// Half a variable could be a secret whose name or `@` is beyond the limit: it is left out.
const LIMIT = 1 << 20;

export const environ: FieldDefinition<Variable[]> = {
  about: 'its environment; secrets are masked',
  read: ({ procfs, pid }) => bounded(procfs, `${pid}/environ`, LIMIT, NUL, parseEnviron),
  entries: (variables, facts, context) => [
    ['environ', userVariable(variables, facts, context)],
    ...variableEntries(variables, context),
  ],
  json: (variables, reveal) => ({ value: environJson(variables, reveal) }),
};

/** One for each variable, in their order. */
export function variableEntries(
  variables: readonly Variable[],
  { reveal }: Pick<Context, 'reveal'>,
): Entry[] {
  return variables.map(({ name, value }) => {
    if (value === null) return [reveal ? name : withoutPasswords(name), dim(text`(no value)`)];
    if (reveal) return [name, plain(safe(value))];
    const shown = safe(masked(name, value));
    return [name, isSecret(name) ? dim(shown) : plain(shown)];
  });
}

/** USER is what the process was told; whose it is, the kernel says. */
export function userVariable(environ: readonly Variable[], facts: Facts, { users }: Context): Said {
  const user = getenv(environ, 'USER');
  if (user === null) return dim(whyNoUser(environ, facts));
  const said = text`USER=${safe(user)}`;
  const { status } = facts.fields;
  if (!isReadable(status)) return plain(said);
  const { real, effective } = status.value.uids;
  const owner = users.name(real);
  const invoker = getenv(environ, 'SUDO_USER');
  const sudo = invoker === null || invoker === user ? EMPTY : text`, started by ${safe(invoker)} with sudo`;
  if (user === owner) return plain(text`${said}, as its owner${sudo}`);
  if (user === users.name(effective)) return plain(text`${said}, as its effective user${sudo}`);
  if (owner === null) return plain(text`${said}; it runs as uid ${real}, whose name is not known`);
  const loggedIn = facts.loginUid !== null && user === users.name(facts.loginUid);
  return warning(text`${said}${loggedIn ? text` logged in` : EMPTY}, but it runs as ${named(real, users)}`);
}

/** That a variable is not set can be said only of an environment that is all there. */
function whyNoUser(environ: readonly Variable[], { fields }: Facts): SafeText {
  if (fields.environ && 'truncated' in fields.environ) return text`USER not among what was read of it`;
  // A title that did not fit into the arguments goes on here (setproctitle: nginx).
  const overwritten = environ.some(({ value }) => value === null);
  return overwritten ? text`not known: the process has written its title over it` : text`USER not set`;
}

/** Of duplicates the first, as getenv(3) has it; null where there is no value. */
function environJson(environ: readonly Variable[], reveal: boolean): Record<string, string | null> {
  const values = new Map<string, string | null>();
  for (const { name, value } of environ) {
    if ((values.get(name) ?? null) !== null) continue;
    values.set(name, value === null || reveal ? value : masked(name, value));
  }
  return Object.fromEntries(
    [...values].map(([name, value]) => [reveal ? name : withoutPasswords(name), value]),
  );
}
