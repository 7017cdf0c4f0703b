import type { Argument, Command } from 'commander';
import { commandTree, type TreeNode } from './command-tree.js';

const cell = (text: string): string => text.replace(/\|/g, '\\|');

function sectionOf({ words, command, options, takes }: TreeNode): string {
  const usage = [words.join(' '), ...takes.map(argumentOf)];
  const rows = [
    ...takes.map((each) => row(`\`${each.name()}\``, each.description, each.argChoices)),
    ...options
      .filter(({ long }) => long !== '--help')
      .map((each) => row(`\`${cell(each.flags)}\``, each.description, each.argChoices, each.mandatory)),
  ];
  const table = rows.length === 0 ? [] : ['', '| | |', '|---|---|', ...rows];
  return [`### \`${usage.join(' ')}\``, '', `${command.description()}.`, ...table].join('\n');
}

function argumentOf(argument: Argument): string {
  const text = argument.variadic ? `${argument.name()}…` : argument.name();
  return argument.required ? `<${text}>` : `[${text}]`;
}

function row(name: string, description: string, choices: readonly string[] | undefined, mandatory = false): string {
  const more = [
    ...(choices ? [`one of ${choices.map((each) => `\`${each}\``).join(', ')}`] : []),
    ...(mandatory ? ['required'] : []),
  ];
  return `| ${name} | ${cell([description, ...more].filter((each) => each !== '').join('; '))} |`;
}

/** All commands in Markdown, from the commands themselves: scripts/docs.mjs writes docs/cli.md with it. */
export function commandReference(program: Command): string {
  return commandTree(program)
    .filter(({ words, children }) => words.length > 0 && children.length === 0)
    .map(sectionOf)
    .join('\n\n');
}
