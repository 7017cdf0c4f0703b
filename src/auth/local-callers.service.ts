import { Injectable } from '@nestjs/common';
import { GatewayError, type Principal } from '../core/index.js';
import { constantTimeEqual, sha256 } from '../platform/crypto/index.js';
import type { Authenticator } from './ingress-steps.js';
import { keyMissing } from './key-record.js';
import { PoolKeyService } from './pool-key.service.js';
import { parseToken } from './token-format.js';

/** Whom the machine's own user calls as, and what they have to show for it. */
export interface LocalDoor {
  /** A whole Pool API key that nobody outside this process knows. */
  readonly token: string;
  /** The one credential that is asked for; absent: none. */
  readonly apiKey?: string;
}

const SCHEME = /^bearer +(.*)$/i;

/**
 * Says who a caller is where one person serves themselves: whoever shows the one key, or anybody where there is none, is
 * the Pool's built-in caller. Pool API keys are taken as everywhere, and refused when they were revoked.
 */
@Injectable()
export class LocalCallers implements Authenticator {
  private token: string | undefined;
  private wanted: Buffer | undefined;

  constructor(private readonly keys: PoolKeyService) {}

  /** Before this nobody is let in. */
  open({ token, apiKey }: LocalDoor): void {
    this.token = token;
    this.wanted = apiKey === undefined ? undefined : sha256(apiKey);
  }

  /** Who the machine's own user is. @throws GatewayError as `authenticate` does */
  async owner(nowMs: number): Promise<Principal> {
    if (this.token === undefined) throw keyMissing();
    return this.keys.authenticate(`Bearer ${this.token}`, nowMs);
  }

  /** @throws GatewayError as `PoolKeyService.authenticate` does */
  async authenticate(authorization: string | undefined, nowMs: number): Promise<Principal> {
    const shown = SCHEME.exec(authorization ?? '')?.[1]?.trim() ?? '';
    const { wanted } = this;
    if (wanted !== undefined && constantTimeEqual(sha256(shown), wanted)) return this.owner(nowMs);
    if (wanted === undefined && parseToken(shown) === undefined) return this.owner(nowMs);
    try {
      return await this.keys.authenticate(`Bearer ${shown}`, nowMs);
    } catch (thrown) {
      if (wanted !== undefined || !isUnknown(thrown)) throw thrown;
      return this.owner(nowMs);
    }
  }
}

const isUnknown = (thrown: unknown): boolean => thrown instanceof GatewayError && thrown.code === 'api_key_missing';
