import type { Alive } from './health-oracle.js';
import type { Replica } from './knowledge.js';

/** A call on its way, as far as the world has to know it. */
export interface Underway extends Alive {
  readonly replica: Replica;
  enter(): void;
  died(): void;
}
