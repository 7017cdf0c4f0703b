import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { TokenId } from '../core/index.js';
import { SharedState } from '../platform/shared-state/index.js';
import { safeError } from '../platform/telemetry/index.js';
import { bearerIn, KnownCredentials } from './known-credentials.js';
import { TOKEN_CHANNEL, type OperatorPrincipal, type OperatorTokenRecord } from './operator-principal.js';
import type { OperatorTokenKind } from './operator-token.entity.js';
import { OperatorTokenRepository } from './operator-token.repository.js';
import { parseToken } from './token-format.js';

const PROBLEMS = { deaf: 'token changes are not heard yet', unmarked: 'the last use of a token was not noted' };
const FAMILIES = { operator: 'opr', mcp: 'mcp' } as const;

/** Says which operator asks. What it holds of a token is at most seconds old, and dropped when a change is broadcast. */
@Injectable()
export class OperatorTokenService implements OnModuleInit, OnModuleDestroy {
  private readonly log = new Logger('OperatorTokenService');
  private readonly known: KnownCredentials<TokenId, OperatorTokenRecord>;

  constructor(tokens: OperatorTokenRepository, shared: SharedState) {
    this.known = new KnownCredentials(shared, {
      store: tokens,
      idOf: ({ principal }) => principal.tokenId,
      channel: TOKEN_CHANNEL,
      unavailable: 'Tokens cannot be checked right now; try again.',
      warn: (problem, error) => this.log.warn({ msg: PROBLEMS[problem], error: safeError(error) }),
    });
  }

  async onModuleInit(): Promise<void> {
    await this.known.listen();
  }

  async onModuleDestroy(): Promise<void> {
    await this.known.stop();
  }

  /**
   * Whose token this is. Nothing tells a token that is unknown, wrong, of the other kind, disabled, revoked or expired
   * from none at all. Nothing but this header counts: no Pool API key, cookie or query.
   *
   * @param authorization the header's first value
   * @throws GatewayError `settings_unavailable` when nobody can say
   */
  async authenticate(
    authorization: string | undefined,
    nowMs: number,
    kind: OperatorTokenKind,
  ): Promise<OperatorPrincipal | undefined> {
    const verdict = await this.verdict(authorization, nowMs, kind);
    return verdict === 'disabled' ? undefined : verdict;
  }

  /**
   * The same, but of a token that is disabled, and good otherwise, it says so: whoever shows all of its secret is not
   * told that it is there.
   */
  async verdict(
    authorization: string | undefined,
    nowMs: number,
    kind: OperatorTokenKind,
  ): Promise<OperatorPrincipal | 'disabled' | undefined> {
    const token = bearerIn(authorization);
    const parsed = token === undefined ? undefined : parseToken(token, FAMILIES[kind]);
    const record = token !== undefined && parsed ? await this.known.find(token, parsed, nowMs) : undefined;
    if (!record || record.isRevoked || record.principal.kind !== kind) return undefined;
    if (record.untilMs !== undefined && record.untilMs <= nowMs) return undefined;
    if (record.isDisabled) return 'disabled';
    this.known.markUsed(record.principal.tokenId, nowMs);
    return record.principal;
  }

  /** Have `changed` called whenever the token may have changed: for answers that last. @returns how to end that */
  onChange(tokenId: TokenId, changed: () => void): () => void {
    return this.known.onChange(tokenId, changed);
  }
}
