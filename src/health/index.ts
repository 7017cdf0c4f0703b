export { HealthModule } from './health.module.js';
export { InstallationMetricsModule } from './installation-metrics.module.js';
