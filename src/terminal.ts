import { createInterface } from 'node:readline';

/** Ask a person for one line. @returns undefined when there is nobody to answer, or the signal aborts before they do */
export async function ask(question: string, signal: AbortSignal): Promise<string | undefined> {
  process.stdout.write(question);
  // As a terminal it would keep Ctrl-C for itself.
  const lines = createInterface({ input: process.stdin, terminal: false });
  const stop = (): void => lines.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const line of lines) return line;
    process.stdout.write('\n');
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
