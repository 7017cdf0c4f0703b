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
class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused';
}

const NAME = /^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/;
const SECRET = /^[\x21-\x7e]{16,512}$/;
const LONGEST_URL = 2_048;

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

  findNamed(name: string): Promise<Webhook | null> {
    return this.rows.findOneBy({ name });
  }

  /** @throws WebhookRefused */
  async add({ name, url: address, secret, format = 'generic', ruleKinds }: NewWebhook): Promise<CreatedWebhook> {
    if (!NAME.test(name)) throw new WebhookRefused('A name is 1–64 lower-case letters, digits and inner dashes.');
    if (format !== 'generic' && format !== 'slack') throw new WebhookRefused('A format is generic or slack.');
    const known: WebhookFormat = format;
    const kinds = kindsOf(ruleKinds);
    const url = address.length > LONGEST_URL ? undefined : this.outbound.urlOf(address.trim());
    if (url === undefined) {
      throw new WebhookRefused('A webhook is a public https:// URL without credentials, or at a host that is allowed.');
    }
    if (secret !== undefined && !SECRET.test(secret)) {
      throw new WebhookRefused('A signing secret is 16–512 printable ASCII characters without spaces.');
    }
    const id = randomUUID() as string;
    const signing = secret ?? randomBytes(32).toString('base64url');
    const row = {
      id,
      name,
      host: url.host,
      url: this.secrets.seal(url.href, { purpose: 'webhook.url', row: id }),
      secret: this.secrets.seal(signing, { purpose: 'webhook.secret', row: id }),
      format: known,
      enabled: true,
      ruleKinds: kinds,
    };
    const inserted = await this.rows.createQueryBuilder().insert().values(row).orIgnore().returning('id').execute();
    if ((inserted.raw as unknown[]).length === 0) throw new WebhookRefused(`There is a webhook "${name}" already.`);
    const webhook = await this.rows.findOneByOrFail({ id });
    return { webhook, ...(secret === undefined && { secret: signing }) };
  }

  /** What is still on its way there goes, too. @returns false when there is no such webhook */
  async remove(name: string): Promise<boolean> {
    return Boolean((await this.rows.delete({ name })).affected);
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
}

function kindsOf(names: readonly string[] | undefined): RuleKind[] | null {
  if (names === undefined) return null;
  const kinds = names.filter(isRuleKind);
  if (kinds.length === 0 || kinds.length !== names.length) {
    throw new WebhookRefused(`Kinds of rules are ${RULE_KINDS.join(', ')}.`);
  }
  return [...new Set(kinds)];
}
