import { Injectable } from '@nestjs/common';
import { findingsOf } from './findings.js';
import { IncidentRepository, type Evaluated } from './incident.repository.js';
import { IncidentRules } from './incident-rules.service.js';
import { WatchedReader } from './watched-reader.service.js';

/** Compares what is written down with what is looked for. Everything is read before anything is resolved. */
@Injectable()
export class IncidentEvaluation {
  constructor(
    private readonly rules: IncidentRules,
    private readonly watched: WatchedReader,
    private readonly incidents: IncidentRepository,
  ) {}

  /** One look. Several may be taken at a time. @param nowMs Unix time in milliseconds */
  async run(nowMs: number): Promise<Evaluated> {
    const rules = (await this.rules.list()).filter(({ enabled }) => enabled);
    const watched = await this.watched.read(rules, nowMs);
    const found = rules.flatMap((rule) => findingsOf(rule, watched).map((finding) => ({ rule, finding })));
    return this.incidents.save(found, nowMs);
  }
}
