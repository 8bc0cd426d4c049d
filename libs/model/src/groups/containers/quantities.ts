import * as z from "zod";

const MIN_MEMORY_BYTES = 6 * 1024 * 1024;
const MAX_MEMORY_BYTES = 2 ** 46;
const MAX_CPUS = 1024;
const UNITS: Readonly<Record<string, number>> = {
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Processors as Kubernetes writes them: `2`, `0.5`, `250m`. */
export const CpuQuantity = z.string().refine((text) => isCpus(text), {
  error: `must be a number of processors from 0.001 to ${MAX_CPUS}, for example 0.5 or 250m`,
});

/** Memory as Kubernetes writes it, in powers of 1024: `256Mi`, `2Gi`. */
export const MemoryQuantity = z.string().refine((text) => isMemory(text), {
  error: "must be a size from 6Mi to 64Ti with Ki, Mi, Gi or Ti, for example 256Mi",
});

function isCpus(text: string): boolean {
  const [, whole, fraction = "0", milli] =
    /^(\d{1,4})(?:\.(\d{1,3}))?$|^(\d{1,7})m$/.exec(text) ?? [];
  const cpus = milli === undefined ? Number(`${whole}.${fraction}`) : Number(milli) / 1000;
  return cpus > 0 && cpus <= MAX_CPUS;
}

function isMemory(text: string): boolean {
  const [, digits, unit] = /^([1-9]\d{0,9})([KMGT]i)$/.exec(text) ?? [];
  const bytes = Number(digits) * (UNITS[unit ?? ""] ?? Number.NaN);
  return bytes >= MIN_MEMORY_BYTES && bytes <= MAX_MEMORY_BYTES;
}
