import { BallastError } from "@ballast/errors";

export type BenchErrorCode = "bench.no-image" | "bench.server" | "bench.boot" | "bench.tool";

export class BenchError extends BallastError<BenchErrorCode> {}
