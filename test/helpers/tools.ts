import { accessSync, constants, globSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type NamespaceOptions, namespaceProblem } from './namespace.ts';

/** Where a program is, as a whole path; also where Debian puts what is not for everybody's PATH. */
export function whereIs(tool: string): string {
  const found = find(tool);
  if (found === null) throw new Error(`no ${tool}`);
  return found;
}

/** Why what needs these programs cannot be tested here, for `describe.skipIf`; null: it can. */
export function needs(...tools: string[]): string | null {
  const missing = tools.filter((tool) => find(tool) === null);
  return unlessRequired(missing.length === 0 ? null : `no ${missing.join(', ')}`);
}

/** The same for what needs namespaces. */
export function needsNamespace(options: NamespaceOptions = {}): string | null {
  return unlessRequired(namespaceProblem(options));
}

/** Where everything is said to be there, nothing may be skipped for want of it. */
function unlessRequired(problem: string | null): string | null {
  if (problem !== null && process.env.PORTTOP_TEST_TOOLS === 'required')
    throw new Error(`PORTTOP_TEST_TOOLS=required, but: ${problem}`);
  return problem;
}

function find(tool: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/bin'];
  const paths = [
    ...folders.map((folder) => join(folder, tool)),
    ...globSync(`/usr/lib/postgresql/*/bin/${tool}`),
  ];
  return paths.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(realpathSync(path), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
