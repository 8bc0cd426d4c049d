export {
  EXAMPLE_CERTIFICATE as TEST_CERTIFICATE,
  EXAMPLE_REVOCATION_LIST as TEST_REVOCATION_LIST,
} from "./pem-example.ts";

/** The key of the certificate. Only for tests: a key that the reference shows would be copied. */
export const TEST_KEY = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEILX8cvNu0uD06gRpRDMrfuJ6rm8kWW24YuvNxNJwKeXZ
-----END PRIVATE KEY-----`;
