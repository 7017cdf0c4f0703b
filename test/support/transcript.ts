/** One command of a page, and what the page says it prints. */
export interface Step {
  /** Of its `$`, from 1. */
  readonly line: number;
  /** Perhaps of several lines. */
  readonly command: string;
  readonly output: string;
}

/** Secrets, of which a page shows the beginning; ids and codes, which later commands of a page may repeat. */
const CARRIED = String.raw`(?:sk|opr|mcp)-cxp-[0-9a-f]{12}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9A-F]{4}-[0-9A-F]{6}\b`;
const SECRETS: readonly RegExp[] = [
  /(?<=(?:sk|opr|mcp)-cxp-[0-9a-f]{12}-)[\w-]{43}/g,
  /(?<=secret, shown this once: )\S+/g,
];
/** What is different at every run, and what it is called where two runs are compared. */
const PASSING: readonly (readonly [RegExp, string])[] = [
  [new RegExp(CARRIED, 'g'), '<id>'],
  [/\b\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?/g, '<time>'],
  [/\b\d+ (?:d|h|min|s|ms)(?: \d+ (?:h|min))?\b/g, '<span>'],
  [/\b[0-9a-f]{64}\b/g, '<hash>'],
  [/(?<="resets_(?:at|in_seconds)":)\d+/g, '<time>'],
  // What is as wide as its widest cell.
  [/ {2,}/g, '  '],
  // How often an incident was seen: a worker may have looked once more by itself.
  [/(?<=<span> ago {2})\d+$|\d+(?= times in <span>$)/gm, '<times>'],
  // How long a call in a list took.
  [/(?<= {2})\d+(?= {2}<id>$)/gm, '<ms>'],
];

/** A page whose `console` blocks hold commands after `$ `, with what they print below them. */
export class Transcript {
  readonly steps: readonly Step[];
  /** What ids of the page are called in this run. */
  private readonly names = new Map<string, string>();

  constructor(private readonly page: string) {
    this.steps = [...page.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(({ index, 1: block = '' }) =>
      stepsOf(block, page.slice(0, index).split('\n').length + 1),
    );
  }

  /** The command with the ids of this run. */
  commandOf({ command }: Step): string {
    return command.replace(new RegExp(CARRIED, 'g'), (id) => this.names.get(id) ?? id);
  }

  /**
   * Keeps what the ids that a step shows are called in this run.
   *
   * @returns those that were called otherwise before
   */
  carry({ output }: Step, printed: string): readonly string[] {
    const real = printed.match(new RegExp(CARRIED, 'g')) ?? [];
    const shown = output.match(new RegExp(CARRIED, 'g')) ?? [];
    return shown.filter((id, at) => {
      const name = real[at];
      if (name === undefined) return false;
      const before = this.names.get(id) ?? name;
      this.names.set(id, before);
      return before !== name;
    });
  }

  /** What a step says in this run, as far as that is the same in every run. */
  expected({ output }: Step): string {
    return lasting(output);
  }

  /** The page with what was printed now, a text for each step. */
  rewritten(printed: readonly string[]): string {
    let text = this.page;
    for (const [at, step] of [...this.steps.entries()].reverse()) {
      const given = `$ ${step.command}\n${step.output}`;
      const from = placeOf(text, step.line);
      const command = this.commandOf(step);
      const output = withoutSecrets(printed[at] ?? '');
      text = `${text.slice(0, from)}$ ${command}\n${output}${text.slice(from + given.length)}`;
    }
    return text;
  }
}

/** A text of this run, as far as it is the same in every run. */
export const lasting = (text: string): string =>
  PASSING.reduce((masked, [pattern, name]) => masked.replace(pattern, name), withoutSecrets(text));

const withoutSecrets = (text: string): string =>
  SECRETS.reduce((masked, secret) => masked.replace(secret, '…'), text.replace(/ +$/gm, ''));

const placeOf = (text: string, line: number): number =>
  text
    .split('\n')
    .slice(0, line - 1)
    .reduce((length, each) => length + each.length + 1, 0);

function stepsOf(block: string, firstLine: number): Step[] {
  const steps: { line: number; command: string; output: string }[] = [];
  for (const [at, line] of block.slice(0, -1).split('\n').entries()) {
    const last = steps.at(-1);
    if (line.startsWith('$ ')) steps.push({ line: firstLine + at, command: line.slice(2), output: '' });
    else if (last === undefined) throw new Error(`No command before what line ${firstLine + at} shows.`);
    else if (last.output === '' && last.command.endsWith('\\')) last.command += `\n${line}`;
    else last.output += `${line}\n`;
  }
  return steps;
}
