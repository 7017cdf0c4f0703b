import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { killTree } from './process-tree.js';

const COMMAND = resolve(__dirname, '../../dist/src/cli.js');

/** A bash of one person on a machine that has nothing but the built `codex-pooler`: what is exported stays exported. */
export class OperatorShell {
  private readonly bash: ChildProcessByStdio<Writable, Readable, null>;
  private said = '';
  private heard: () => void = () => undefined;

  /** @param home where it begins; what is written there without saying where stays there */
  constructor(private readonly home: string) {
    const bin = join(home, '.bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'codex-pooler'), `#!/bin/sh\nexec "${process.execPath}" "${COMMAND}" "$@"\n`);
    chmodSync(join(bin, 'codex-pooler'), 0o755);
    this.bash = spawn('bash', ['--norc'], {
      cwd: home,
      env: { PATH: `${bin}:${process.env['PATH'] ?? '/usr/bin:/bin'}`, HOME: home },
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.bash.stdin.write('exec 2>&1\n');
    this.bash.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
      this.heard();
    });
    this.bash.once('close', () => this.heard());
  }

  /** Write a file where the shell is. */
  file(name: string, text: string): void {
    writeFileSync(join(this.home, name), text, { mode: 0o600 });
  }

  /**
   * @param typed all of its standard input
   * @param watch hears all that it has printed so far, whenever that is more
   */
  async run(
    command: string,
    typed = '',
    watch: (said: string) => void = () => undefined,
  ): Promise<{ printed: string; code: number }> {
    const end = randomUUID();
    const over = new RegExp(`^([^]*)${end} (\\d+)\\n$`);
    this.said = '';
    this.file('.typed', typed);
    const done = new Promise<{ printed: string; code: number }>((ended, failed) => {
      this.heard = () => {
        const [, printed, code] = over.exec(this.said) ?? [];
        if (printed !== undefined) ended({ printed, code: Number(code) });
        else if (this.bash.exitCode !== null) failed(new Error(`The shell ended: ${this.said}`));
        else attempt(() => watch(this.said), failed);
      };
    });
    // What it ended with is there for the next command to ask for.
    this.bash.stdin.write(`{ ${command}\n} < ~/.typed; __code=$?; printf '${end} %s\\n' $__code; (exit $__code)\n`);
    return done;
  }

  /** With whatever it still runs. */
  close(): void {
    if (this.bash.pid !== undefined) killTree(this.bash.pid);
  }
}

function attempt(work: () => void, failed: (error: unknown) => void): void {
  try {
    work();
  } catch (error) {
    failed(error);
  }
}
