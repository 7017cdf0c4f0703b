import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CredentialThrottle, OperatorTokenService, type OperatorPrincipal } from '../../auth/index.js';
import { ControlError, type OperationCall } from '../../control/index.js';

/** An operator who was let in, for as long as his token is good. */
export interface Admitted {
  readonly call: OperationCall;
  /** Aborts when the token is found to be no longer good. */
  readonly signal: AbortSignal;
  /** @throws ControlError `unauthorized` when the token is no longer good, GatewayError when nobody can say */
  again(): Promise<void>;
  /** Nobody is watched any more. */
  end(): void;
}

type Knocking = Pick<FastifyRequest, 'headers' | 'ingress' | 'id'>;

const unauthorized = (): ControlError =>
  new ControlError('unauthorized', 'Send a valid operator token: Authorization: Bearer opr-cxp-…');

/** Lets operators in, by their token and by nothing else. */
@Injectable()
export class OperatorGate {
  constructor(
    private readonly tokens: OperatorTokenService,
    private readonly throttle: CredentialThrottle,
  ) {}

  /**
   * @throws ControlError `unauthorized`
   * @throws GatewayError `too_many_failed_credentials`, or `settings_unavailable` when nobody can say
   */
  async admit({ headers, ingress, id }: Knocking): Promise<Admitted> {
    const { authorization: credential } = headers;
    const address = ingress?.address;
    const nowMs = Date.now();
    const principal = await this.throttle.tried({ door: 'operator', address, credential }, nowMs, () =>
      this.tokens.authenticate(credential, nowMs, 'operator'),
    );
    if (principal === undefined) throw unauthorized();
    const actor = actorOf(principal);
    const call = { actor, requestId: id, nowMs, ...(address === undefined ? {} : { address }) };
    return { call, ...this.watched(principal, credential) };
  }

  private watched({ tokenId }: OperatorPrincipal, credential: string | undefined): Omit<Admitted, 'call'> {
    const controller = new AbortController();
    const again = async (): Promise<void> => {
      controller.signal.throwIfAborted();
      if (await this.tokens.authenticate(credential, Date.now(), 'operator')) return;
      controller.abort(unauthorized());
      controller.signal.throwIfAborted();
    };
    // Where nobody can say for now, the next change, or the next request, will.
    const end = this.tokens.onChange(tokenId, () => void again().catch(() => undefined));
    return { signal: controller.signal, again, end };
  }
}

const actorOf = ({ tokenId, label, scopes, poolIds }: OperatorPrincipal): OperationCall['actor'] => ({
  kind: 'token',
  id: tokenId,
  label,
  scopes,
  ...(poolIds === undefined ? {} : { poolIds }),
});
