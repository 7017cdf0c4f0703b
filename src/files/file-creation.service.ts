import { Inject, Injectable } from '@nestjs/common';
import type { Principal, RoutedCall } from '../core/index.js';
import type { Opener } from '../exchange/index.js';
import { CONFIG, type Config } from '../platform/config/index.js';
import { arePublic, HostResolver } from '../platform/egress/index.js';
import {
  AccountPoolService,
  isFileId,
  UploadedFiles,
  type AccountAnswer,
  type AccountSnapshot,
  type FilePurpose,
} from '../upstream/index.js';
import { uploadTarget } from './upload-url.js';
import { invalidAnswer, wholeAnswer } from './whole-answer.js';

/** What is known of a file before it has an id. */
export interface Announced {
  readonly caller: Principal;
  readonly sizeBytes: number;
  /** For a file that its owner may list, once its id is known. */
  readonly listed?: (fileId: string) => { readonly sealedName: Buffer; readonly purpose: FilePurpose };
}

/** A file that an account was told of. */
interface Created {
  readonly fileId: string;
  /** Checked: its host is a public one, or the upstream itself. */
  readonly uploadUrl: URL;
  readonly trusted: boolean;
  readonly answer: AccountAnswer;
}

/** Files as they are announced: where the upstream wants them, and who holds them from then on. */
@Injectable()
export class FileCreation {
  private readonly upstreamOrigin: string;

  constructor(
    private readonly accounts: AccountPoolService,
    private readonly files: UploadedFiles,
    private readonly hosts: HostResolver,
    @Inject(CONFIG) config: Pick<Config, 'UPSTREAM_BASE_URL'>,
  ) {
    this.upstreamOrigin = new URL(config.UPSTREAM_BASE_URL).origin;
  }

  /** Announces a file of this caller and size; its row is committed before there is an answer. */
  opener(caller: Principal, sizeBytes: number): Opener {
    return {
      open: async (account, call, signal) => (await this.create(account, call, { caller, sizeBytes }, signal)).answer,
    };
  }

  /** @throws GatewayError, with nothing stored */
  async create(
    account: AccountSnapshot,
    call: RoutedCall,
    announced: Announced,
    signal: AbortSignal,
  ): Promise<Created> {
    const answer = await this.accounts.open(account, call, signal);
    const { json, batches } = await wholeAnswer(answer.batches);
    const { file_id: fileId, upload_url: uploadUrl } = json;
    const target = uploadTarget(uploadUrl, this.upstreamOrigin);
    if (!isFileId(fileId) || target.kind === 'refused') throw invalidAnswer();
    if (target.kind === 'host' && !arePublic(await this.hosts.addresses(target.host))) throw invalidAnswer();
    // The caller may have left meanwhile: then nobody will ever upload to it.
    signal.throwIfAborted();
    const { caller, sizeBytes, listed } = announced;
    const file = { fileId, accountId: account.id, poolId: caller.pool.id, keyId: caller.keyId, sizeBytes };
    const row = { ...file, ...(listed && { listed: listed(fileId) }) };
    if (!(await this.files.announced(row, Date.now()))) throw invalidAnswer();
    return {
      fileId,
      uploadUrl: target.url,
      trusted: target.kind === 'trusted',
      answer: { ...answer, batches },
    };
  }
}
