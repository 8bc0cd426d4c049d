import { runProgram } from "@ballast/service";
import { program } from "./program.ts";

await runProgram(program);
