import { eventually } from './eventually.js';
import { bearer } from './file-client.js';
import type { LedgerRow, TestGateway } from './gateway.js';
import { events, type Reply, type ScriptedUpstream } from './scripted-upstream/index.js';

export const PNG = Buffer.from('89504e470d0a1a0a00000000', 'hex');
export const DATA_URL = `data:image/png;base64,${PNG.toString('base64')}`;

/** A model call as it came upstream. */
interface Sent {
  readonly model: string;
  readonly input: readonly unknown[];
  readonly tools: readonly object[];
}

export interface PicturesAnswer {
  readonly data: readonly { readonly b64_json: string }[];
  readonly [field: string]: unknown;
}

/** A small request for a picture. */
export const cat = (over: object = {}): object => ({ model: 'gpt-image-2', prompt: 'a cat', ...over });

/** An answer whose only item is one of the image tool. */
export const toolItem = (item: object): Reply =>
  events([
    { type: 'response.output_item.done', output_index: 0, item: { type: 'image_generation_call', id: 'ig', ...item } },
    { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [] } },
  ]);

/** A client of `/v1/images`, and what the upstream and the ledger know of its requests. */
export class PictureClient {
  constructor(
    private readonly gateway: TestGateway,
    private readonly upstream: ScriptedUpstream,
  ) {}

  post(body: unknown, { path = '/v1/images/generations', key = this.gateway.key } = {}): Promise<Response> {
    return this.gateway.post(body, { path, headers: bearer(key) });
  }

  postForm(body: FormData): Promise<Response> {
    return fetch(`${this.gateway.url}/v1/images/edits`, {
      method: 'POST',
      headers: bearer(this.gateway.key),
      body,
    });
  }

  lastSent(): Sent {
    return this.upstream.received.at(-1)?.json() as Sent;
  }

  /** The rows of a request, once all of them are settled. */
  settled(answer: Response, calls: number): Promise<LedgerRow[]> {
    return eventually(async () => {
      const id = answer.headers.get('x-request-id');
      const rows = (await this.gateway.ledger()).filter((row) => row['request_id'] === id && row['outcome'] !== null);
      expect(rows).toHaveLength(calls);
      return rows;
    });
  }
}
