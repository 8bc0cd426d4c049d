import {
  ApplyReport,
  Boot,
  CommitReport,
  ConfigureAnswer,
  Health,
  History,
  KeypairRequest,
  Names,
  Os,
  PartialSettingsSchema,
  Plan,
  ProblemSchema,
  RestoreReport,
  RollbackReport,
  SlotsReport,
  TryState,
} from "@ballast/model";
import type * as z from "zod";

/** Schemas that have a name in the document; every other one stands where it is used. */
export const COMPONENTS: Readonly<Record<string, z.ZodType>> = {
  ApplyReport,
  Boot,
  CommitReport,
  ConfigureAnswer,
  Health,
  History,
  KeypairRequest,
  Names,
  Os,
  Plan,
  Problem: ProblemSchema,
  RestoreReport,
  RollbackReport,
  Settings: PartialSettingsSchema,
  SlotsReport,
  TryState,
};
