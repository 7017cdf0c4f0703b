import type { Argument, Command, Option } from 'commander';

/** One command of the tree, as completion and documentation want it. */
export interface TreeNode {
  /** The words that lead to it; none for the program itself. */
  readonly words: readonly string[];
  readonly command: Command;
  readonly children: readonly string[];
  readonly options: readonly Option[];
  readonly takes: readonly Argument[];
}

/** The program and all its commands, each before those below it. */
export function commandTree(command: Command, words: readonly string[] = []): readonly TreeNode[] {
  const help = command.createHelp();
  const children = command.commands;
  const node: TreeNode = {
    words,
    command,
    children: children.map((each) => each.name()),
    options: [...help.visibleOptions(command)],
    takes: command.registeredArguments,
  };
  return [node, ...children.flatMap((each) => commandTree(each, [...words, each.name()]))];
}
