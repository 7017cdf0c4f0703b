import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '../core/index.js';
import type { Opener } from '../exchange/index.js';
import { CONFIG, type Config } from '../platform/config/index.js';
import { AccountPoolService, isFileId, UploadedFiles } from '../upstream/index.js';
import { HostResolver } from './host-resolver.service.js';
import { mayUploadTo, uploadTarget } from './upload-url.js';
import { invalidAnswer, wholeAnswer } from './whole-answer.js';

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
      open: async (account, call, signal) => {
        const answer = await this.accounts.open(account, call, signal);
        const { json, batches } = await wholeAnswer(answer.batches);
        const { file_id: fileId, upload_url: uploadUrl } = json;
        if (!isFileId(fileId) || !(await this.isSafe(uploadUrl))) throw invalidAnswer();
        // The caller may have left meanwhile: then nobody will ever upload to it.
        signal.throwIfAborted();
        const file = { fileId, accountId: account.id, poolId: caller.pool.id, keyId: caller.keyId, sizeBytes };
        if (!(await this.files.announced(file, Date.now()))) throw invalidAnswer();
        return { ...answer, batches };
      },
    };
  }

  private async isSafe(uploadUrl: unknown): Promise<boolean> {
    const target = uploadTarget(uploadUrl, this.upstreamOrigin);
    if (target.kind !== 'host') return target.kind === 'trusted';
    return mayUploadTo(await this.hosts.addresses(target.host));
  }
}
