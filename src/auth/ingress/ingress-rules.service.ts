import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { GatewayError } from '../../core/index.js';
import { CONFIG } from '../../platform/config/index.js';
import { SharedState } from '../../platform/shared-state/index.js';
import { safeError } from '../../platform/telemetry/index.js';
import { IngressSettingsRow } from './ingress-settings.entity.js';
import {
  changedRow,
  columnsOf,
  setIn,
  settingsOf,
  type IngressChange,
  type IngressEnvironment,
  type IngressOutlook,
  type IngressSettings,
} from './ingress-settings.js';

const CHANNEL = 'ingress-settings';
/** How often the row is looked at anyway: while changes by all processes are heard, that many times less often. */
const LOOK_MS = 500;
const LOOKS_WHILE_HEARING = 10;

/**
 * From which addresses the gateway may be called, as operators set it: kept in memory, so that a request waits for no
 * look-up. Every process goes by a change within a second. While the database is away what was read last goes on; a
 * process that has read nothing yet lets nobody in.
 */
@Injectable()
export class IngressRules implements OnModuleInit, OnModuleDestroy {
  private readonly log = new Logger('IngressRules');
  private readonly watchers = new Set<() => void>();
  private kept: IngressSettings | undefined;
  private cold: Promise<IngressSettings> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private unsubscribe: (() => Promise<void>) | undefined;
  private listening: Promise<void> | undefined;
  private looks = 0;
  private asked = 0;
  private shown = 0;
  private failing = false;

  constructor(
    @InjectRepository(IngressSettingsRow) private readonly rows: Repository<IngressSettingsRow>,
    private readonly shared: SharedState,
    @Inject(CONFIG) private readonly environment: IngressEnvironment,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.tick(), LOOK_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.unsubscribe?.();
  }

  /** What holds now. @throws GatewayError `settings_unavailable` when nothing was ever read, and cannot be */
  settings(): IngressSettings | Promise<IngressSettings> {
    return this.kept ?? this.first();
  }

  /** As the database says at this moment. @throws what the database throws; what is kept stays as it was */
  async read(): Promise<IngressSettings> {
    const turn = ++this.asked;
    const settings = settingsOf(await this.rows.findOneBy({ singleton: true }), this.environment);
    // One that asked later may have been answered before.
    if (turn > this.shown) {
      this.shown = turn;
      this.keep(settings);
    }
    return settings;
  }

  /** What would hold with a change, which is not made. @throws KeyRefused for what is no rule */
  async outlook(change: IngressChange = {}): Promise<IngressOutlook> {
    const row = changedRow(await this.rows.findOneBy({ singleton: true }), change);
    return { settings: settingsOf(row, this.environment), set: setIn(row) };
  }

  /**
   * Set what is said; safe to call again.
   *
   * @throws KeyRefused for what is no rule
   */
  async change(change: IngressChange): Promise<IngressSettings> {
    const columns = columnsOf(change);
    if (columns.length === 0) return this.read();
    const names = columns.map(([name]) => name);
    const set = names.map((name) => `${name} = excluded.${name}`);
    await this.rows.query(
      `INSERT INTO ingress_settings (${names.join(', ')}) VALUES (${names.map((_, at) => `$${at + 1}`).join(', ')})
       ON CONFLICT (singleton) DO UPDATE SET ${set.join(', ')}, version = ingress_settings.version + 1, updated_at = now()`,
      columns.map(([, value]) => value),
    );
    const settings = await this.read();
    await this.shared.publish(CHANNEL, '').catch((error: unknown) => {
      this.log.warn({ msg: 'a change of the ingress rules was not broadcast', error: safeError(error) });
    });
    return settings;
  }

  /** Have `changed` called after every change: for those who let somebody stay. @returns how to end that */
  onChange(changed: () => void): () => void {
    // Of its own: the same one may watch twice.
    const watcher = (): void => changed();
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  /** One read for all who come before the first has succeeded. */
  private first(): Promise<IngressSettings> {
    this.cold ??= this.read()
      .catch((cause: unknown) => {
        throw new GatewayError('settings_unavailable', 'Requests cannot be checked right now; try again.', { cause });
      })
      .finally(() => (this.cold = undefined));
    return this.cold;
  }

  private keep(settings: IngressSettings): void {
    const before = this.kept;
    this.kept = settings;
    if (before === undefined || JSON.stringify(before) === JSON.stringify(settings)) return;
    for (const changed of this.watchers) changed();
  }

  private async tick(): Promise<void> {
    const hearing = this.shared.reach === 'cluster' && this.unsubscribe !== undefined;
    this.looks += 1;
    if (!hearing || this.failing || this.looks % LOOKS_WHILE_HEARING === 0) await this.look();
  }

  /** Never rejects. */
  private async look(): Promise<void> {
    if (!this.unsubscribe) await this.listen();
    try {
      await this.read();
      this.failing = false;
    } catch (error) {
      if (!this.failing) {
        this.log.warn({ msg: 'ingress rules were not read; those that are known go on', error: safeError(error) });
      }
      this.failing = true;
    }
  }

  /** Never rejects: while changes are not heard of they are looked for, and each look tries again. */
  private listen(): Promise<void> {
    const heard = (): void => void this.look();
    this.listening ??= this.shared
      .subscribe(CHANNEL, heard, heard)
      .then((unsubscribe) => void (this.unsubscribe = unsubscribe))
      .catch(() => undefined)
      .finally(() => (this.listening = undefined));
    return this.listening;
  }
}
