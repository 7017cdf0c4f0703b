import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { RoutedCall } from '../core/index.js';
import type { Opener } from '../exchange/index.js';
import { AccountPoolService, UploadedFiles, type AccountAnswer, type AccountSnapshot } from '../upstream/index.js';
import { whileRetry, type Patience } from './while-retry.js';
import { wholeAnswer } from './whole-answer.js';

const PATIENCE: Patience = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    // The signal's own reason, not the timer's word for it.
    await delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
  },
};

/** Files whose upload is finished: the upstream is asked until it has looked at them, all in one attempt of one call. */
@Injectable()
export class FileCompletion implements Opener {
  constructor(
    private readonly accounts: AccountPoolService,
    private readonly files: UploadedFiles,
  ) {}

  async open(
    account: AccountSnapshot,
    call: RoutedCall,
    signal: AbortSignal,
    begun?: () => void,
    patience: Patience = PATIENCE,
  ): Promise<AccountAnswer> {
    const ask = async () => {
      const answer = await this.accounts.open(account, call, signal, begun);
      return { answer, ...(await wholeAnswer(answer.batches)) };
    };
    const { answer, json, batches } = await whileRetry(
      ask,
      ({ json: { status } }) => status === 'retry',
      patience,
      signal,
    );
    if (json['status'] === 'success' && call.resource !== undefined) {
      await this.files.uploaded(call.resource, account.id);
    }
    return { ...answer, batches };
  }
}
