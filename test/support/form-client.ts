import { bearer } from './file-client.js';
import type { TestGateway } from './gateway.js';

export type FormField = readonly [name: string, value: string | File];

export const formOf = (...fields: readonly FormField[]): FormData => {
  const data = new FormData();
  for (const [name, value] of fields) data.append(name, value);
  return data;
};

/** A file as OpenAI's clients know it. */
export interface FileObject {
  readonly id: string;
  readonly created_at: number;
  readonly [field: string]: unknown;
}

const BYTES = Buffer.from('%PDF-1.7\r\n\0\xff', 'latin1');

/** A client of `/v1/files`. */
export class FormClient {
  readonly bytes = BYTES;

  constructor(private readonly gateway: TestGateway) {}

  file(bytes: Uint8Array = BYTES, name = 'Müll "1".pdf', type = 'application/pdf'): File {
    return new File([new Uint8Array(bytes)], name, { type });
  }

  userData(file: File = this.file()): FormData {
    return formOf(['file', file], ['purpose', 'user_data']);
  }

  post(body: FormData | string, key = this.gateway.key): Promise<Response> {
    return fetch(`${this.gateway.url}/v1/files`, { method: 'POST', headers: bearer(key), body });
  }

  /** @returns the new file */
  async uploaded(body: FormData = this.userData(), key = this.gateway.key): Promise<FileObject> {
    return (await (await this.post(body, key)).json()) as FileObject;
  }

  get(path = '', key = this.gateway.key, more: RequestInit = {}): Promise<Response> {
    return fetch(`${this.gateway.url}/v1/files${path}`, { headers: bearer(key), ...more });
  }

  async listed(query = '', key = this.gateway.key): Promise<{ data: readonly FileObject[]; has_more: boolean }> {
    return (await (await this.get(query, key)).json()) as { data: readonly FileObject[]; has_more: boolean };
  }
}
