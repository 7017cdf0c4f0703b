import { Injectable } from '@nestjs/common';
import { RequestLogService } from '../accounting/index.js';
import { GatewayError, type Principal } from '../core/index.js';
import { ExchangeService, type AnswerPart } from '../exchange/index.js';
import { UploadedFiles } from '../upstream/index.js';
import type { Announcement } from './announcement.js';
import { completeCall, createCall, type Received } from './file-call.js';
import { FileCompletion } from './file-completion.service.js';
import { FileCreation } from './file-creation.service.js';
import { recentAccount } from './recent-account.js';

/** Between a client and the account that holds its files. The bytes of a file go past us, straight to the provider. */
@Injectable()
export class FileBridge {
  constructor(
    private readonly exchange: ExchangeService,
    private readonly requests: RequestLogService,
    private readonly files: UploadedFiles,
    private readonly creation: FileCreation,
    private readonly completion: FileCompletion,
  ) {}

  /**
   * Announce a file, by preference to the account that served the key last: that is where its conversation is, and its
   * other files.
   *
   * @throws GatewayError
   */
  async *create(
    { sizeBytes, body }: Announcement,
    received: Received,
    caller: Principal,
    signal: AbortSignal,
  ): AsyncGenerator<AnswerPart> {
    const call = createCall(received, body, await recentAccount(this.requests, caller, received.receivedAtMs));
    yield* this.exchange.run(call, caller, signal, this.creation.opener(caller, sizeBytes));
  }

  /** Finish an upload, with the account that holds the file. @throws GatewayError `file_not_found`, also for a foreign one */
  async *complete(
    fileId: string,
    body: Buffer,
    received: Received,
    caller: Principal,
    signal: AbortSignal,
  ): AsyncGenerator<AnswerPart> {
    const [file] = await this.files.ownedBy(caller, [fileId], received.receivedAtMs);
    if (!file) throw new GatewayError('file_not_found', 'There is no file with this id, or no longer.');
    yield* this.exchange.run(completeCall(received, body, fileId, file.accountId), caller, signal, this.completion);
  }
}
