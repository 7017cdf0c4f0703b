import { lookup } from 'node:dns/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

const LONGEST_MS = 5_000;

/** Which addresses a host has, as anything on this machine that connects to it would learn. */
@Injectable()
export class HostResolver {
  /** @returns all of them; none when the name is unknown or its servers take too long */
  async addresses(host: string): Promise<readonly string[]> {
    const done = new AbortController();
    try {
      const found = lookup(host, { all: true }).then((all) => all.map(({ address }) => address));
      const late = delay(LONGEST_MS, [], { signal: done.signal });
      return await Promise.race([found, late]);
    } catch {
      return [];
    } finally {
      done.abort();
    }
  }
}
