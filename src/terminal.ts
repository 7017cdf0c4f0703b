import { createInterface } from 'node:readline';

/** Where a person reads and types. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: { write(text: string): unknown };
  /** Absent: nobody reads there. */
  readonly stderr?: { write(text: string): unknown };
}

export function say(text: string, { stdout }: Pick<Terminal, 'stdout'>): void {
  stdout.write(`${text}\n`);
}

/** Ask a person for one line. @returns undefined when there is nobody to answer, or the signal aborts before they do */
export async function ask(
  question: string,
  signal: AbortSignal,
  { stdin, stdout }: Terminal,
): Promise<string | undefined> {
  stdout.write(question);
  // As a terminal it would keep Ctrl-C for itself.
  const lines = createInterface({ input: stdin, terminal: false });
  const stop = (): void => lines.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const line of lines) {
      // The terminal shows the Enter of whoever types there.
      if (!('isTTY' in stdin && stdin.isTTY)) stdout.write('\n');
      return line;
    }
    stdout.write('\n');
    return undefined;
  } finally {
    signal.removeEventListener('abort', stop);
    lines.close();
  }
}

/** Aborts at the first Ctrl-C, so that a command can end in its own way; a second one ends the process. */
export function interrupted(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
}
