import { expect, it } from "vitest";
import { failureReason } from "./failure-reason.ts";

it("tells why, without what proves who asks", () => {
  const text =
    'Cannot pull: Get "https://robot:s3cr3t@r.example.org/v2/a?token=t0ken&x=1": denied by http://b.org/c?sig=zz';
  expect(failureReason(new Error(text))).toBe(
    'Cannot pull: Get "https://r.example.org/v2/a": denied by http://b.org/c',
  );
  expect(failureReason(new Error("x".repeat(5000)))).toHaveLength(1001);
});
