import { Injectable } from '@nestjs/common';
import type { Clock } from './clock.js';
import { LoginFlowRepository } from './login-flow.repository.js';
import { LoginFlows } from './login-flows.service.js';

/** The worker's part in logins: it goes on with them when their operator has closed the page. */
@Injectable()
export class LoginPolls {
  constructor(
    private readonly flows: LoginFlows,
    private readonly rows: LoginFlowRepository,
  ) {}

  /** One poll, and a job for the next one. @returns the status of the login */
  async poll(flowId: string, now: Clock = Date.now): Promise<string> {
    const view = await this.flows.poll(flowId, now);
    if (view === undefined) return 'gone';
    await this.flows.pollLater(view, now());
    return view.status;
  }

  /**
   * End what is late, forget what was over a week ago, and see to it that every login by device code is polled, should a
   * job have been lost. @returns how many were forgotten
   */
  async sweep(now: Clock = Date.now): Promise<number> {
    for (const view of await this.flows.list(now)) await this.flows.pollLater(view, now());
    return this.rows.purge(now());
  }
}
