import { execFileSync } from 'node:child_process';
import { Argument, Command, Option } from 'commander';
import { completionScript } from './completion.js';
import type { CommandContext } from './context.js';
import { commandLine } from './program.js';

const context = {} as CommandContext;

function program(): Command {
  const made = new Command('codex-pooler').version('1');
  made
    .command('serve')
    .addOption(new Option('-r, --role <role>').choices(['all', 'gateway', 'worker']))
    .option('--file <path>')
    .option('--json');
  const account = made.command('account');
  account.command('list').option('--json');
  account.command('level').addArgument(new Argument('<level>').choices(['high', 'low']));
  return made;
}

/** What a real bash offers at the end of a line. */
function offered(script: string, ...line: readonly string[]): string[] {
  const words = line.map((word) => `'${word}'`).join(' ');
  const asked = `${script}\nCOMP_WORDS=(codex-pooler ${words}); COMP_CWORD=${line.length}; _codex_pooler; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const said = execFileSync('bash', ['--norc', '-c', asked], { encoding: 'utf8' });
  return said.split('\n').filter((word) => word !== '');
}

describe('the completion of commands', () => {
  const script = completionScript(program(), 'bash');

  it.each<[string, string[], string[]]>([
    ['commands', [''], ['serve', 'account', '-V', '--version', '-h', '--help']],
    ['commands that begin so', ['acc'], ['account']],
    ['commands of a command', ['account', 'l'], ['list', 'level']],
    ['options', ['account', 'list', '--'], ['--json', '--help']],
    ['the choices of an option', ['serve', '--role', ''], ['all', 'gateway', 'worker']],
    ['the choices of its short form', ['serve', '-r', 'g'], ['gateway']],
    ['the choices of an argument', ['account', 'level', 'h'], ['high']],
    ['what comes after an option with a value', ['serve', '--role', 'all', '--j'], ['--json']],
    ['nothing of its own where a value is free', ['serve', '--file', ''], []],
  ])('offers in bash %s', (_, line, words) => {
    expect(offered(script, ...line)).toEqual(words);
  });

  it('offers every command that there is, after what leads to it', () => {
    const whole = commandLine(context, '1');
    const real = completionScript(whole, 'bash');
    for (const { name, commands } of whole.commands.map((each) => ({ name: each.name(), commands: each.commands }))) {
      expect(offered(real, name)).toContain(name);
      for (const below of commands) expect(offered(real, name, below.name())).toContain(below.name());
    }
  });

  it('is known to bash as the completion of the command', () => {
    const said = execFileSync('bash', ['--norc', '-c', `${script}\ncomplete -p codex-pooler`], { encoding: 'utf8' });
    expect(said).toContain('-F _codex_pooler codex-pooler');
  });

  it('says the same to zsh', () => {
    const zsh = completionScript(program(), 'zsh');
    expect(zsh).toMatch(/^#compdef codex-pooler\n/);
    expect(zsh).toContain("' serve:-r'|' serve:--role') compadd -- 'all' 'gateway' 'worker'; return ;;");
    expect(zsh).toContain("' account') words='list level -h --help' ;;");
  });
});
