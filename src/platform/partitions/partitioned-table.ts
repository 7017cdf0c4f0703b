/** A table of rows that grow old, one partition per stretch of time. What no partition takes lies in `<name>_default`. */
export interface PartitionedTable {
  readonly name: string;
  /** A UUID of version 7, by which the rows lie in partitions. */
  readonly id: string;
  /** Tells the age of the rows in `<name>_default`, whose ids may say nothing of it. */
  readonly time: string;
  /** Which of the old rows in `<name>_default` are still of use. */
  readonly keep?: string;
  /** A condition: something still needs the rows of this range, Unix time in milliseconds. */
  readonly held?: (range: readonly [fromMs: number, toMs: number]) => string;
  /** Statements that go before a partition is dropped, in the same transaction. */
  readonly beforeDrop?: (partition: string) => readonly string[];
}
