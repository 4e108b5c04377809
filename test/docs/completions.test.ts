import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COLUMNS } from '../../src/query/columns.ts';
import { openShell, openTerminal, PROMPT } from '../helpers/terminal.ts';
import { needs } from '../helpers/tools.ts';
import { TemporaryTree } from '../sockets/fixture.ts';

const folder = fileURLToPath(new URL('../../assets/completions/', import.meta.url));
const COMMANDS = ['kill', 'list', 'ps', 'service', 'show', 'watch'];

/** What is typed, and what a shell must offer for it: all of it, or what it must have and what it must not. */
type Case = [typed: string, offered: string[] | { among: string[]; never?: string[] }];

const both: Case[] = [
  ['porttop ', COMMANDS],
  ['porttop --stat', ['--state']],
  ['porttop list --st', ['--state']],
  ['porttop watch --s', { among: ['--services', '--state'], never: ['--sort'] }],
  ['porttop show --', { among: ['--json', '--procfs', '--reveal'], never: ['--state'] }],
  ['porttop kill -s TER', ['TERM']],
  ['porttop list --color ', ['always', 'auto', 'never']],
  ['porttop list --state est', ['established']],
  ['porttop list --columns port,pi', ['port,pid', 'port,pids']],
  ['porttop list --columns ', Object.keys(COLUMNS).toSorted()],
  ['porttop ps --sort rs', ['rss', 'rss:desc']],
  ['porttop ps --columns thr', ['threads']],
  ['porttop show ', { among: [String(process.pid)], never: ['exe'] }],
  ['porttop show 1 env', ['environ']],
  ['porttop show --json 1 env', ['environ']],
  ['porttop list --user root,daem', ['root,daemon']],
  ['porttop ps --user daem', ['daemon']],
  ['porttop list --procfs /pro', { among: ['/proc'] }],
  ['porttop list --services /etc/passw', { among: ['/etc/passwd'] }],
  ['porttop list -N al', ['all']],
  ['porttop --filter ', []],
];

function check(cases: readonly Case[], answers: readonly string[][]): void {
  const wrong = cases.flatMap(([typed, offered], index) => {
    const answer = (answers[index] as string[]).map((word) => word.replace(/(?<=.)\/$/, '')).toSorted();
    const right = Array.isArray(offered)
      ? answer.join(' ') === offered.join(' ')
      : offered.among.every((word) => answer.includes(word)) &&
        !offered.never?.some((word) => answer.includes(word));
    return right ? [] : [{ typed, offered, answer }];
  });
  expect(wrong).toEqual([]);
}

/** Lines of words, one for each case. */
function lines(output: string): string[][] {
  return output
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.split('\t').filter(Boolean));
}

describe.skipIf(needs('bash'))('bash', () => {
  function answers(typed: readonly string[], breaks = ' \t\n"\'@><=;|&(:'): string[][] {
    const script = `
      source "$1"; COMP_WORDBREAKS=$2; shift 2
      complete=$(complete -p porttop | sed 's/.*-F \\([^ ]*\\).*/\\1/')
      for COMP_LINE; do
        COMP_POINT=\${#COMP_LINE}
        $complete
        (IFS=$'\\t'; echo "\${COMPREPLY[*]}")
      done`;
    const args = ['--norc', '-c', script, 'bash', `${folder}porttop.bash`, breaks, ...typed];
    return lines(execFileSync('bash', args, { encoding: 'utf8' }));
  }

  it('completes commands, options and their values', () => {
    check(both, answers(both.map(([typed]) => typed)));
  });

  it('completes behind the signs at which readline takes words apart', () => {
    const cases: Case[] = [
      ['porttop list --color=al', ['always']],
      ['porttop list --color=', ['always', 'auto', 'never']],
      ['porttop ps --sort rss:', ['desc']],
      ['porttop ps --sort=rss:d', ['desc']],
      ['porttop list -s TCP:LIS', ['LISTEN']],
    ];
    check(cases, answers(cases.map(([typed]) => typed)));
  });

  it('completes whole words where readline leaves them whole', () => {
    check(
      [
        ['porttop list --color=al', ['--color=always']],
        ['porttop ps --sort rss:', ['rss:desc']],
      ],
      answers(['porttop list --color=al', 'porttop ps --sort rss:'], ' \t\n'),
    );
  });
});

describe.skipIf(needs('bash'))('in an interactive bash', () => {
  it('what is completed stands where it belongs', async () => {
    await using shell = await openShell({ columns: 200 });
    shell.type(`source '${folder}porttop.bash'\n`);
    // What is typed before readline reads is not its own.
    await shell.waitFor((screen) => screen.at(1) === PROMPT);
    for (const [typed, completed] of [
      ['porttop serv', 'porttop service '],
      ['porttop list --color=al', 'porttop list --color=always '],
      ['porttop ps --sort rss:', 'porttop ps --sort rss:desc '],
      ['porttop list --state listen,estab', 'porttop list --state listen,established'],
      ['porttop list --procfs /pro', 'porttop list --procfs /proc/'],
    ] as const) {
      shell.press('Ctrl-U', ...typed, 'Tab', '|');
      await shell.waitFor((screen) => screen.at(1) === `${PROMPT} ${completed}|`);
    }
  });
});

describe.skipIf(needs('fish'))('fish', () => {
  it('completes commands, options and their values', () => {
    const script = `
      source $argv[1]
      for line in $argv[2..-1]
        echo (complete -C "$line" | string replace -r '\\t.*' '' | string join \\t)
      end`;
    const args = ['--no-config', '-c', script, `${folder}porttop.fish`, ...both.map(([typed]) => typed)];
    check(both, lines(execFileSync('fish', args, { encoding: 'utf8' })));
  });
});

describe.skipIf(needs('zsh'))('zsh', () => {
  it('completes commands, options and their values', async () => {
    using home = new TemporaryTree({ '.zshrc': CAPTURE });
    const offered = join(home.root, 'offered');
    await using shell = openTerminal({
      command: 'zsh',
      args: ['--no-global-rcs', '-i'],
      env: { ZDOTDIR: home.root, OFFERED: offered, COMPLETIONS: folder, PS1: 'zsh> ', HISTFILE: undefined },
    });
    await shell.waitFor('zsh>');
    for (const [typed] of both) shell.press('Ctrl-U', ...typed, 'Ctrl-T');
    shell.press('Ctrl-U', ...'exit', 'Enter');
    await shell.exit;
    check(both, lines(readFileSync(offered, 'utf8')));
  });
});

/** On Ctrl-T a line of all that would be offered, which zsh itself only shows. */
const CAPTURE = `
  fpath=($COMPLETIONS $fpath)
  autoload -Uz compinit && compinit -u -D
  compadd() {
    if [[ " \${@[1,(i)(-|--)]} " != *' -'(O|A|D)' '* ]]; then
      local -a found
      builtin compadd -A found "$@"
      local -i folder=\${@[(i)-p]}
      hits+=("\${(@)found/#/$IPREFIX\${@[folder+1]}}")
    fi
    builtin compadd "$@"
  }
  capture() {
    local -aU hits
    _main_complete
    print -r -- "\${(pj:\\t:)hits}" >>$OFFERED
    compstate[list]=
  }
  zle -C capture list-choices capture
  bindkey '^T' capture`;
