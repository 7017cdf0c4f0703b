import { Inject, Injectable } from '@nestjs/common';
import type { Operation, OperationSet } from './operation.js';

export const OPERATION_SETS = Symbol('operation sets');

/** All that operators can do or see, by name. */
@Injectable()
export class OperationRegistry {
  private readonly byName: ReadonlyMap<string, Operation>;

  constructor(@Inject(OPERATION_SETS) sets: readonly OperationSet[]) {
    const all = sets.flatMap(({ operations }) => operations);
    this.byName = new Map(all.map((each) => [each.name, each]));
    if (this.byName.size < all.length) throw new Error('Two operations have one name.');
  }

  get operations(): readonly Operation[] {
    return [...this.byName.values()];
  }

  find(name: string): Operation | undefined {
    return this.byName.get(name);
  }
}
