import { randomUUID } from 'node:crypto';
import { AccountChanges } from '../../src/upstream/account-changes.service.js';
import { AccountService } from '../../src/upstream/index.js';
import { eventually } from './eventually.js';
import { ask, type LedgerRow, type PostOptions, type TestGateway } from './gateway.js';
import type { RecordedRequest, ScriptedUpstream } from './scripted-upstream/index.js';

const FILES = '/backend-api/files';

export const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** A client that uploads files through a gateway, and what the upstream and the stores know of them. */
export class FileClient {
  /** Of every file: unguessable, and private. */
  readonly name = `salaries-${randomUUID()}.xlsx`;
  readonly file = { file_name: this.name, file_size: 1234, use_case: 'codex' };

  constructor(
    private readonly gateway: TestGateway,
    private readonly upstream: ScriptedUpstream,
  ) {}

  announce(body: unknown = this.file, options: PostOptions = {}): Promise<Response> {
    return this.gateway.post(body, { path: FILES, ...options });
  }

  finish(id: string, options: PostOptions = {}, body: unknown = {}): Promise<Response> {
    return this.gateway.post(body, { path: `${FILES}/${id}/uploaded`, ...options });
  }

  /** @returns the id of a new file */
  async announced(options: PostOptions = {}): Promise<string> {
    const answer = await this.announce(this.file, options);
    expect(answer.status).toBe(200);
    return idOf(answer);
  }

  /** @returns the id of a new file that can be used */
  async uploaded(options: PostOptions = {}): Promise<string> {
    const id = await this.announced(options);
    expect((await this.finish(id, options)).status).toBe(200);
    return id;
  }

  /** What the upstream was asked about a file, apart from its announcement. */
  about(id: string): readonly RecordedRequest[] {
    return this.upstream.requests('files').filter(({ path }) => path.includes(id));
  }

  /** The account of the last request about any file. */
  holder(): string | undefined {
    return this.upstream.requests('files').at(-1)?.accountId;
  }

  rowsOf(id: string): Promise<Record<string, unknown>[]> {
    return this.gateway.database().query('SELECT * FROM uploaded_file WHERE file_id = $1', [id]);
  }

  async expire(id: string): Promise<void> {
    await this.gateway.database().query('UPDATE uploaded_file SET expires_at = now() WHERE file_id = $1', [id]);
  }

  /** The ledger's row of an answered call. */
  settled(answer: Response): Promise<LedgerRow> {
    return this.settledAs(answer.headers.get('x-request-id') ?? '');
  }

  settledAs(requestId: string): Promise<LedgerRow> {
    return eventually(async () => {
      const row = await this.gateway.settled(requestId);
      if (!row) throw new Error('not settled yet');
      return row;
    });
  }

  async setAccount(label: string | undefined, status: 'paused' | 'active'): Promise<void> {
    const account = await this.gateway.get(AccountService).findByLabel(label ?? '');
    if (!account) throw new Error('no such account');
    await this.gateway.database().query('UPDATE upstream_account SET status = $2 WHERE id = $1', [account.id, status]);
    this.gateway.get(AccountChanges).announce(account.id);
  }
}

export const idOf = async (answer: Response): Promise<string> => ((await answer.json()) as { file_id: string }).file_id;

/** Status, code and param of a refused request. */
export async function refusal(answer: Response): Promise<unknown> {
  const { error } = (await answer.json()) as { error: { code: string; param: string | null } };
  return [answer.status, error.code, error.param];
}

/** A small streaming request with files in it. */
export const fileIn = (...ids: readonly string[]): { input: unknown } =>
  ask({
    input: [{ type: 'message', role: 'user', content: ids.map((file_id) => ({ type: 'input_file', file_id })) }],
  }) as { input: unknown };
