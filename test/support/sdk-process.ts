import { fork, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { forTheBlock } from './for-the-block.js';
import type { TestGateway } from './gateway.js';

/** Where the SDKs are installed, and the scripts that use them: most are ES modules, which Jest cannot load. */
export const SDK_FOLDER = resolve(__dirname, '../clients-sdk');

export type SdkScript = 'openai-responses' | 'openai-chat' | 'openai-resources' | 'vercel-ai' | 'anthropic';

/** An error that an SDK threw, as its user sees it. */
export interface SdkError {
  readonly class: string;
  readonly message: string;
  readonly status?: number;
  readonly code?: unknown;
  readonly param?: unknown;
  readonly type?: unknown;
  readonly requestId?: string;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: SdkError;
}

/** A real SDK in a process of its own, with the gateway's address and key. Call it after `useGateway`. */
export function useSdk(script: SdkScript, gateway: TestGateway): SdkProcess {
  const sdk = new SdkProcess();
  forTheBlock(
    () => sdk.start(script, gateway),
    () => sdk.stop(),
  );
  return sdk;
}

export class SdkProcess {
  private child: ChildProcess | undefined;
  private calls = 0;
  private readonly waiting = new Map<number, (answer: Answer) => void>();

  start(script: SdkScript, { url, key }: Pick<TestGateway, 'url' | 'key'>): void {
    const env = { PATH: process.env['PATH'], CODEX_POOLER_URL: url, CODEX_POOLER_API_KEY: key };
    this.child = fork(resolve(SDK_FOLDER, `${script}.mjs`), { cwd: SDK_FOLDER, env, execArgv: [] });
    this.child.on('message', (answer: Answer) => this.waiting.get(answer.id)?.(answer));
    this.child.once('close', (code) => {
      const error = { class: 'Error', message: `The SDK's process ended with ${String(code)}.` };
      for (const [id, done] of this.waiting) done({ id, error });
    });
  }

  stop(): void {
    this.child?.disconnect();
  }

  /** Play a scenario of the script. @throws Error that says what the SDK threw */
  async run<T = unknown>(scenario: string, ...args: readonly unknown[]): Promise<T> {
    const { value, error } = await this.call(scenario, args);
    if (error !== undefined) throw new Error(`${scenario}: ${JSON.stringify(error)}`);
    return value as T;
  }

  /** Play a scenario that has to fail. @returns what the SDK threw */
  async failure(scenario: string, ...args: readonly unknown[]): Promise<SdkError> {
    const { value, error } = await this.call(scenario, args);
    if (error === undefined) throw new Error(`${scenario} did not fail: ${JSON.stringify(value)}`);
    return error;
  }

  private async call(name: string, args: readonly unknown[]): Promise<Answer> {
    const id = (this.calls += 1);
    const answered = new Promise<Answer>((done) => this.waiting.set(id, done));
    this.child?.send({ id, name, args });
    const answer = await answered;
    this.waiting.delete(id);
    return answer;
  }
}
