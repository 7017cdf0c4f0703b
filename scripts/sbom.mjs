import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './children.mjs';

/**
 * What the image holds of other people's software, in CycloneDX form: to standard output, or to the file that is named.
 * It is read from the lockfile, so that nothing has to be installed and two runs tell the same of one commit.
 *
 * npm's own `--omit` also leaves out what is needed when another package could do without it; the lockfile knows better.
 */
const { code, output } = await run(
  'npm',
  ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only', '--loglevel=error'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
if (code !== 0) throw new Error(`npm sbom failed (exit ${code}).`);

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const nameOf = (path, { name }) => name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
const installed = new Set(
  Object.entries(packages)
    .filter(([path, { dev, optional, devOptional }]) => path !== '' && !dev && !optional && !devOptional)
    .map(([path, entry]) => `${nameOf(path, entry)}@${entry.version}`),
);

const { metadata, components, dependencies, ...sbom } = JSON.parse(output);
delete sbom.serialNumber;
delete metadata.timestamp;
const own = metadata.component['bom-ref'];
const held = {
  ...sbom,
  metadata,
  components: components.filter((each) => installed.has(each['bom-ref'])),
  dependencies: dependencies
    .filter(({ ref }) => ref === own || installed.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((name) => installed.has(name)) })),
};
const text = `${JSON.stringify(held, null, 2)}\n`;
const [file] = process.argv.slice(2);
if (file === undefined) process.stdout.write(text);
else writeFileSync(file, text);
