import { Injectable } from '@nestjs/common';
import { RequestLogService } from '../accounting/index.js';
import { collect, GatewayError, type Principal } from '../core/index.js';
import { ExchangeService } from '../exchange/index.js';
import { ListedFiles, type FilePage, type ListedFile } from '../upstream/index.js';
import { createCall, type Received } from './file-call.js';
import { FileUploads } from './file-upload.service.js';
import { recentAccount } from './recent-account.js';
import type { SentFile } from './sent-file.js';

/** The files of a Pool API key, as its clients on `/v1` see them. */
@Injectable()
export class ClientFiles {
  constructor(
    private readonly exchange: ExchangeService,
    private readonly requests: RequestLogService,
    private readonly uploads: FileUploads,
    private readonly files: ListedFiles,
  ) {}

  /** @throws GatewayError `upstream_file_upload_failed` when its bytes did not arrive, else as any call */
  async upload(file: SentFile, received: Received, caller: Principal, signal: AbortSignal): Promise<ListedFile> {
    const upload = this.uploads.of(caller, file);
    const account = await recentAccount(this.requests, caller, received.receivedAtMs);
    const call = createCall(received, announcementOf(file), account);
    // Only its end counts: it comes when everything is settled.
    await collect(this.exchange.run(call, caller, signal, upload));
    return this.find(upload.fileId ?? '', caller);
  }

  /** One more than the page has, when there are more. */
  page(page: FilePage, caller: Principal): Promise<readonly ListedFile[]> {
    return this.files.page(caller, { ...page, limit: page.limit + 1 }, Date.now());
  }

  /** @throws GatewayError `file_not_found`, also for a foreign one */
  async find(fileId: string, caller: Principal): Promise<ListedFile> {
    const file = await this.files.find(caller, fileId, Date.now());
    if (!file) throw new GatewayError('file_not_found', 'There is no file with this id, or no longer.');
    return file;
  }
}

const announcementOf = ({ name, bytes }: SentFile): Buffer =>
  Buffer.from(JSON.stringify({ file_name: name, file_size: bytes.length, use_case: 'codex' }));
