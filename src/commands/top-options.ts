import { type ParsedSockets, parseSocketArguments, type SocketCommand } from './socket-flags.ts';

/** The arguments of `porttop`; null: the help or the version was asked for and has been printed. */
export function parseTopOptions(args: readonly string[]): ParsedSockets | null {
  return parseSocketArguments(TOP, args);
}

export const TOP: SocketCommand = {
  name: 'porttop',
  summary: 'Who holds a port, what that process is, and what an unknown port number means: live.',
  quiet: [],
  more: (command) =>
    command.option(
      '--print-config',
      'print the settings as they are by themselves, for a file to begin with',
    ),
  help: `
In the screen, ? tells the keys.

Commands:
  porttop list [TARGET...]      the sockets that match, once
  porttop ps [PID|NAME...]      processes, and the ports that they hold
  porttop show PID [FIELD...]   what a process is: its files of /proc, decoded
  porttop service NAME|PORT...  what a port number or a service name means
  porttop kill TARGET...        signals who listens on a port, after a question
  porttop watch [TARGET...]     sockets as they open and close, as lines of JSON
Each has a --help of its own.

Settings: porttop/config.toml in $XDG_CONFIG_HOME or ~/.config (--print-config)`,
  examples: [
    ['porttop', 'who listens here'],
    ['porttop 4000', 'who holds this port?'],
    ['porttop list 4000', 'the same, once: as lsof -i :4000'],
    ['porttop list --pid 1234', 'which ports does this process hold?'],
    ['porttop show 1234', 'what is it, whose is it, where did it come from?'],
    ['porttop service 4000', 'what is this port number that I do not know?'],
    ['porttop kill 4000', 'stop whoever listens there, after a question'],
    ['porttop -a', 'connections too: netstat -tuapn, live'],
  ],
  statuses: [],
};
