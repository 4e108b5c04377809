import { stringify } from '../output/json.ts';
import { standardOutput } from '../output/standard-output.ts';
import { ProcFs } from '../procfs/procfs.ts';
import { type PortRange, readEphemeralRange } from '../services/ephemeral-range.ts';
import { HIGHEST_PORT } from '../services/etc-services.ts';
import type { Service } from '../services/service.ts';
import {
  ephemeralNote,
  isEphemeral,
  parseServiceQuery,
  type ServiceQuery,
  type Services,
} from '../services/services.ts';
import { EMPTY, join, type SafeText, safe, text } from '../text/safe.ts';
import { fit, widthOf } from '../text/width.ts';
import { EXIT, UsageError } from './exit.ts';
import { openServices } from './open-services.ts';
import { afterOptions, type Command, commandLine, type Example, parseArguments } from './usage.ts';

export const EXAMPLES: readonly Example[] = [
  ['porttop service 4000', 'what is this port number that I do not know?'],
  ['porttop service 5353/udp', 'and in this protocol alone?'],
  ['porttop service postgres', 'which port has this name?'],
];

/** The command line, for the man page and the completions too. */
export function serviceCommandLine(): Command {
  return commandLine('porttop service', 'What a port number or a service name means, and who says so.')
    .argument('<NAME|PORT...>', 'a name, the beginning of one, a PORT or a PORT/PROTO')
    .option('--json', 'one JSON document')
    .option('--services <FILE>', 'read another /etc/services')
    .option('--procfs <DIR>', 'read another /proc', '/proc')
    .addHelpText('after', afterOptions(EXAMPLES, ['matched', 'nothing', 'usage']));
}

/** `porttop service`: what /etc/services says of a port or a name, and where it is silent the IANA registry. */
export async function run(args: string[]): Promise<number> {
  const command = serviceCommandLine();
  if (!parseArguments(command, args)) return EXIT.matched;
  const options = command.opts<{ json?: true; services?: string; procfs: string }>();

  const services = openServices(options.services);
  const queries = command.args.map((argument) => readQuery(argument, services));
  await services.loadRegistry();

  const answers = queries.map((query) => ({ query, found: find(query, services) }));
  const ephemeral = readEphemeralRange(new ProcFs(options.procfs));
  const found = [...new Set(answers.flatMap((answer) => answer.found))];
  if (options.json) {
    const unknown = answers.filter((answer) => answer.found.length === 0).map(({ query }) => query);
    const document = { services: found, unknown: unknown.map((query) => unknownJson(query, ephemeral)) };
    standardOutput.write(`${stringify(document)}\n`);
  } else {
    const remarks = answers.flatMap((answer) => remarksOn(answer, services, ephemeral));
    const lines = [...table(found), ...remarks];
    standardOutput.write(`${lines.join('\n')}\n`);
  }
  return found.length > 0 ? EXIT.matched : EXIT.nothing;
}

function readQuery(argument: string, services: Services): ServiceQuery {
  const query = parseServiceQuery(argument, services.protocols);
  if (!('port' in query)) {
    if (query.name === '') {
      throw new UsageError('an empty name; give a NAME, a PORT or a PORT/PROTO, as 80/tcp');
    }
    return query;
  }
  if (query.port < 0 || query.port > HIGHEST_PORT) {
    throw new UsageError(`'${argument}' is no port; ports go from 0 to ${HIGHEST_PORT}`);
  }
  if (query.protocol !== null && !services.protocols.has(query.protocol)) {
    const known = [...services.protocols].join(', ');
    throw new UsageError(`'${argument}' names no protocol that is known here; known are ${known}`);
  }
  return query;
}

/** The beginnings of a name only where nothing has it whole: a script that asks for ssh wants no sshell. */
function find(query: ServiceQuery, services: Services): Service[] {
  if ('port' in query) return services.at(query.port, query.protocol);
  const named = services.named(query.name, query.protocol);
  return named.length > 0 ? named : services.beginning(query.name, query.protocol);
}

/** What has no service; of a port whether the kernel hands such ones out, null where it does not say. */
function unknownJson(query: ServiceQuery, range: PortRange | null): object {
  if (!('port' in query)) return query;
  return { ...query, ephemeral: range && isEphemeral(query.port, range) };
}

/** Why nothing was found; of a port that was, whether it may also be just any. */
function remarksOn(
  { query, found }: { query: ServiceQuery; found: readonly Service[] },
  services: Services,
  ephemeral: PortRange | null,
): SafeText[] {
  if (found.length > 0) {
    const note = 'port' in query ? ephemeralNote(query.port, ephemeral) : null;
    return note && 'port' in query ? [text`${query.port} is ${note}`] : [];
  }
  return 'port' in query
    ? services.explainUnknown(query.port, query.protocol, ephemeral)
    : [services.explainUnknownName(query.name, query.protocol)];
}

const TITLES = [text`NAME`, text`PORT`, text`ALIASES`, text`DESCRIPTION`, text`SOURCE`];
const DESCRIPTION = 3;

/** Aligned; only a terminal too narrow for the longest description cuts it. */
function table(services: readonly Service[]): SafeText[] {
  if (services.length === 0) return [];
  const rows = [TITLES, ...services.map(cells)];
  const widths = TITLES.map((_, column) =>
    rows.reduce((width, row) => Math.max(width, widthOf(row[column] ?? EMPTY)), 0),
  );
  const excess = widths.reduce((sum, width) => sum + width + 2, -2) - (standardOutput.columns ?? Infinity);
  if (excess > 0) {
    const room = (widths[DESCRIPTION] as number) - excess;
    widths[DESCRIPTION] = Math.max(room, widthOf(TITLES[DESCRIPTION] as SafeText));
  }
  return rows.map((row) => {
    const padded = row.map((cell, column) =>
      column === row.length - 1 ? cell : fit(cell, widths[column] as number),
    );
    return join(padded, text`  `);
  });
}

function cells({ name, port, protocol, aliases, description, source }: Service): SafeText[] {
  return [
    safe(name),
    text`${port}/${safe(protocol)}`,
    join(aliases.map(safe), text` `),
    safe(description ?? ''),
    safe(source),
  ];
}
