import type { Command, Option } from 'commander';
import { commandTree, type TreeNode } from './command-tree.js';

export const SHELLS = ['bash', 'zsh'] as const;
export type Shell = (typeof SHELLS)[number];

/** Words that a shell takes for something else are not among ours. */
const quoted = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`;

const spellings = ({ short, long }: Option): readonly string[] =>
  [short, long].filter((each): each is string => typeof each === 'string');

/** What leads to a command, as the functions below keep it. */
const placeOf = ({ words }: TreeNode): string => words.map((word) => ` ${word}`).join('');

/** The words that go on from a place. */
function wordsAt({ children, options, takes }: TreeNode): string {
  const choices = takes.flatMap(({ argChoices }) => argChoices ?? []);
  return [...children, ...choices, ...options.flatMap(spellings)].join(' ');
}

const cases = (rows: readonly (readonly [patterns: readonly string[], does: string])[], indent: string): string =>
  rows.map(([patterns, does]) => `${indent}${patterns.map(quoted).join('|')}) ${does} ;;`).join('\n');

/** What an option takes: its choices, or whatever the shell itself would complete, such as files. */
function values(nodes: readonly TreeNode[], give: (words: string) => string, files: string): string {
  const rows = nodes.flatMap((node) =>
    node.options
      .filter(({ required, optional }) => required || optional)
      .map((option) => {
        const patterns = spellings(option).map((each) => `${placeOf(node)}:${each}`);
        return [patterns, option.argChoices ? give(option.argChoices.join(' ')) : files] as const;
      }),
  );
  return cases(rows, '    ');
}

const nextWords = (nodes: readonly TreeNode[]): string =>
  cases(
    nodes.map((node) => [[placeOf(node)], `words=${quoted(wordsAt(node))}`] as const),
    '    ',
  );

const places = (nodes: readonly TreeNode[]): string =>
  nodes
    .filter(({ words }) => words.length > 0)
    .map((node) => quoted(placeOf(node)))
    .join('|');

function bash(nodes: readonly TreeNode[]): string {
  return `# bash completion of codex-pooler
_codex_pooler() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} place= words= at
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "$place \${COMP_WORDS[at]}" in
      ${places(nodes)}) place="$place \${COMP_WORDS[at]}" ;;
    esac
  done
  case "$place:$before" in
${values(nodes, (words) => `COMPREPLY=($(compgen -W ${quoted(words)} -- "$current")); return`, 'return')}
  esac
  case "$place" in
${nextWords(nodes)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _codex_pooler codex-pooler
`;
}

function zsh(nodes: readonly TreeNode[]): string {
  return `#compdef codex-pooler
# zsh completion of codex-pooler
_codex_pooler() {
  local before=\${words[CURRENT-1]} place= at
  local -a given=("\${words[@]}")
  local words=
  for ((at = 2; at < CURRENT; at++)); do
    case "$place \${given[at]}" in
      ${places(nodes)}) place="$place \${given[at]}" ;;
    esac
  done
  case "$place:$before" in
${values(nodes, (words) => `compadd -- ${words.split(' ').map(quoted).join(' ')}; return`, '_files; return')}
  esac
  case "$place" in
${nextWords(nodes)}
  esac
  compadd -- \${=words} || _files
}
compdef _codex_pooler codex-pooler
`;
}

/** A script for a shell to source: it completes commands, options, and the choices of both. */
export function completionScript(program: Command, shell: Shell): string {
  const nodes = commandTree(program);
  return shell === 'bash' ? bash(nodes) : zsh(nodes);
}
