import { Injectable } from '@nestjs/common';
import { GatewayError, type Principal, type RoutedCall } from '../core/index.js';
import type { Opener } from '../exchange/index.js';
import { ListedFiles, UploadedFiles, type AccountAnswer, type AccountSnapshot } from '../upstream/index.js';
import { finishing } from './file-call.js';
import { FileCompletion } from './file-completion.service.js';
import { FileCreation } from './file-creation.service.js';
import type { SentFile } from './sent-file.js';
import { UploadTransport } from './upload-transport.service.js';
import { wholeAnswer } from './whole-answer.js';

/** One file on its way, and where it ended up. */
export interface FileUpload extends Opener {
  /** Of the last account that was told of it. */
  readonly fileId: string | undefined;
}

/** Files that come through here: announced to an account, brought to its store and finished, all in one attempt. */
@Injectable()
export class FileUploads {
  constructor(
    private readonly creation: FileCreation,
    private readonly transport: UploadTransport,
    private readonly completion: FileCompletion,
    private readonly files: UploadedFiles,
    private readonly names: ListedFiles,
  ) {}

  /** The whole file is there, so that another account can have it when one fails on the way. */
  of(caller: Principal, file: SentFile): FileUpload {
    let fileId: string | undefined;
    const listed = (id: string) => ({ sealedName: this.names.sealedName(id, file.name), purpose: file.purpose });
    return {
      get fileId() {
        return fileId;
      },
      open: async (account, call, signal) => {
        const announced = { caller, sizeBytes: file.bytes.length, listed };
        const created = await this.creation.create(account, call, announced, signal);
        fileId = created.fileId;
        try {
          await this.bring(file, created, signal);
          return await this.finish(account, call, fileId, signal);
        } catch (thrown) {
          // What cannot be noted now is over by itself in a day.
          await this.files.abandoned(fileId, account.id).catch(() => undefined);
          throw thrown;
        }
      },
    };
  }

  private async bring(
    { bytes, contentType }: SentFile,
    { uploadUrl: url, trusted }: { readonly uploadUrl: URL; readonly trusted: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const status = await this.transport.put({ url, trusted, bytes, contentType }, signal).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw failed({ cause });
    });
    if (status < 200 || status > 299) throw failed({ upstreamStatus: status });
  }

  private async finish(
    account: AccountSnapshot,
    call: RoutedCall,
    fileId: string,
    signal: AbortSignal,
  ): Promise<AccountAnswer> {
    const answer = await this.completion.open(account, finishing(call, fileId, account.id), signal);
    const { json, batches } = await wholeAnswer(answer.batches);
    if (json['status'] !== 'success') throw failed({});
    return { ...answer, batches };
  }
}

const failed = (detail: GatewayError['detail']): GatewayError =>
  new GatewayError('upstream_file_upload_failed', 'The file could not be brought to the upstream.', detail);
