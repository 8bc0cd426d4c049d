import * as z from "zod";

/** RFC 9457 problem details. Unknown members are kept, as the RFC asks of clients. */
export const ProblemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  hint: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type ProblemBody = z.output<typeof ProblemSchema>;
