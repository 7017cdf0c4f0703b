import { Injectable } from '@nestjs/common';
import { GatewayError, LoginRequired, type AccountId, type QuotaReport } from '../../core/index.js';
import { AccountChanges } from '../account-changes.service.js';
import { CredentialService } from '../credential.service.js';
import { probed } from '../credentials/probed.js';
import { UpstreamKinds } from '../kinds.js';
import type { ProbeOutcome } from './account-probe.entity.js';
import { AccountProbes, type ProbeClaim } from './account-probes.service.js';
import { QuotaEvidence, type Asked } from './quota-evidence.service.js';

const FETCH_MS = 30_000;

interface Answer {
  readonly asked: Asked;
  readonly report: QuotaReport;
}

/** Asks an account's upstream how much of its quota is used: accounts without calls tell by nothing else. */
@Injectable()
export class UsageProbe {
  constructor(
    private readonly probes: AccountProbes,
    private readonly credentials: CredentialService,
    private readonly kinds: UpstreamKinds,
    private readonly quota: QuotaEvidence,
    private readonly changes: AccountChanges,
  ) {}

  /**
   * Ask once, unless somebody else is asking. An upstream that fails, or has been asked too often, says nothing about the
   * account: what was known stays, and it is asked again later.
   *
   * @param clock Unix time in milliseconds
   * @returns `skipped`: not asked; `superseded`: a probe that started later was faster
   * @throws when nothing can be stored
   */
  async run(id: AccountId, clock: () => number): Promise<ProbeOutcome | 'skipped' | 'superseded'> {
    const claim = await this.probes.claim(id, clock());
    if (claim === undefined) return 'skipped';
    const answer = await this.answered(claim, clock);
    if (typeof answer === 'string') {
      await this.probes.complete(claim, answer, clock());
      return answer;
    }
    if (await this.probes.isOvertaken(claim)) return 'superseded';
    const { asked, report } = answer;
    // What answers to calls told while the question was on its way is as new as its answer, and comes first.
    await this.quota.reported(asked, report, claim.startedAtMs);
    await this.probes.complete(claim, 'stored', clock(), report);
    this.changes.announce(id);
    return 'stored';
  }

  private async answered(claim: ProbeClaim, clock: () => number): Promise<Answer | ProbeOutcome> {
    const kind = this.kinds.of(claim.kind);
    try {
      return await probed(
        this.credentials,
        claim,
        async (access) => ({
          asked: { id: claim.id, credentialEpoch: access.credentialEpoch },
          report: await kind.usage(access, AbortSignal.timeout(FETCH_MS)),
        }),
        clock,
      );
    } catch (error) {
      return outcomeOf(error);
    }
  }
}

/** @throws what is not the upstream's doing */
function outcomeOf(error: unknown): ProbeOutcome {
  if (error instanceof LoginRequired) return 'refused';
  if (!(error instanceof GatewayError)) throw error;
  if (error.code === 'upstream_account_rejected') return 'refused';
  return error.detail.upstreamStatus === 429 ? 'rate_limited' : 'unavailable';
}
