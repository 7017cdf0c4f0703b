export { keepPartitions, type KeptPartitions } from './keep-partitions.js';
export { OldRowsRepository, type AgingRows } from './old-rows.repository.js';
export { partitionName } from './partition-bounds.js';
export { within } from './partition-sql.js';
export type { PartitionedTable } from './partitioned-table.js';
export { PartitionsRepository } from './partitions.repository.js';
