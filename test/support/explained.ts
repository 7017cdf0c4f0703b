import { AbstractLogger, type DataSource } from 'typeorm';

export interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

export interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Node Type': string;
  readonly 'Actual Loops'?: number;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PlanNode[];
}

export interface Explained {
  readonly Plan: PlanNode;
  /** Both in milliseconds. */
  readonly 'Planning Time': number;
  readonly 'Execution Time': number;
}

class Recorder extends AbstractLogger {
  readonly statements: Statement[] = [];

  override logQuery(text: string, parameters: readonly unknown[] = []): void {
    this.statements.push({ text, parameters });
  }

  protected writeLog(): void {}
}

/** Every statement that this work sends to the database. */
export async function recorded(database: DataSource, work: () => Promise<unknown>): Promise<Statement[]> {
  const before = database.logger;
  const recorder = new Recorder();
  database.logger = recorder;
  try {
    await work();
  } finally {
    database.logger = before;
  }
  return recorder.statements;
}

/**
 * Runs statements once more, in a transaction that is taken back, and says what they read and wrote.
 *
 * @param edit their parameters as JSON
 */
export async function explained(
  database: DataSource,
  statements: readonly Statement[],
  edit = (parameters: string) => parameters,
): Promise<Explained[]> {
  const runner = database.createQueryRunner();
  await runner.startTransaction();
  const plans: Explained[] = [];
  try {
    for (const { text, parameters } of statements.filter((each) => EXPLAINABLE.test(each.text))) {
      const given = JSON.parse(edit(JSON.stringify(parameters))) as unknown[];
      const [row] = (await runner.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, given)) as {
        'QUERY PLAN': Explained[];
      }[];
      plans.push(...(row?.['QUERY PLAN'] ?? []));
    }
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
  return plans;
}

const EXPLAINABLE = /^\s*(WITH|SELECT|INSERT|UPDATE|DELETE)\b/;

/** Of all plans, each with those below it. */
export const planNodes = (plans: readonly Explained[]): PlanNode[] => plans.flatMap(({ Plan }) => below(Plan));

const below = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(below)];
