import { type ParsedSockets, parseSocketArguments, type SocketCommand } from './socket-flags.ts';

/** The arguments of `porttop`; null: the help or the version was asked for and has been printed. */
export function parseTopOptions(args: readonly string[]): ParsedSockets | null {
  return parseSocketArguments(TOP, args);
}

const TOP: SocketCommand = {
  name: 'porttop',
  summary: 'Who holds a port, what that process is, and what an unknown port number means: live.',
  quiet: [],
  help: `
Commands:
  porttop list [TARGET...]          the sockets, once (porttop list --help)
  porttop watch [TARGET...]         sockets as they open and close, one JSON object a line
  porttop show PID [FIELD...]       a process's /proc fields
  porttop service NAME|PORT...      what a port number or a service name means

Examples:
  porttop                  what listens here
  porttop 4000             every use of port 4000
  porttop list :4000       the same, once: as lsof -i :4000
  porttop list -tuapn      as netstat -tuapn
  porttop service 4000     what is usually on port 4000?

In the screen, ? tells the keys.`,
};
