import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { SecretBox } from '../platform/crypto/index.js';
import { Outbound } from '../platform/egress/index.js';
import { isRuleKind, RULE_KINDS, type RuleKind } from './rule-params.js';
import { Webhook, type WebhookFormat } from './webhook.entity.js';

export interface NewWebhook {
  /** 1–64 lower-case letters, digits and inner dashes. */
  readonly name: string;
  readonly url: string;
  /** At least 16 characters; absent: one is made. */
  readonly secret?: string;
  readonly format?: string;
  /** Which kinds of rules it is told of; absent: all. */
  readonly ruleKinds?: readonly string[];
  readonly enabled?: boolean;
}

/** What is absent stays as it is; its name does. */
export interface WebhookChange extends Partial<Omit<NewWebhook, 'name' | 'ruleKinds'>> {
  /** `null`: all. */
  readonly ruleKinds?: readonly string[] | null;
  /** Another one is made. */
  readonly newSecret?: boolean;
}

/** A webhook with its signing secret if it was made just now: this is the only time it is seen. */
export interface CreatedWebhook {
  readonly webhook: Webhook;
  readonly secret?: string;
}

/** What it takes to send something there. */
export interface WebhookTarget {
  readonly id: string;
  readonly format: WebhookFormat;
  readonly url: string;
  readonly secret: string;
}

/** A webhook that makes no sense, or whose name is taken; `message` is for its operator. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused';
}

/** It would make sense, but not beside another one of its name. */
export class WebhookConflict extends WebhookRefused {}

const NAME = /^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/;
const SECRET = /^[\x21-\x7e]{16,512}$/;
const LONGEST_URL = 2_048;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Webhooks, as operators make and take them away. */
@Injectable()
export class Webhooks {
  constructor(
    @InjectRepository(Webhook) private readonly rows: Repository<Webhook>,
    private readonly secrets: SecretBox,
    private readonly outbound: Outbound,
  ) {}

  list(): Promise<Webhook[]> {
    return this.rows.find({ order: { name: 'ASC' } });
  }

  /** @param name its id, or its name */
  async named(name: string): Promise<Webhook | undefined> {
    const found = await this.rows.find({ where: [...(UUID.test(name) ? [{ id: name }] : []), { name }] });
    return found.find(({ id }) => id === name) ?? found[0];
  }

  /** @throws WebhookRefused for what makes no sense, WebhookConflict for a name that is taken */
  async add({ name, enabled = true, ...wanted }: NewWebhook): Promise<CreatedWebhook> {
    if (!NAME.test(name)) throw new WebhookRefused('A name is 1–64 lower-case letters, digits and inner dashes.');
    const { url, secret, format = 'generic', ruleKinds } = wanted;
    const id = randomUUID() as string;
    const signing = secret ?? madeSecret();
    const row = {
      id,
      name,
      enabled,
      format: knownFormat(format),
      ruleKinds: kindsOf(ruleKinds),
      ...this.sealedUrl(id, url),
      secret: this.sealedSecret(id, signing),
    };
    const inserted = await this.rows.createQueryBuilder().insert().values(row).orIgnore().returning('id').execute();
    if ((inserted.raw as unknown[]).length === 0) throw new WebhookConflict(`There is a webhook "${name}" already.`);
    const webhook = await this.rows.findOneByOrFail({ id });
    return { webhook, ...(secret === undefined && { secret: signing }) };
  }

  /**
   * What is still on its way goes to the new address, signed with the new secret.
   *
   * @throws WebhookRefused for what makes no sense
   * @returns undefined when there is no such webhook
   */
  async change(id: string, { url, secret, newSecret, format, ruleKinds, enabled }: WebhookChange) {
    const made = newSecret === true ? madeSecret() : undefined;
    if (made !== undefined && secret !== undefined) {
      throw new WebhookRefused('A secret is given or made, not both.');
    }
    const signing = secret ?? made;
    const said = {
      ...(url !== undefined && this.sealedUrl(id, url)),
      ...(signing !== undefined && { secret: this.sealedSecret(id, signing) }),
      ...(format !== undefined && { format: knownFormat(format) }),
      ...(ruleKinds !== undefined && { ruleKinds: kindsOf(ruleKinds) }),
      ...(enabled !== undefined && { enabled }),
    };
    const webhook = await this.updated(id, said);
    return webhook && { webhook, ...(made !== undefined && { secret: made }) };
  }

  /** What is still on its way there goes, too. @returns false when there is no such webhook */
  async remove(id: string): Promise<boolean> {
    return Boolean((await this.rows.delete({ id })).affected);
  }

  /** @throws SecretUnreadable when its key is missing */
  async target(id: string): Promise<WebhookTarget | undefined> {
    const found = await this.rows.findOne({
      where: { id, enabled: true },
      select: { id: true, format: true, url: true, secret: true },
    });
    if (found === null) return undefined;
    return {
      id,
      format: found.format,
      url: this.secrets.open(found.url, { purpose: 'webhook.url', row: id }),
      secret: this.secrets.open(found.secret, { purpose: 'webhook.secret', row: id }),
    };
  }

  private async updated(id: string, said: Partial<Webhook>): Promise<Webhook | undefined> {
    if (Object.keys(said).length > 0) await this.rows.update({ id }, said);
    return (await this.rows.findOneBy({ id })) ?? undefined;
  }

  private sealedUrl(id: string, address: string): Pick<Webhook, 'host' | 'url'> {
    const url = address.length > LONGEST_URL ? undefined : this.outbound.urlOf(address.trim());
    if (url === undefined) {
      throw new WebhookRefused('A webhook is a public https:// URL without credentials, or at a host that is allowed.');
    }
    return { host: url.host, url: this.secrets.seal(url.href, { purpose: 'webhook.url', row: id }) };
  }

  private sealedSecret(id: string, secret: string): Buffer {
    if (!SECRET.test(secret)) {
      throw new WebhookRefused('A signing secret is 16–512 printable ASCII characters without spaces.');
    }
    return this.secrets.seal(secret, { purpose: 'webhook.secret', row: id });
  }
}

const madeSecret = (): string => randomBytes(32).toString('base64url');

function knownFormat(format: string): WebhookFormat {
  if (format !== 'generic' && format !== 'slack') throw new WebhookRefused('A format is generic or slack.');
  return format;
}

function kindsOf(names: readonly string[] | null | undefined): RuleKind[] | null {
  if (names === undefined || names === null) return null;
  const kinds = names.filter(isRuleKind);
  if (kinds.length === 0 || kinds.length !== names.length) {
    throw new WebhookRefused(`Kinds of rules are ${RULE_KINDS.join(', ')}.`);
  }
  return [...new Set(kinds)];
}
