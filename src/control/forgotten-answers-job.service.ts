import { Injectable } from '@nestjs/common';
import type { MaintenanceJob } from '../platform/queue/index.js';
import { ReplayedAnswers } from './replayed-answers.service.js';

/** Forgets answers that nobody will ask for again. */
@Injectable()
export class ForgottenAnswersJob implements MaintenanceJob {
  readonly name = 'idempotency_cleanup';
  readonly everyMs = 3_600_000;

  constructor(private readonly answers: ReplayedAnswers) {}

  async run(): Promise<{ readonly forgotten: number }> {
    return { forgotten: await this.answers.forgetOld() };
  }
}
