import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { IngressRules, lockOut } from '../../auth/index.js';
import { ControlError } from '../control-error.js';
import { operation, OperationSet, type Operation, type OperationCall } from '../operation.js';
import { orRefused } from '../refused.js';
import { said } from '../said.js';
import { ingressChange, ingressView, ingressViewOf, type IngressView } from '../views/ingress-view.js';
import { seesWholeInstance } from '../whole-instance.js';

const forced = z
  .boolean()
  .default(false)
  .describe('also when whoever asks could not ask again from where he is; commands on the machine itself always can');

/** From where the gateway may be called. */
@Injectable()
export class IngressOperations extends OperationSet {
  constructor(private readonly rules: IngressRules) {
    super();
  }

  readonly operations: readonly Operation[] = [
    operation({
      name: 'ingress.get',
      summary: 'From where the gateway may be called, and how it knows that',
      method: 'GET',
      path: '/ingress',
      scope: 'read',
      input: z.object({}),
      output: ingressView,
      run: (_, call) => this.view(call),
    }),
    operation({
      name: 'ingress.update',
      summary: 'Change from where the gateway may be called, on every replica within a second',
      method: 'PATCH',
      path: '/ingress',
      scope: 'admin',
      input: z.object({ ...ingressChange, force: forced }),
      output: ingressView,
      change: {
        action: 'ingress.update',
        target: () => ({ type: 'ingress', label: 'ingress' }),
        thing: { view: ingressView, read: (_, call) => this.view(call) },
      },
      run: async ({ force, ...given }, call) => {
        const change = said(given);
        const [before, after] = await Promise.all([this.rules.outlook(), orRefused(this.rules.outlook(change))]);
        const why = call.address === undefined ? undefined : lockOut(before.settings, after.settings, call.address);
        if (why !== undefined && !force) throw new ControlError('conflict', `${why} Say force if it is meant so.`);
        await this.rules.change(change);
        return this.view(call);
      },
    }),
  ];

  private async view({ actor }: OperationCall): Promise<IngressView> {
    seesWholeInstance(actor);
    return ingressViewOf(await this.rules.outlook());
  }
}
