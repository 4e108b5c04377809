import type { Status } from '../../procfs/status.ts';
import { EMPTY, join, type SafeText, safe, text } from '../../text/safe.ts';
import type { Facts } from '../field.ts';
import { type Context, plain, type Said } from '../said.ts';

/** The number always, the name beside it. */
export function named(uid: number, users: Context['users']): SafeText {
  const name = users.name(uid);
  return name === null ? text`uid ${uid}` : text`${safe(name)} (uid ${uid})`;
}

/** The same of a group. */
export function groupNamed(gid: number, users: Context['users']): SafeText {
  const name = users.group?.(gid) ?? null;
  return name === null ? text`gid ${gid}` : text`${safe(name)} (gid ${gid})`;
}

/** Whose a process is: every one of its uids that is another than the real one, and who logged in. */
export function user({ uids }: Status, { loginUid }: Facts, { users }: Context): Said {
  const { real, effective, saved, filesystem } = uids;
  const said = [named(real, users)];
  if (effective !== real) {
    const both = saved === effective ? text` and saved` : EMPTY;
    said.push(text`effective${both} ${named(effective, users)}`);
  }
  if (saved !== effective) said.push(text`saved ${named(saved, users)}`);
  if (filesystem !== effective) said.push(text`for files ${named(filesystem, users)}`);
  if (loginUid !== null && loginUid !== real) said.push(text`logged in as ${named(loginUid, users)}`);
  return plain(join(said, text`, `), ...rights(uids, users));
}

/** What the difference means (credentials(7)). */
function rights({ real, effective, saved }: Status['uids'], users: Context['users']): SafeText[] {
  if (effective !== real) {
    const acts = text`it acts with the rights of ${named(effective, users)}`;
    return [text`${named(real, users)} started it, and ${acts} (a set-user-ID program, or seteuid(2))`];
  }
  return saved === effective ? [] : [text`it can become ${named(saved, users)} again (seteuid(2))`];
}
