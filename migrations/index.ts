import type { Migration } from '../src/platform/database/index.js';
import { CreatePool1795219200000 } from './1795219200000-create-pool.js';
import { CreateUpstreamAccount1795219300000 } from './1795219300000-create-upstream-account.js';
import { CreateRequestLedger1795219400000 } from './1795219400000-create-request-ledger.js';
import { CreateUploadedFile1795219500000 } from './1795219500000-create-uploaded-file.js';
import { AddModelPolicyAndCapacityReport1795219600000 } from './1795219600000-add-model-policy-and-capacity-report.js';
import { AddTranslationSettings1795219700000 } from './1795219700000-add-translation-settings.js';
import { CreateStoredItem1795219800000 } from './1795219800000-create-stored-item.js';
import { AddFileNameAndPurpose1795219900000 } from './1795219900000-add-file-name-and-purpose.js';
import { AddRoutingPolicy1795220000000 } from './1795220000000-add-routing-policy.js';
import { AddQuotaEvidence1795220100000 } from './1795220100000-add-quota-evidence.js';
import { CreateLoginFlow1795220200000 } from './1795220200000-create-login-flow.js';
import { AddRequestDecision1795220300000 } from './1795220300000-add-request-decision.js';
import { CreateAccountLane1795220400000 } from './1795220400000-create-account-lane.js';
import { AddAccountLifecycle1795220500000 } from './1795220500000-add-account-lifecycle.js';
import { AddRefreshEvidence1795220600000 } from './1795220600000-add-refresh-evidence.js';
import { AddMeteredCalls1795220700000 } from './1795220700000-add-metered-calls.js';
import { PartitionLedger1795221000000 } from './1795221000000-partition-ledger.js';
import { AddCostAndRollups1795221100000 } from './1795221100000-add-cost-and-rollups.js';
import { AddKeyPolicy1795221200000 } from './1795221200000-add-key-policy.js';
import { CreateModelPrice1795221300000 } from './1795221300000-create-model-price.js';
import { CreateJobRun1795221400000 } from './1795221400000-create-job-run.js';
import { AddUsageQueries1795221500000 } from './1795221500000-add-usage-queries.js';
import { CreateAccountReconciliation1795221600000 } from './1795221600000-create-account-reconciliation.js';
import { CreateLimitEpoch1795221700000 } from './1795221700000-create-limit-epoch.js';
import { CreateOperatorToken1795222000000 } from './1795222000000-create-operator-token.js';
import { CreateAuditEvent1795222100000 } from './1795222100000-create-audit-event.js';
import { CreateIngressSettings1795222200000 } from './1795222200000-create-ingress-settings.js';
import { CreateIncident1795222300000 } from './1795222300000-create-incident.js';
import { CreateControl1795222400000 } from './1795222400000-create-control.js';
import { AddProcessVersion1795222800000 } from './1795222800000-add-process-version.js';
import { AddLoginBounds1795222900000 } from './1795222900000-add-login-bounds.js';

/** Every migration, oldest first. */
export const migrations: readonly Migration[] = [
  CreatePool1795219200000,
  CreateUpstreamAccount1795219300000,
  CreateRequestLedger1795219400000,
  CreateUploadedFile1795219500000,
  AddModelPolicyAndCapacityReport1795219600000,
  AddTranslationSettings1795219700000,
  CreateStoredItem1795219800000,
  AddFileNameAndPurpose1795219900000,
  AddRoutingPolicy1795220000000,
  AddQuotaEvidence1795220100000,
  CreateLoginFlow1795220200000,
  AddRequestDecision1795220300000,
  CreateAccountLane1795220400000,
  AddAccountLifecycle1795220500000,
  AddRefreshEvidence1795220600000,
  AddMeteredCalls1795220700000,
  PartitionLedger1795221000000,
  AddCostAndRollups1795221100000,
  AddKeyPolicy1795221200000,
  CreateModelPrice1795221300000,
  CreateJobRun1795221400000,
  AddUsageQueries1795221500000,
  CreateAccountReconciliation1795221600000,
  CreateLimitEpoch1795221700000,
  CreateOperatorToken1795222000000,
  CreateAuditEvent1795222100000,
  CreateIngressSettings1795222200000,
  CreateIncident1795222300000,
  CreateControl1795222400000,
  AddProcessVersion1795222800000,
  AddLoginBounds1795222900000,
];
