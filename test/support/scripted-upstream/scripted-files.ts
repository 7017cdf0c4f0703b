import { randomUUID } from 'node:crypto';
import { isRecord } from './codex-request.js';
import { json, raw } from './plain-replies.js';
import type { RecordedRequest } from './recorded-request.js';
import type { Reply } from './wire.js';

const UPLOADED = /^\/backend-api\/files\/([^/]+)\/uploaded$/;

/** Whether a request is about files: to announce one, or to say that one was uploaded. */
export const isAboutFiles = (method: string, path: string): boolean =>
  method === 'POST' && (path === '/backend-api/files' || UPLOADED.test(path));

/** Whether a request brings the bytes of a file to where `create` said; it needs no token. */
export const isUpload = (method: string, path: string): boolean => method === 'PUT' && path.startsWith('/upload/');

/** The files of the accounts. Where their bytes go is on this same server. */
export class ScriptedFiles {
  /** Answers requests about files, or leaves them to the usual answers by returning nothing. */
  script: ((request: RecordedRequest) => Reply | undefined) | undefined;
  /** Answers uploads, or leaves them to be taken by returning nothing. */
  uploadScript: ((request: RecordedRequest) => Reply | undefined) | undefined;
  /** How often the next finished uploads are answered with "ask again". */
  retries = 0;
  private readonly holders = new Map<string, string | undefined>();

  reply(request: RecordedRequest): Reply {
    const scripted = this.script?.(request);
    if (scripted !== undefined) return scripted;
    const [, id] = UPLOADED.exec(request.path) ?? [];
    return id === undefined ? this.create(request) : this.finish(decodeURIComponent(id), request);
  }

  /** As a blob store answers. */
  upload(request: RecordedRequest): Reply {
    return this.uploadScript?.(request) ?? raw([], { 'content-type': 'application/xml' }, 201);
  }

  private create(request: RecordedRequest): Reply {
    const body = request.json();
    if (!isRecord(body) || typeof body['file_name'] !== 'string' || typeof body['use_case'] !== 'string') {
      return json(422, { detail: 'file_name, file_size and use_case are required.' });
    }
    const id = `file_${randomUUID().replaceAll('-', '')}`;
    this.holders.set(id, request.accountId);
    const uploadUrl = `http://${request.header('host') ?? ''}/upload/${id}?sig=simulated`;
    return json(200, { status: 'success', file_id: id, upload_url: uploadUrl });
  }

  private finish(id: string, request: RecordedRequest): Reply {
    if (!this.holders.has(id) || this.holders.get(id) !== request.accountId) {
      return json(404, { detail: 'File not found.' });
    }
    if (this.retries > 0) {
      this.retries -= 1;
      return json(200, { status: 'retry' });
    }
    return json(200, { status: 'success', download_url: `https://files.example.com/${id}`, mime_type: 'text/plain' });
  }
}
