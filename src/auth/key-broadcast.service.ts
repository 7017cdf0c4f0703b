import { Injectable, Logger } from '@nestjs/common';
import { SharedState } from '../platform/shared-state/index.js';
import { safeError } from '../platform/telemetry/index.js';
import { KEY_CHANNEL } from './key-record.js';

/** Tells every process that what it holds of a key, or of a token, is out of date. */
@Injectable()
export class KeyBroadcast {
  private readonly log = new Logger('KeyBroadcast');

  constructor(private readonly shared: SharedState) {}

  /** Never rejects: the change is in the database, and whoever does not hear of it finds it there within seconds. */
  async send(message: string, channel = KEY_CHANNEL): Promise<void> {
    await this.shared.publish(channel, message).catch((error: unknown) => {
      this.log.warn({ msg: 'a key change was not broadcast', error: safeError(error) });
    });
  }
}
