/** Jobs of the queue `incidents`. Each may be done twice without harm. */
export const DELIVER_JOB = 'deliver';

export interface DeliveryJob {
  readonly deliveryId: string;
}
