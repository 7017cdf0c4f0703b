import { Injectable } from '@nestjs/common';
import type { KeyId } from '../../core/index.js';
import { PoolKeyService } from '../pool-key.service.js';
import { IngressRules } from './ingress-rules.service.js';

/** For those who let a caller stay: tells them when he has to be looked at again. */
@Injectable()
export class CallerWatch {
  constructor(
    private readonly keys: PoolKeyService,
    private readonly rules: IngressRules,
  ) {}

  /** Have `changed` called whenever the key, or who may call at all, may have changed. @returns how to end that */
  onChange(keyId: KeyId, changed: () => void): () => void {
    const ends = [this.keys.onChange(keyId, changed), this.rules.onChange(changed)];
    return () => {
      for (const end of ends) end();
    };
  }
}
