import { compareWithSelector } from "./selector-agreement.ts";
import { buildSelectorOracle } from "./selector-oracle.ts";

/** `npm run fuzz:selector [-- TABLES [SEED]]` */
const [tables = "1000000", seed = "1"] = process.argv.slice(2);
if (![tables, seed].every((text) => /^\d{1,9}$/.test(text))) {
  process.stderr.write("Usage: npm run fuzz:selector [-- TABLES [SEED]]\n");
  process.exit(64);
}
const startMs = performance.now();
using oracle = buildSelectorOracle();
const { disagreements, ...counts } = compareWithSelector(oracle, Number(tables), Number(seed));
const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
process.stdout.write(
  `${JSON.stringify({ ...counts, disagreements: disagreements.length, seconds })}\n`,
);
for (const text of disagreements) process.stdout.write(`${text}\n`);
process.exitCode = disagreements.length === 0 ? 0 : 1;
