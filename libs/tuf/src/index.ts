export { BUNDLE_URLS, BundleFetcher } from "./bundle/bundle-fetcher.ts";
export {
  TufClient,
  type Snapshot,
  type Target,
  type TufClientOptions,
} from "./client/tuf-client.ts";
export { TufError, type TufErrorCode } from "./errors.ts";
export { AnyFetcher } from "./fetcher/any-fetcher.ts";
export type { Fetcher, FetchOptions, Range } from "./fetcher/fetcher.ts";
export { HttpFetcher, type HttpOptions } from "./fetcher/http-fetcher.ts";
export { RetryingFetcher } from "./fetcher/retrying-fetcher.ts";
